"""Server errors are logged with a traceback, client errors in one line."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

pytestmark = pytest.mark.django_db


@login_not_required
def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("ours")


urlpatterns = [path("breaks", breaks)]


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
