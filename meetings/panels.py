"""What meetings show on a person's and a mentorship's page, and the next step they ask for."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from accounts.http import UserRequest
from accounts.models import User
from meetings.models import Meeting, MeetingQuerySet
from outreach.models import Approach
from outreach.panels import register_approach_panel
from portfolio.models import Mentorship, Person
from portfolio.panels import (
    NextStep,
    Panel,
    register_mentorship_panel,
    register_mentorship_step,
    register_next_step,
    register_panel,
)

SHOWN = 6
LOOK_AHEAD = dt.timedelta(days=2)


def _panel(rows: MeetingQuerySet, person: Person) -> Panel:
    """The latest few meetings, the one furthest ahead first. One query."""
    meetings = list(rows.order_by("-starts_at", "-pk")[: SHOWN + 1])
    context: dict[str, object] = {
        "meetings": meetings[:SHOWN],
        "more": len(meetings) > SHOWN,
        "person": person,
        "plan": _plan(person),
    }
    return Panel("meetings/_panel.html", context)


def _plan(person: Person) -> str:
    """Where a meeting with them is planned."""
    return f"{reverse('meeting_new')}?person={person.pk}"


def person_panel(request: UserRequest, person: Person) -> Panel:
    return _panel(Meeting.objects.for_user(request.user).filter(person=person), person)


def mentorship_panel(request: UserRequest, mentorship: Mentorship) -> Panel:
    return _panel(Meeting.objects.for_user(request.user).filter(mentorship=mentorship), mentorship.person)


def approach_panel(request: UserRequest, approach: Approach) -> Panel:
    return _panel(Meeting.objects.for_user(request.user).filter(approach=approach), approach.person)


def person_step(user: User, person: Person) -> NextStep | None:
    """Record a meeting whose time has come, or look at the agenda of one in the next two days. One query."""
    meeting = _first_planned(user, person)
    return _step_for(user, meeting) if meeting else None


def _first_planned(user: User, person: Person) -> Meeting | None:
    return Meeting.objects.planned().filter(owner=user, person=person).order_by("starts_at", "pk").first()


def _step_for(user: User, meeting: Meeting) -> NextStep | None:
    """None for a meeting that is further ahead."""
    now = timezone.now()
    if meeting.starts_at >= now + LOOK_AHEAD:
        return None
    if meeting.ends_at <= now:
        return NextStep(
            title="Did you meet?",
            words=f"You meant to speak on {user.local(meeting.starts_at):%-d %B}. Note it, with what came of it.",
            url=meeting.get_absolute_url(),
            button="Open the meeting",
        )
    day = (user.local(meeting.starts_at).date() - user.today()).days
    when = {0: "today", 1: "tomorrow"}.get(day, "the day after tomorrow")
    return NextStep(
        title=f"Your meeting is {when}",
        words=f"{user.local(meeting.starts_at):%A at %H:%M}. Look at the agenda: what matters most to you?",
        url=meeting.get_absolute_url(),
        button="Look at the agenda",
    )


def mentorship_step(user: User, mentorship: Mentorship) -> NextStep | None:
    """As for a person; and a mentor one has nothing planned with is worth a date. One query.

    Where no direction is written yet, that comes first: it is what a meeting's agenda stands under.
    """
    meeting = _first_planned(user, mentorship.person)
    if meeting:
        return _step_for(user, meeting)
    settled = mentorship.direction_private or mentorship.direction_shared
    if mentorship.status != Mentorship.Status.ACTIVE or not settled:
        return None
    return NextStep(
        title="Plan your next meeting",
        words=f"Nothing is planned with {mentorship.person.first_name}. What stayed open will be on the agenda.",
        url=_plan(mentorship.person),
        button="Choose a day",
    )


def register() -> None:
    register_panel("meetings", 30, person_panel)
    register_mentorship_panel("meetings", 30, mentorship_panel)
    register_approach_panel("meetings", 30, approach_panel)
    register_next_step(10, person_step, name="meetings")
    register_mentorship_step(10, mentorship_step, name="meetings")
