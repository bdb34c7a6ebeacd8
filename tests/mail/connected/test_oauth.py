"""Permission at Google and Microsoft: asked for, renewed, given back; with servers that check what the real ones do."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from mail.connected import oauth
from mail.connected.oauth import Provider, TurnedBack
from mail.connected.provider import SignInAgain, Slow, Trouble
from tests.fake_provider import FakeProvider, dies, half, status

BACK = "http://localhost:8000/settings/mailbox/google/callback/"


def asked_of(fake: FakeProvider) -> Provider:
    [found] = oauth.providers()
    return found


def there_and_back(fake: FakeProvider, session: dict[str, Any]) -> dict[str, str]:
    """What the browser brings back after the person has allowed it."""
    there = oauth.begin(asked_of(fake), session, back=BACK)
    return dict(parse_qsl(urlsplit(fake.allow(there)).query))


def test_only_what_is_needed_is_asked_for(fake: FakeProvider) -> None:
    session: dict[str, Any] = {}
    query = parse_qs(urlsplit(oauth.begin(asked_of(fake), session, back=BACK)).query)
    [scope] = query["scope"]
    assert set(scope.split()) in [
        {"https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/gmail.send"},
        {"Mail.Read", "Mail.Send", "User.Read", "offline_access"},
    ]
    assert (query["response_type"], query["redirect_uri"]) == (["code"], [BACK])
    assert query["code_challenge_method"] == ["S256"]
    assert session[oauth.IN_SESSION]["verifier"] not in str(query), "the verifier stays here"


@pytest.mark.clock("2026-11-28 09:00", tick=True)
def test_a_code_becomes_tokens(fake: FakeProvider) -> None:
    session: dict[str, Any] = {}
    tokens = oauth.finish(asked_of(fake), session, there_and_back(fake, session), back=BACK)
    assert tokens.access in fake.tokens
    assert tokens.refresh in fake.refresh_tokens
    assert (
        dt.timedelta(minutes=59) < tokens.ends_at - dt.datetime(2026, 11, 28, 9, tzinfo=dt.UTC) < dt.timedelta(hours=2)
    )
    assert session == {}
    assert tokens.access not in repr(tokens)
    assert tokens.refresh not in repr(tokens)
    assert asked_of(fake).secret not in repr(asked_of(fake))


def test_who_brings_another_state_or_none_brings_nothing(fake: FakeProvider) -> None:
    """Otherwise somebody could have a person connect the somebody's mailbox."""
    for change in ({"state": "another"}, {"state": ""}):
        session: dict[str, Any] = {}
        query = there_and_back(fake, session)
        with pytest.raises(TurnedBack, match="try again"):
            oauth.finish(asked_of(fake), session, query | change, back=BACK)
        with pytest.raises(TurnedBack):  # it counts once
            oauth.finish(asked_of(fake), session, query, back=BACK)
    with pytest.raises(TurnedBack):
        oauth.finish(asked_of(fake), {}, {"code": "c"}, back=BACK)
    assert not any(one.path == "/token" for one in fake.asked)


def test_a_state_is_only_for_the_provider_it_was_made_for(google: FakeProvider, microsoft: FakeProvider) -> None:
    one, other = oauth.providers()
    session: dict[str, Any] = {}
    query = dict(parse_qsl(urlsplit(google.allow(oauth.begin(one, session, back=BACK))).query))
    with pytest.raises(TurnedBack):
        oauth.finish(other, session, query, back=BACK)


@pytest.mark.clock("2026-11-28 09:00")
def test_a_state_holds_for_an_hour(fake: FakeProvider, clock) -> None:
    session: dict[str, Any] = {}
    query = there_and_back(fake, session)
    clock.shift(3601)
    with pytest.raises(TurnedBack, match="too long"):
        oauth.finish(asked_of(fake), session, query, back=BACK)


def test_who_presses_cancel_reads_that_it_is_fine(fake: FakeProvider) -> None:
    session: dict[str, Any] = {}
    there = oauth.begin(asked_of(fake), session, back=BACK)
    query = dict(parse_qsl(urlsplit(fake.cancel(there)).query))
    with pytest.raises(TurnedBack, match=r"Nothing is connected.*That’s fine"):
        oauth.finish(asked_of(fake), session, query, back=BACK)


def test_who_allows_only_one_of_both_reads_what_is_missing(google: FakeProvider) -> None:
    """Google lets people choose, and the half permission is given back."""
    google.scopes = ("https://www.googleapis.com/auth/gmail.send",)
    session: dict[str, Any] = {}
    with pytest.raises(TurnedBack, match="both ticks"):
        oauth.finish(asked_of(google), session, there_and_back(google, session), back=BACK)
    assert len(google.revoked) == 1
    assert google.refresh_tokens == set()


def test_microsoft_names_scopes_with_and_without_an_address(microsoft: FakeProvider) -> None:
    microsoft.scopes = ("https://graph.microsoft.com/mail.read", "https://graph.microsoft.com/Mail.Send", "User.Read")
    session: dict[str, Any] = {}
    assert oauth.finish(asked_of(microsoft), session, there_and_back(microsoft, session), back=BACK).refresh


def test_without_a_token_that_renews_nothing_is_connected(fake: FakeProvider) -> None:
    fake.gives_refresh_token = False
    session: dict[str, Any] = {}
    with pytest.raises(Trouble, match="for an hour only"):
        oauth.finish(asked_of(fake), session, there_and_back(fake, session), back=BACK)


def test_tokens_are_renewed_and_may_rotate(fake: FakeProvider) -> None:
    first = fake.new_tokens()
    new = oauth.renewed(asked_of(fake), first["refresh_token"])
    assert new.access != first["access_token"]
    assert (new.refresh == first["refresh_token"]) is not fake.rotates
    newest = oauth.renewed(asked_of(fake), new.refresh)
    assert newest.access not in (new.access, first["access_token"])


def test_a_withdrawn_permission_is_the_users_to_mend(fake: FakeProvider, caplog: pytest.LogCaptureFixture) -> None:
    refresh = fake.new_tokens()["refresh_token"]
    fake.withdraw()
    with pytest.raises(SignInAgain, match="Connect your mailbox again") as raised:
        oauth.renewed(asked_of(fake), refresh)
    assert refresh not in str(raised.value)
    assert refresh not in caplog.text


def test_a_wrong_client_secret_is_the_operators_to_mend(
    fake: FakeProvider, settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    [(key, ours)] = settings.MAILBOX_PROVIDERS.items()
    settings.MAILBOX_PROVIDERS = {key: {**ours, "secret": "an old one"}}
    refresh = fake.new_tokens()["refresh_token"]
    with pytest.raises(Trouble, match="tell whoever runs this site") as raised:
        oauth.renewed(asked_of(fake), refresh)
    assert not isinstance(raised.value, SignInAgain)
    assert "invalid_client" in caplog.text
    for never in ("an old one", "words that nobody is to read", refresh):
        assert never not in caplog.text + str(raised.value)


@pytest.mark.parametrize(("code", "seconds"), [(429, 17), (500, None), (503, 17)])
def test_a_busy_provider_is_tried_later(fake: FakeProvider, code: int, seconds: int | None) -> None:
    fake.next("/token", status(code, b"<html>busy", **({"Retry-After": "17"} if seconds else {})))
    with pytest.raises(Slow) as raised:
        oauth.renewed(asked_of(fake), "r")
    assert raised.value.seconds == seconds


NONSENSE = [
    *(b"", b"no JSON", b"[]", b"null", b"[" * 50_000, b"\xff\xfe{}", b'{"access_token": 5}', b"{}"),
    b'{"access_token": "a b", "refresh_token": "r"}',
    b'{"access_token": "a\\r\\nX-Evil: 1", "refresh_token": "r"}',
    b'{"access_token": "\\u00e9", "refresh_token": "r"}',
    b'{"access_token": "", "refresh_token": "r"}',
    b'{"access_token": "a", "refresh_token": {"r": 1}}',
    b'{"access_token": "' + b"a" * 9_000 + b'", "refresh_token": "r"}',
    b'{"x": "' + b"a" * 100_000 + b'"}',
]


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_in_place_of_tokens_is_a_trouble_in_our_words(fake: FakeProvider, body: bytes) -> None:
    fake.next("/token", status(200, body))
    with pytest.raises(Trouble) as raised:
        oauth.renewed(asked_of(fake), "r")
    assert not isinstance(raised.value, SignInAgain)
    assert "aaaa" not in str(raised.value)


@pytest.mark.parametrize("ends", [None, "soon", -5, 1e400, [], "3600"])
@pytest.mark.clock("2026-11-28 09:00")
def test_a_token_without_a_sensible_end_is_renewed_at_once(google: FakeProvider, ends: object) -> None:
    google.lasts = ends  # type: ignore[assignment]
    found = oauth.renewed(asked_of(google), google.new_tokens()["refresh_token"])
    hour = dt.timedelta(seconds=3600 if ends == "3600" else 0)
    assert found.ends_at == dt.datetime(2026, 11, 28, 9, tzinfo=dt.UTC) + hour


@pytest.mark.parametrize("happens", [dies, half])
def test_a_token_server_that_breaks_off_is_a_trouble(fake: FakeProvider, happens: Any) -> None:
    fake.next("/token", happens)
    with pytest.raises(Trouble, match="can’t be reached"):
        oauth.renewed(asked_of(fake), "r")


def test_a_token_server_that_hangs_is_waited_for_only_so_long(
    fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "SECONDS", 0.3)
    for happens in (fake.hangs, fake.trickles):
        fake.next("/token", happens)
        with pytest.raises(Trouble, match="too long"):
            oauth.renewed(asked_of(fake), "r")


def test_no_redirect_takes_the_secret_elsewhere(fake: FakeProvider) -> None:
    for code in (301, 302, 307, 308):
        fake.next("/token", status(code, Location=f"{fake.url}/elsewhere"))
        with pytest.raises(Trouble):
            oauth.renewed(asked_of(fake), "r")
    assert {one.path for one in fake.asked} == {"/token"}


def test_google_takes_its_permission_back(google: FakeProvider) -> None:
    refresh = google.new_tokens()["refresh_token"]
    assert oauth.revoke(asked_of(google), refresh)
    assert google.revoked == [refresh]
    assert not oauth.revoke(asked_of(google), refresh), "it is gone already"
    google.next("/revoke", dies)
    assert not oauth.revoke(asked_of(google), refresh)


def test_microsoft_has_no_way_to(microsoft: FakeProvider) -> None:
    assert not oauth.revoke(asked_of(microsoft), microsoft.new_tokens()["refresh_token"])
    assert microsoft.asked == []


def test_where_no_client_is_registered_nobody_is_asked(settings) -> None:
    settings.MAILBOX_PROVIDERS = {}
    assert oauth.providers() == []
    assert oauth.provider("google") is None
