"""The axis of the timeline: a few lines, whether it shows weeks or decades."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 7  # most lines, so that labels don't overlap on a phone
MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
LABEL_ENDS = 82.0  # per cent: a label that starts further right would be cut off


@dataclass(frozen=True)
class Tick:
    """A line at ``x`` per cent with its label, which is empty if there is no room."""

    x: float
    words: str


def ticks(first: dt.date, last: dt.date) -> tuple[Tick, ...]:
    """Lines at the start of weeks, months or years between two days, both included."""
    days = max((last - first).days, 1)
    for unit, dates in _scales(first, last):
        if len(dates) <= MOST:
            xs = [round(100 * (day - first).days / days, 2) for day in dates]
            labels = [_words(unit, day, is_first=day == dates[0]) for day in dates]
            return tuple(Tick(x, label if x < LABEL_ENDS else "") for x, label in zip(xs, labels, strict=True))
    return ()


def _words(unit: str, day: dt.date, *, is_first: bool) -> str:
    if unit == "years":
        return str(day.year)
    if unit == "weeks":
        return f"{day.day} {day:%b}"
    return f"{day:%b} {day.year}" if is_first or day.month == 1 else f"{day:%b}"


def _scales(first: dt.date, last: dt.date) -> Iterator[tuple[str, list[dt.date]]]:
    """The possible units with their dates, finest first."""
    days = (last - first).days
    if days < 120:
        mondays = [day for day in _days(first, days) if day.weekday() == 0]
        yield "weeks", mondays
        yield "weeks", [day for day in mondays if day.toordinal() // 7 % 2 == 0]
    for months in MONTHS:
        if days < 31 * months * (MOST + 2):
            yield "years" if months >= 12 else "months", list(_months(first, last, months))


def _days(first: dt.date, count: int) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=day) for day in range(count + 1))


def _months(first: dt.date, last: dt.date, step: int) -> Iterator[dt.date]:
    """Every ``step`` months, counted from year 0."""
    number = -(-(first.year * 12 + first.month - 1) // step) * step
    while number // 12 <= min(last.year, dt.MAXYEAR):
        day = dt.date(number // 12, number % 12 + 1, 1) if number >= 12 else first
        if first <= day <= last and number >= 12:
            yield day
        number += step
