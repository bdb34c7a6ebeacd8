"""Panels and next steps of meetings for the pages of people and mentorships."""

from __future__ import annotations

import datetime as dt

from django.db.models import OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.http import UserRequest
from accounts.models import User
from meetings.models import Meeting, MeetingQuerySet
from outreach.models import Approach
from outreach.panels import approach_panels
from portfolio.models import Mentorship, Person
from portfolio.panels import (
    NextStep,
    Panel,
    mentorship_panels,
    mentorship_steps,
    person_panels,
    person_steps,
    planned_rows,
)

SHOWN = 6
LOOK_AHEAD = dt.timedelta(days=2)


def _latest(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """The latest date first; one more than is shown."""
    return rows.order_by("-starts_at", "-pk")[: SHOWN + 1]


def _panel(meetings: list[Meeting], person: Person) -> Panel:
    context: dict[str, object] = {
        "meetings": meetings[:SHOWN],
        "more": len(meetings) > SHOWN,
        "person": person,
        "plan": _plan(person),
    }
    return Panel("meetings/_panel.html", context)


def _plan(person: Person) -> str:
    """The URL for planning a meeting with them."""
    return f"{reverse('meeting_new')}?person={person.pk}"


@compiled
def _with_person(owner: int, person: int) -> QuerySet[Meeting]:
    return _latest(Meeting.objects.filter(owner=owner, person=person))


@compiled
def _first_planned(owner: int, person: int) -> QuerySet[Meeting]:
    return Meeting.objects.planned().filter(owner=owner, person=person)[:1]


def person_panel(request: UserRequest, person: Person) -> Panel:
    return _panel(_with_person(request.user.pk, person.pk), person)


def mentorship_panel(request: UserRequest, mentorship: Mentorship) -> Panel:
    meetings = Meeting.objects.for_user(request.user).filter(mentorship=mentorship)
    return _panel(list(_latest(meetings)), mentorship.person)


def approach_panel(request: UserRequest, approach: Approach) -> Panel:
    meetings = Meeting.objects.for_user(request.user).filter(approach=approach)
    return _panel(list(_latest(meetings)), approach.person)


def person_step(user: User, person: Person) -> NextStep | None:
    """Suggest recording a past meeting, or looking at the agenda of one in the next two days. One query."""
    planned = _first_planned(user.pk, person.pk)
    return _step(user, planned[0]) if planned else None


def _step(user: User, meeting: Meeting) -> NextStep | None:
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
    """As for a person; without a planned meeting, suggest planning one. One query.

    None if the mentorship has no direction yet, because writing it comes first: every agenda shows it.
    """
    planned = _first_planned(user.pk, mentorship.person_id)
    if planned:
        return _step(user, planned[0])
    settled = mentorship.direction_private or mentorship.direction_shared
    if mentorship.status != Mentorship.Status.ACTIVE or not settled:
        return None
    return NextStep(
        title="Plan your next meeting",
        words=f"Nothing is planned with {mentorship.person.first_name}. What stayed open will be on the agenda.",
        url=_plan(mentorship.person),
        button="Choose a day",
    )


def planned_with(now: dt.datetime) -> MeetingQuerySet:
    """Future conversations with the person of the outer query's row."""
    return Meeting.objects.planned().filter(person=OuterRef("person"), starts_at__gt=now)


def register() -> None:
    planned_rows.register("meetings", planned_with)
    person_panels.register("meetings", person_panel, order=30)
    mentorship_panels.register("meetings", mentorship_panel, order=30)
    approach_panels.register("meetings", approach_panel, order=30)
    person_steps.register("meetings", person_step, order=10)
    mentorship_steps.register("meetings", mentorship_step, order=10)
