"""Server errors are logged with a traceback, client errors in one line, and keys and queries not at all."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.urls.resolvers import RegexPattern, RoutePattern, URLPattern, URLResolver, get_resolver

from accounts.models import User
from mentoring.logs import KEYS_IN_PATHS, SayWho, ScrubKeys, scrub, scrub_the_access_log

pytestmark = pytest.mark.django_db


@login_not_required
def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("ours")


@login_not_required
def breaks_with_key(request: HttpRequest, token: str) -> HttpResponse:
    raise RuntimeError(f"nothing at {request.get_full_path()}")


urlpatterns = [path("breaks", breaks), path("r/<str:token>/", breaks_with_key)]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """The output of the console handler in the settings."""
    lines: list[str] = []
    (console,) = [handler for handler in logging.getLogger().handlers if handler.get_name() == "console"]

    def keep(record: logging.LogRecord) -> None:
        lines.append(console.format(record))

    monkeypatch.setattr(console, "emit", keep)
    return lambda: "\n".join(lines)


@pytest.mark.parametrize(
    ("status", "said", "body", "kind", "host"),
    [
        (400, "evil.example", b"", "text/plain", "evil.example"),
        (400, "Unable to parse request body", b"x", "multipart/form-data", "testserver"),
        (400, "exceeded", b"a=1&" * 1500, "application/x-www-form-urlencoded", "testserver"),
        (413, "exceeded", b"a" * 6_000_000, "application/x-www-form-urlencoded", "testserver"),
    ],
)
def test_a_request_that_is_no_good_takes_one_line(
    written: Callable[[], str], status: int, said: str, body: bytes, kind: str, host: str
) -> None:
    client = Client()
    answer = client.generic("POST", "/account/login/", body, kind, headers={"host": host})
    assert answer.status_code == status
    assert said in written()
    assert "\n" not in written()


@pytest.mark.urls(__name__)
def test_what_broke_keeps_its_traceback(written: Callable[[], str]) -> None:
    client = Client(raise_request_exception=False)
    client.get("/breaks")
    assert "Traceback" in written()


@pytest.mark.clock("2026-07-01 10:00Z")
def test_a_line_says_when_in_utc_and_who(alice: User, alice_client: Client, written: Callable[[], str]) -> None:
    alice_client.get("/people/987654321/", REMOTE_ADDR="192.0.2.77")
    Client().get("/people/..", REMOTE_ADDR="192.0.2.77")
    start = "2026-07-01T10:00:00.000Z WARNING django.request: Not Found:"
    assert written().splitlines() == [
        f"{start} /people/987654321/ [account {alice.pk}, from 192.0.2.0]",
        f"{start} /people/.. [nobody signed in, from 192.0.2.0]",
    ]


def test_who_it_was_costs_no_query_and_needs_no_request(django_assert_num_queries: Any) -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "Good morning", None, None)
    with django_assert_num_queries(0):
        assert SayWho().filter(record)
    assert record.who == ""


@pytest.mark.parametrize("sent", ["a\nb", "a\rb", "a\x1b[2Jb", "a\x00b", "a\u2028b", "a\x85b"])
def test_nothing_sent_begins_a_line_or_steers_a_terminal(sent: str, written: Callable[[], str]) -> None:
    logging.getLogger("anything").warning("They sent %s", sent)
    Client().get(f"/no/such/{sent}")
    lines = written()
    assert lines.count("\n") == 1  # between the two
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", lines) is None


def test_there_is_one_log_and_no_file() -> None:
    assert list(settings.LOGGING["handlers"]) == ["console"]
    assert settings.LOGGING["handlers"]["console"]["class"] == "logging.StreamHandler"
    assert {name for name, logger in settings.LOGGING["loggers"].items() if logger.get("handlers")} == set()


# --- What is left out -----------------------------------------------------------------------------

KEY = "what-opens-the-page-of-somebody:1tZ"
# Parts of paths that are no keys: words of ours, or the name of a file that only exists with DEBUG.
HARMLESS = {
    *(("connected_mailbox_permit", "provider"), ("connected_mailbox_permitted", "provider")),
    ("brief_step", "step"),
    ("walk_source", "source"),
    ("walk_paste", "source"),
    ("outreach_list", "place"),
    ("place_restore", "state"),
    ("place_restore", "on"),
    ("introduction_undo", "state"),
    ("reminder_act", "name"),
    ("mailbox_mail", "name"),
    ("mailbox_html", "name"),
}
NUMBERS = {"IntConverter", "IdConverter"}


def paths(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every route: its name, its path with ``{parameter}``, and each parameter's converter ("" for an expression)."""
    for one in patterns:
        whole = before + template(one.pattern)
        if isinstance(one, URLResolver):
            yield from paths(one.url_patterns, whole)
        else:
            names = re.findall(r"{(\w+)}", whole)
            known = one.pattern.converters
            yield (
                one.name or whole,
                whole,
                {name: type(known[name]).__name__ if name in known else "" for name in names},
            )


def template(pattern: Any) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern))
    assert isinstance(pattern, RegexPattern)
    return re.sub(r"\(\?P<(\w+)>[^()]*\)", r"{\1}", str(pattern)).strip("^$")


def shown(name: str, path: str, converters: dict[str, str]) -> list[str]:
    """The parameters of a route whose value stays in the log, though it may be a key."""
    return [
        parameter
        for parameter, converter in converters.items()
        if converter not in NUMBERS
        and (name, parameter) not in HARMLESS
        and KEY in scrub(f"GET {path.format(**{**dict.fromkeys(converters, '7'), parameter: KEY})} from here")
    ]


def test_no_route_shows_a_key_in_the_log() -> None:
    routes = list(paths(get_resolver().url_patterns))
    assert len(routes) > 150
    assert {name: found for name, path, known in routes if (found := shown(name, path, known))} == {}, (
        "Add the path to KEYS_IN_PATHS in mentoring/logs.py, or the parameter to HARMLESS here."
    )


def test_every_path_on_the_list_exists() -> None:
    keyed = [path for _, path, known in paths(get_resolver().url_patterns) if known]
    shapes = [re.sub(r"<\w+>.*", "", path) for path in KEYS_IN_PATHS]
    assert [shape for shape in shapes if not any(path.startswith(f"{shape}{{") for path in keyed)] == []
    known = {(name, parameter) for name, _, known in paths(get_resolver().url_patterns) for parameter in known}
    assert known >= HARMLESS


def test_a_new_route_with_a_key_would_be_noticed() -> None:
    new = [path("new/<str:token>/", breaks_with_key, name="enter"), path("other/<slug:key>", breaks, name="stop")]
    assert [(name, shown(name, path, known)) for name, path, known in paths(new)] == [
        ("enter", ["token"]),
        ("stop", ["key"]),
    ]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"Not Found: /r/{KEY}/", "Not Found: /r/…/"),
        (f'"POST /r/{KEY}/off/ HTTP/1.1" 200 31', '"POST /r/…/off/ HTTP/1.1" 200 31'),
        (f"https://m.example.org/with/{KEY}/meeting.ics", "https://m.example.org/with/…/meeting.ics"),
        (f"/account/confirm-email/{KEY}/", "/account/confirm-email/…/"),
        (f"/account/password/reset/key/3-{KEY}/ again", "/account/password/reset/key/…/ again"),
        (f"/reminders/12/snooze/undo/{KEY}/", "/reminders/12/snooze/undo/…/"),
        (f"{{'tried': [], 'path': 'r/{KEY}/x'}}", "{'tried': [], 'path': 'r/…/x'}"),
        ("GET /people/?q=Margaret+Osei&page=2 HTTP/1.1", "GET /people/?q=…&page=… HTTP/1.1"),
        (f"/account/login/?next=/with/{KEY}/#x", "/account/login/?next=…#x"),
        (
            f"<WSGIRequest: GET '/calendar/{KEY}/meetings.ics?key=1'>",
            "<WSGIRequest: GET '/calendar/…/meetings.ics?key=…'>",
        ),
        ("/people/12/ and/or/with none? No.", "/people/12/ and/or/with none? No."),
    ],
)
def test_scrubbing_leaves_the_rest(said: str, left: str) -> None:
    assert scrub(said) == left
    assert scrub(left) == left


@pytest.mark.urls(__name__)
def test_a_traceback_and_the_request_carry_no_key(written: Callable[[], str], caplog: pytest.LogCaptureFixture) -> None:
    Client(raise_request_exception=False).get(f"/r/{KEY}/?key={KEY}")
    assert "nothing at /r/…/?key=…" in written()
    assert "Traceback" in written()
    assert KEY not in written()
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert KEY not in repr(vars(record)["request"])


def test_arguments_that_do_not_fit_are_logged_and_break_nothing() -> None:
    record = logging.LogRecord("any", logging.INFO, "", 0, "%d of %s", (f"/r/{KEY}/",), None)
    assert ScrubKeys().filter(record)
    assert record.getMessage() == "%d of %s ('/r/…/',)"


def test_gunicorns_access_log_is_scrubbed_where_it_is_on() -> None:
    log, written = logging.getLogger("gunicorn.access"), StringIO()
    before, handler = list(log.filters), logging.StreamHandler(written)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        scrub_the_access_log()
        atoms = {"r": f"GET /with/{KEY}/ HTTP/1.1", "f": f"https://m.example.org/r/{KEY}/?q=Osei"}
        log.info('%(r)s "%(f)s"', atoms)
    finally:
        log.removeHandler(handler)
        log.filters[:] = before
    assert written.getvalue() == 'GET /with/…/ HTTP/1.1 "https://m.example.org/r/…/?q=…"\n'


def test_a_very_long_line_is_scrubbed_in_time() -> None:
    text = f"/r/{KEY}/?a=" + "/calendar/x?&a=" * 100_000 + "'" * 100_000
    assert KEY not in scrub(text)
