"""The page layout, error pages, and account pages."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.views.defaults import bad_request, server_error

from accounts.models import User
from mentoring.development import components
from tests.factories import make_user
from tests.outbox import outbox

OPEN_PAGES = ["front", "account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
OWN_PAGES = ["account_email", "account_change_password", "account_logout"]


def words(response: HttpResponse) -> str:
    return response.content.decode()


def assert_fits_the_policy(html: str) -> None:
    """Assert that the HTML contains nothing that the Content-Security-Policy forbids."""
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    for script in re.findall(r"<script[^>]*>", html):
        assert " src=" in script


@pytest.mark.django_db
@pytest.mark.parametrize("name", OPEN_PAGES)
def test_open_page_has_one_heading_and_one_filled_button(client: Client, name: str) -> None:
    html = words(client.get(reverse(name)))
    assert_fits_the_policy(html)
    assert html.count("<h1") == 1
    assert len(re.findall(r'class="button"', html)) <= 1
    assert "htmx" not in html


@pytest.mark.parametrize("name", OWN_PAGES)
def test_account_page_looks_like_ours(alice_client: Client, name: str) -> None:
    html = words(alice_client.get(reverse(name)))
    assert_fits_the_policy(html)
    assert html.count("<h1") == 1
    assert 'class="nav"' in html


@pytest.mark.django_db
def test_the_front_page_shows_the_sky_and_the_way_in(client: Client) -> None:
    html = words(client.get("/"))
    assert 'class="constellation"' in html
    assert f'class="button" href="{reverse("account_signup")}"' in html
    assert f'class="button quiet" href="{reverse("account_login")}"' in html


def test_the_navigation_marks_where_one_is(alice_client: Client) -> None:
    html = words(alice_client.get(reverse("account_change_password")))
    assert re.search(r'href="/settings/" aria-current="true"', html)
    html = words(alice_client.get(reverse("settings")))
    assert re.findall(r'aria-current="([a-z]+)"', html) == ["page"]


def test_signing_out_is_a_post(alice_client: Client) -> None:
    html = words(alice_client.get(reverse("account_email")))
    assert f'<form method="post" action="{reverse("account_logout")}" data-signs-out>' in html


def test_a_message_offers_to_undo_by_post() -> None:
    said = [
        Message(constants.SUCCESS, "Sent.", extra_tags="/undo/1/"),
        Message(constants.WARNING, "<b>Not sent</b>", extra_tags="javascript:alert(1)"),
    ]
    html = render_to_string("_messages.html", {"messages": said})
    assert html.count("<form") == 1
    assert '<form method="post" action="/undo/1/"' in html
    assert 'class="message warning"' in html
    assert "<b>" not in html


def test_the_sign_up_form_waits_for_the_time_zone(client: Client, db: None) -> None:
    html = words(client.get(reverse("account_signup")))
    assert re.search(r'<input type="hidden" name="time_zone"[^>]*data-time-zone', html)
    assert "js/time-zone.js" in html


@pytest.mark.django_db
def test_an_unknown_address_is_a_friendly_404(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing at this address" in words(response)
    assert "Sign in" in words(response)


def test_a_404_keeps_the_navigation_for_its_user(alice_client: Client) -> None:
    html = words(alice_client.get("/no/such/page/"))
    assert 'class="nav"' in html
    assert "Go to Today" in html


@pytest.mark.parametrize(("view", "said"), [(server_error, "on our side"), (bad_request, "could not read")])
def test_broken_pages_need_no_context(view: object, said: str) -> None:
    request = RequestFactory().get("/")
    response = view(request) if view is server_error else view(request, ValueError())  # type: ignore[operator]
    assert said in words(response)
    assert_fits_the_policy(words(response))


@pytest.mark.django_db
def test_a_stale_form_is_told_what_to_do() -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a@example.org"})
    assert response.status_code == 403
    assert "Please send that once more" in words(response)


def test_the_confirm_page_posts_and_leads_back() -> None:
    html = render_to_string(
        "confirm.html",
        {"title": "Remove <Bob>?", "words": "All of it.", "button": "Remove", "back": "/people/", "danger": True},
    )
    assert "Remove &lt;Bob&gt;?" in html
    assert '<button class="button danger">Remove</button>' in html
    assert 'href="/people/"' in html


@pytest.mark.parametrize("view", [components.components, components.confirm])
def test_the_components_fit_the_policy(alice: User, view: object) -> None:
    request = RequestFactory().get("/dev/components/")
    request.user = alice  # type: ignore[attr-defined]
    assert_fits_the_policy(words(view(request)))  # type: ignore[operator]


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["components/", "components/confirm/", "mail/", "mail/x/", "mail/x/html/"])
def test_development_pages_are_not_there_without_debug(client: Client, page: str) -> None:
    with override_settings(DEBUG=False):
        assert client.get(f"/dev/{page}").status_code == 404


@pytest.mark.django_db
def test_the_components_are_there_with_debug(client: Client) -> None:
    with override_settings(DEBUG=True):
        assert client.get("/dev/components/").status_code == 200


@pytest.mark.django_db
def test_the_first_mail_names_nobody_and_carries_the_link(client: Client) -> None:
    data = {"name": "Evelyn Evil", "email": "new@example.org", "password1": "calm water 4711"}
    client.post(reverse("account_signup"), data)
    (sent,) = outbox()
    assert sent.subject == "Welcome to Mentorfolio: please confirm your e-mail address"
    assert "Evil" not in sent.body
    assert "/account/confirm-email/" in sent.body
    assert "Hello,\n" in sent.body


@pytest.mark.django_db
def test_the_reset_mail_keeps_its_link_whole(client: Client) -> None:
    make_user("o'alice&co@example.org")
    client.post(reverse("account_reset_password"), {"email": "o'alice&co@example.org"})
    (sent,) = outbox()
    assert sent.subject == "Choose a new password"
    link = re.search(r"http://\S+/account/password/reset/key/\S+", sent.body)
    assert link
    page = client.get(link[0].replace("http://testserver", ""), follow=True)
    assert "Choose a new password" in words(page)


@pytest.mark.django_db
def test_an_unknown_address_gets_its_own_mail(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "nobody&co@example.org"})
    (sent,) = outbox()
    assert "nobody&co@example.org" in sent.body
    assert "&amp;" not in sent.body


@pytest.mark.django_db
def test_a_used_link_says_so(client: Client) -> None:
    assert "too old" in words(client.get("/account/confirm-email/nonsense/"))
    assert "too old" in words(client.get("/account/password/reset/key/1-nonsense/"))
