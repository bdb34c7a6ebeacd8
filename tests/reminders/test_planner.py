from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.zones import zone_names
from reminders.localtime import bank_holidays
from reminders.planner import LAST_DAY, DueMoment, when

NOW = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)  # a Wednesday


def user(**fields: object) -> User:
    return User(email="alice@example.org", **{"time_zone": "Europe/London", **fields})  # type: ignore[arg-type]


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("wish", "day"),
    [
        ("2026-06-11", "2026-06-11"),
        ("2026-06-10", "2026-06-11"),  # nine o'clock has passed
        ("2020-01-01", "2026-06-11"),
        ("2026-06-13", "2026-06-15"),  # a Saturday
        ("2026-12-25", "2026-12-29"),  # Christmas, Boxing Day and its substitute
        ("9999-12-31", "9000-01-01"),
    ],
)
def test_a_morning_reminder_comes_on_a_working_morning_ahead(wish: str, day: str) -> None:
    moment = when(user(), on(wish), None, same_day=False, now=NOW)
    assert (moment.date, moment.time, moment.zone) == (on(day), dt.time(9), "Europe/London")


def test_time_away_is_quiet() -> None:
    away = user(away_until=on("2026-06-12"))
    assert when(away, on("2026-06-11"), None, same_day=False, now=NOW).date == on("2026-06-15")
    assert when(away, on("2026-06-11"), dt.time(16), same_day=True, now=NOW).date == on("2026-06-15")
    assert when(away, on("2026-06-18"), None, same_day=False, now=NOW).date == on("2026-06-18")


def test_a_same_day_reminder_comes_exactly_then_also_on_a_sunday() -> None:
    moment = when(user(), on("2026-06-14"), dt.time(7, 45), same_day=True, now=NOW)
    due_at = dt.datetime(2026, 6, 14, 6, 45, tzinfo=dt.UTC)
    assert moment == DueMoment(on("2026-06-14"), dt.time(7, 45), "Europe/London", due_at)


def test_a_same_day_reminder_that_is_past_comes_now() -> None:
    assert when(user(), on("2026-06-10"), dt.time(7, 45), same_day=True, now=NOW).due_at == NOW


def test_a_time_away_that_is_over_holds_nothing_up() -> None:
    back = user(away_until=on("2026-06-05"))
    assert when(back, on("2026-06-01"), dt.time(16), same_day=True, now=NOW).due_at == NOW


def test_what_was_wished_while_away_comes_on_the_first_working_day_back() -> None:
    away = user(away_until=on("2026-06-12"))
    assert when(away, on("2026-06-01"), dt.time(16), same_day=True, now=NOW).date == on("2026-06-15")


@pytest.mark.parametrize(("last", "day"), [("2026-06-11", "2026-06-12"), ("2026-06-10", "2026-06-11")])
@pytest.mark.parametrize("same_day", [True, False])
def test_the_last_day_away_is_one_away(last: str, day: str, same_day: bool) -> None:
    away = user(away_until=on(last))
    assert when(away, on("2026-06-11"), dt.time(16), same_day=same_day, now=NOW).date == on(day)


@pytest.mark.parametrize("last", [LAST_DAY, dt.date.max])
def test_away_for_ever_is_no_plan(last: dt.date) -> None:
    assert when(user(away_until=last), on("2026-06-11"), None, same_day=False, now=NOW).date == on("2026-06-11")


@pytest.mark.parametrize("same_day", [True, False])
def test_what_is_not_wished_before_a_day_waits_for_it(same_day: bool) -> None:
    moment = when(user(), on("2026-06-11"), None, same_day=same_day, now=NOW, not_before=on("2026-06-18"))
    assert (moment.date, moment.time) == (on("2026-06-18"), dt.time(9))


def test_the_very_hour_is_not_yet_over() -> None:
    now = dt.datetime(2026, 6, 10, 8, 0, tzinfo=dt.UTC)
    assert when(user(), on("2026-06-10"), None, same_day=False, now=now).due_at == now


@pytest.mark.parametrize("same_day", [True, False])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu"])
@pytest.mark.parametrize("wish", [dt.date.min, dt.date.max])
def test_the_ends_of_the_calendar_are_days_too(wish: dt.date, zone: str, same_day: bool) -> None:
    moment = when(user(time_zone=zone), wish, dt.time(0), same_day=same_day, now=NOW)
    assert moment.due_at >= NOW


@given(
    zone=st.sampled_from(zone_names()),
    now=st.datetimes(min_value=dt.datetime(2020, 1, 1), max_value=dt.datetime(2040, 1, 1)),
    ahead=st.integers(min_value=-30, max_value=400),
    hour=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    country=st.sampled_from(["GB", "DE", "US", "IN", "XX"]),
)
def test_a_morning_reminder_is_never_past_and_always_on_a_working_day(
    zone: str, now: dt.datetime, ahead: int, hour: dt.time, country: str
) -> None:
    moment_now = now.replace(tzinfo=dt.UTC)
    someone = user(time_zone=zone, reminder_time=hour, country=country)
    wish = someone.local(moment_now).date() + dt.timedelta(days=ahead)
    moment = when(someone, wish, None, same_day=False, now=moment_now)
    assert moment.due_at >= moment_now
    assert moment.date >= wish
    assert str(moment.date.isoweekday()) in someone.working_days
    assert not bank_holidays(country)(moment.date)
    local = someone.local(moment.due_at).replace(tzinfo=None)
    # The requested wall time, or slightly later if it was skipped.
    assert dt.timedelta() <= local - dt.datetime.combine(moment.date, hour) <= dt.timedelta(hours=1)
