"""What every answer and every request has in common, besides the headers of ``test_headers``."""

from __future__ import annotations

import contextlib
import re
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import BaseForm, ModelForm
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from accounts.models import User
from tests import access_world, stored_data
from tests.access_world import World, make_world
from tests.factories import make_user
from tests.mentoring.test_env import read_settings
from tests.mentoring.test_headers import HOST, production, visit

__all__ = ["production"]  # a fixture

ROUTES = sorted(access_world.KNOWN - access_world.DEV)
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def world(db: None) -> World:
    return make_world(make_user("aliceonly@example.org", name="Aliceonly Ashe"), "aliceonly")


# --- Answers --------------------------------------------------------------------------------------


def test_every_answer_says_what_it_is_and_asks_for_https_for_a_year(world: World, production: dict[str, Any]) -> None:
    wrong = []
    for user in (world.owner, None):
        for route in ROUTES:
            answer = visit(stored_data.browser_of(user), "get", world.url(route))
            kind = answer.headers.get("Content-Type", "")
            if not re.fullmatch(r"text/[a-z]+; ?charset=utf-8.*|application/json|message/rfc822", kind):
                wrong.append(f"{route}: {kind}")
            if answer.headers.get("Strict-Transport-Security") != "max-age=31536000; includeSubDomains; preload":
                wrong.append(f"{route}: {answer.headers.get('Strict-Transport-Security')}")
            if "Access-Control-Allow-Origin" in answer.headers:
                wrong.append(f"{route}: other origins may read it")
            rules = answer.headers["Content-Security-Policy"].split("; ")
            if not {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= {*rules}:
                wrong.append(f"{route}: {rules}")
            same_site = {cookie["samesite"] for cookie in answer.cookies.values() if cookie["max-age"] != 0}
            if same_site - {"Lax", "Strict"}:
                wrong.append(f"{route}: {same_site}")
    assert wrong == []


def test_trace_shows_nobody_their_request(world: World) -> None:
    for user in (world.owner, None):
        for route in ROUTES:
            with stored_data.taken_back():
                answer = stored_data.browser_of(user).trace(world.url(route), headers={"X-Mine": "mirrored"})
            assert b"mirrored" not in getattr(answer, "content", b""), route
            assert answer.headers.get("Content-Type") != "message/http"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/static/", "/static/js/", "/static/../manage.py", "/static/%2e%2e/manage.py", "/.git/config", "/.env"],
)
def test_folders_and_what_lies_beside_them_are_not_served(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_stays_out_of_the_image() -> None:
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    assert left_out >= {".git", ".env", ".env.*", ".venv*", "var", "tests", "bench", "chaos", "docs", "mutants"}


def test_no_secret_has_a_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compose, more = (ROOT / "docker-compose.yml").read_text(encoding="utf-8"), 1
    assert "${POSTGRES_PASSWORD:-}" in compose
    while more:  # one may stand in for another: ${A:-${B:-}}
        compose, more = re.subn(r"\$\{\w+:-\}", "", compose)
    assert re.findall(r"\$\{\w*(?:SECRET|PASSWORD|KEYS)\w*:-.*", compose) == []
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read_settings(monkeypatch, tmp_path, SECRET_KEY="")


# --- Requests -------------------------------------------------------------------------------------


def test_a_file_that_is_sent_is_dropped(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    large = SimpleUploadedFile("cat.php", b"x" * 3_000_000)
    answer = alice_client.post(reverse("person_new"), {"name": "Bob Brook", "photo": large, "name_file": large})
    assert answer.status_code in {302, 422, 200}
    assert len(answer.wsgi_request.FILES) == 0
    assert list(tmp_path.iterdir()) == []


def test_only_what_a_key_opens_asks_for_no_csrf_token() -> None:
    exempt = {name for name, route in stored_data.routes() if getattr(route.callback, "csrf_exempt", False)}
    assert exempt - set(access_world.KEYED) == {"incoming_mail_webhook"}  # which asks for a signature or a secret
    assert exempt


def test_no_form_takes_what_its_page_does_not_ask_for(alice: User, alice_client: Client) -> None:
    more = {"is_staff": "1", "is_superuser": "1", "session_version": "9", "email": "evil@example.com", "id": "1"}
    page = alice_client.get(reverse("settings"))
    fields = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    alice_client.post(reverse("settings"), {**fields, "name": "Alice Ashe", **more})
    after = User.objects.get(pk=alice.pk)
    assert (after.is_staff, after.is_superuser, after.session_version, after.email) == (False, False, 0, alice.email)


def test_no_form_of_a_model_has_a_field_that_is_not_its_users_to_set() -> None:
    def forms(base: type) -> list[type[BaseForm]]:
        return [form for kind in base.__subclasses__() for form in (kind, *forms(kind))]

    assert list(stored_data.routes())  # which loads them all
    ours = [form for form in forms(ModelForm) if form.__module__.partition(".")[0] in settings.OWN_APPS]
    assert len(ours) > 10
    never = {"owner", "user", "is_staff", "is_superuser", "is_active", "password", "session_version"}
    assert {form.__name__: bad for form in ours if (bad := never & set(form.base_fields))} == {}  # type: ignore[attr-defined]


def test_of_a_field_sent_twice_the_last_counts_and_the_address_is_no_form(alice: User, alice_client: Client) -> None:
    page = alice_client.get(reverse("settings"))
    fields = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    alice_client.post(f"{reverse('settings')}?name=From+the+address", {**fields, "name": ["First Name", "Last Name"]})
    assert User.objects.get(pk=alice.pk).name == "Last Name"


@pytest.mark.parametrize(
    ("behind", "sent", "found"),
    [
        (False, "203.0.113.9", "192.0.2.1"),  # what a client says of itself is not believed
        (True, "203.0.113.9", "203.0.113.9"),
        # The proxy adds the last; before it, anybody may write.
        (True, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_networks_address_is_the_one_a_client_cannot_choose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, behind: bool, sent: str, found: str
) -> None:
    read = read_settings(monkeypatch, tmp_path, BASE_URL=f"https://{HOST}", BEHIND_PROXY=str(int(behind)))
    trusted = {"ALLAUTH_TRUSTED_PROXY_COUNT": read.get("ALLAUTH_TRUSTED_PROXY_COUNT", 0)}
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": sent, "X-Real-IP": "10.1.1.1"}
    )
    with override_settings(**trusted):
        assert get_adapter().get_client_ip(request) == found
    assert ("SECURE_PROXY_SSL_HEADER" in read) is behind


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: +4",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
    ],
)
def test_the_server_takes_no_request_whose_end_is_in_doubt(headers: str) -> None:
    raw = f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    paths = []
    with contextlib.suppress(ParseException):
        for request in RequestParser(Config(), BytesIO(raw.encode()), ("192.0.2.1", 1)):
            paths.append(request.path)
            request.body.read()
            if request.should_close():
                break
    assert "/smuggled" not in paths


def test_what_is_stored_for_later_is_read_as_json() -> None:
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    from mentoring.celery import app

    assert app.conf.accept_content in (["json"], ("json",))
    assert app.conf.task_serializer == "json"
