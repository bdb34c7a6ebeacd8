"""Changes to actions. The user's own have dates and reminders; those the other person offered never do."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.private_notes import first_alike
from meetings import scheduling
from meetings.locking import lock_meeting
from meetings.models import Action, Meeting


@transaction.atomic
def add_action(*, meeting: Meeting, action: Action) -> Action:
    """Add what somebody said they would do, unless the meeting has an open action with the same words."""
    meeting = lock_meeting(meeting)
    twin = first_alike(meeting.actions.filter(done_at__isnull=True), words=action.words, whose=action.whose)
    if isinstance(twin, Action):
        return twin
    action.owner_id, action.meeting, action.person = meeting.owner_id, meeting, meeting.person
    action.save()
    scheduling.remind_of_action(action)
    return action


@transaction.atomic
def change_action(*, action: Action) -> None:
    """Save changed words or another date, and reschedule the reminder."""
    action.save(update_fields=["words", "whose", "due_on"])
    scheduling.remind_of_action(action)


@transaction.atomic
def finish_action(*, action: Action) -> None:
    """Mark it as done. A second call keeps the first time."""
    Action.objects.filter(pk=action.pk, done_at__isnull=True).update(done_at=timezone.now())
    scheduling.forget_action(action)


@transaction.atomic
def reopen_action(*, action: Action) -> None:
    """Mark it as not done; it keeps its date."""
    action.done_at = None
    action.save(update_fields=["done_at"])
    scheduling.remind_of_action(action)


@transaction.atomic
def delete_action(*, action: Action) -> None:
    scheduling.forget_action(action)
    action.delete()
