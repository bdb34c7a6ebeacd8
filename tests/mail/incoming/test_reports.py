"""Mail that came back, waits, or was read: what mail systems say, in their own form and in words."""

from __future__ import annotations

import base64

import pytest

from mail.incoming.known import Envelope
from tests.mail.incoming.mails import (
    ALICE,
    ANSWER,
    BOB,
    CHARLIE,
    DATE,
    LETTER,
    kind,
    mail,
    multipart,
    report,
    understood,
)

FAILED = f"Final-Recipient: rfc822; {BOB}\nAction: failed\nStatus: 5.1.1"
HEADERS = f"From: {ALICE}\nTo: {BOB}\nSubject: Hello\nMessage-ID: {LETTER}\n"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (FAILED, "bounce"),
        (FAILED.upper(), "bounce"),
        (FAILED.replace("Action: failed", "ACTION:   Failed (bad destination)"), "bounce"),
        (FAILED.replace("5.1.1", "5.2.2"), "bounce"),
        (FAILED.replace("5.1.1", "4.4.7"), "bounce"),
        (FAILED.replace("rfc822; ", "RFC822;"), "bounce"),
        (FAILED.replace(BOB, f"<{BOB.upper()}>"), "bounce"),
        (FAILED.replace("rfc822; ", ""), "bounce"),
        (FAILED.replace("rfc822; ", "rfc822;\n "), "bounce"),
        (f"Original-Recipient: rfc822;{BOB}\nFinal-Recipient: rfc822; b7@inside.example.org\nAction: failed", "bounce"),
        (f"Original-Recipient: rfc822;b7@inside.example.org\nFinal-Recipient: rfc822; {BOB}\nAction: failed", "bounce"),
        ("Final-Recipient: rfc822; bob@private.example.org\nAction: failed", "bounce"),
        (f"Final-Recipient: rfc822; {CHARLIE}\nAction: delivered\n\n{FAILED}", "bounce"),
        (f"{FAILED}\n\nFinal-Recipient: rfc822; bob@private.example.org\nAction: delayed", "bounce"),
        (FAILED.replace("failed", "delayed"), "delay"),
        (FAILED.replace("failed", "DELAYED") + "\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", "delay"),
        (f"Final-Recipient: rfc822; {CHARLIE}\nAction: failed\n\n{FAILED.replace('failed', 'delayed')}", "delay"),
    ],
)
def test_the_action_for_bobs_address_decides(block: str, expected: str) -> None:
    found = understood(report(block, returned=HEADERS))
    assert (found.kind, found.for_message_id, found.letter_id) == (expected, LETTER, 8)
    assert (found.sender, found.new_text) == ("mailer-daemon@mx.example.org", None)
    assert found.stops_follow_up == (expected == "bounce")


@pytest.mark.parametrize(
    "subject", ["Undelivered", "Delayed", "Warning: still trying", "Success", "Automatic reply: x"]
)
def test_the_subject_and_other_headers_decide_nothing(subject: str) -> None:
    more = ("Auto-Submitted: auto-replied", "X-Failed-Recipients: somebody@example.org", ANSWER)
    assert kind(report(FAILED, subject=subject, headers=more)) == "bounce"
    assert kind(report(FAILED.replace("failed", "delayed"), subject=subject, headers=more)) == "delay"


@pytest.mark.parametrize(
    "block",
    [
        FAILED.replace(BOB, CHARLIE),
        FAILED.replace("failed", "delivered"),
        FAILED.replace("failed", "relayed"),
        FAILED.replace("failed", "expanded"),
        f"Final-Recipient: rfc822; {BOB}\nStatus: 5.1.1",
        f"Final-Recipient: rfc822; {CHARLIE}\nAction: failed\n\nFinal-Recipient: rfc822; {BOB}\nAction: delivered",
    ],
)
def test_what_fails_for_somebody_else_or_arrives_is_no_bounce_and_no_reply(block: str) -> None:
    assert kind(report(block, headers=(ANSWER,))) == "unrelated"
    assert kind(report(block, headers=("Auto-Submitted: auto-replied",))) == "automatic"


def test_reports_in_odd_forms_are_read() -> None:
    packed = base64.b64encode(f"Reporting-MTA: dns; mx\n\n{FAILED}\n".encode()).decode()
    for type_ in ("message/delivery-status", "message/global-delivery-status", "MESSAGE/Delivery-Status"):
        plain = f"Content-Type: {type_}\n\nReporting-MTA: dns; mx\n\n{FAILED}\n"
        assert kind(multipart(plain, sender="x@mx.example.org")) == "bounce"
        assert kind(multipart(plain.replace("\n", "\r\n"), sender="x@mx.example.org")) == "bounce"
    assert (
        kind(multipart(f"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n{packed}"))
        == "bounce"
    )
    inner = f"--c\nContent-Type: message/delivery-status\n\nA: b\n\n{FAILED}\n--c--"
    inner = f"Content-Type: multipart/report; boundary=c\n\n{inner}"
    assert kind(multipart(inner, "Content-Type: text/plain\n\nA gateway adds this.")) == "bounce"


@pytest.mark.parametrize(
    "part",
    [
        f"Content-Type: text/rfc822-headers\n\n{HEADERS}",
        f"Content-Type: message/rfc822\n\n{HEADERS}\nDear Bob",
        f"Content-Type: message/rfc822; x=y\nContent-Disposition: attachment\n\n{HEADERS}\nDear Bob",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(HEADERS.encode()).decode(),
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{HEADERS}\nnot packed at all",
        f"Content-Type: message/global-headers\n\n{HEADERS}",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\nX-Original-Message-ID: {LETTER}\n",
    ],
)
def test_a_bounce_names_the_letter_by_what_it_returns(part: str) -> None:
    status = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{FAILED}"
    found = understood(multipart(status, part, sender="MAILER-DAEMON@x.example.org"))
    assert (found.kind, found.for_message_id) == ("bounce", LETTER)


def test_a_bounce_that_returns_nothing_names_no_letter_but_its_own_thread() -> None:
    assert understood(report(FAILED)).for_message_id is None
    assert understood(report(FAILED, headers=(ANSWER,))).for_message_id == LETTER


# --- Without a delivery-status part ---

QMAIL = f"""Hi. This is the qmail-send program. I'm afraid I wasn't able to deliver your message.

<{BOB}>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 No such user here

--- Below this line is a copy of the message.

Return-Path: <{ALICE}>
{HEADERS}
Dear Bob"""
DAEMON = "MAILER-DAEMON@mx.example.org"


@pytest.mark.parametrize(
    ("data", "envelope"),
    [
        (mail(sender=DAEMON, body=QMAIL), None),
        (mail("Return-Path: <>", sender="Mail System <noreply@mx.example.org>", body=QMAIL), None),
        (mail(sender="noreply@mx.example.org", body=QMAIL), Envelope("")),
        (mail(sender="Mailer-Daemon@mx.example.org", body=QMAIL.replace("5.1.1 ", "")), None),
        (mail(sender=DAEMON, body=QMAIL.replace("550 5.1.1", "(5.1.1)")), None),
        (mail(sender=DAEMON, body="\n".join(f"> {line}" for line in QMAIL.split("\n"))), None),
        (mail("Auto-Submitted: auto-replied", sender=DAEMON, body=QMAIL), None),
        (mail("Content-Type: text/html", sender=DAEMON, body=QMAIL.replace("<", "&lt;").replace("\n", "<br>")), None),
    ],
)
def test_a_bounce_in_words_quotes_the_letter_and_a_code(data: bytes, envelope: Envelope | None) -> None:
    found = understood(data, envelope)
    assert (found.kind, found.for_message_id, found.stops_follow_up) == ("bounce", LETTER, True)


@pytest.mark.parametrize(
    "data",
    [
        mail(sender=CHARLIE, body=QMAIL),
        mail("Return-Path: <>", body=QMAIL),
        mail(sender=DAEMON, body=QMAIL.replace("550 5.1.1", "450 4.2.0")),
        mail(sender=DAEMON, body=QMAIL.partition("---")[0]),
        mail(sender=DAEMON, body="Hello. Room 550 is free."),
    ],
)
def test_what_lacks_the_sender_the_code_or_the_letter_is_no_bounce(data: bytes) -> None:
    assert kind(data) in {"unrelated", "reply"}


def test_a_letter_returned_without_its_id_is_told_by_who_wrote_to_whom() -> None:
    body = QMAIL.replace(f"Message-ID: {LETTER}\n", "")
    found = understood(mail(sender=DAEMON, body=body))
    assert (found.kind, found.for_message_id) == ("bounce", None)


def test_exchange_quotes_three_headers_in_its_words() -> None:
    quoted = f"  To:      {BOB}\n  Subject: Hello\n  Sent:    Mon, 9 Nov 2026"
    body = f"Your message\n\n{quoted}\n\ndid not reach: <x #5.1.1 smtp;550>"
    assert kind(mail(sender="postmaster@trust.example.org", body=body)) == "bounce"
    assert kind(mail(sender="postmaster@trust.example.org", body=body.replace(BOB, CHARLIE))) == "unrelated"


def test_a_letter_quoted_without_its_subject_is_told_by_who_wrote_to_whom() -> None:
    body = f"550 no such user\n\nFrom: {ALICE}\nTo: {BOB}\n"
    assert kind(mail(sender=DAEMON, body=body)) == "bounce"
    assert kind(mail(sender=DAEMON, body=body.replace(ALICE, CHARLIE))) == "unrelated"
    assert kind(mail(sender=DAEMON, body=body.replace(BOB, CHARLIE))) == "unrelated"


def test_a_mail_system_is_nobody_who_answers() -> None:
    assert kind(mail(ANSWER, sender=DAEMON, body="Your message was too strange.")) == "unrelated"


# --- Receipts ---


def receipt(
    *headers: str, report_type: str = "; report-type=disposition-notification", original: str = LETTER
) -> bytes:
    disposition = (
        f"Final-Recipient: rfc822;{BOB}\nOriginal-Message-ID: {original}\nDisposition: manual-action/x; displayed"
    )
    parts = [
        "Content-Type: text/plain\n\nIt was read.",
        f"Content-Type: message/disposition-notification\n\n{disposition}",
    ]
    return multipart(*parts, kind="report", more=report_type, headers=headers)


@pytest.mark.parametrize(
    "named", ["; report-type=disposition-notification", '; REPORT-TYPE="Disposition-Notification"', ""]
)
def test_that_a_letter_was_read_is_no_sign_of_life(named: str) -> None:
    found = understood(receipt(report_type=named))
    assert (found.kind, found.sender, found.for_message_id) == ("receipt", BOB, LETTER)
    assert (found.new_text, found.stops_follow_up) == (None, False)


def test_a_receipt_comes_before_what_else_its_headers_say() -> None:
    found = understood(receipt("Auto-Submitted: auto-replied", ANSWER, "List-Id: <x>", original="<other@x>"))
    assert (found.kind, found.for_message_id) == ("receipt", LETTER)


def test_a_receipt_of_another_mail_names_no_letter() -> None:
    assert understood(receipt(original="<other@x>")).for_message_id is None


def test_the_date_of_a_mail_is_that_of_its_way_if_it_has_none_itself() -> None:
    received = f"Received: from a by b; {DATE}"
    for date in ("Date: yesterday", "Date: Tue, 99 Nov 2026 99:99:99 +9999", "Date:"):
        found = understood(mail(date, received, "Auto-Submitted: auto-replied", body="Away until 24 November."))
        assert str(found.return_date) == "2026-11-24"
    assert (
        understood(mail("Date: -", "Auto-Submitted: auto-replied", body="Away until 24 November.")).return_date is None
    )
    assert understood(mail("Date: -", "Auto-Submitted: auto-replied", body="Away until 24 May 2027.")).return_date
