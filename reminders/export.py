from __future__ import annotations

from accounts.models import User
from reminders.models import Reminder


def export(user: User) -> dict[str, object]:
    """This user's past and planned reminders."""
    rows = Reminder.objects.for_user(user).order_by("due_at")
    fields = ("kind", "subject_id", "occurrence", "put_off_to", "wall_date", "wall_time", "zone", "state", "snoozes")
    return {"reminders": list(rows.values(*fields))}
