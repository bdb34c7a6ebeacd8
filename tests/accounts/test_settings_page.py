from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client

from accounts.forms import country_choices
from accounts.models import User
from accounts.signals import profile_changed
from portfolio.models import Person
from tests.exports import text_of
from tests.factories import make_person


def settings_of(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Alice Ashe",
        "time_zone": "Europe/Berlin",
        "country": "DE",
        "reminder_time": "07:30",
        "working_days": ["1", "2", "4"],
        "away_until": "",
        "remind_replies": "on",
        **changes,
    }


def test_settings_are_kept_and_floors_above_hear_of_it(alice: User, alice_client: Client) -> None:
    heard: list[int] = []

    def listen(user: User, **_: Any) -> None:
        heard.append(user.pk)

    profile_changed.connect(listen)
    try:
        assert alice_client.post("/settings/", settings_of()).url == "/settings/"
    finally:
        profile_changed.disconnect(listen)
    alice.refresh_from_db()
    assert (alice.time_zone, alice.country, alice.working_days) == ("Europe/Berlin", "DE", "124")
    assert alice.reminder_time == dt.time(7, 30)
    assert (alice.remind_replies, alice.remind_meetings, alice.remind_gentle) == (True, False, False)
    assert heard == [alice.pk]


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"country": "XX"},
        {"working_days": []},
        {"working_days": ["8"]},
        {"reminder_time": "25:00"},
        {"away_until": "9999-12-31"},
        {"away_until": "yesterday"},
        {"name": ""},
        {"name": "x" * 121},
        {"name": "A\0B"},
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_changed(
    alice: User, alice_client: Client, wrong: dict[str, Any]
) -> None:
    response = alice_client.post("/settings/", settings_of(**wrong))
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    alice.refresh_from_db()
    assert (alice.time_zone, alice.name, alice.working_days) == ("Europe/London", "Alice Ashe", "12345")


def test_pages_speak_in_the_users_own_zone(alice: User, alice_client: Client) -> None:
    alice.time_zone = "Pacific/Kiritimati"
    alice.save(update_fields=["time_zone"])
    assert f"{alice.today():%A}" in alice_client.get("/today/").content.decode()


def test_export_holds_what_is_mine_and_nothing_of_others(alice_client: Client, bob: Person, charlie: User) -> None:
    make_person(charlie, "Somebody Else")
    text = text_of(alice_client)
    assert "Dr Bob Brook" in text
    assert "Somebody Else" not in text
    assert json.loads(text)["account"]["email"] == "alice@example.org"


def test_deleting_the_account_asks_for_the_address(alice: User, alice_client: Client, charlie: User) -> None:
    wrong = alice_client.post("/settings/erase/", {"email": "somebody@example.org"})
    assert (wrong.status_code, User.objects.filter(erase_at__isnull=False).count()) == (422, 0)
    assert alice_client.post("/settings/erase/", {"email": "ALICE@example.org"}).url.startswith("/account/keep/")
    assert User.objects.get(erase_at__isnull=False) == alice


def test_countries_have_readable_names() -> None:
    names = dict(country_choices())
    assert (names["GB"], names["DE"], names["NZ"]) == ("United Kingdom", "Germany", "New Zealand")


def test_a_country_without_listed_holidays_stays_as_it_is(alice: User, alice_client: Client) -> None:
    alice.country = "AQ"
    alice.save(update_fields=["country"])
    assert '<option value="AQ" selected>' in alice_client.get("/settings/").content.decode()
    alice_client.post("/settings/", settings_of(country="AQ"))
    alice.refresh_from_db()
    assert (alice.country, alice.time_zone) == ("AQ", "Europe/Berlin")


def test_a_zone_by_an_older_name_counts_and_stays_as_it_is(alice: User, alice_client: Client) -> None:
    alice.time_zone = "US/Eastern"
    alice.save(update_fields=["time_zone"])
    assert alice.local(dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)).hour == 8
    assert '<option value="US/Eastern" selected>' in alice_client.get("/settings/").content.decode()
    assert alice_client.post("/settings/", settings_of(time_zone="US/Eastern")).status_code == 302
    alice.refresh_from_db()
    assert alice.time_zone == "US/Eastern"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_nobody_knows_counts_as_london(alice: User, alice_client: Client, name: str) -> None:
    alice.time_zone = name
    alice.save(update_fields=["time_zone"])
    assert alice.local(dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)).hour == 13
    assert alice_client.get("/settings/").status_code == 200
    assert alice_client.post("/settings/", settings_of(time_zone=name)).status_code == 422
