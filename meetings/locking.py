"""Holding a meeting while it changes."""

from __future__ import annotations

from meetings.models import Meeting


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting as it stands now, held until the transaction ends (SQLite's writers queue anyway)."""
    rows = Meeting.objects.select_for_update(of=("self",))
    return rows.select_related("person", "owner", "approach", "mentorship").get(pk=meeting.pk)
