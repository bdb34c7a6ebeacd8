"""Wall times, working days and bank holidays, as pure functions."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo

import holidays

DAY = dt.timedelta(days=1)
# For countries whose national list has only the holidays common to all regions: the region to use.
_PART = {"GB": "ENG"}

IsHoliday = Callable[[dt.date], bool]


def instant(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The UTC instant of the wall time ``date`` and ``time`` in ``zone``.

    A wall time that is skipped when the clocks change moves forward by the gap; of a repeated one, the first counts.
    """
    return dt.datetime.combine(date, time, zone).replace(fold=0).astimezone(dt.UTC)


def next_working_day(date: dt.date, working_days: str, is_holiday: IsHoliday) -> dt.date:
    """``date`` or the first working day after it (ISO weekdays, Monday is 1) that is not a holiday.

    Returns ``date`` if there is no such day within a year.
    """
    return _first_worked(date, DAY, working_days, is_holiday)


def last_working_day(date: dt.date, working_days: str, is_holiday: IsHoliday) -> dt.date:
    """``date`` or the last working day before it that is not a holiday; ``date`` if a year has none."""
    return _first_worked(date, -DAY, working_days, is_holiday)


def _first_worked(date: dt.date, step: dt.timedelta, working_days: str, is_holiday: IsHoliday) -> dt.date:
    day = date
    for _ in range(366):
        if str(day.isoweekday()) in working_days and not is_holiday(day):
            return day
        day += step
    return date


def add_working_days(date: dt.date, count: int, working_days: str, is_holiday: IsHoliday) -> dt.date:
    """The ``count``-th working day after ``date`` (not counting ``date``); ``count`` is at least 0."""
    day = date
    for _ in range(count):
        day = next_working_day(day + DAY, working_days, is_holiday)
    return day


def bank_holidays(country: str) -> IsHoliday:
    """Whether a date is a bank holiday in this country (ISO 3166 code); an unknown country has none."""

    def is_holiday(date: dt.date) -> bool:
        return date in _year_of(country, date.year)

    return is_holiday


@cache
def _year_of(country: str, year: int) -> frozenset[dt.date]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for years without published holidays, assume none
            return frozenset(holidays.country_holidays(country, subdiv=_PART.get(country), years=year))
    except NotImplementedError:
        return frozenset()
