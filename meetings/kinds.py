"""What meetings remind of, in words, and what can be done about it straight from the mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from accounts.models import User
from meetings.actions import finish_action
from meetings.models import Action, Meeting
from meetings.reminding import ACTION_DUE, MEETING_TODAY
from reminders.kinds import Act, Item, Kind, register


def load_meetings(user: User, ids: Collection[int]) -> dict[int, Item]:
    """The meetings still to come or under way, as lines of a reminder mail."""
    now = timezone.now()
    rows = Meeting.objects.planned().filter(owner=user, pk__in=ids, starts_at__gt=now - dt.timedelta(days=1))
    return {
        meeting.pk: Item(
            title=f"Today at {user.local(meeting.starts_at):%H:%M}: {meeting.person.name}",
            words=_meeting_words(meeting),
            path=meeting.get_absolute_url(),
            person=meeting.person.name,
            button="Open the agenda",
        )
        for meeting in rows.select_related("person")
        if meeting.ends_at > now
    }


def _meeting_words(meeting: Meeting) -> str:
    parts = [f"{meeting.get_kind_display()}, {meeting.minutes} minutes."]
    if meeting.place:
        parts.append(f"Where: {meeting.place}.")
    if meeting.purpose:
        parts.append(f"What for: {meeting.purpose}.")
    return " ".join([*parts, "Your agenda is one press away."])


def load_actions(user: User, ids: Collection[int]) -> dict[int, Item]:
    """What the user still means to do, as lines of a reminder mail."""
    rows = Action.objects.for_user(user).filter(pk__in=ids, whose=Action.Whose.MINE, done_at__isnull=True)
    return {
        action.pk: Item(
            title=action.words,
            words=f"You said so when you met {action.person.name}.",
            path=action.get_absolute_url(),
            person=action.person.name,
            button="See it in its meeting",
        )
        for action in rows.select_related("person")
    }


def _done(user: User, pk: int) -> str:
    action = Action.objects.for_user(user).filter(pk=pk).first()
    if action is None:
        return "This has been deleted in the meantime. There is nothing left to do."
    finish_action(action=action)
    return f"Done: {action.words}"


def register_kinds() -> None:
    register(Kind(name=MEETING_TODAY, switch="meetings", load=load_meetings, same_day=True, order=10))
    done = Act(name="done", label="Done", run=_done)
    register(Kind(name=ACTION_DUE, switch="gentle", load=load_actions, acts=(done,), order=40))
