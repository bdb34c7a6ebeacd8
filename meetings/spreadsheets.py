"""The lists of this app as spreadsheets: of the export, and to download where the list is shown."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from accounts.spreadsheets import Sheet
from meetings.models import Action, Meeting, MeetingQuerySet

A_BATCH = 500

MEETINGS: Sheet[Meeting] = Sheet(
    "meetings",
    [
        ("Id", lambda meeting, user: meeting.pk),
        ("When", lambda meeting, user: meeting.starts_at),
        ("Minutes", lambda meeting, user: meeting.minutes),
        ("Person", lambda meeting, user: meeting.person.name),
        ("Person id", lambda meeting, user: meeting.person_id),
        ("Approach id", lambda meeting, user: meeting.approach_id),
        ("Mentorship id", lambda meeting, user: meeting.mentorship_id),
        ("Kind", lambda meeting, user: meeting.get_kind_display()),
        ("State", lambda meeting, user: meeting.get_state_display()),
        ("Place", lambda meeting, user: meeting.place),
        ("Purpose", lambda meeting, user: meeting.purpose),
        ("Agenda", lambda meeting, user: "; ".join(item.words for item in meeting.items.all())),
        ("Shared notes", lambda meeting, user: meeting.shared_notes),
        ("Private notes", lambda meeting, user: meeting.private_notes),
    ],
)
ACTIONS: Sheet[Action] = Sheet(
    "actions",
    [
        ("Id", lambda action, user: action.pk),
        ("Meeting id", lambda action, user: action.meeting_id),
        ("Person", lambda action, user: action.person.name),
        ("Person id", lambda action, user: action.person_id),
        ("Whose", lambda action, user: action.get_whose_display()),
        ("What", lambda action, user: action.words),
        ("Due on", lambda action, user: action.due_on),
        ("Done", lambda action, user: action.done_at),
    ],
)


def meetings(rows: MeetingQuerySet) -> Iterator[Meeting]:
    return rows.select_related("person").prefetch_related("items").iterator(chunk_size=A_BATCH)


def actions(user: User) -> Iterator[Action]:
    rows = Action.objects.for_user(user).select_related("person").order_by("pk")
    return rows.iterator(chunk_size=A_BATCH)
