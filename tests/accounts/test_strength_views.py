"""The word about a password while it is typed: the same judgement as the form's, for the same person."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client, RequestFactory
from django.views.debug import SafeExceptionReporterFilter

from accounts.models import User
from accounts.strength_views import SALT, password_strength, token_for
from tests import stored_data
from tests.outbox import outbox

ADDRESS = "/account/password/strength/"
pytestmark = pytest.mark.django_db


def test_the_word_and_why(client: Client) -> None:
    assert client.post(ADDRESS, {"password": "seven herons at dusk"}).json() == {"word": "Strong", "why": ""}
    assert client.post(ADDRESS, {"password": "aaaaaaaaaaaaaaaa"}).json() == {
        "word": "Weak",
        "why": "It repeats itself. Choose three or four words that don’t belong together.",
    }
    for nothing in ({}, {"password": ""}, {"password": "\0" * 20}):
        assert client.post(ADDRESS, nothing).json()["word"] in {"Too short", "Weak"}


def test_who_signs_up_is_judged_by_what_they_typed(client: Client) -> None:
    typed = {"password": "dell-dana-1987", "name": "Dana Dell", "email": "dana@example.org"}
    assert "your name" in client.post(ADDRESS, typed).json()["why"]
    assert client.post(ADDRESS, typed | {"name": "", "email": ""}).json()["why"] == ""


def test_who_is_signed_in_is_judged_by_their_account(alice_client: Client) -> None:
    typed = {"password": "alice ashe 1987", "name": "Somebody Else"}
    assert "your name" in alice_client.post(ADDRESS, typed).json()["why"]


def test_who_comes_by_a_reset_link_is_judged_by_their_account(client: Client, alice: User) -> None:
    client.post("/account/password/reset/", {"email": alice.email})
    link = next(word for word in outbox()[0].body.split() if "/reset/key/" in word)
    page = client.get(link, follow=True).content.decode()
    (token,) = re.findall(r'data-strength-for="([^"]+)"', page)
    assert "your name" in client.post(ADDRESS, {"password": "alice ashe 1987", "for": token}).json()["why"]


def test_a_token_that_is_no_good_tells_nothing(client: Client, alice: User) -> None:
    gone = User(pk=alice.pk + 1000)
    for token in (
        "",
        "nonsense",
        token_for(alice)[:-2],
        token_for(gone),
        signing.dumps(alice.pk, salt="elsewhere"),
        signing.dumps(["x"], salt=SALT),
    ):
        assert client.post(ADDRESS, {"password": "alice ashe 1987", "for": token}).json()["why"] == ""


def test_it_needs_the_csrf_token_and_a_post() -> None:
    assert Client(enforce_csrf_checks=True).post(ADDRESS, {"password": "seven herons at dusk"}).status_code == 403
    assert Client().get(ADDRESS).status_code == 405


def test_it_keeps_nothing_and_is_kept_nowhere(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    before = stored_data.snapshot()
    answer = client.post(ADDRESS, {"password": "seven herons at dusk"})
    assert stored_data.changed(before, stored_data.snapshot()) == []
    assert "no-store" in answer["Cache-Control"]
    assert "herons" not in caplog.text
    assert Session.objects.count() == 0


def test_an_error_report_hides_the_password(monkeypatch: pytest.MonkeyPatch, rf: RequestFactory) -> None:
    request = rf.post(ADDRESS, {"password": "seven herons at dusk", "name": "Dana"})
    monkeypatch.setattr("accounts.strength_views.ratelimit.consume", lambda *a, **more: False)
    password_strength(request)
    shown = SafeExceptionReporterFilter()
    monkeypatch.setattr(shown, "is_active", lambda request: True)
    assert "herons" not in str(shown.get_post_parameters(request))


def test_it_answers_sixty_times_a_minute(client: Client) -> None:
    codes = [client.post(ADDRESS, {"password": "short"}).status_code for _ in range(62)]
    assert codes == [200] * 60 + [429] * 2
    assert client.post(ADDRESS, {"password": "short"}, REMOTE_ADDR="198.51.100.7").status_code == 200
