from __future__ import annotations

from django.db.models import Model, Q
from django.utils import timezone

from accounts.export.parts import Added, Part
from accounts.models import User
from reminders import kinds
from reminders.models import Reminder


def _subject_of(reminder: Reminder) -> type[Model] | None:
    kind = kinds.find(reminder.kind)
    return kind.about if kind else None


def _subject_table(reminder: Reminder) -> str | None:
    subject = _subject_of(reminder)
    return subject._meta.label_lower if subject else None


def _due_without_a_mail(user: User) -> None:
    """What came due before it was restored stands on Today, and is not mailed: it may have been, from elsewhere."""
    State, now = Reminder.State, timezone.now()
    due = Q(state=State.PLANNED, due_at__lte=now) | Q(state=State.GATHERED)
    Reminder.objects.for_user(user).filter(due).update(state=State.MAILED, digest=None)


PART = Part(
    added={
        "reminders.Reminder": (
            Added(
                "subject_table",
                {"type": ["string", "null"], "description": "the table in which `subject_id` is, or was"},
                _subject_table,
            ),
        )
    },
    points_at={"reminders.Reminder.subject_id": _subject_of},
    restored=_due_without_a_mail,
)
