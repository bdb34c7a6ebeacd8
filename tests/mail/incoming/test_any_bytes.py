"""Whatever arrives, the reader answers: with a kind and what belongs to it, or by setting the mail aside."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from mail.incoming.known import Envelope
from mail.incoming.limits import SetAside
from mail.incoming.lines import lines_of_html, lines_of_text
from mail.incoming.new_words import new_words
from mail.incoming.reading import STOPPING, Kind, Understood, read
from mail.incoming.return_dates import return_date
from tests.mail.incoming.conftest import CORPUS
from tests.mail.incoming.mails import ALICE, ANSWER, BOB, DROP, KNOWN, LETTER, OURS, mail, report
from tests.mail.incoming.test_forwards import ALL, FILES, attached, forward
from tests.mail.incoming.test_reports import FAILED, HEADERS, QMAIL, receipt

SEEDS = [
    mail(ANSWER),
    report(FAILED, returned=HEADERS),
    receipt(),
    mail(sender="MAILER-DAEMON@x", body=QMAIL),
    *(attached(part) for part in FILES.values()),
    *(forward(body) for body in ALL.values()),
    *(file.read_bytes()[:20_000] for file in (sorted(CORPUS.glob("*.eml")) if CORPUS else [])),
]
WORDS = [
    *(
        f"{name}: ".encode()
        for name in ("From", "To", "Content-Type", "Subject", "Date", "References", "Auto-Submitted")
    ),
    *(
        value.encode()
        for value in (ALICE, BOB, DROP, LETTER, OURS, "multipart/mixed; boundary=b", "message/rfc822", "text/html")
    ),
    *(
        b"\n",
        b"\r\n",
        b"\n\n",
        b"--b\n",
        b"--b--\n",
        b"> ",
        b"<",
        b">",
        b'"',
        b"(",
        b"=?utf-8?q?",
        b"?=",
        b"=",
        b"\0",
        b"\xff",
        b"\xe2\x80",
    ),
    *(
        b"base64",
        b"Content-Transfer-Encoding: ",
        b"From: a@b\nSent: c\nTo: d\nSubject: e\n\n",
        b"until 31 February ",
        b"-- \n",
        b"charset=",
    ),
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A mail of ours with bytes turned over, cut out, said twice, or put in."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 3)):
            case 0:
                data[at : at + 1] = draw(st.binary(max_size=3))
            case 1:
                del data[at : at + draw(st.integers(1, 200))]
            case 2:
                data[at:at] = data[draw(st.integers(0, len(data))) :][:400]
            case _:
                data[at:at] = draw(st.sampled_from(WORDS))
    return bytes(data)


def check(found: Understood) -> None:
    shown = found.as_json()
    assert json.loads(json.dumps(shown)) == shown
    assert shown["stops_follow_up"] == (found.kind in STOPPING)
    assert shown["moves_follow_up_to"] == shown["return_date"]
    assert found.return_date is None or found.kind == Kind.AUTOMATIC
    with_words = found.kind in {Kind.REPLY, Kind.FORWARDED_REPLY, Kind.SENT_COPY, Kind.AUTOMATIC}
    assert (found.new_text is not None) == with_words
    text = found.new_text or ""
    assert text == text.strip()
    assert "\n\n\n" not in text
    assert not {"\r", "\0", "\xa0"} & set(text)
    assert found.why.endswith((".", ".”."))
    assert found.date is None or found.date.utcoffset() is not None
    if found.kind in {Kind.SUSPICIOUS, Kind.UNRELATED}:
        assert found.for_message_id is None
    said = [text, found.subject, found.sender or "", found.sender_name, found.message_id or "", found.calendar or ""]
    said += [*found.attachments, *found.in_reply_to, *found.references, *(one for box in found.to for one in box)]
    assert "\0" not in " ".join(said)
    " ".join(said).encode()  # a database takes it


@given(st.one_of(broken(), st.lists(st.sampled_from(WORDS), max_size=60).map(b"".join), st.binary()))
@example(b"From: \xff\xfe <" + BOB.encode() + b">\nSubject: \xff\n\n\xff")
@example(b"Content-Type: text/plain; charset=\xff\n\nx")
@example(
    b"From: "
    + BOB.encode()
    + b"\nAuto-Submitted: a\nDate: Fri, 31 Dec 9999 23:59:59 -2359\n\nuntil and including 31 December 9999"
)
@example(b"Content-Type: multipart/mixed; boundary*=a\x00b'x'%ff\n\nx")
@example(b"Content-Type: multipart/mixed; boundary*=idna'x'%ff\n\nx")
@example(b"Content-Type: multipart/mixed; charset=\x00\xff\n\n\xff")
@example(b"From: =?utf-7?q?a+2AA-b=00?= <" + BOB.encode() + b">\nSubject: =?utf-7?q?+2AA-?=\n\n")
@example(b"From: " + BOB.encode() + b"\nContent-Type: text/plain; charset=utf-7\n\na+2AA-b")
@example(b"Content-Type: text/calendar; method=reply\n\nUID:\0")
@example(b"Content-Type: text/html\n\n&#x110000;&#55296;&#0;")
def test_any_bytes_are_read(data: bytes) -> None:
    for envelope in (None, Envelope("", (DROP,))):
        try:
            check(read(data, KNOWN, envelope))
        except SetAside as refused:
            assert refused.reason.endswith(".")  # noqa: PT017


@given(st.text())
def test_any_text_has_words_and_perhaps_a_date(text: str) -> None:
    new_words(list(lines_of_text(text)))
    new_words(list(lines_of_html(text)))
    return_date(text, date(2026, 11, 10))


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"], exclude_characters=">-_*=–—"), min_size=1))
def test_new_words_of_what_was_written_are_the_same_again(text: str) -> None:
    once = new_words(list(lines_of_text(text)))
    assert new_words(list(lines_of_text(once))) == once


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(2000, 1, 1), date(2080, 1, 1)))
def test_a_day_without_a_year_is_the_next_one(day: date, written: date) -> None:
    found = return_date(f"I am back on {day.day} {day:%B}.", written)
    assert found is not None
    assert (found.day, found.month) == (day.day, day.month)
    assert found > written
    assert (found - written).days <= (366 if (day.day, day.month) != (29, 2) else 8 * 366)
    assert return_date(f"Away until and including {day.day}.{day.month}.{day.year}.", None) == date.fromordinal(
        day.toordinal() + 1
    )
