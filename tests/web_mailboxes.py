"""Mailboxes at fakes of Google and Microsoft, as fixtures and as they are after connecting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from mail.connected import oauth
from mail.connected.gmail import Gmail
from mail.connected.graph import Graph
from mail.connected.oauth import Permission, Tokens
from tests.fake_google import FakeGoogle
from tests.fake_microsoft import FakeMicrosoft
from tests.fake_provider import FakeProvider, running


def switch_on(settings: Any, key: str, fake: FakeProvider) -> None:
    """This one, besides those of this test; those of the settings, where nobody answers, are off."""
    others = {one: ours for one, ours in settings.MAILBOX_PROVIDERS.items() if ours["api_url"].startswith("http:")}
    settings.MAILBOX_PROVIDERS = {**others, key: fake.settings()}


@pytest.fixture
def google(settings) -> Iterator[FakeGoogle]:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    with running(FakeGoogle()) as fake:
        switch_on(settings, "google", fake)
        yield fake


@pytest.fixture
def microsoft(settings) -> Iterator[FakeMicrosoft]:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    with running(FakeMicrosoft()) as fake:
        switch_on(settings, "microsoft", fake)
        yield fake


@pytest.fixture(params=["google", "microsoft"])
def fake(request: pytest.FixtureRequest) -> Any:
    """One after the other."""
    return request.getfixturevalue(request.param)


def permission_of(fake: FakeProvider, *, kept: list[Tokens] | None = None) -> Permission:
    """As after connecting."""
    asked = oauth.provider("google" if isinstance(fake, FakeGoogle) else "microsoft")
    assert asked is not None
    given = fake.new_tokens()
    tokens = Tokens(given["access_token"], given["refresh_token"], timezone.now() + dt.timedelta(hours=1))
    return Permission(asked, tokens, keep=None if kept is None else kept.append)


def mailbox_of(fake: FakeProvider, **more: Any) -> Gmail | Graph:
    return (Gmail if isinstance(fake, FakeGoogle) else Graph)(permission_of(fake, **more))


def mail(number: int = 1, *, to: str = "alice@example.org", headers: str = "", body: str = "Gladly.") -> bytes:
    return (
        f"From: Dr Bob Brook <bob@example.org>\r\nTo: {to}\r\nSubject: Re: A question {number}\r\n"
        f"Date: Sat, 28 Nov 2026 09:00:00 +0000\r\nMessage-ID: <m{number}@example.org>\r\n{headers}\r\n{body}\r\n"
    ).encode()
