"""Mailboxes at Gmail and Microsoft 365, with servers that speak as theirs do: what is the same for both."""

from __future__ import annotations

import datetime as dt
import json
import time
from email.parser import BytesHeaderParser
from typing import Any

import pytest

from mail import smtp
from mail.connected import web_api
from mail.connected.oauth import Tokens
from mail.connected.provider import MOST_HEADERS, Folder, Header, Look, SignInAgain, Slow, Trouble
from mail.incoming import limits
from tests.fake_google import FakeGoogle
from tests.fake_microsoft import FakeMicrosoft
from tests.fake_provider import dies, half, status
from tests.web_mailboxes import mail, mailbox_of

Fake = FakeGoogle | FakeMicrosoft
LETTER = (
    b"From: Alice Ashe <alice@example.org>\r\nTo: Dr Bob Brook <bob@example.org>\r\nSubject: A question\r\n"
    b"Message-ID: <ours-1@mentors.example.org>\r\n\r\nMight I ask you something?\r\n"
)


def sent(fake: Fake, content: bytes, **more: Any) -> Any:
    return fake.arrive(content, "SENT" if isinstance(fake, FakeGoogle) else "sentitems", **more)


def a_message(fake: Fake) -> str:
    """Where a single message is asked for."""
    return "/gmail/v1/users/me/messages/" if isinstance(fake, FakeGoogle) else "/v1.0/me/messages/"


def the_list(fake: Fake) -> str:
    return "/gmail/v1/users/me/messages" if isinstance(fake, FakeGoogle) else "/v1.0/me/mailFolders/inbox"


def the_news(fake: Fake) -> str:
    return "/gmail/v1/users/me/history" if isinstance(fake, FakeGoogle) else "/v1.0/me/mailFolders/inbox"


def sending(fake: Fake) -> str:
    return "/gmail/v1/users/me/messages/send" if isinstance(fake, FakeGoogle) else "/v1.0/me/sendMail"


def all_looks(mailbox: Any, bookmark: dict[str, Any]) -> tuple[list[Header], dict[str, Any]]:
    """Until nothing is left, the bookmark kept as JSON in between as the row keeps it."""
    found: list[Header] = []
    for _ in range(200):
        look: Look = mailbox.look(json.loads(json.dumps(bookmark)))
        assert len(look.headers) <= MOST_HEADERS
        found += look.headers
        bookmark = look.bookmark
        if not look.more:
            return found, bookmark
    raise AssertionError("it never ends")


def subjects(headers: list[Header]) -> list[str]:
    return [str(BytesHeaderParser().parsebytes(one.content)["Subject"]) for one in headers]


# --- Looking --------------------------------------------------------------------------------------


def test_whose_mailbox_it_is_the_provider_says(fake: Fake) -> None:
    assert mailbox_of(fake).address() == "alice@example.org"


def test_the_first_look_begins_two_weeks_ago(fake: Fake) -> None:
    now = dt.datetime.now(dt.UTC)
    fake.arrive(mail(1), came=now - dt.timedelta(days=15))
    fake.arrive(mail(2), came=now - dt.timedelta(days=13))
    sent(fake, mail(3), came=now - dt.timedelta(hours=1))
    found, _ = all_looks(mailbox_of(fake), {})
    assert [(one, header.folder) for one, header in zip(subjects(found), found, strict=True)] == [
        ("Re: A question 2", Folder.INBOX),
        ("Re: A question 3", Folder.SENT),
    ]


def test_later_looks_find_what_is_new_and_only_that(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    fake.arrive(mail(1))
    _, bookmark = all_looks(mailbox, {})
    assert all_looks(mailbox, bookmark) == ([], bookmark)
    fake.arrive(mail(2))
    sent(fake, mail(3))
    found, bookmark = all_looks(mailbox, bookmark)
    assert sorted(subjects(found)) == ["Re: A question 2", "Re: A question 3"]
    assert all_looks(mailbox, bookmark)[0] == []


def test_all_headers_that_tell_a_thread_come_with_it(fake: Fake) -> None:
    headers = (
        "Cc: carol@example.org\r\nIn-Reply-To: <ours-1@mentors.example.org>\r\n"
        "References: <a@example.org>\r\n <ours-1@mentors.example.org>\r\nAuto-Submitted: auto-replied\r\n"
        "X-Failed-Recipients: x@example.org\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Received: from a (b) by c; Sat, 28 Nov 2026 09:00:00 +0000\r\nX-Private: nobody asks for this\r\n"
    )
    fake.arrive(mail(1, headers=headers))
    [header], _ = all_looks(mailbox_of(fake), {})
    read = {name: str(value) for name, value in BytesHeaderParser().parsebytes(header.content).items()}
    assert read == {
        "From": "Dr Bob Brook <bob@example.org>",
        "To": "alice@example.org",
        "Cc": "carol@example.org",
        "Subject": "Re: A question 1",
        "Date": "Sat, 28 Nov 2026 09:00:00 +0000",
        "Message-ID": "<m1@example.org>",
        "In-Reply-To": "<ours-1@mentors.example.org>",
        "References": "<a@example.org> <ours-1@mentors.example.org>",
        "Auto-Submitted": "auto-replied",
        "X-Failed-Recipients": "x@example.org",
        "Content-Type": "text/plain; charset=utf-8",
    }


def test_a_sent_mail_tells_whom_it_went_to_in_secret(fake: Fake) -> None:
    """The drop address stands in Bcc."""
    sent(fake, mail(1, to="bob@example.org", headers="Bcc: ffion-k7p2m9q4+42@in.example.org\r\n"))
    [header], _ = all_looks(mailbox_of(fake), {})
    read = BytesHeaderParser().parsebytes(header.content)
    assert (read["To"], read["Bcc"]) == ("bob@example.org", "ffion-k7p2m9q4+42@in.example.org")
    assert (read["Message-ID"], read["Subject"]) == ("<m1@example.org>", "Re: A question 1")


def test_5000_unrelated_mails_are_looked_at_in_pages_and_none_is_fetched(fake: Fake) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(5_000):
        fake.arrive(
            mail(number),
            came=now - dt.timedelta(minutes=number),
            **({"seen": True} if isinstance(fake, FakeGoogle) else {}),
        )
    mailbox = mailbox_of(fake)
    found, bookmark = all_looks(mailbox, {})
    assert len({one.key for one in found}) == 5_000
    assert not any("$value" in one.path or one.one("format") == "raw" for one in fake.asked)
    before = len(fake.asked)
    fake.arrive(mail(9_999))
    [new], _ = all_looks(mailbox, bookmark)
    assert subjects([new]) == ["Re: A question 9999"]
    assert len(fake.asked) - before <= 4, "later looks cost as much as there is new"


def test_nothing_is_changed_by_looking_and_fetching(fake: Fake) -> None:
    key = fake.arrive(mail(1)).id
    mailbox = mailbox_of(fake)
    all_looks(mailbox, {})
    mailbox.fetch(key)
    assert {one.method for one in fake.asked} == {"GET"}


def test_a_bookmark_that_is_too_old_begins_anew_and_misses_nothing(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    fake.arrive(mail(1))
    _, bookmark = all_looks(mailbox, {})
    fake.arrive(mail(2))
    fake.forgotten = 10**9 if isinstance(fake, FakeGoogle) else fake.change + 1
    found, _ = all_looks(mailbox, bookmark)
    assert "Re: A question 2" in subjects(found)


@pytest.mark.parametrize(
    "bookmark",
    [
        {"history": "x"},
        {"history": "1007", "page": "p0", "after": 0},
        {"inbox": "https://evil.example/v1.0/", "sent": "javascript:1"},
        {"inbox": 5, "sent": None},
        {"other": "provider"},
    ],
)
def test_a_bookmark_of_another_kind_begins_anew(fake: Fake, bookmark: dict[str, Any]) -> None:
    if isinstance(fake, FakeGoogle) and bookmark.get("history") != "1007":
        fake.next(the_news(fake), status(400, {"error": {"code": 400}}))
    fake.arrive(mail(1))
    found, _ = all_looks(mailbox_of(fake), bookmark)
    assert subjects(found) == ["Re: A question 1"]


def test_what_is_thrown_away_meanwhile_is_passed_over(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    _, bookmark = all_looks(mailbox, {})
    gone = fake.arrive(mail(1))
    fake.arrive(mail(2))
    if isinstance(fake, FakeGoogle):
        gone.gone = True
    else:
        fake.remove(gone)
    found, _ = all_looks(mailbox, bookmark)
    assert subjects(found) == ["Re: A question 2"]
    assert mailbox.fetch(gone.id) is None


def test_letters_of_all_scripts_come_through(fake: Fake) -> None:
    fake.arrive("From: Žofie Černá <z@example.org>\r\nSubject: Dvořák – 日本\r\nMessage-ID: <u@x>\r\n\r\n".encode())
    [header], _ = all_looks(mailbox_of(fake), {})
    assert b"<z@example.org>" in header.content
    header.content.decode()


# --- Fetching -------------------------------------------------------------------------------------


def test_a_mail_is_fetched_as_it_is(fake: Fake) -> None:
    whole = mail(1, body="Grüße\r\n.\r\nFrom here" + "\r\n" * 3)
    assert mailbox_of(fake).fetch(fake.arrive(whole).id) == whole


def test_a_mail_that_is_too_large_is_not_fetched(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("gmail", "graph"):
        monkeypatch.setattr(f"mail.connected.{module}.LARGEST_MAIL", 100_000)
    mailbox = mailbox_of(fake)
    assert mailbox.fetch(fake.arrive(b"x" * 100_000).id) == b"x" * 100_000
    assert mailbox.fetch(fake.arrive(b"x" * 100_001).id) is None
    assert mailbox.fetch(fake.arrive(b"x" * 500_000).id) is None
    assert mailbox.fetch(fake.arrive(mail(1)).id) == mail(1), "the session goes on"


def test_25_mb_are_fetched(fake: Fake) -> None:
    whole = mail(1, body="a" * (limits.LARGEST_MAIL - 1_000))
    assert mailbox_of(fake).fetch(fake.arrive(whole).id) == whole


def test_half_a_mail_is_never_taken_for_one(fake: Fake) -> None:
    key = fake.arrive(mail(1)).id
    fake.next(a_message(fake), half, half)
    with pytest.raises(Trouble, match="can’t be reached"):
        mailbox_of(fake).fetch(key)


def test_a_key_stays_within_its_place_in_the_address(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    for key in ("../../profile", "a/b", "a?b=c", "a#b", "a\r\nX: y", "ü"):
        assert mailbox.fetch(key) is None
    assert all(one.path.startswith(a_message(fake)) for one in fake.asked)


# --- Permission -----------------------------------------------------------------------------------


@pytest.mark.clock("2026-11-28 09:00", tick=True)
def test_a_token_that_ended_is_renewed_before_it_is_used(fake: Fake, clock) -> None:
    kept: list[Tokens] = []
    mailbox = mailbox_of(fake, kept=kept)
    clock.shift(dt.timedelta(minutes=59))
    all_looks(mailbox, {})
    assert fake.asked[0].path == "/token"
    assert len(kept) == 1
    assert kept[0].access in fake.tokens
    assert kept[0].refresh in fake.refresh_tokens


def test_a_token_that_no_longer_holds_is_renewed_once(fake: Fake) -> None:
    kept: list[Tokens] = []
    mailbox = mailbox_of(fake, kept=kept)
    fake.tokens.clear()
    fake.arrive(mail(1))
    found, _ = all_looks(mailbox, {})
    assert subjects(found) == ["Re: A question 1"]
    assert len(kept) == 1


def test_a_withdrawn_permission_is_the_users_to_mend(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    fake.withdraw()
    for use in (lambda: mailbox.look({}), lambda: mailbox.fetch("1"), lambda: mailbox_of_withdrawn(fake)):
        with pytest.raises(SignInAgain, match="Connect your mailbox again"):
            use()
    with pytest.raises(smtp.Unreachable):
        mailbox.send(LETTER, "bob@example.org")
    assert fake.sent == []


def mailbox_of_withdrawn(fake: Fake) -> None:
    """A new session, which first asks for a token."""
    mailbox = mailbox_of(fake)
    fake.withdraw()
    mailbox._api._permission._tokens = Tokens("", "refresh-old", dt.datetime.now(dt.UTC))
    mailbox.connect_to_send()


def test_a_token_that_is_never_taken_is_the_users_to_mend(fake: Fake) -> None:
    """Renewed well, and still refused."""
    fake.next(the_list(fake) if isinstance(fake, FakeMicrosoft) else "/gmail/v1/users/me/profile", *[status(401)] * 2)
    with pytest.raises(SignInAgain):
        mailbox_of(fake).look({})


@pytest.mark.parametrize(
    "body", [b"", b"<html>", {"error": {"code": "ErrorAccessDenied"}}, {"error": {"errors": [{}]}}]
)
def test_forbidden_is_the_users_to_mend(fake: Fake, body: Any) -> None:
    fake.next("/", status(403, body))
    with pytest.raises(SignInAgain, match="your organisation may not permit it"):
        mailbox_of(fake).look({})


# --- Trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "headers", "seconds"),
    [
        (429, {"Retry-After": "30"}, 30),
        (429, {}, None),
        (429, {"Retry-After": "Sat, 28 Nov 2026 09:00:00 GMT"}, None),
        (429, {"Retry-After": "-1"}, None),
        (429, {"Retry-After": "999999999"}, 24 * 60 * 60),
        (503, {"Retry-After": "5"}, 5),
        (500, {}, None),
        (502, {}, None),
        (504, {}, None),
    ],
)
def test_who_asks_us_to_wait_is_left_alone(fake: Fake, code: int, headers: dict[str, str], seconds: int | None) -> None:
    fake.next("/", status(code, b"<html>", **headers))
    with pytest.raises(Slow) as raised:
        mailbox_of(fake).look({})
    assert raised.value.seconds == seconds


def test_what_was_seen_before_it_asks_us_to_wait_is_kept(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a mailbox that is always throttled after a while would never be read to its end."""
    for module in ("gmail", "graph"):
        monkeypatch.setattr(f"mail.connected.{module}.PAGE", 3)
    for number in range(5):
        fake.arrive(mail(number), **({"seen": True} if isinstance(fake, FakeGoogle) else {}))
    mailbox = mailbox_of(fake)
    path = a_message(fake) if isinstance(fake, FakeGoogle) else the_list(fake)
    original, count = fake.api, [0]

    def now_and_then(asked: Any) -> None:
        count[0] += asked.path.startswith(path)
        if asked.path.startswith(path) and count[0] % 3 != 1:
            return asked.say(429, b"", {"Retry-After": "9"})
        return original(asked)

    fake.api = now_and_then  # type: ignore[method-assign]
    found: list[Header] = []
    bookmark: dict[str, Any] = {}
    waits = 0
    for _ in range(30):
        try:
            look = mailbox.look(bookmark)
        except Slow:
            waits += 1
            continue
        found, bookmark = [*found, *look.headers], look.bookmark
        if not look.more:
            break
    assert sorted(subjects(found)) == [f"Re: A question {number}" for number in range(5)]
    assert waits


def test_a_look_ends_after_a_while_with_what_it_has(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("gmail", "graph"):
        monkeypatch.setattr(f"mail.connected.{module}.PAGE", 2)
    monkeypatch.setattr(web_api, "LOOK_SECONDS", 0)
    for number in range(5):
        fake.arrive(mail(number))
    mailbox = mailbox_of(fake)
    first = mailbox.look({})
    assert first.more
    assert len(first.headers) < 5
    monkeypatch.setattr(web_api, "LOOK_SECONDS", 20)
    found, _ = all_looks(mailbox, first.bookmark)
    assert sorted(subjects([*first.headers, *found])) == [f"Re: A question {number}" for number in range(5)]


@pytest.mark.parametrize("happens", [dies, half])
def test_a_provider_that_breaks_off_is_a_trouble(fake: Fake, happens: Any) -> None:
    fake.next("/", happens, happens)
    with pytest.raises(Trouble, match="can’t be reached") as raised:
        mailbox_of(fake).look({})
    assert not isinstance(raised.value, SignInAgain | Slow)


def test_a_connection_that_was_closed_in_between_is_opened_again(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    key = fake.arrive(mail(1)).id
    mailbox.fetch(key)
    fake.next(a_message(fake), dies)
    assert mailbox.fetch(key) == mail(1)


def test_a_provider_that_hangs_is_waited_for_only_so_long(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_api, "SECONDS", 0.8)
    for happens in (fake.hangs, fake.trickles):
        fake.next("/", happens)
        begun = time.monotonic()
        with pytest.raises(Trouble, match="too long"):
            mailbox_of(fake).look({})
        assert time.monotonic() - begun < 3


def test_no_redirect_takes_the_token_elsewhere(fake: Fake) -> None:
    fake.next("/", status(302, Location="http://127.0.0.1:9/"))
    with pytest.raises(Trouble):
        mailbox_of(fake).look({})
    assert len(fake.asked) == 1


NONSENSE: list[Any] = [
    *(b"", b"no JSON", b"[]", b"null", b"5", b"[" * 50_000, b"\xff\xfe{}", b'{"a": NaN', b"{}"),
    {"messages": 5, "value": 5, "historyId": 5},
    {"messages": [5], "value": [5], "historyId": "1"},
    {"messages": [{"id": 5}], "value": [{"id": 5, "internetMessageId": "x"}], "historyId": ""},
    {"messages": [{"id": ""}], "value": [{"id": "\x00", "internetMessageId": "x"}]},
    {"messages": [], "value": [], "@odata.nextLink": "https://evil.example/", "nextPageToken": 5},
    {"messages": [], "value": [], "@odata.deltaLink": ["x"], "nextPageToken": ["x"]},
    {"messages": [], "value": [], "@odata.deltaLink": "x" * 20_000, "nextPageToken": "x" * 20_000},
]


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_a_trouble_in_our_words(fake: Fake, body: Any) -> None:
    nothing = isinstance(fake, FakeGoogle) and body == b"{}"  # as a list, it would be one without messages
    path = "/gmail/v1/users/me/profile" if nothing else the_list(fake)
    fake.next(path, status(200, body))
    with pytest.raises(Trouble, match=r"understand|reached"):
        mailbox_of(fake).look({})


# --- Sending --------------------------------------------------------------------------------------


def test_a_letter_goes_out_once_as_it_is_and_stands_in_sent(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    mailbox.connect_to_send()
    assert mailbox.send(LETTER, "bob@example.org") in (None, "<ours-1@mentors.example.org>")
    assert fake.sent == [LETTER]
    mailbox.keep_copy(LETTER, "<ours-1@mentors.example.org>")
    [copy], _ = all_looks(mailbox, {})
    assert copy.folder == Folder.SENT
    assert b"<ours-1@mentors.example.org>" in copy.content
    assert fake.sent == [LETTER]


def test_a_letter_is_sent_after_a_token_that_no_longer_holds_was_renewed(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    fake.tokens.clear()
    mailbox.send(LETTER, "bob@example.org")
    assert fake.sent == [LETTER]


@pytest.mark.parametrize(
    ("happens", "trouble"),
    [
        (status(400), smtp.Refused),
        (status(403), smtp.Refused),
        (status(413), smtp.Refused),
        (status(404), smtp.Refused),
        (status(408), smtp.NotNow),
        (status(429, Retry_After="7"), smtp.NotNow),
        (status(403, {"error": {"errors": [{"reason": "userRateLimitExceeded"}]}}), smtp.NotNow),
        (status(500), smtp.Unclear),
        (status(502, b"<html>"), smtp.Unclear),
        (status(503), smtp.Unclear),
        (status(504), smtp.Unclear),
        (status(302, Location="/"), smtp.Unclear),
        (status(304), smtp.Unclear),
        (dies, smtp.Unclear),
    ],
)
def test_what_keeps_a_letter_from_going_is_told_apart(fake: Fake, happens: Any, trouble: type[smtp.Trouble]) -> None:
    fake.next(sending(fake), happens)
    with pytest.raises(smtp.Trouble) as raised:
        mailbox_of(fake).send(LETTER, "bob@example.org")
    assert type(raised.value) is trouble
    assert sum(one.path == sending(fake) for one in fake.asked) == 1, "it is never tried again by itself"


def test_a_provider_that_hangs_with_a_letter_leaves_it_unclear(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_api, "SECONDS", 0.8)
    for happens in (fake.hangs, fake.trickles):
        fake.next(sending(fake), happens)
        with pytest.raises(smtp.Unclear):
            mailbox_of(fake).send(LETTER, "bob@example.org")


def test_half_an_answer_to_a_letter_leaves_it_unclear(fake: Fake) -> None:
    fake.next(sending(fake), half)
    with pytest.raises(smtp.Unclear):
        mailbox_of(fake).send(LETTER, "bob@example.org")


def test_a_letter_goes_over_a_new_connection(fake: Fake) -> None:
    """One that was kept may have been closed by the other side, which would leave the letter in doubt."""
    mailbox = mailbox_of(fake)
    all_looks(mailbox, {})
    before = {one.handler.client_address for one in fake.asked}
    mailbox.send(LETTER, "bob@example.org")
    [letter] = [one for one in fake.asked if one.path == sending(fake)]
    assert letter.handler.client_address not in before


def test_a_provider_that_is_away_has_no_letter(fake: Fake) -> None:
    mailbox = mailbox_of(fake)
    fake.close()
    with pytest.raises(smtp.Dropped):
        mailbox.send(LETTER, "bob@example.org")


@pytest.mark.parametrize(
    "headers",
    [
        b"To: bob@example.org, eve@example.org",
        b"To: eve@example.org",
        b"To: bob@example.org\r\nCc: eve@example.org",
        b"To: bob@example.org\r\nBcc: eve@example.org",
        b"To: bob@example.org\r\nTo: eve@example.org",
        b"Subject: to nobody",
        b"To: undisclosed-recipients:;",
    ],
)
def test_a_letter_whose_headers_name_somebody_else_stays_here(fake: Fake, headers: bytes) -> None:
    with pytest.raises(smtp.Refused, match=r"wasn’t sent|can’t be sent"):
        mailbox_of(fake).send(headers + b"\r\n\r\nHello\r\n", "bob@example.org")
    assert fake.asked == []


def test_the_case_of_an_address_and_its_domain_in_letters_are_no_difference(fake: Fake) -> None:
    mailbox_of(fake).send(b"To: Bob <BOB@xn--bcher-kva.example>\r\nSubject: x\r\n\r\nx", "bob@bücher.example")
    assert len(fake.sent) == 1


def test_no_error_says_anything_of_a_token_or_a_mail(fake: Fake) -> None:
    secrets, said = ["words that nobody is to read"], []
    for code in (400, 401, 403, 404, 410, 418, 429, 500):
        for use in (
            lambda box: box.look({}),
            lambda box: box.fetch("1"),
            lambda box: box.send(LETTER, "bob@example.org"),
        ):
            mailbox = mailbox_of(fake)
            secrets += [*fake.tokens, *fake.refresh_tokens]
            fake.next(
                "/gmail" if isinstance(fake, FakeGoogle) else "/v1.0",
                *[status(code, b"words that nobody is to read")] * 2,
            )
            said.append(why_not(mailbox, use))
            fake.meanwhile.clear()
    assert not [one for one in secrets if any(one in words for words in said)]


def why_not(mailbox: Any, use: Any) -> str:
    try:
        use(mailbox)
    except (Trouble, smtp.Trouble) as error:
        return f"{error!r} {error.__cause__!r}"
    return ""
