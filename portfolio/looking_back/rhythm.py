"""How often the user wants to be reminded to reflect; the default is never."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import User
from portfolio.mentorships.programme import add_months
from portfolio.mentorships.scheduling import forget_to_reflect, remind_to_reflect
from portfolio.models import Reflection, ReflectionRhythm, Review

NEVER = 0
CHOICES = [(NEVER, "Never"), *ReflectionRhythm.Months.choices]


def rhythm_of(user: User) -> ReflectionRhythm | None:
    """One query; None means never."""
    return ReflectionRhythm.objects.for_user(user).first()


@transaction.atomic
def choose_rhythm(*, owner: User, months: int) -> ReflectionRhythm | None:
    """Remind some months after the last answer or review, or after today if that is past; ``NEVER`` for none."""
    User.objects.select_for_update().get(pk=owner.pk)
    rhythm = rhythm_of(owner)
    if months == NEVER:
        if rhythm is not None:
            forget_to_reflect(rhythm)
            rhythm.delete()
        return None
    if rhythm is not None and rhythm.months == months:
        return rhythm
    today = owner.today()
    last = _last_on(owner)
    due = add_months(last, months) if last else today
    if due <= today:
        due = add_months(today, months)
    if rhythm is None:
        rhythm = ReflectionRhythm(owner=owner)
    rhythm.months, rhythm.next_on = months, due
    rhythm.save()
    remind_to_reflect(rhythm)
    return rhythm


def reflected(owner: User, on: dt.date) -> None:
    """Count the next reminder from a reflection on this local date, unless there is a later one."""
    rhythm = rhythm_of(owner)
    if rhythm is not None and (due := add_months(on, rhythm.months)) > rhythm.next_on:
        _move(rhythm, due)


def not_this_time(rhythm: ReflectionRhythm) -> None:
    """Skip this reminder; the next one is counted from today."""
    due = add_months(rhythm.owner.today(), rhythm.months)
    if due > rhythm.next_on:
        _move(rhythm, due)


def _move(rhythm: ReflectionRhythm, due: dt.date) -> None:
    rhythm.next_on = due
    rhythm.save(update_fields=["next_on"])
    remind_to_reflect(rhythm)


def _last_on(owner: User) -> dt.date | None:
    """The local date of the latest answer or review."""
    kept = (Reflection.objects.for_user(owner), Review.objects.for_user(owner))
    days = [rows.order_by("-on").values_list("on", flat=True).first() for rows in kept]
    return max((day for day in days if day), default=None)
