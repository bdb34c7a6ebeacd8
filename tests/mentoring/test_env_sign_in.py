"""Other ways in and the sign-up switch come from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from mentoring import env_sign_in
from tests.mentoring.test_env import read_settings

STARTS = ("ORCID_", "GOOGLE_", "MICROSOFT_", "LINKEDIN_", "OIDC_", "SIGN_")
NHS = {
    "OIDC_PROVIDERS": "nhs",
    "OIDC_NHS_NAME": "NHS login",
    "OIDC_NHS_URL": "https://login.example.nhs.uk/",
    "OIDC_NHS_CLIENT_ID": "mentorfolio",
    "OIDC_NHS_CLIENT_SECRET": "hunter2",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(STARTS)]:
        monkeypatch.delenv(name)


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[dict[str, Any]]:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return env_sign_in.providers()


def test_nothing_set_means_no_provider_and_sign_up_for_everybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = read_settings(monkeypatch, tmp_path)
    assert settings["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"] == []
    assert (settings["SIGN_UP"], settings["SIGN_IN_ONLY_WITH"], settings["SITE_RUN_BY"]) == (
        "open",
        "",
        "m.example.org",
    )


@pytest.mark.parametrize(
    ("start", "more", "url"),
    [
        ("ORCID", {}, "https://orcid.org"),
        ("GOOGLE", {}, "https://accounts.google.com"),
        ("LINKEDIN", {}, "https://www.linkedin.com/oauth"),
        ("MICROSOFT", {"MICROSOFT_TENANT": "example.ac.uk"}, "https://login.microsoftonline.com/example.ac.uk/v2.0"),
    ],
)
def test_an_id_and_a_secret_switch_a_known_provider_on(
    monkeypatch: pytest.MonkeyPatch, start: str, more: dict[str, str], url: str
) -> None:
    [found] = set_all(monkeypatch, **{f"{start}_CLIENT_ID": "id", f"{start}_CLIENT_SECRET": "secret"}, **more)
    assert (found["provider_id"], found["client_id"], found["secret"]) == (start.lower(), "id", "secret")
    assert (found["settings"]["server_url"], found["settings"]["email_authentication"]) == (url, False)


def test_microsoft_needs_its_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="MICROSOFT_TENANT is not set"):
        set_all(monkeypatch, MICROSOFT_CLIENT_ID="id", MICROSOFT_CLIENT_SECRET="secret")


def test_any_provider_is_named_with_its_own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    [found] = set_all(
        monkeypatch,
        **NHS | {"OIDC_NHS_CLIENT_SECRET": "", "OIDC_NHS_CLIENT_SECRET_FILE": str(file), "OIDC_NHS_TRUSTED": "1"},
    )
    assert (found["name"], found["secret"]) == ("NHS login", "from a file")
    assert found["settings"] == {"server_url": "https://login.example.nhs.uk", "email_authentication": True}


@pytest.mark.parametrize("url", ["http://login.example.nhs.uk", "login.example.nhs.uk", "https://", "https://[half"])
def test_a_provider_is_reached_by_https(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_NHS_URL must be an https address"):
        set_all(monkeypatch, **NHS | {"OIDC_NHS_URL": url})


def test_one_provider_cannot_be_named_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="name each provider once"):
        set_all(monkeypatch, **NHS | {"OIDC_PROVIDERS": "nhs,nhs"})


def test_the_only_way_in_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set_all(monkeypatch, **NHS, SIGN_IN_ONLY_WITH="nhs")
    assert env_sign_in.only_way_in(found) == "nhs"
    assert found[0]["settings"]["email_authentication"] is True


def test_domains_are_read_in_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SIGN_UP="domain", SIGN_UP_DOMAINS="Example.AC.uk, nhs.net")
    assert env_sign_in.sign_up() == ("domain", ["example.ac.uk", "nhs.net"])
