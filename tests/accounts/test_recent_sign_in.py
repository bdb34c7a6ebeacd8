"""A session alone changes no way in and takes nothing out: who one is is asked once more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import get_resolver, reverse

from accounts import codes, jobs
from accounts.models import User
from accounts.recent_sign_in import RECENT, ROUTES, SAME_DAY
from meetings.models import CalendarFeed, ShareLink
from portfolio.models import Person
from tests.outbox import outbox
from tests.stored_data import routes

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]

RIGHT = "correct horse battery"
# Each with the fields of a request that would do it.
STEPS: dict[str, dict[str, Any]] = {
    "account_email": {"action_add": "", "email": "evil@example.com"},
    "account_set_password": {"password1": "quite another long phrase", "password2": "quite another long phrase"},
    "erase": {"email": "alice@example.org"},
    "calendar_open": {},
    "calendar_show": {},
}


@pytest.mark.parametrize("name", STEPS)
def test_a_session_of_six_minutes_is_asked_once_more_and_then_goes_on(
    name: str, alice: User, alice_client: Client, clock: Any
) -> None:
    if name == "account_set_password":
        alice.set_unusable_password()
        alice.save()
        alice_client.force_login(alice)
    clock.shift(RECENT)
    asked = alice_client.post(reverse(name), STEPS[name])
    assert asked.status_code == 302
    assert asked.url.startswith("/account/reauthenticate/")
    assert User.objects.filter(pk=alice.pk, erase_at__isnull=True).exists()
    assert EmailAddress.objects.count() == 1
    assert not CalendarFeed.objects.exists()
    prove(alice_client, asked.url)
    assert done(name, alice)


def prove(client: Client, url: str) -> Any:
    """Prove it on the page that asked, by password or by a mailed code."""
    if "/code/" not in url:
        return client.post(url, {"password": RIGHT})
    client.post(url, {"send": "1"})
    return client.post(url, {"code": mailed_code()})


def mailed_code() -> str:
    found = re.search(r"Your code is (\d{6})", outbox()[-1].body)
    assert found
    return found[1]


def done(name: str, alice: User) -> bool:
    """What was asked for has happened, with what was sent before."""
    return {
        "account_email": lambda: EmailAddress.objects.filter(email="evil@example.com").exists(),
        "account_set_password": lambda: User.objects.get(pk=alice.pk).check_password("quite another long phrase"),
        "erase": lambda: User.objects.filter(pk=alice.pk, erase_at__isnull=False).exists(),
        "calendar_open": lambda: CalendarFeed.objects.filter(owner=alice).exists(),
        "calendar_show": lambda: True,
    }[name]()


def test_the_export_is_asked_for_once_more(alice_client: Client, clock: Any) -> None:
    page = "/settings/export/"
    assert alice_client.post(page).url == page
    jobs.run()
    assert alice_client.post(f"{page}file/")["Content-Type"] == "application/zip"
    clock.shift(RECENT)
    assert alice_client.post(page).url == "/account/reauthenticate/?next=%2Fsettings%2Fexport%2F"
    asked = alice_client.post(f"{page}file/")
    assert asked.url == "/account/reauthenticate/?next=%2Fsettings%2Fexport%2Ffile%2F"
    assert alice_client.post(asked.url, {"password": RIGHT})["Content-Type"] == "application/zip"


@pytest.mark.parametrize("name", ["share_issue", "share_renew"])
def test_a_mentors_page_is_made_or_renewed_after_a_sign_in_of_the_same_day(
    name: str, bob: Person, alice_client: Client, clock: Any
) -> None:
    page = reverse(name, args=[bob.pk])
    clock.shift(SAME_DAY - dt.timedelta(seconds=1))
    assert alice_client.post(page).url == reverse("share", args=[bob.pk])
    before = list(ShareLink.objects.values())
    clock.shift(1)
    assert alice_client.post(page).url.startswith("/account/reauthenticate/")
    assert list(ShareLink.objects.values()) == before


def test_the_address_of_the_feed_shows_only_after_a_recent_sign_in(
    alice: User, alice_client: Client, clock: Any
) -> None:
    alice_client.post("/meetings/calendar/open/")
    assert "meetings.ics" in alice_client.get("/meetings/calendar/").content.decode()
    clock.shift(RECENT)
    page = alice_client.get("/meetings/calendar/").content.decode()
    assert "meetings.ics" not in page
    assert "Show the address" in page


def test_a_wrong_password_proves_nothing(alice_client: Client, clock: Any) -> None:
    clock.shift(RECENT)
    asked = alice_client.post("/settings/erase/", {"email": "alice@example.org"})
    assert alice_client.post(asked.url, {"password": "wrong horse battery"}).status_code == 200
    assert User.objects.filter(erase_at__isnull=True).count() == 1
    assert alice_client.post("/settings/erase/", {"email": "alice@example.org"}).url.startswith("/account/reauth")


def test_opening_the_page_of_the_code_mails_nothing(alice_client: Client) -> None:
    assert "Send me a code" in alice_client.get("/account/reauthenticate/code/").content.decode()
    assert outbox() == []


def test_a_code_works_once_and_for_ten_minutes(alice_client: Client, clock: Any) -> None:
    page = "/account/reauthenticate/code/"
    clock.shift(RECENT)
    alice_client.post(page, {"send": "1"})
    code = mailed_code()
    clock.shift(codes.VALID)
    assert "too old" in alice_client.post(page, {"code": code}).content.decode()
    alice_client.post(page, {"send": "1"})
    assert alice_client.post(page, {"code": f" {mailed_code()[:3]} {mailed_code()[3:]} "}).status_code == 302
    assert "That isn’t the code" in alice_client.post(page, {"code": mailed_code()}).content.decode()


def test_five_wrong_codes_use_it_up(alice_client: Client) -> None:
    page = "/account/reauthenticate/code/"
    alice_client.post(page, {"send": "1"})
    code = mailed_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(codes.MOST_TRIES):
        alice_client.post(page, {"code": wrong})
    assert "That isn’t the code" in alice_client.post(page, {"code": code}).content.decode()


def test_the_marked_routes_of_allauth_exist_and_are_marked() -> None:
    there = {name: pattern for name, pattern in routes(get_resolver().url_patterns) if name in ROUTES}
    assert {name for name, pattern in there.items() if not hasattr(pattern.callback, "needs_recent_sign_in")} == set()
    assert ROUTES - set(there) == set()
