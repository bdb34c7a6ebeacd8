"""Recurring meetings: planned together at the same local time, then changed one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from meetings.locking import lock_diary
from meetings.models import Meeting, Series
from meetings.services import cancel_meeting, plan_meeting
from portfolio.models import Person

MOST = 12


@transaction.atomic
def plan_series(
    *, owner: User, person: Person, starts_local: dt.datetime, weeks: int, count: int, **wish: Any
) -> list[Meeting]:
    """Plan ``count`` meetings, ``weeks`` apart, at the same naive wall time; for ``wish`` see ``plan_meeting``.

    Only the first gets an agenda; the others get theirs when they are next. A repeated request returns the same
    meetings.
    """
    lock_diary(owner.pk)
    Person.objects.select_for_update().get(pk=person.pk)
    meetings = [
        plan_meeting(
            owner=owner,
            person=person,
            starts_local=starts_local + dt.timedelta(weeks=weeks * n),
            **(wish if n == 0 else {**wish, "suggested": False, "saved": None}),
        )
        for n in range(count)
    ]
    if all(meeting.series_id is None for meeting in meetings):
        series = Series.objects.create(owner=owner, person=person, weeks=weeks)
        Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings]).update(series=series)
        for meeting in meetings:
            meeting.series = series
    return meetings


def still_to_come(meeting: Meeting) -> list[Meeting]:
    """The other planned meetings of its series that are ahead, the next first. At most one query."""
    if meeting.series_id is None:
        return []
    rows = Meeting.objects.planned().filter(series_id=meeting.series_id, starts_at__gt=timezone.now())
    return list(rows.exclude(pk=meeting.pk).select_related("person", "owner"))


@transaction.atomic
def call_off_rest(*, meeting: Meeting) -> int:
    """Cancel the other meetings of the series that are ahead; returns how many."""
    return sum(cancel_meeting(meeting=other) for other in reversed(still_to_come(meeting)))
