"""Locks a user's diary and a meeting while they change. In this order: the owner, a person, a meeting."""

from __future__ import annotations

from accounts.models import User
from meetings.models import Meeting


def lock_diary(owner_id: int) -> None:
    """Until the transaction ends, no other one settles a time of this user. To be taken before any other lock.

    NO KEY, since rows that name the user are inserted at the same time.
    """
    User.objects.select_for_update(no_key=True).filter(pk=owner_id).values_list("pk").first()


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting's current row, locked with its owner's diary until the transaction ends."""
    lock_diary(meeting.owner_id)
    rows = Meeting.objects.select_for_update(of=("self",))
    return rows.select_related("person", "owner", "approach", "mentorship").get(pk=meeting.pk)
