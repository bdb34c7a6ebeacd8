"""What only Microsoft Graph does. What both do: tests/mail/connected/test_web_apis.py."""

from __future__ import annotations

from typing import Any

import pytest

from mail.connected import graph
from mail.connected.provider import Trouble
from tests.fake_microsoft import ME, FakeMicrosoft
from tests.fake_provider import status
from tests.http_server import Inside
from tests.mail.connected.test_web_apis import LETTER, all_looks, subjects
from tests.web_mailboxes import mail, mailbox_of


def test_a_mailbox_without_an_address_of_its_own_has_the_name_one_signs_in_with(microsoft: FakeMicrosoft) -> None:
    microsoft.mail = None
    assert mailbox_of(microsoft).address() == "alice@example.org"


def test_what_was_only_marked_as_read_or_is_a_draft_is_passed_over(microsoft: FakeMicrosoft) -> None:
    mailbox = mailbox_of(microsoft)
    old = microsoft.arrive(mail(1))
    _, bookmark = all_looks(mailbox, {})
    microsoft.mark_read(old)
    microsoft.arrive(mail(2), draft=True)
    microsoft.arrive(mail(3))
    found, _ = all_looks(mailbox, bookmark)
    assert subjects(found) == ["Re: A question 3"]


def test_both_folders_are_read_to_their_end_each_from_its_own_place(
    microsoft: FakeMicrosoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "MOST_HEADERS", 100)
    for number in range(130):
        microsoft.arrive(mail(number), "sentitems" if number % 2 else "inbox")
    mailbox = mailbox_of(microsoft)
    first = mailbox.look({})
    assert (len(first.headers), first.more) == (
        65,
        True,
    )  # all of one folder; of the other there was no room for a page
    microsoft.arrive(mail(200))
    found, bookmark = all_looks(mailbox, first.bookmark)
    assert len({*subjects([*first.headers]), *subjects(found)}) == 131
    assert all_looks(mailbox, bookmark)[0] == []


def test_pages_are_small_whatever_is_in_the_box(microsoft: FakeMicrosoft) -> None:
    for number in range(120):
        microsoft.arrive(mail(number))
    all_looks(mailbox_of(microsoft), {})
    assert {one.headers["prefer"] for one in microsoft.asked if "delta" in one.path} == {
        'IdType="ImmutableId",odata.maxpagesize=50'
    }


def test_a_page_that_leads_to_another_host_is_a_trouble_and_the_token_stays_here(microsoft: FakeMicrosoft) -> None:
    elsewhere = Inside()
    for number in range(60):
        microsoft.arrive(mail(number))
    for leads in (
        f"http://127.0.0.1:{elsewhere.port}/v1.0/me",
        f"{microsoft.url}@127.0.0.1:{elsewhere.port}/v1.0/me",
        f"{microsoft.url}.evil.example/v1.0/me",
    ):
        microsoft.leads_away = leads
        with pytest.raises(Trouble):
            mailbox_of(microsoft).look({})
    elsewhere.close()
    assert elsewhere.knocks == []


def test_a_letter_is_sent_as_graph_wants_it(microsoft: FakeMicrosoft) -> None:
    assert mailbox_of(microsoft).send(LETTER, "bob@example.org") is None
    [asked] = [one for one in microsoft.asked if one.path == f"{ME}/sendMail"]
    assert asked.headers["content-type"] == "text/plain"
    assert microsoft.sent == [LETTER]


def test_a_page_without_a_way_on_is_a_trouble(microsoft: FakeMicrosoft) -> None:
    microsoft.next(f"{ME}/mailFolders/inbox", status(200, {"value": []}))
    with pytest.raises(Trouble, match="understand"):
        mailbox_of(microsoft).look({})


@pytest.mark.parametrize(
    "message",
    [
        {"from": 5, "toRecipients": 5, "ccRecipients": [5], "bccRecipients": [{}], "subject": 5, "sentDateTime": 5},
        {"from": {"emailAddress": 5}, "toRecipients": [{"emailAddress": {"name": 5, "address": 5}}]},
        {"from": {"emailAddress": {"name": "\ud800\r\nBcc: x", "address": "é@example.org"}}, "sentDateTime": "soon"},
        {"internetMessageHeaders": 5, "receivedDateTime": {}},
        {"internetMessageHeaders": [5, {}, {"name": "Subject\r\n", "value": "x"}, {"name": "To", "value": "a\r\nb"}]},
        {"subject": "a\r\nFrom: evil@example.org", "sentDateTime": "2026-99-99T00:00:00Z"},
    ],
)
def test_odd_headers_of_graph_are_left_out_or_made_harmless(microsoft: FakeMicrosoft, message: dict[str, Any]) -> None:
    link = f"{microsoft.url}{ME}/mailFolders/inbox/messages/delta?$deltatoken=0.0.0"
    page = {"value": [{"id": "1", "internetMessageId": "<m@x>", **message}], "@odata.deltaLink": link}
    microsoft.next(f"{ME}/mailFolders/inbox", status(200, page))
    [header] = mailbox_of(microsoft).look({}).headers
    assert header.content.endswith(b"\r\n\r\n")
    assert b"\nFrom: evil" not in header.content
    assert b"\nBcc" not in header.content
    assert b"Message-ID: <m@x>\r\n" in header.content
