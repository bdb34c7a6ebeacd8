"""Wall times in every zone of the tz database, around every clock change."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.zones import zone_names
from portfolio.mentorships.programme import add_months
from reminders.localtime import instant
from reminders.planner import when

ALL = sorted(available_timezones() - {"localtime", "Factory"})
HOUR = dt.timedelta(hours=1)
names = st.sampled_from(ALL)
chosen = st.sampled_from(zone_names())
hours = st.times().map(lambda time: time.replace(second=0, microsecond=0))


@cache
def changes(name: str) -> tuple[dt.datetime, ...]:
    """The exact instants (UTC) of this zone's clock changes from 1990 to 2037."""
    zone, found = ZoneInfo(name), []
    here, step = dt.datetime(1990, 1, 1, tzinfo=dt.UTC), dt.timedelta(days=7)
    while here.year < 2038:
        there = here + step
        if _offset(here, zone) != _offset(there, zone):
            low, high = here, there
            while high - low > dt.timedelta(seconds=1):
                middle = low + dt.timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if _offset(middle, zone) == _offset(low, zone) else (low, middle)
            found.append(high)
        here = there
    return tuple(found)


def _offset(moment: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or dt.timedelta()


@settings(max_examples=400)
@given(name=names, data=st.data())
def test_the_wall_shows_the_wish_around_every_change_of_the_clocks(name: str, data: st.DataObject) -> None:
    if not changes(name):
        return
    zone, change = ZoneInfo(name), data.draw(st.sampled_from(changes(name)))
    before, after = _offset(change - dt.timedelta(seconds=1), zone), _offset(change, zone)
    minutes = data.draw(st.integers(min_value=-26 * 60, max_value=26 * 60))
    wish = (change + dt.timedelta(minutes=minutes) + before).replace(tzinfo=None, second=0)
    due = instant(wish.date(), wish.time(), zone)
    shown = due.astimezone(zone).replace(tzinfo=None)
    last_before = (change + before).replace(tzinfo=None)
    first_after = (change + after).replace(tzinfo=None)
    if last_before <= wish < first_after:  # a skipped time, whether half an hour or a whole day
        assert shown == wish + (after - before)
        assert due >= change
    else:
        assert shown == wish
    if first_after <= wish < last_before:  # a repeated time: the first one counts
        assert due < change


@given(name=chosen, data=st.data(), hour=hours)
def test_a_year_of_mornings_has_one_instant_each_in_order(name: str, data: st.DataObject, hour: dt.time) -> None:
    zone = ZoneInfo(name)
    year = data.draw(st.integers(min_value=1990, max_value=2037))
    first = dt.date(year, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(366)]
    mornings = [instant(day, hour, zone) for day in days]
    # Only a skipped day has the same instant as the next one (Samoa, December 2011).
    gaps = [later - earlier for earlier, later in itertools.pairwise(mornings)]
    assert all(gap >= dt.timedelta() for gap in gaps)
    assert sum(1 for gap in gaps if gap < 20 * HOUR) <= 1


@given(name=chosen, now=st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2037, 1, 1)), hour=hours, to=chosen)
def test_who_moves_keeps_the_hour_where_they_are(name: str, now: dt.datetime, hour: dt.time, to: str) -> None:
    moment = now.replace(tzinfo=dt.UTC)
    user = User(email="alice@example.org", time_zone=name, reminder_time=hour, country="XX", working_days="1234567")
    wish = user.local(moment).date() + dt.timedelta(days=40)
    before = when(user, wish, None, same_day=False, now=moment)
    user.time_zone = to
    after = when(user, wish, None, same_day=False, now=moment)
    assert (before.date, before.time) == (after.date, after.time) == (wish, hour)
    for plan, zone in ((before, ZoneInfo(name)), (after, ZoneInfo(to))):
        late = plan.due_at.astimezone(zone).replace(tzinfo=None) - dt.datetime.combine(wish, hour)
        assert dt.timedelta() <= late <= dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "date", "utc"),
    [
        ("Pacific/Apia", "2011-12-29", "2011-12-29T19:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T19:00"),  # skipped: on the 31st
        ("Pacific/Apia", "2011-12-31", "2011-12-30T19:00"),
        ("Pacific/Kwajalein", "1993-08-20", "1993-08-20T21:00"),
        ("Pacific/Kwajalein", "1993-08-21", "1993-08-21T21:00"),  # skipped: on the 22nd
        ("Pacific/Kwajalein", "1993-08-22", "1993-08-21T21:00"),
        ("Asia/Kolkata", "2028-02-29", "2028-02-29T03:30"),
        ("Australia/Adelaide", "2026-04-05", "2026-04-04T23:30"),
        ("America/St_Johns", "2026-03-08", "2026-03-08T11:30"),
        ("Asia/Kathmandu", "2026-12-31", "2026-12-31T03:15"),
        ("Pacific/Chatham", "2026-09-27", "2026-09-26T19:15"),
        ("Africa/Casablanca", "2026-02-15", "2026-02-15T09:00"),  # the clocks go back for Ramadan
        ("Asia/Pyongyang", "2018-05-05", "2018-05-05T00:00"),
    ],
)
def test_nine_o_clock_on_strange_days(zone: str, date: str, utc: str) -> None:
    found = instant(dt.date.fromisoformat(date), dt.time(9), ZoneInfo(zone))
    assert found == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)), months=st.integers(min_value=0, max_value=120))
def test_months_ahead_stay_within_their_month(day: dt.date, months: int) -> None:
    there = add_months(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == day.day or (there + dt.timedelta(days=1)).day == 1


def test_a_year_after_the_29th_of_february() -> None:
    assert add_months(dt.date(2028, 2, 29), 12) == dt.date(2029, 2, 28)
    assert add_months(dt.date(2027, 8, 31), 6) == dt.date(2028, 2, 29)
