"""The content of the private page: only what was shared with this person. The page reads no other data.

Never other people, private notes or points, needs, minutes of points, or when the user did something.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from accounts.zones import known_zone, zone
from meetings.calendar import ics
from meetings.calendar.invitations import entry_of
from meetings.diary import choice
from meetings.models import Action, AgendaItem, Meeting, ShareLink
from meetings.sharing.mentor_actions import next_meeting
from portfolio.models import Mentorship, Person

State = AgendaItem.State


@dataclass(frozen=True)
class MeetingMoment:
    """A time in the mentor's zone, and in the user's if that differs."""

    there: str
    here: str = ""


@dataclass(frozen=True)
class NextMeeting:
    """The next meeting, in plain values. ``links`` is whether links in ``place`` may be live.

    ``gone`` counts the times on offer that are no longer free. It says no more: whose they are is nobody's business.
    """

    kind: str
    when: MeetingMoment
    seen: int
    minutes: int
    place: str
    links: bool
    purpose: str
    answer: str
    points: list[tuple[str, bool]]
    offers: list[tuple[int, MeetingMoment]]
    gone: int
    google: str
    outlook: str


@dataclass(frozen=True)
class LastMeeting:
    """What was agreed last time, and the notes that were shared."""

    on: str
    outcomes: list[tuple[str, str]]
    mine: list[str]
    theirs: list[str]
    notes: str


@dataclass(frozen=True)
class MentorPage:
    sender: str
    sender_first: str
    first: str
    direction: str
    ahead: NextMeeting | None
    behind: LastMeeting | None


def mentor_page_for(link: ShareLink) -> MentorPage:
    """At most seven queries. ``link`` has its owner and person."""
    user, person = link.owner, link.person
    meeting, last = next_meeting(link), _last_shared(link)
    items = _items(meeting, last)
    return MentorPage(
        sender=user.name or user.email,
        sender_first=user.first_name or user.email,
        first=person.first_name,
        direction=_direction(person),
        ahead=_ahead(meeting, user, items) if meeting else None,
        behind=_behind(last, items) if last else None,
    )


def moment(at: dt.datetime, meeting: Meeting, user: User) -> MeetingMoment:
    """A time in words; if the mentor's time zone is unknown, it says whose time it is."""
    knows = known_zone(meeting.person.time_zone)
    name = meeting.person.time_zone if knows else meeting.zone
    there, here = at.astimezone(zone(name)), user.local(at)
    same = there.replace(tzinfo=None) == here.replace(tzinfo=None)
    words = f"{there:%A} {there.day} {there:%B %Y} at {there:%H:%M}"
    if same:
        return MeetingMoment(words if knows else f"{words} ({_city(name)})", "")
    return MeetingMoment(f"{words} ({_city(name)})", f"{here:%A} {here:%H:%M}")


def _city(name: str) -> str:
    return name.split("/")[-1].replace("_", " ")


def _direction(person: Person) -> str:
    running = Mentorship.objects.filter(person=person).running().exclude(direction_shared="")
    return running.values_list("direction_shared", flat=True).first() or ""


def _items(*meetings: Meeting | None) -> list[AgendaItem]:
    """The points of these meetings that aren't private to the user."""
    wanted = [meeting.pk for meeting in meetings if meeting]
    return list(AgendaItem.objects.filter(meeting__in=wanted, private=False)) if wanted else []


def _ahead(meeting: Meeting, user: User, items: list[AgendaItem]) -> NextMeeting:
    points = [one for one in items if one.meeting_id == meeting.pk and one.state in {State.OPEN, State.DONE}]
    times = choice(meeting)
    entry = entry_of(meeting, for_mentor=True, url="")
    return NextMeeting(
        kind=meeting.get_kind_display(),
        when=moment(meeting.starts_at, meeting, user),
        seen=int(meeting.starts_at.timestamp()),
        minutes=meeting.minutes,
        place=meeting.place,
        links=entry.place == meeting.place,
        purpose=meeting.purpose,
        answer=meeting.answer,
        points=[(one.words, one.raised_by == AgendaItem.RaisedBy.MENTOR) for one in points],
        offers=[(offer.pk, moment(offer.starts_at, meeting, user)) for offer in times.free],
        gone=len(times.gone),
        google=ics.google(entry),
        outlook=ics.outlook(entry),
    )


def _last_shared(link: ShareLink) -> Meeting | None:
    held = Meeting.objects.filter(owner_id=link.owner_id, person_id=link.person_id, state=Meeting.State.HELD)
    shared = held.filter(Q(shows_agreed=True) | ~Q(shared_notes=""))
    return shared.order_by("-starts_at", "-pk").first()


def _behind(last: Meeting, items: list[AgendaItem]) -> LastMeeting:
    outcomes, actions = [], []
    if last.shows_agreed:
        talked = [one for one in items if one.meeting_id == last.pk and one.state == State.DONE]
        outcomes = [(one.words, one.outcome) for one in talked if one.outcome]
        actions = list(last.actions.order_by("pk").values_list("whose", "words"))
    there = last.starts_at.astimezone(zone(last.zone))
    return LastMeeting(
        on=f"{there.day} {there:%B %Y}",
        outcomes=outcomes,
        mine=[words for whose, words in actions if whose == Action.Whose.MINE],
        theirs=[words for whose, words in actions if whose == Action.Whose.THEIRS],
        notes=last.shared_notes,
    )
