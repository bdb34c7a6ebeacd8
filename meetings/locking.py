"""Locks a meeting while it changes."""

from __future__ import annotations

from meetings.models import Meeting


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting's current row, locked until the transaction ends (SQLite has only one writer anyway)."""
    rows = Meeting.objects.select_for_update(of=("self",))
    return rows.select_related("person", "owner", "approach", "mentorship").get(pk=meeting.pk)
