"""Carries open items over to the next meeting with the same person, and fills the remaining time with suggestions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from meetings.agenda import suggestions
from meetings.models import AgendaItem, Meeting

State = Meeting.State
Item = AgendaItem.State


def suggest(meeting: Meeting, points: Iterable[suggestions.Suggestion]) -> None:
    """Add these points to the end of the agenda, fitted into the remaining time."""
    taken = meeting.items.aggregate(minutes=Sum("minutes"), last=Max("position"))
    room = max(0, meeting.minutes - (taken["minutes"] or 0))
    position = 0 if taken["last"] is None else taken["last"] + 1
    AgendaItem.objects.bulk_create(
        AgendaItem(owner_id=meeting.owner_id, meeting=meeting, position=at, words=point.words, minutes=point.minutes)
        for at, point in enumerate(suggestions.fitted(points, room), position)
    )


@transaction.atomic
def carry_over(*, meeting: Meeting) -> int:
    """Copy the items left open with this person onto this agenda; returns how many.

    The originals stay, marked as carried over. Items are found by person, so they move from an approach to the
    mentorship. A second call copies nothing twice.
    """
    if meeting.state != State.PLANNED:
        return 0
    over = Q(meeting__state=State.CANCELLED) | Q(meeting__state=State.HELD) & (
        Q(meeting__starts_at__lte=meeting.starts_at) | Q(meeting__held_at__lte=meeting.starts_at)
    )
    left_open = list(
        AgendaItem.objects.select_for_update(of=("self",))
        .filter(over, owner_id=meeting.owner_id, meeting__person_id=meeting.person_id, state=Item.OPEN)
        .filter(carried_to__isnull=True)
        .exclude(meeting=meeting)
        .order_by("meeting__starts_at", "position", "pk")
    )
    last = meeting.items.aggregate(last=Max("position"))["last"]
    AgendaItem.objects.bulk_create(
        AgendaItem(
            owner_id=item.owner_id,
            meeting=meeting,
            position=at,
            words=item.words,
            raised_by=item.raised_by,
            minutes=item.minutes,
            need_id=item.need_id,
            private=item.private,
            carried_from=item,
        )
        for at, item in enumerate(left_open, 0 if last is None else last + 1)
    )
    AgendaItem.objects.filter(pk__in=[item.pk for item in left_open]).update(state=Item.CARRIED)
    return len(left_open)


def carry_on(meeting: Meeting) -> Meeting | None:
    """Carry the open items of a held or cancelled meeting over to the next planned one, if any."""
    after = min(meeting.starts_at, timezone.now())
    waiting = Meeting.objects.planned().filter(owner_id=meeting.owner_id, person_id=meeting.person_id)
    following = waiting.filter(starts_at__gt=after).exclude(pk=meeting.pk).first()
    if following is not None:
        carry_over(meeting=following)
    return following


def take_back(meeting: Meeting) -> None:
    """Undo the carrying over of this meeting's items, except those changed since."""
    untouched = AgendaItem.objects.filter(
        carried_from__meeting=meeting, state=Item.OPEN, outcome="", meeting__state=State.PLANNED
    )
    origins = list(untouched.values_list("carried_from_id", flat=True))
    untouched.delete()
    AgendaItem.objects.filter(pk__in=origins, state=Item.CARRIED).update(state=Item.OPEN)
