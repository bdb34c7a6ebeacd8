"""Changes to an agenda: add a point, reorder the points, record the outcome."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from accounts.private_notes import first_alike
from meetings.agenda import suggestions
from meetings.agenda.carry_over import carry_on, suggest
from meetings.locking import lock_meeting
from meetings.models import AgendaItem, Meeting, SavedAgenda


@transaction.atomic
def add_item(*, meeting: Meeting, item: AgendaItem) -> AgendaItem:
    """Add a point to the end of the agenda, unless an open one has the same words."""
    meeting = lock_meeting(meeting)
    twin = first_alike(meeting.items.all(), words=item.words, state=AgendaItem.State.OPEN)
    if isinstance(twin, AgendaItem):
        return twin
    last = meeting.items.aggregate(last=Max("position"))["last"]
    item.owner_id, item.meeting = meeting.owner_id, meeting
    item.position = 0 if last is None else last + 1
    item.save()
    if meeting.state != Meeting.State.PLANNED:
        carry_on(meeting)
    return item


@transaction.atomic
def move_item(*, item: AgendaItem, by: int) -> None:
    """Move a point one place up (``by`` -1) or down (1); at the end of the list nothing happens."""
    lock_meeting(item.meeting)  # serialises concurrent requests
    items = list(AgendaItem.objects.filter(meeting_id=item.meeting_id))
    place = next((n for n, other in enumerate(items) if other.pk == item.pk), None)
    if place is None or not 0 <= place + by < len(items):
        return
    items[place], items[place + by] = items[place + by], items[place]
    _put_in_order(items)


@transaction.atomic
def place_item(*, item: AgendaItem, place: int) -> None:
    """Move a point to ``place`` on its agenda, counted from 0; a greater number means the end."""
    lock_meeting(item.meeting)
    rest = list(AgendaItem.objects.filter(meeting_id=item.meeting_id).exclude(pk=item.pk))
    _put_in_order([*rest[:place], item, *rest[place:]])


def _put_in_order(items: list[AgendaItem]) -> None:
    moved = []
    for position, other in enumerate(items):
        if other.position != position:
            other.position = position
            moved.append(other)
    AgendaItem.objects.bulk_update(moved, ["position"], batch_size=200)


@transaction.atomic
def begin_agenda(*, meeting: Meeting) -> bool:
    """Fill an empty agenda with the suggested points. False if it isn't empty, or the meeting isn't planned."""
    meeting = lock_meeting(meeting)
    if meeting.state != Meeting.State.PLANNED or meeting.items.exists():
        return False
    suggest(meeting, suggestions.SUGGESTED[meeting.kind])
    return True


@transaction.atomic
def keep_agenda(*, meeting: Meeting, name: str) -> SavedAgenda:
    """Save this agenda as the user's own suggestion for meetings of its kind, unless the same one exists.

    Raises ``ValueError`` with a message for the user if the agenda is empty or too long.
    """
    lock_meeting(meeting)
    items = meeting.items.exclude(state__in=[AgendaItem.State.DROPPED, AgendaItem.State.PARKED])
    points = suggestions.as_text(suggestions.Suggestion(item.words, item.minutes) for item in items)
    if not suggestions.parse(points):
        raise ValueError("There is nothing on this agenda to keep yet.")
    kept, _ = SavedAgenda.objects.get_or_create(owner=meeting.owner, name=name, kind=meeting.kind, points=points)
    return kept


@transaction.atomic
def mark_item(*, item: AgendaItem, state: AgendaItem.State, outcome: str | None = None) -> bool:
    """Mark a point as talked about, parked, dropped or open again; ``outcome`` None keeps the stored one.

    Returns False for a point that was carried over: it has to be marked in the later meeting. A point opened again
    in a past meeting is carried over to the next planned one.
    """
    meeting = lock_meeting(item.meeting)
    item = AgendaItem.objects.get(pk=item.pk)
    if item.state == AgendaItem.State.CARRIED:
        return False
    item.state = state
    if outcome is not None:
        item.outcome = outcome
    item.save(update_fields=["state", "outcome"])
    if state == AgendaItem.State.OPEN and meeting.state != Meeting.State.PLANNED:
        carry_on(meeting)
    return True
