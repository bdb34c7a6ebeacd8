"""What only Gmail does. What both do: tests/mail/connected/test_web_apis.py."""

from __future__ import annotations

import datetime as dt
from email.parser import BytesHeaderParser
from typing import Any

import pytest

from mail.connected.provider import Folder, SignInAgain, Slow, Trouble
from tests.fake_google import ME, FakeGoogle
from tests.fake_provider import dies, status
from tests.mail.connected.test_web_apis import LETTER, all_looks, subjects
from tests.web_mailboxes import mail, mailbox_of


def test_spam_the_bin_drafts_and_chats_are_not_looked_at(google: FakeGoogle) -> None:
    mailbox = mailbox_of(google)
    _, bookmark = all_looks(mailbox, {})
    for number, label in enumerate(("SPAM", "TRASH", "DRAFT", "CHAT", "INBOX")):
        google.arrive(mail(number), label)
    for begins in ({}, bookmark):
        found, _ = all_looks(mailbox, begins)
        assert subjects(found) == ["Re: A question 4"]


def test_a_mail_that_a_filter_filed_away_counts_as_an_answer(google: FakeGoogle) -> None:
    mailbox = mailbox_of(google)
    _, bookmark = all_looks(mailbox, {})
    google.arrive(mail(1), "Label_7", "UNREAD")
    [header], _ = all_looks(mailbox, bookmark)
    assert header.folder == Folder.INBOX


def test_a_mail_to_oneself_was_sent(google: FakeGoogle) -> None:
    google.arrive(mail(1), "INBOX", "SENT")
    [header], _ = all_looks(mailbox_of(google), {})
    assert header.folder == Folder.SENT


def test_an_answer_that_is_taken_out_of_the_spam_is_met_then(google: FakeGoogle) -> None:
    mailbox = mailbox_of(google)
    message = google.arrive(mail(1), "SPAM")
    _, bookmark = all_looks(mailbox, {})
    google.label(message, "STARRED", "SPAM")
    found, bookmark = all_looks(mailbox, bookmark)
    assert found == []
    google.label(message, "INBOX")
    found, _ = all_looks(mailbox, bookmark)
    assert subjects(found) == ["Re: A question 1"]


def test_what_comes_during_the_first_look_is_not_missed(google: FakeGoogle) -> None:
    google.page = 2
    for number in range(5):
        google.arrive(mail(number), seen=True)
    mailbox = mailbox_of(google)
    first = mailbox.look({})
    google.arrive(mail(7))
    found, bookmark = all_looks(mailbox, first.bookmark)
    again, _ = all_looks(mailbox, bookmark)
    met = {*subjects([*first.headers]), *subjects(found), *subjects(again)}
    assert met == {f"Re: A question {number}" for number in (0, 1, 2, 3, 4, 7)}


def test_history_is_read_in_pages_to_its_end(google: FakeGoogle) -> None:
    mailbox = mailbox_of(google)
    _, bookmark = all_looks(mailbox, {})
    google.page = 2
    for number in range(7):
        google.arrive(mail(number))
    found, bookmark = all_looks(mailbox, bookmark)
    assert subjects(found) == [f"Re: A question {number}" for number in range(7)], "the oldest first"
    assert bookmark == {"history": str(google.history)}


def test_a_page_that_is_forgotten_begins_anew(google: FakeGoogle) -> None:
    google.page = 2
    for number in range(5):
        google.arrive(mail(number), seen=True)
    mailbox = mailbox_of(google)
    first = mailbox.look({})
    google.next(f"{ME}/messages", status(400, {"error": {"code": 400}}))
    found, _ = all_looks(mailbox, first.bookmark)
    assert len(subjects(found)) == 5


@pytest.mark.parametrize(
    "error",
    [
        {"errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}], "code": 403},
        {"errors": [{"domain": "usageLimits", "reason": "rateLimitExceeded"}], "code": 403},
        {"details": [{"reason": "RATE_LIMIT_EXCEEDED"}], "code": 403, "status": "PERMISSION_DENIED"},
    ],
)
def test_a_403_that_means_not_so_fast_is_no_withdrawn_permission(google: FakeGoogle, error: dict[str, Any]) -> None:
    google.next(f"{ME}/profile", status(403, {"error": error}))
    with pytest.raises(Slow):
        mailbox_of(google).look({})
    google.next(f"{ME}/profile", status(403, {"error": {"errors": [{"reason": "insufficientPermissions"}]}}))
    with pytest.raises(SignInAgain):
        mailbox_of(google).look({})


def test_only_headers_are_asked_for_and_nothing_of_the_words(google: FakeGoogle) -> None:
    google.arrive(mail(1))
    all_looks(mailbox_of(google), {})
    [asked] = [one for one in google.asked if one.path.startswith(f"{ME}/messages/")]
    assert asked.one("format") == "metadata"
    assert "snippet" not in asked.one("fields")


def test_the_message_id_it_went_with_is_told(google: FakeGoogle) -> None:
    """An answer will name Gmail's own, where it put one in place of ours."""
    google.own_message_ids = True
    assert mailbox_of(google).send(LETTER, "bob@example.org") == "<CAown@mail.gmail.com>"


@pytest.mark.parametrize("happens", [dies, status(404), status(200, b"x"), status(200, {"payload": 5}), status(429)])
def test_a_letter_has_gone_though_its_message_id_cant_be_read(google: FakeGoogle, happens: Any) -> None:
    google.next(f"{ME}/messages/1", happens)
    assert mailbox_of(google).send(LETTER, "bob@example.org") is None
    assert google.sent == [LETTER]


@pytest.mark.parametrize("body", [b"", b"x", b"[]", {}, {"id": 5}, {"id": None}])
def test_a_letter_has_gone_whatever_is_said_of_it(google: FakeGoogle, body: Any) -> None:
    google.next(f"{ME}/messages/send", status(200, body))
    assert mailbox_of(google).send(LETTER, "bob@example.org") is None


def test_a_message_knows_when_it_came(google: FakeGoogle) -> None:
    """The oldest first, whatever the order of the list."""
    now = dt.datetime.now(dt.UTC)
    for number, hours in ((1, 3), (2, 1), (3, 2)):
        google.arrive(mail(number), came=now - dt.timedelta(hours=hours), seen=True)
    found, _ = all_looks(mailbox_of(google), {})
    read = [str(BytesHeaderParser().parsebytes(one.content)["Message-ID"]) for one in found]
    assert read == ["<m1@example.org>", "<m3@example.org>", "<m2@example.org>"]
    assert [one.size for one in found] == [len(mail(1))] * 3


STRANGE: list[dict[str, Any]] = [
    {"payload": 5},
    {"payload": {"headers": 5}},
    {"payload": {"headers": [5]}},
]
ODD: list[dict[str, Any]] = [
    {"payload": {"headers": [{"name": 5, "value": "x"}, {"name": "Subject", "value": None}, {}]}, "labelIds": 5},
    {"payload": {"headers": [{"name": "Subject", "value": "a\r\nFrom: evil@example.org"}]}, "sizeEstimate": "x"},
    {"payload": {"headers": [{"name": "Sub: ject\r\n", "value": "x"}, {"name": "", "value": "y"}]}, "internalDate": []},
    {"payload": {"headers": [{"name": "Subject", "value": "\ud800\x00\x1b[2J"}]}, "internalDate": "9" * 400},
    {"payload": {}, "labelIds": [5, None, "INBOX"], "sizeEstimate": -5},
]


@pytest.mark.parametrize("body", STRANGE)
def test_a_message_of_gmail_of_the_wrong_kind_is_a_trouble(google: FakeGoogle, body: dict[str, Any]) -> None:
    google.arrive(mail(1))
    google.next(f"{ME}/messages/", status(200, body))
    with pytest.raises(Trouble, match="understand"):
        mailbox_of(google).look({})


@pytest.mark.parametrize("body", ODD)
def test_odd_headers_of_gmail_are_left_out_or_made_harmless(google: FakeGoogle, body: dict[str, Any]) -> None:
    google.arrive(mail(1))
    google.next(f"{ME}/messages/", status(200, body))
    [header] = mailbox_of(google).look({}).headers
    assert header.content.endswith(b"\r\n")
    assert header.content.count(b"\r\n") <= 2
    assert b"\0" not in header.content
    assert header.size >= 0


@pytest.mark.parametrize("body", [b"", b"[]", {"raw": 5}, {"raw": "é"}, {"raw": "abcde"}, {}])
def test_a_mail_of_gmail_that_is_none_is_a_trouble(google: FakeGoogle, body: Any) -> None:
    google.next(f"{ME}/messages/", status(200, body))
    with pytest.raises(Trouble, match="understand"):
        mailbox_of(google).fetch("1")
