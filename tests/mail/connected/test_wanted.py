"""Which mails of a mailbox are read at all, by their headers."""

from __future__ import annotations

import pytest

from mail.connected.provider import Folder, Header
from mail.connected.wanted import Wanted, is_wanted, thread

WANTED = Wanted(
    letters={"sent.1@mail.example.org"},
    threads={"julie@example.org": {"15 minutes"}},
    drafts={"mo@example.org": {"a question"}},
    drops={"ffion-k7p2m9q4@in.example.org"},
    uncertain={"perhaps.1@mail.example.org"},
)


def header(folder: Folder = Folder.INBOX, **fields: str) -> Header:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return Header("key", folder, 100, f"{lines}\r\n".encode())


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"From": "x@example.org", "In_Reply_To": "<SENT.1@mail.example.org>"}, True),
        ({"From": "x@example.org", "References": "<a@b> <sent.1@mail.example.org>"}, True),
        ({"From": "Julie <JULIE@example.org>", "Subject": "AW: 15  Minutes"}, True),
        ({"From": "julie@example.org", "Subject": "Lunch"}, False),
        ({"From": "julie@example.org"}, False),
        ({"From": "mo@example.org", "Subject": "15 minutes"}, False),
        ({"From": "x@example.org", "In_Reply_To": "<other@mail.example.org>"}, False),
        ({"From": "MAILER-DAEMON@mx.example.org", "Subject": "Undelivered"}, True),
        ({"From": "x@mx.example.org", "Content_Type": 'multipart/report; report-type="delivery-status"'}, True),
        ({"From": "shop@example.org", "Subject": "15 minutes"}, False),
    ],
)
def test_what_arrived(fields: dict[str, str], wanted: bool) -> None:
    assert is_wanted(header(**fields), WANTED) is wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"To": "Mo <mo@example.org>", "Subject": "A question", "Message_ID": "<new@x>"}, True),
        ({"To": "mo@example.org", "Subject": "Lunch", "Message_ID": "<new@x>"}, False),
        ({"To": "x@example.org", "Bcc": "ffion-k7p2m9q4+42@in.example.org", "Message_ID": "<new@x>"}, True),
        ({"To": "mo@example.org", "Subject": "A question", "Message_ID": "<sent.1@mail.example.org>"}, False),
        ({"To": "x@example.org", "Subject": "x", "Message_ID": "<Perhaps.1@mail.example.org>"}, True),
        ({"To": "x@example.org", "In_Reply_To": "<sent.1@mail.example.org>"}, False),
    ],
)
def test_what_was_sent(fields: dict[str, str], wanted: bool) -> None:
    assert is_wanted(header(Folder.SENT, **fields), WANTED) is wanted


def test_without_letters_no_report_is_read() -> None:
    report = header(From="MAILER-DAEMON@mx.example.org")
    assert not is_wanted(report, Wanted(threads={"julie@example.org": {"15 minutes"}}))
    assert Wanted().nothing
    assert not WANTED.nothing


def test_a_thread_is_its_subject_without_what_programs_put_before_it() -> None:
    assert thread("Re: AW: [2]: x") == "[2]: x"
    assert thread(" RE : Fwd:  15\tminutes ") == "15 minutes"
    assert thread("Regarding: 15 minutes") == "regarding: 15 minutes"
