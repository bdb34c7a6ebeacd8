"""Computes when a reminder is due. Only the planner moves reminders to working mornings; the sender never does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from reminders.localtime import DAY, bank_holidays, instant, next_working_day

# Limits the year of reminders; ``datetime`` ends at 1 and at 9999.
FIRST_DAY, LAST_DAY = dt.date(1970, 1, 1), dt.date(9000, 1, 1)


@dataclass(frozen=True)
class DueMoment:
    """A wall time, its zone, and the corresponding UTC instant."""

    date: dt.date
    time: dt.time
    zone: str
    due_at: dt.datetime


def when(
    user: User,
    on: dt.date,
    at: dt.time | None,
    *,
    same_day: bool,
    now: dt.datetime,
    not_before: dt.date = dt.date.min,
    may_wait: bool = True,
) -> DueMoment:
    """When to remind ``user`` of something requested for the local date ``on`` (and local time ``at``).

    Morning kinds are due at the user's reminder hour on a working day that is not a bank holiday, after any time away,
    and never in the past: if that morning is over, on the next one. A same-day kind is due exactly when requested, at
    once if that is past, and after any time away. ``not_before`` is a local date. With ``may_wait``, it is due with
    the weekly mail if the user wants one mail a week.
    """
    on = min(max(on, not_before, FIRST_DAY), LAST_DAY)
    if same_day:
        return _same_day(user, on, at or user.reminder_time, now)
    settled = _week_morning if user.weekly_mail and may_wait else _settled
    day = max(on, user.local(now).date())
    while True:
        day = settled(user, day)
        due = instant(day, user.reminder_time, user.zone)
        if due >= now:
            return DueMoment(day, user.reminder_time, user.time_zone, due)
        day += DAY


def _same_day(user: User, on: dt.date, at: dt.time, now: dt.datetime) -> DueMoment:
    today = user.local(now).date()
    if is_away(user, max(on, today)):
        on = _settled(user, max(on, today))
    return DueMoment(on, at, user.time_zone, max(instant(on, at, user.zone), now))


def is_away(user: User, day: dt.date) -> bool:
    """Whether ``day``, a local date, is in the user's time away."""
    return user.away_until is not None and day <= user.away_until


def _week_morning(user: User, day: dt.date) -> dt.date:
    """The next morning of the weekly mail from ``day`` on: the chosen weekday, or the working day it moves to."""
    this_week = day - DAY * ((day.isoweekday() - user.weekly_on) % 7)
    morning = _settled(user, this_week)
    return morning if morning >= day else _settled(user, this_week + 7 * DAY)


def _settled(user: User, day: dt.date) -> dt.date:
    """The first working day from ``day`` on that is not a bank holiday or in the user's time away."""
    if user.away_until is not None and day <= user.away_until < LAST_DAY:
        day = user.away_until + DAY
    return next_working_day(day, user.working_days, bank_holidays(user.country))
