"""The follow-up: one kind nudge to write again, planned in working days, dead on any sign of life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.urls import reverse

from accounts.ownership import OwnedQuerySet
from outreach.models import Approach, ApproachEvent, FollowUp
from reminders import services as reminders
from reminders.kinds import Item
from reminders.localtime import add_working_days, bank_holidays

KIND = "follow_up_due"
WAIT_WORKING_DAYS = 10
MOST = 3


def plan(*, approach: Approach, sent_on: dt.date, planned_by: ApproachEvent | None = None) -> FollowUp | None:
    """Plan the next nudge, ten working days after the local date ``sent_on``; none after the third.

    A message that is answered by nobody gets one nudge: nothing is planned while another waits.
    """
    numbers = list(approach.follow_ups.values_list("number", "state"))
    if len(numbers) >= MOST or any(state == FollowUp.State.PLANNED for _, state in numbers):
        return None
    user = approach.owner
    follow_up = FollowUp.objects.create(
        owner=user,
        approach=approach,
        number=max((number for number, _ in numbers), default=0) + 1,
        due_on=add_working_days(sent_on, WAIT_WORKING_DAYS, user.working_days, bank_holidays(user.country)),
        planned_by=planned_by,
    )
    remind(follow_up)
    return follow_up


def remind(follow_up: FollowUp) -> None:
    reminders.plan(owner=follow_up.owner, kind=KIND, subject_id=follow_up.pk, on=follow_up.due_on)


def close(*, approach: Approach, state: FollowUp.State, because: str, event: ApproachEvent | None) -> None:
    """End the waiting nudge: it was written, or a sign of life made it needless."""
    for follow_up in approach.follow_ups.filter(state=FollowUp.State.PLANNED):
        follow_up.state, follow_up.stopped_because, follow_up.closed_by = state, because, event
        follow_up.save(update_fields=["state", "stopped_because", "closed_by"])
        reminders.cancel(owner=follow_up.owner, kind=KIND, subject_id=follow_up.pk)


def stop(*, approach: Approach, because: str, event: ApproachEvent | None = None) -> None:
    close(approach=approach, state=FollowUp.State.STOPPED, because=because, event=event)


def take_back(event: ApproachEvent) -> None:
    """Undo what an event did to follow-ups: those it planned go, those it closed wait again."""
    for follow_up in FollowUp.objects.filter(planned_by=event):
        reminders.cancel(owner=follow_up.owner, kind=KIND, subject_id=follow_up.pk)
        follow_up.delete()
    for follow_up in FollowUp.objects.filter(closed_by=event).select_related("owner"):
        follow_up.state, follow_up.stopped_because, follow_up.closed_by = FollowUp.State.PLANNED, "", None
        follow_up.save(update_fields=["state", "stopped_because", "closed_by"])
        remind(follow_up)


def still_waiting(owner: int, ids: Collection[int]) -> OwnedQuerySet[FollowUp]:
    """The follow-ups of which a reminder is still true."""
    return FollowUp.objects.filter(
        owner=owner, pk__in=ids, state=FollowUp.State.PLANNED, approach__outcome="", approach__rest_until__isnull=True
    )


def line(name: str, approach_id: int) -> Item:
    """A follow-up to the person of this name, as a line of a reminder mail."""
    return Item(
        title=f"Write to {name} once more?",
        words=(
            "No reply after ten working days. That's usually about their diary, not you. "
            "One short, kind follow-up is quite normal."
        ),
        path=reverse("approach", args=[approach_id]),
        person=name,
        button="See where it stands",
    )
