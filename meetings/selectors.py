"""Queries about meetings for other pages. Each function makes one query unless it says otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.models import User
from accounts.zones import known_zone, zone
from meetings.agenda import suggestions
from meetings.models import Action, Meeting
from outreach.models import Approach
from portfolio.models import Brief, Mentorship, Person


def planned_meetings(user: User, days: int = 7) -> list[Meeting]:
    """Planned meetings up to ``days`` ahead, soonest first, including past ones not yet recorded."""
    return _planned_until(user.pk, timezone.now() + dt.timedelta(days=days))


@compiled
def _planned_until(owner: int, until: dt.datetime) -> QuerySet[Meeting]:
    return Meeting.objects.planned().filter(owner=owner, starts_at__lt=until).select_related("person")[:100]


@dataclass(frozen=True)
class Situation:
    """What a new meeting with somebody belongs to, and its usual kind."""

    approach: Approach | None
    mentorship: Mentorship | None
    kind: str

    def belongs_to(self, kind: str) -> tuple[Approach | None, Mentorship | None]:
        """A conversation belongs to the approach, any other meeting to the mentorship."""
        if kind in {Meeting.Kind.INITIAL, Meeting.Kind.FOLLOW_UP}:
            return self.approach, None if self.approach else self.mentorship
        return None if self.mentorship else self.approach, self.mentorship


def situation(user: User, person: Person) -> Situation:
    """Three queries."""
    approach = Approach.objects.for_user(user).open().filter(person=person).first()
    mentorship = Mentorship.objects.for_user(user).running().filter(person=person).first()
    held = Meeting.objects.for_user(user).filter(person=person, state=Meeting.State.HELD)
    facts = set(held.values_list("kind", "mentorship_id"))
    kind = suggestions.usual_kind(
        mentor=mentorship is not None,
        met_as_mentor=any(of == mentorship.pk for _, of in facts) if mentorship else False,
        stage=approach.stage if approach else "",
        met_initially=any(kind == Meeting.Kind.INITIAL for kind, _ in facts),
    )
    return Situation(approach, mentorship, kind)


@dataclass(frozen=True)
class Direction:
    words: str
    shared: bool


def direction_for(meeting: Meeting) -> Direction | None:
    """The direction above the agenda: the mentorship's (shared before private), else the latest brief's."""
    if meeting.mentorship is not None:
        if meeting.mentorship.direction_shared:
            return Direction(meeting.mentorship.direction_shared, shared=True)
        if meeting.mentorship.direction_private:
            return Direction(meeting.mentorship.direction_private, shared=False)
    briefs = Brief.objects.for_user(meeting.owner).filter(finished_at__isnull=False).exclude(direction="")
    words = briefs.order_by("-finished_at", "-pk").values_list("direction", flat=True).first()
    return Direction(words, shared=False) if words else None


def actions_beside(meeting: Meeting) -> list[Action]:
    """This meeting's actions, and those still open with this person from earlier meetings."""
    before = (
        Q(meeting__starts_at__lt=meeting.starts_at)
        | Q(meeting__held_at__lt=meeting.starts_at)  # they spoke sooner than planned
        | Q(meeting__state=Meeting.State.CANCELLED)
    )
    earlier = before & Q(person_id=meeting.person_id, done_at__isnull=True)
    rows = Action.objects.for_user(meeting.owner).filter(Q(meeting=meeting) | earlier).select_related("meeting")
    return list(rows.order_by(F("done_at").asc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk"))


def next_planned(meeting: Meeting) -> Meeting | None:
    """The next meeting planned with the same person, after this one."""
    rows = Meeting.objects.planned().filter(owner_id=meeting.owner_id, person_id=meeting.person_id)
    return rows.filter(starts_at__gt=timezone.now()).exclude(pk=meeting.pk).first()


def elsewhere(meeting: Meeting) -> list[str]:
    """The start in other relevant zones, as "09:00 in New York": the zone it was agreed in, and the person's.

    No query. Leaves out zones whose time equals the owner's.
    """
    mine = meeting.owner.local(meeting.starts_at)
    words = []
    for name in dict.fromkeys([meeting.zone, meeting.person.time_zone]):
        if not known_zone(name):
            continue
        there = meeting.starts_at.astimezone(zone(name))
        if there.replace(tzinfo=None) != mine.replace(tzinfo=None):
            city = name.split("/")[-1].replace("_", " ")
            day = "" if there.date() == mine.date() else f" on {there:%A}"
            words.append(f"{there:%H:%M} in {city}{day}")
    return words
