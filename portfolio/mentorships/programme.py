"""Compares the time a formal programme asks for with the time spent. Pure functions over plain values."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from accounts.words import duration

LAST_YEAR = 9999


def add_months(day: dt.date, months: int) -> dt.date:
    """The date ``months`` calendar months later, or the last day of a shorter month. Limited to ``date.max``."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > LAST_YEAR:
        return dt.date.max
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_to_go(today: dt.date, end: dt.date) -> int:
    """The months from ``today`` to ``end``, rounded up; 0 once ``end`` has come."""
    if today >= end:
        return 0
    months = (end.year - today.year) * 12 + end.month - today.month
    return months if add_months(today, months) >= end else months + 1


@dataclass(frozen=True)
class Progress:
    """``committed`` and ``held`` are minutes. ``to_go`` is in months: 0 when the time is over, None if none was set."""

    committed: int | None
    held: int
    to_go: int | None

    @property
    def words(self) -> str:
        """ "5 of 12 hours; 7 months to go". Empty if there is nothing to say."""
        return "; ".join(part for part in (self._hours(), self._months()) if part)

    def _hours(self) -> str:
        if not self.committed:
            return f"{duration(self.held)} so far" if self.held else ""
        if self.held % 60 or self.committed % 60:
            return f"{duration(self.held)} of {duration(self.committed)}"
        return f"{self.held // 60} of {duration(self.committed)}"

    def _months(self) -> str:
        if self.to_go is None:
            return ""
        return f"{self.to_go} month{'' if self.to_go == 1 else 's'} to go" if self.to_go else "its time is over"

    @property
    def shown(self) -> int:
        """The filled part of the progress bar in minutes, at most the whole."""
        return min(self.held, self.committed or 0)


def progress(
    *,
    months: int | None,
    hours_a_month: Decimal | None,
    held: int,
    started_on: dt.date,
    today: dt.date,
    running: bool,
) -> Progress:
    """Committed time (months times hours) and ``held`` minutes. Months to go only while it is ``running``."""
    committed = int(months * hours_a_month * 60) if months and hours_a_month else None
    to_go = months_to_go(today, add_months(started_on, months)) if months and running else None
    return Progress(committed, held, to_go)
