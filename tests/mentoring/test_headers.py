"""Headers, cookies and caching of every answer: every route, every error, static files, over https and http."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import storage
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from mentoring.headers import PERMISSIONS_POLICY
from tests import access_world, stored_data
from tests.access_world import World, make_world
from tests.factories import make_user
from tests.mentoring.test_env import read_settings
from tests.observatory import kept_cookies, modifiers, redirection, score

HOST = "m.example.org"
ROUTES = sorted(access_world.KNOWN - access_world.DEV)
# Their answers may be kept: the front page has nothing of anybody, and calendars ask for the feed every hour.
MAY_BE_KEPT = {"front": "private", "calendar_feed": "private"}
# A probe asks the process itself, without https.
PROBES = {"healthz", "readyz"}
FULL_SET = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}
RELEVANT = ("SECURE_", "SESSION_COOKIE", "CSRF_", "CLEAR_SITE_DATA", "ALLOWED_HOSTS", "BASE_URL", "CONTENT_SECURITY")


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The settings that decide about headers and cookies, as an installation with https has them."""
    yield from installed(monkeypatch, tmp_path, f"https://{HOST}")


@pytest.fixture
def without_https(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    yield from installed(monkeypatch, tmp_path, f"http://{HOST}")


def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base_url: str) -> Iterator[dict[str, Any]]:
    read = read_settings(monkeypatch, tmp_path, BASE_URL=base_url)
    chosen = {name: value for name, value in read.items() if name.isupper() and name.startswith(RELEVANT)}
    with override_settings(**chosen):
        yield chosen


@pytest.fixture
def world(db: None) -> World:
    return make_world(make_user("aliceonly@example.org", name="Aliceonly Ashe"), "aliceonly")


def visit(client: Client, method: str, address: str, data: Any = None, **more: Any) -> HttpResponseBase:
    """Ask over https, and take back what it changed."""
    more = {"secure": True, "headers": {"host": HOST}, **more}
    with stored_data.taken_back():
        answer: HttpResponseBase = getattr(client, method)(address, data or {}, **more)
    return answer


def faults(name: str, answer: HttpResponseBase) -> list[str]:
    """What is missing or weak in this answer, which came over https."""
    wrong = []
    if score(answer) < 100:
        wrong.append(f"{name}: {score(answer)} points: {modifiers(answer)}")
    for header, value in FULL_SET.items():
        if answer.headers.get(header) != value:
            wrong.append(f"{name}: {header}: {answer.headers.get(header)}")
    if "default-src 'none'" not in answer.headers.get("Content-Security-Policy", ""):
        wrong.append(f"{name}: no policy")
    for cookie in kept_cookies(answer):
        flags = (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"])
        if not cookie.key.startswith("__Host-") or flags != (True, True, "/", ""):
            wrong.append(f"{name}: {cookie.OutputString()}")
    return wrong


def cache_faults(name: str, route: str, answer: HttpResponseBase) -> list[str]:
    sent = answer.headers.get("Cache-Control", "")
    expected = MAY_BE_KEPT.get(route, "no-store") if answer.status_code in {200, 302} else "no-store"
    return [] if expected in sent else [f"{name}: {sent!r}"]


# --- Routes ---------------------------------------------------------------------------------------


def test_every_route_has_the_full_set(world: World, production: dict[str, Any]) -> None:
    wrong = []
    for user in (world.owner, None):
        for route in ROUTES:
            for method in ("get", "post"):
                client = stored_data.browser_of(user)  # a new one, because one of them signs out
                data = world.fields(route) if method == "post" else {}
                name = f"{method} {route} by {user}"
                answer = visit(client, method, world.url(route), data)
                wrong += faults(name, answer) + cache_faults(name, route, answer)
    assert wrong == []


def test_a_fragment_for_htmx_has_the_full_set(world: World, production: dict[str, Any]) -> None:
    client = stored_data.browser_of(world.owner)
    for route in ("people", "message", "outreach"):
        answer = visit(client, "get", world.url(route), headers={"host": HOST, "HX-Request": "true"})
        assert faults(route, answer) + cache_faults(route, route, answer) == []


def test_http_leads_to_https_on_the_same_host(world: World, production: dict[str, Any]) -> None:
    client = stored_data.browser_of(world.owner)
    found = {route: visit(client, "get", world.url(route), secure=False) for route in ROUTES}
    assert {route for route, answer in found.items() if redirection(answer, HOST)} == PROBES
    # HSTS counts only over https; everything else is there.
    for route, answer in found.items():
        assert all(answer.headers.get(header) == value for header, value in FULL_SET.items()), route


# --- Errors ---------------------------------------------------------------------------------------


def fails_with(error: Exception) -> Callable[..., Any]:
    def read_today(user: User) -> None:
        raise error

    return read_today


def broken_today(error: Exception) -> Callable[[World, pytest.MonkeyPatch], HttpResponseBase]:
    def ask(world: World, monkeypatch: pytest.MonkeyPatch) -> HttpResponseBase:
        monkeypatch.setattr("mentoring.views.read_today", fails_with(error))
        return visit(stored_data.browser_of(world.owner), "get", reverse("today"))

    return ask


def post(content_type: str, body: bytes) -> Callable[[World, pytest.MonkeyPatch], HttpResponseBase]:
    def ask(world: World, monkeypatch: pytest.MonkeyPatch) -> HttpResponseBase:
        client = stored_data.browser_of(world.owner)
        return client.post(reverse("settings"), body, content_type, secure=True, headers={"host": HOST})

    return ask


def at(
    method: str, address: str, *, host: str = HOST, secure: bool = True
) -> Callable[[World, pytest.MonkeyPatch], HttpResponseBase]:
    def ask(world: World, monkeypatch: pytest.MonkeyPatch) -> HttpResponseBase:
        return visit(stored_data.browser_of(world.owner), method, address, headers={"host": host}, secure=secure)

    return ask


def forged(world: World, monkeypatch: pytest.MonkeyPatch) -> HttpResponseBase:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.owner)
    return visit(client, "post", reverse("settings"))


def too_often(world: World, monkeypatch: pytest.MonkeyPatch) -> HttpResponseBase:
    address, form = reverse("account_reset_password"), {"email": "bob@example.org"}
    answers = [Client().post(address, form, secure=True, headers={"host": HOST}) for _ in range(8)]
    return answers[-1]


MALFORMED = (
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nabcde\r\n--x--"
)
ERRORS: dict[str, tuple[int, str, Callable[[World, pytest.MonkeyPatch], HttpResponseBase]]] = {
    "another host": (400, "could not read", at("get", "/", host="other.example.org")),
    "another host without https": (400, "could not read", at("get", "/", host="other.example.org", secure=False)),
    "a host that is none": (400, "could not read", at("get", "/", host="m.example.org:x\"'")),
    "a malformed form": (400, "could not read", post("multipart/form-data; boundary=x", MALFORMED)),
    "a form without boundary": (400, "could not read", post("multipart/form-data", b"nonsense")),
    "a thousand fields": (
        400,
        "could not read",
        post("application/x-www-form-urlencoded", b"&".join(b"x%d=1" % number for number in range(1001))),
    ),
    "forbidden": (403, "not open to you", broken_today(PermissionDenied())),
    "forged": (403, "once more", forged),
    "no such page": (404, "nothing at this address", at("get", "/no/such/page/")),
    "no such file": (404, "nothing at this address", at("get", "/static/no-such.css")),
    "another method": (405, "no page at this address", at("get", "/meetings/calendar/open/")),
    "too much": (413, "too long to save", post("application/x-www-form-urlencoded", b"x=" + b"y" * 6_000_000)),
    "too often": (429, "little fast", too_often),
    "broken": (500, "broke on our side", broken_today(ValueError())),
}


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_has_the_full_set_and_a_page(
    name: str, world: World, production: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, words, ask = ERRORS[name]
    answer = ask(world, monkeypatch)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert answer.headers.get("Content-Length", f"{len(answer.content)}") == f"{len(answer.content)}"
    if "without https" in name:
        assert {header: answer.headers.get(header) for header in FULL_SET} == FULL_SET
    else:
        assert faults(name, answer) == []
    assert answer.headers["Cache-Control"] == "no-store"


# --- Static files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_static_files_have_the_full_set(method: str, production: dict[str, Any]) -> None:
    answer = getattr(Client(), method)("/static/css/base.css", secure=True, headers={"host": HOST})
    assert answer.status_code == (405 if method == "post" else 200)
    assert faults(method, answer) == []
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_static_file_with_its_hash_is_kept_for_good(production: dict[str, Any], tmp_path: Path) -> None:
    stores = {
        **project.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(
        STATIC_ROOT=tmp_path / "static", STORAGES=stores, WHITENOISE_AUTOREFRESH=False, WHITENOISE_USE_FINDERS=False
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        client, address = Client(), storage.staticfiles_storage.url("css/base.css")
        answer = client.get(address, secure=True, headers={"host": HOST})
        assert (answer.status_code, faults("static", answer)) == (200, [])
        assert "immutable" in answer.headers["Cache-Control"]
        again = {"host": HOST, "if-modified-since": answer.headers["Last-Modified"]}
        unchanged = client.get(address, secure=True, headers=again)
        assert (unchanged.status_code, faults("unchanged", unchanged)) == (304, [])
        assert "immutable" in unchanged.headers["Cache-Control"]


# --- Without https, as in an office network -------------------------------------------------------


def test_without_https_cookies_have_plain_names_and_nothing_asks_for_https(
    world: World, without_https: dict[str, Any]
) -> None:
    client = stored_data.browser_of(world.owner)
    page = visit(client, "get", reverse("settings"), secure=False)
    assert page.status_code == 200
    assert set(client.cookies) == {"sessionid", "csrftoken"}
    assert not any(cookie["secure"] for cookie in client.cookies.values())
    assert "Strict-Transport-Security" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert all(page.headers.get(header) == value for header, value in FULL_SET.items())


# --- Signing out ----------------------------------------------------------------------------------


def test_signing_out_empties_the_browser(world: World, production: dict[str, Any]) -> None:
    client = stored_data.browser_of(world.owner)
    visit(client, "get", reverse("settings"))  # which also leaves the token of its form
    answer = client.post(reverse("account_logout"), secure=True, headers={"host": HOST})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("signed_out"))
    # Not "cookies", which browsers take for the whole of example.org.
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert {cookie.key: cookie["max-age"] for cookie in answer.cookies.values()} == {
        "__Host-sessionid": 0,
        "__Host-csrftoken": 0,
    }
    page = visit(Client(), "get", reverse("signed_out"))  # a new one, because Django's sends expired cookies, too
    assert "You’re signed out" in page.content.decode()
    assert dict(page.cookies) == {}


def test_deleting_the_account_empties_the_browser(world: World, production: dict[str, Any]) -> None:
    client = stored_data.browser_of(world.owner)
    answer = client.post(reverse("erase"), {"email": world.owner.email}, secure=True, headers={"host": HOST})
    page = answer.headers["Location"]
    assert page.startswith("/account/keep/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Your account will be gone on" in visit(client, "get", page).content.decode()


def test_the_page_after_it_is_not_for_the_signed_in(alice_client: Client) -> None:
    assert alice_client.get(reverse("signed_out")).headers["Location"] == reverse("today")


@pytest.mark.parametrize(
    ("base_url", "sent"),
    [
        ("https://mentorfolio.org", ["cache", "storage", "cookies"]),
        ("http://localhost:8000", ["cache", "storage", "cookies"]),
        ("https://mentors.example.ac.uk", ["cache", "storage"]),
    ],
)
def test_cookies_of_neighbours_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base_url: str, sent: list[str]
) -> None:
    assert read_settings(monkeypatch, tmp_path, BASE_URL=base_url)["CLEAR_SITE_DATA"] == sent


def test_a_missing_header_would_be_noticed(world: World, production: dict[str, Any]) -> None:
    without = [name for name in project.MIDDLEWARE if name != "mentoring.headers.HeadersMiddleware"]
    with override_settings(MIDDLEWARE=without):
        answer = visit(stored_data.browser_of(world.owner), "get", reverse("today"))
    assert [fault.split(":")[1].strip() for fault in faults("today", answer)] == [
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
    ]
    assert cache_faults("today", "today", answer) != []
