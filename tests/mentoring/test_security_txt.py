"""/.well-known/security.txt by RFC 9116, from the settings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.mentoring.test_env import read_settings

ADDRESS = "/.well-known/security.txt"


@pytest.mark.django_db
@pytest.mark.clock(dt.datetime(2026, 11, 27, 20, 0, tzinfo=dt.UTC))
def test_it_names_the_contact_and_expires_later(client: Client, settings: Any, django_assert_num_queries: Any) -> None:
    settings.SECURITY_CONTACT = ["mailto:security@example.org", "https://example.org/report"]
    with django_assert_num_queries(0):
        answer = client.get(ADDRESS)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:security@example.org",
        "Contact: https://example.org/report",
        "Expires: 2027-02-25T00:00:00Z",
        "Preferred-Languages: en",
        "Canonical: http://localhost:8000/.well-known/security.txt",
    ]


@pytest.mark.django_db
def test_it_is_not_there_without_a_contact(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACT = []
    assert client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize(
    ("value", "contacts"),
    [
        ("", []),
        ("security@example.org", ["mailto:security@example.org"]),
        (
            "mailto:a@example.org, https://example.org/x , tel:+44-113-496-0000,",
            ["mailto:a@example.org", "https://example.org/x", "tel:+44-113-496-0000"],
        ),
    ],
)
def test_the_contact_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, contacts: list[str]
) -> None:
    assert read_settings(monkeypatch, tmp_path, SECURITY_CONTACT=value)["SECURITY_CONTACT"] == contacts


@pytest.mark.parametrize(
    "value", ["somebody", "http://example.org/", "a@b@c", "mailto:", "a@example.org\nContact: x@y"]
)
def test_a_contact_nobody_can_use_prevents_startup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT must be an e-mail address or start with"):
        read_settings(monkeypatch, tmp_path, SECURITY_CONTACT=value)
