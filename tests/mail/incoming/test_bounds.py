"""Memory and time are bounded whatever is in a mail, and a mail that is beyond them says why it was set aside."""

from __future__ import annotations

import base64
import time
import tracemalloc
from collections.abc import Callable

import pytest

from mail.incoming import limits
from mail.incoming.limits import SetAside
from mail.incoming.return_dates import return_date
from tests.mail.incoming.mails import (
    ALICE,
    ANSWER,
    BOB,
    DROP,
    LETTER,
    OURS,
    TODAY,
    kind,
    mail,
    multipart,
    report,
    understood,
)

MEGABYTE = 1024 * 1024
SLOWEST = 3  # seconds, on a machine that has others to serve; none takes more than one


def nested(depth: int) -> bytes:
    parts = [f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth)]
    return mail(parts[0].partition("\n")[0], ANSWER, body=parts[0].partition("\n\n")[2] + "".join(parts[1:]) + "\nYes.")


def set_aside(data: bytes) -> str:
    with pytest.raises(SetAside) as caught:
        understood(data)
    return caught.value.reason


def test_what_is_beyond_the_limits_is_set_aside_with_a_reason() -> None:
    assert set_aside(b"a" * (25 * MEGABYTE + 1)) == "This mail is larger than 25 MB."
    assert set_aside(b"\n" * 1_000_001) == "This mail has more than 1,000,000 lines."
    assert set_aside(b"\r" * 1_000_001) == "This mail has more than 1,000,000 lines."
    assert set_aside(multipart(*["\n\nx"] * 1000)) == "This mail has more than 1,000 parts."
    assert set_aside(mail(*[f"X-A: {'a' * 1000}"] * 3000)) == "The headers of this mail are longer than 2 MB."
    assert set_aside(nested(5000)) == "This mail has parts within parts, more than 50 deep."
    assert set_aside(
        mail(body="Content-Type: message/rfc822\n\n" * 5000, subject="x\nContent-Type: message/rfc822")
    ) == ("This mail has parts within parts, more than 50 deep.")


def test_a_reading_that_takes_too_long_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SECONDS", -1)
    assert set_aside(mail(ANSWER)) == "Reading this mail took more than -1 seconds."


def test_what_is_within_the_limits_is_read() -> None:
    assert kind(nested(49)) == "reply"
    assert understood(nested(49)).new_text == "Yes."
    assert (
        understood(multipart("\n\nYes.", *["Content-Type: image/png\n\nx"] * 900, headers=(ANSWER,))).new_text == "Yes."
    )


def test_mails_packed_into_mails_end_somewhere() -> None:
    data = mail(ANSWER)
    for _ in range(12):
        part = "Content-Type: application/octet-stream; name=a.eml\nContent-Transfer-Encoding: base64\n\n"
        data = multipart(part + base64.encodebytes(data).decode(), sender=ALICE, to=DROP)
    assert kind(data) == "unrelated"


HISTORY = "".join(
    f"{'>' * (level % 60 + 1)} Line {level} about rooms, minutes and biscuits.\n" for level in range(100_000)
)
NASTY: dict[str, Callable[[], bytes]] = {
    "25 MB attached": lambda: multipart("\n\nYes.", "Content-Type: a/b\n\n" + "A" * 24_000_000, headers=(ANSWER,)),
    "25 MB of lines attached": lambda: multipart(
        "\n\nYes.", "Content-Type: a/b\n\n" + ("A" * 76 + "\n") * 330_000, headers=(ANSWER,)
    ),
    "100,000 quoted lines": lambda: mail(ANSWER, body="Yes.\n\n" + HISTORY),
    "100,000 quotes": lambda: mail(ANSWER, body="Yes.\n" + "On a schrieb wrote:\n> x\n" * 100_000),
    "attributions": lambda: mail(ANSWER, body="Yes.\n" + ("On " * 40 + "\n") * 30_000 + "wrote:\n> x\n"),
    "attributions and quotes": lambda: mail(
        ANSWER, body="Yes.\n" + "Am schrieb schrieb schrieb schrieb schrieb a:\n> x\n" * 40_000
    ),
    "one line of On": lambda: mail(ANSWER, body="On a day I " * 70_000 + "\nwrote:\n> x"),
    "Outlook blocks": lambda: mail(ANSWER, body="Yes.\nx\n" + "From: a\nb\n" * 70_000),
    "headers without end": lambda: mail(ANSWER, body="Yes.\n\nFrom: a\n" + "To: b\n" * 100_000),
    "dashes": lambda: mail(ANSWER, body="-" * 700_000),
    "lines of dashes": lambda: mail(ANSWER, body=("-" * 490 + "a\n") * 4000),
    "underscores and blanks": lambda: mail(ANSWER, body="_ " * 100_000),
    "empty lines": lambda: mail(ANSWER, body="Yes." + "\n" * 100_000),
    "blanks": lambda: mail(ANSWER, body="Yes." + " " * 700_000 + "x"),
    "blanks and marks": lambda: mail(ANSWER, body="> " * 350_000),
    "a banner": lambda: mail(ANSWER, body="CAUTION: " + "this message is from " * 90_000),
    "banners": lambda: mail(ANSWER, body="CAUTION: this message is from outside, do not click links\n" * 30_000),
    "flowed": lambda: mail(ANSWER, "Content-Type: text/plain; format=flowed", body="a \n" * 70_000),
    "HTML, open tags": lambda: mail(ANSWER, "Content-Type: text/html", body="<a " * 70_000),
    "HTML, open quotes": lambda: mail(ANSWER, "Content-Type: text/html", body="<a b='" * 100_000 + '<a b="' * 10),
    "HTML, open comments": lambda: mail(ANSWER, "Content-Type: text/html", body="<!--" * 170_000),
    "HTML, declarations": lambda: mail(ANSWER, "Content-Type: text/html", body="<!" * 100_000),
    "HTML, brackets": lambda: mail(ANSWER, "Content-Type: text/html", body="<" * 700_000),
    "HTML, deep": lambda: mail(ANSWER, "Content-Type: text/html", body="<div><blockquote>" * 40_000),
    "HTML, entities": lambda: mail(ANSWER, "Content-Type: text/html", body="&amp" * 140_000 + "&" * 100_000),
    "HTML, styles": lambda: mail(ANSWER, "Content-Type: text/html", body="<style>" * 90_000),
    "a header of 1 MB": lambda: mail(ANSWER, f"X-Long: {'a' * MEGABYTE}"),
    "a header of 1 MB, folded": lambda: mail(ANSWER, "X-Long: " + "a\n " * 350_000),
    "a subject of 1 MB": lambda: mail(ANSWER, f"Subject: {'=?utf-8?q?a' * 100_000}"),
    "a subject of encoded words": lambda: mail(ANSWER, f"Subject: {'=?utf-8?q?a?= ' * 80_000}"),
    "references of 1 MB": lambda: mail(f"References: {'<a@b> ' * 170_000}{LETTER}"),
    "references that are open": lambda: mail(ANSWER, f"References: {'<' * MEGABYTE}"),
    "references of @": lambda: mail(ANSWER, f"References: {'a@' * 170_000}"),
    "references without @": lambda: mail(ANSWER, f"References: {'a' * MEGABYTE}"),
    "addressees": lambda: mail(ANSWER, "To: " + "(" * 100_000 + '"' * 100_001 + "<" * 100_000),
    "many addressees": lambda: mail(ANSWER, "To: " + '"B, A" <a@example.org>, ' * 45_000),
    "a sender of 1 MB": lambda: mail(ANSWER, f"From: {'a' * MEGABYTE} <{BOB}>"),
    "parameters": lambda: mail(ANSWER, "Content-Type: text/plain" + ";" * MEGABYTE),
    "quoted parameters": lambda: mail(ANSWER, "Content-Type: text/plain" + ';a="' * 80_000),
    "parameters of parts": lambda: multipart(*[f"Content-Type: a/b{';a=b' * 1500}\n\nx"] * 900, headers=(ANSWER,)),
    "a boundary of 1 MB": lambda: mail(ANSWER, f"Content-Type: multipart/mixed; boundary={'b' * MEGABYTE}", body="x"),
    "1,000 Received": lambda: mail(ANSWER, *[f"Received: from a by b for <{DROP}>; x"] * 1000),
    "a Received of 1 MB": lambda: mail(ANSWER, "Received: " + "for <" * 70_000),
    "100,000 headers": lambda: mail(ANSWER, *["X-A: b"] * 100_000),
    "results": lambda: mail(ANSWER, f"Authentication-Results: {OURS}; " + 'dmarc=pass "(' * 80_000),
    "results with escapes": lambda: mail(ANSWER, f"Authentication-Results: {OURS}; " + '"\\' * 100_000),
    "Auto-Submitted": lambda: mail(ANSWER, "Auto-Submitted: " + "(" * MEGABYTE + "no"),
    "a report": lambda: report(*[f"Final-Recipient: rfc822;{BOB}\nAction: failed"] * 900),
    "a report of one header": lambda: report(
        f"Final-Recipient: rfc822;{BOB}\nAction: failed\nDiagnostic-Code: " + "a\n b" * 100_000
    ),
    "a bounce in words": lambda: mail(sender="MAILER-DAEMON@x", body="message-id: 5.1.1\n" * 100_000 + "5" * 100_000),
    "a calendar": lambda: mail(ANSWER, "Content-Type: text/calendar", body="METHOD" * 70_000 + ";" * 70_000),
    "forwards": lambda: mail(sender=ALICE, to=DROP, body="From: a@b\nSent: x\nTo: y\nSubject: z\n\nhello\n\n" * 40_000),
    "forward markers": lambda: mail(sender=ALICE, to=DROP, body="---------- Forwarded message ----------\n\n" * 40_000),
    "a date in prose": lambda: mail("Auto-Submitted: auto-replied", body="back in the office at my desk on " * 20_000),
}


@pytest.mark.parametrize("make", NASTY.values(), ids=NASTY)
def test_nothing_takes_long(make: Callable[[], bytes]) -> None:
    data = make()
    began = time.process_time()
    understood(data)
    assert time.process_time() - began < SLOWEST


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "until ",
            "back on the ",
            "until and including the ",
            "back in the office at my desk and ",
            "wieder im Büro ",
            "am 1. ",
        ),
        *(
            "zurück a b c ",
            "de retour a b ",
            "me reincorporo el ",
            "yn ôl yn y ",
            "24. ",
            "1/1/",
            "Monday ",
            "ddydd Mawrth ",
        ),
        *(
            "to 1.1. ",
            "jusqu'au 1er ",
            "until 1 January, ",
            "hasta el ",
            "a ",
            "(",
            "until (",
            "\n",
            "- ",
            "1",
            ", ",
            "bis einschl. ",
        ),
    ],
)
def test_dates_are_looked_for_in_linear_time(unit: str) -> None:
    """A page of the same words over and over is read at once: no pattern goes back over what it has read."""
    began = time.process_time()
    return_date(unit * 20_000, TODAY)
    assert time.process_time() - began < 2


def test_a_large_mail_takes_no_more_memory_than_some_copies_of_it() -> None:
    data = NASTY["25 MB of lines attached"]()
    tracemalloc.start()
    understood(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(data)
