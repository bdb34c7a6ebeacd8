"""One mail a week instead of one each morning, for users who chose it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.signals import profile_changed
from reminders import kinds
from reminders.kinds import Kind
from reminders.localtime import bank_holidays
from reminders.models import Reminder
from reminders.planner import when
from reminders.services import plan
from tests.accounts.test_settings_page import settings_of
from tests.reminders.kinds_for_tests import Matters

NOW = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)  # a Wednesday


def weekly(**fields: object) -> User:
    return User(email="alice@example.org", weekly_mail=True, **{"time_zone": "Europe/London", **fields})  # type: ignore[arg-type]


def day(user: User, wish: str, *, now: dt.datetime = NOW, **more: bool) -> str:
    moment = when(user, dt.date.fromisoformat(wish), None, same_day=False, now=now, **more)
    return moment.date.isoformat()


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("2026-06-10", "2026-06-15"),
        ("2026-06-15", "2026-06-15"),
        ("2026-06-16", "2026-06-22"),
        ("2026-08-31", "2026-09-01"),  # a bank holiday: on the next working day
        ("2026-09-01", "2026-09-01"),  # includes what is due by then
    ],
)
def test_the_weeks_mail_comes_on_its_weekday(wish: str, expected: str) -> None:
    assert day(weekly(), wish) == expected


def test_the_weekday_is_the_users_choice() -> None:
    assert day(weekly(weekly_on=5), "2026-06-10") == "2026-06-12"


def test_the_hour_of_the_weeks_mail_may_be_over_today() -> None:
    assert day(weekly(weekly_on=3), "2026-06-10") == "2026-06-17"


def test_after_the_time_away_the_first_working_day_counts() -> None:
    assert day(weekly(away_until=dt.date(2026, 6, 16)), "2026-06-11") == "2026-06-17"


def test_what_others_wait_for_does_not_wait_for_the_week() -> None:
    assert day(weekly(), "2026-06-11", may_wait=False) == "2026-06-11"


def test_a_same_day_reminder_does_not_wait_for_the_week() -> None:
    moment = when(weekly(), dt.date(2026, 6, 11), dt.time(16), same_day=True, now=NOW)
    assert moment.due_at == dt.datetime(2026, 6, 11, 15, tzinfo=dt.UTC)


@given(
    weekday=st.integers(min_value=1, max_value=7),
    days=st.sets(st.sampled_from("1234567"), min_size=1).map(lambda chosen: "".join(sorted(chosen))),
    ahead=st.integers(min_value=-10, max_value=800),
    away=st.none() | st.integers(min_value=0, max_value=60),
)
def test_the_weeks_mail_is_never_early_and_waits_for_one_week_and_its_holidays_at_most(
    weekday: int, days: str, ahead: int, away: int | None
) -> None:
    until = None if away is None else NOW.date() + dt.timedelta(days=away)
    user = weekly(weekly_on=weekday, working_days=days, away_until=until)
    wish = NOW.date() + dt.timedelta(days=ahead)
    found = when(user, wish, None, same_day=False, now=NOW).date
    earliest = max(wish, NOW.date(), until + dt.timedelta(days=1) if until else wish)
    assert earliest <= found <= earliest + dt.timedelta(days=28)
    assert str(found.isoweekday()) in days
    assert not bank_holidays("GB")(found)


@pytest.mark.django_db
def test_choosing_it_moves_what_is_ahead_but_not_what_others_wait_for(
    alice: User, alice_client: Client, matters: Matters
) -> None:
    kinds.register(Kind("appointment", "meetings", matters.load, may_wait=False))
    ahead = alice.today() + dt.timedelta(days=30)
    soft = plan(owner=alice, kind="nudge", subject_id=1, on=ahead)
    hard = plan(owner=alice, kind="appointment", subject_id=1, on=ahead)
    before = Reminder.objects.get(pk=hard.pk).wall_date
    alice.weekly_mail, alice.weekly_on = True, 3
    profile_changed.send(sender=User, user=alice)
    soft.refresh_from_db()
    hard.refresh_from_db()
    assert soft.wall_date.isoweekday() == 3 or bank_holidays("GB")(soft.wall_date - dt.timedelta(days=1))
    assert hard.wall_date == before


@pytest.mark.django_db
def test_it_is_chosen_in_the_settings(alice: User, alice_client: Client) -> None:
    assert alice_client.post("/settings/", settings_of(weekly_mail="1", weekly_on="4")).status_code == 302
    alice.refresh_from_db()
    assert (alice.weekly_mail, alice.weekly_on) == (True, 4)
    page = alice_client.get("/settings/").content.decode()
    assert '<option value="4" selected>Thursday</option>' in page


@pytest.mark.django_db
@pytest.mark.parametrize("weekday", ["3", "8", "x"])
def test_its_day_must_be_a_working_day(alice: User, alice_client: Client, weekday: str) -> None:
    assert alice_client.post("/settings/", settings_of(weekly_mail="1", weekly_on=weekday)).status_code == 422
    alice.refresh_from_db()
    assert alice.weekly_mail is False


@pytest.mark.django_db
def test_an_older_page_without_the_question_leaves_the_day_alone(alice: User, alice_client: Client) -> None:
    User.objects.update(weekly_on=4)
    alice_client.post("/settings/", settings_of())
    alice.refresh_from_db()
    assert (alice.weekly_mail, alice.weekly_on) == (False, 4)
