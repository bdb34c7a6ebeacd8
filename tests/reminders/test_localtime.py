from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.zones import zone_names
from reminders.localtime import add_working_days, bank_holidays, instant, last_working_day, next_working_day

zones = st.sampled_from(zone_names()).map(ZoneInfo)
walls = st.datetimes(min_value=dt.datetime(1950, 1, 1), max_value=dt.datetime(2060, 1, 1))
days = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2060, 1, 1))
weeks = st.sets(st.sampled_from("1234567"), min_size=1).map(lambda chosen: "".join(sorted(chosen)))


def no_holiday(date: dt.date) -> bool:
    return False


@given(wall=walls, zone=zones)
def test_instant_shows_the_wished_wall_time_or_later_by_what_was_skipped(wall: dt.datetime, zone: ZoneInfo) -> None:
    result = instant(wall.date(), wall.time(), zone)
    shown = result.astimezone(zone).replace(tzinfo=None)
    before = wall.replace(tzinfo=zone, fold=0).utcoffset()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None
    assert after is not None
    if after > before:  # a skipped hour
        assert shown - wall == after - before
    else:
        assert shown == wall
        # A repeated wall time: the first one counts.
        assert result == min(wall.replace(tzinfo=zone, fold=f).astimezone(dt.UTC) for f in (0, 1))


@given(moment=walls, zone=zones)
def test_instant_of_what_the_wall_shows_is_never_later(moment: dt.datetime, zone: ZoneInfo) -> None:
    now = moment.replace(tzinfo=dt.UTC)
    local = now.astimezone(zone)
    back = instant(local.date(), local.time(), zone)
    assert back == (now if not local.fold else back)
    assert back <= now


@pytest.mark.parametrize(
    ("zone", "date", "time", "utc"),
    [
        ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:30"),  # skipped: shown as 02:30
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30"),  # repeated: the first one
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),  # half an hour skipped
        ("Asia/Kathmandu", "2026-06-01", "09:00", "2026-06-01T03:15"),
        ("Pacific/Apia", "2011-12-30", "09:00", "2011-12-30T19:00"),  # a skipped day
        ("America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00"),  # midnight skipped
    ],
)
def test_instant_on_strange_days(zone: str, date: str, time: str, utc: str) -> None:
    result = instant(dt.date.fromisoformat(date), dt.time.fromisoformat(time), ZoneInfo(zone))
    assert result == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert result.tzinfo is dt.UTC


def test_an_hour_shown_twice_is_the_first_also_when_told_as_the_second() -> None:
    second = dt.time(1, 30, fold=1, tzinfo=ZoneInfo("Asia/Kathmandu"))
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    assert instant(dt.date(2026, 10, 25), second, ZoneInfo("Europe/London")) == first


@given(day=days, week=weeks)
def test_next_working_day_is_the_first_one(day: dt.date, week: str) -> None:
    found = next_working_day(day, week, no_holiday)
    between = [day + dt.timedelta(days=n) for n in range((found - day).days)]
    assert str(found.isoweekday()) in week
    assert not any(str(other.isoweekday()) in week for other in between)


def test_next_working_day_gives_up_on_an_endless_holiday() -> None:
    assert next_working_day(dt.date(2026, 1, 5), "12345", lambda date: True) == dt.date(2026, 1, 5)


def test_a_year_without_a_working_day_ends_the_search() -> None:
    start = dt.date(2026, 1, 5)
    for find, step in ((next_working_day, dt.timedelta(days=1)), (last_working_day, dt.timedelta(days=-1))):
        for days_off, found in ((365, start + 365 * step), (366, start)):
            worked = start + days_off * step
            assert find(start, "1234567", lambda date, worked=worked: date != worked) == found


@given(day=days, week=weeks)
def test_last_working_day_is_the_first_one_backwards(day: dt.date, week: str) -> None:
    found = last_working_day(day, week, no_holiday)
    between = [day - dt.timedelta(days=n) for n in range((day - found).days)]
    assert found <= day
    assert str(found.isoweekday()) in week
    assert not any(str(other.isoweekday()) in week for other in between)


def test_last_working_day_skips_holidays_and_gives_up_on_an_endless_one() -> None:
    assert last_working_day(dt.date(2026, 4, 6), "12345", bank_holidays("GB")) == dt.date(2026, 4, 2)
    assert last_working_day(dt.date(2026, 1, 5), "12345", lambda date: True) == dt.date(2026, 1, 5)


@given(day=days, count=st.integers(min_value=0, max_value=40), week=weeks)
def test_add_working_days_counts_each_once(day: dt.date, count: int, week: str) -> None:
    found = add_working_days(day, count, week, no_holiday)
    after = (day + dt.timedelta(days=n + 1) for n in range((found - day).days))
    assert sum(1 for other in after if str(other.isoweekday()) in week) == count


def test_working_days_skip_the_bank_holidays_of_the_country() -> None:
    good_friday, easter_monday = dt.date(2026, 4, 3), dt.date(2026, 4, 6)
    assert next_working_day(good_friday, "12345", bank_holidays("GB")) == dt.date(2026, 4, 7)
    assert next_working_day(easter_monday, "12345", bank_holidays("US")) == easter_monday
    assert next_working_day(good_friday, "12345", bank_holidays("XX")) == good_friday
