"""The development mailbox opens only for a browser that has opened the printed address."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from mentoring.development import door
from tests.mentoring.development.test_mailbox import keep, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def var(tmp_path: Path, settings) -> Path:
    settings.VAR_DIR, settings.DEBUG = tmp_path, True
    return tmp_path


def enter(client: Client, token: str) -> HttpResponse:
    return client.get(reverse("dev_enter", args=[token]))


def test_without_the_address_no_mail_is_shown(var: Path) -> None:
    name = keep(var / "mail", letter(subject="Set a new password", html="<p>Set a new password"))
    door.new_token(var)
    for address in (reverse(route, args=args) for route, args in pages(name)):
        answer = Client().get(address)
        assert answer.status_code == 403
        assert "<code>make up</code>" in answer.content.decode()
        assert "Set a new password" not in answer.content.decode()


def pages(name: str) -> list[tuple[str, list[str]]]:
    return [("mailbox", []), ("mailbox_mail", [name]), ("mailbox_html", [name])]


def test_the_address_opens_the_mailbox_for_this_browser(var: Path, settings) -> None:
    name, client = keep(var / "mail", letter(html="<p>x")), Client()
    address = door.new_address(settings.BASE_URL)
    assert address.startswith(f"{settings.BASE_URL}/dev/enter/")
    answer = client.get(urlsplit(address).path)
    assert answer.headers["Location"] == reverse("mailbox")
    cookie = answer.cookies[door.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/dev/")
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert [client.get(reverse(route, args=args)).status_code for route, args in pages(name)] == [200, 200, 200]


def test_the_address_works_once(var: Path) -> None:
    token, client = door.new_token(var), Client()
    assert enter(client, token).status_code == 302
    assert "Each address works once" in enter(Client(), token).content.decode()
    assert enter(Client(), token).status_code == 403
    # The browser that is in finds the mail again, as from its history.
    assert enter(client, token).headers["Location"] == reverse("mailbox")


def test_looking_at_the_address_does_not_use_it_up(var: Path) -> None:
    token = door.new_token(var)
    assert Client().head(reverse("dev_enter", args=[token])).status_code == 405
    assert enter(Client(), token).status_code == 302


def test_a_new_address_replaces_the_one_not_used(var: Path) -> None:
    first, second = door.new_token(var), door.new_token(var)
    assert [enter(Client(), token).status_code for token in (first, second)] == [403, 302]


def test_only_a_hash_of_the_token_is_kept_and_only_for_its_owner(var: Path) -> None:
    token = door.new_token(var)
    [file] = var.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in f"{file} {file.read_text()}"


@pytest.mark.parametrize("token", ["x", "..", "secret-key", "١", "x" * 5000, "%00"])
def test_a_wrong_token_opens_nothing(var: Path, token: str) -> None:
    right = door.new_token(var)
    assert Client().get(f"/dev/enter/{token}/").status_code in {403, 404}
    assert enter(Client(), right).status_code == 302


@pytest.mark.parametrize("value", ["in", "in:forged", "in:1vcuQL:forged", ""])
def test_a_forged_cookie_opens_nothing(var: Path, value: str) -> None:
    client = Client()
    client.cookies[door.COOKIE] = value
    assert client.get(reverse("mailbox")).status_code == 403


@pytest.mark.clock("2026-11-23T09:00Z")
def test_the_cookie_lasts_thirty_days(var: Path, clock) -> None:
    client = Client()
    enter(client, door.new_token(var))
    clock.shift(door.MAX_AGE - 1)
    assert client.get(reverse("mailbox")).status_code == 200
    clock.shift(2)
    client.cookies[door.COOKIE]["max-age"] = ""  # a browser that keeps it longer
    assert client.get(reverse("mailbox")).status_code == 403


def test_without_debug_there_is_no_door(var: Path, settings) -> None:
    settings.DEBUG = False
    token = door.new_token(var)
    assert enter(Client(), token).status_code == 404
    settings.DEBUG = True
    assert enter(Client(), token).status_code == 302
