"""What meetings remind of, in words, and what can be done about it straight from the mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import CharField, F, OuterRef, PositiveSmallIntegerField, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.prepared import prepared
from meetings.actions import finish_action
from meetings.models import Action, Meeting, MentorWord, ShareLink
from meetings.reminding import ACTION_DUE, MEETING_TODAY, MENTOR_WROTE
from reminders.kinds import Act, Item, Kind, Told, Wanted, register, told


class Due(NamedTuple):
    """A meeting, or an action and the meeting it comes from: ``starts_at``, ``minutes`` and ``meeting`` are its.

    ``words`` are the meeting's purpose or the action's own. ``of_kind`` and ``place`` are a meeting's. Of a private
    page, ``words`` are the latest that were left there, and ``meeting`` is its person.
    """

    kind: str
    pk: int
    name: str
    words: str
    of_kind: str
    place: str
    starts_at: dt.datetime
    minutes: int
    meeting: int


def load(user: User, wanted: Wanted) -> Told:
    """Meetings still to come or under way, and what the user still means to do; one query."""
    now = timezone.now()
    ids = ([*wanted.get(kind, ())] for kind in (MEETING_TODAY, ACTION_DUE, MENTOR_WROTE))
    rows = _due(user.pk, now - dt.timedelta(days=1), *ids)
    return told(_lines(user, (Due(*row) for row in rows), now))


@prepared
def _due(
    owner: int, after: dt.datetime, meeting_ids: list[int], action_ids: list[int], link_ids: list[int]
) -> QuerySet[Any, Any]:
    nothing = Value("", CharField())
    meetings = Meeting.objects.planned().filter(owner=owner, pk__in=meeting_ids, starts_at__gt=after)
    actions = Action.objects.filter(owner=owner, pk__in=action_ids, whose=Action.Whose.MINE, done_at__isnull=True)
    return (
        meetings.order_by()
        .values_list(
            Value(MEETING_TODAY, CharField()),
            "pk",
            "person__name",
            "purpose",
            "kind",
            "place",
            "starts_at",
            "minutes",
            F("pk"),  # the meeting itself
        )
        .union(
            actions.order_by().values_list(
                Value(ACTION_DUE, CharField()),
                "pk",
                "person__name",
                "words",
                nothing,
                nothing,
                "meeting__starts_at",
                "meeting__minutes",
                "meeting",
            ),
            _left_words(owner, link_ids),
            all=True,
        )
    )


def _left_words(owner: int, link_ids: list[int]) -> QuerySet[Any, Any]:
    """Private pages on which something waits to be read."""
    unseen = MentorWord.objects.filter(link=OuterRef("pk"), seen_at__isnull=True).order_by("-at", "-pk")
    links = ShareLink.objects.filter(owner=owner, pk__in=link_ids)
    nothing = Value("", CharField())
    return (
        links.annotate(left=Subquery(unseen.values("words")[:1], output_field=CharField()))
        .filter(left__isnull=False)
        .order_by()
        .values_list(
            Value(MENTOR_WROTE, CharField()),
            "pk",
            "person__name",
            "left",
            nothing,
            nothing,
            "created_at",
            Value(0, PositiveSmallIntegerField()),
            "person",
        )
    )


def _lines(user: User, rows: Iterator[Due], now: dt.datetime) -> Iterator[tuple[str, int, Item]]:
    for row in rows:
        if row.kind == ACTION_DUE:
            yield row.kind, row.pk, _action(row)
        elif row.kind == MENTOR_WROTE:
            yield row.kind, row.pk, _wrote(row)
        elif row.starts_at + dt.timedelta(minutes=row.minutes) > now:
            yield row.kind, row.pk, _meeting(user, row)


def _meeting(user: User, row: Due) -> Item:
    parts = [f"{Meeting.Kind(row.of_kind).label}, {row.minutes} minutes."]
    if row.place:
        parts.append(f"Where: {row.place}.")
    if row.words:
        parts.append(f"What for: {row.words}.")
    return Item(
        title=f"Today at {user.local(row.starts_at):%H:%M}: {row.name}",
        words=" ".join([*parts, "Your agenda is one press away."]),
        path=reverse("meeting", args=[row.pk]),
        person=row.name,
        button="Open the agenda",
    )


def _action(row: Due) -> Item:
    return Item(
        title=row.words,
        words=f"You said so when you met {row.name}.",
        path=f"{reverse('meeting', args=[row.meeting])}#action-{row.pk}",
        person=row.name,
        button="See it in its meeting",
    )


def _wrote(row: Due) -> Item:
    words = row.words if len(row.words) <= 200 else f"{row.words[:199].rstrip()}…"
    return Item(
        title=f"{row.name} left you a word",
        words=f"“{words}”",
        path=f"{reverse('share', args=[row.meeting])}#words",
        person=row.name,
        button="Read it",
    )


def _done(user: User, pk: int) -> str:
    action = Action.objects.for_user(user).filter(pk=pk).first()
    if action is None:
        return "This has been deleted in the meantime. There is nothing left to do."
    finish_action(action=action)
    return f"Done: {action.words}"


def register_kinds() -> None:
    register(Kind(name=MEETING_TODAY, switch="meetings", load=load, same_day=True, order=10))
    register(Kind(name=MENTOR_WROTE, switch="replies", load=load, same_day=True, order=15))
    done = Act(name="done", label="Done", run=_done)
    register(Kind(name=ACTION_DUE, switch="gentle", load=load, acts=(done,), order=40))
