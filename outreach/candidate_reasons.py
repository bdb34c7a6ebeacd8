"""Reasons from outreach for ranking candidates: being approached, resting, said no."""

from __future__ import annotations

import datetime as dt
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.urls import reverse

from accounts.compiled_queries import compiled
from accounts.models import User, first_name
from outreach.models import Approach, Introduction, Message
from portfolio.needs import ranking
from portfolio.needs.candidates import register_facts
from portfolio.needs.ranking import Reason

Outcome = Approach.Outcome
State = Introduction.State
A_YEAR, HALF_A_YEAR = dt.timedelta(days=365), dt.timedelta(days=183)
# The points for ranking: most move somebody down, but none excludes them.
DECLINED, DECLINED_LONG_AGO, NOT_NOW, RESTING, BUSY, NO_ANSWER, GOOD_TALK = -70, -20, -50, -50, -25, -15, 4


APPROACH, INTRODUCTION = "approach", "introduction"


class _Row(NamedTuple):
    """An approach or an introduction. For an introduction, ``day`` is when it was closed, and the last four fields are
    the target's name, the introducer, and the draft that asks for it."""

    kind: str
    person_id: int
    pk: int
    state: str
    outcome: str
    day: dt.date | None
    ended_at: dt.datetime | None
    name: str
    introducer_id: int
    introducer: str
    draft_id: int | None


def facts(user: User) -> dict[int, list[Reason]]:
    """Reasons by person id, in one query. For each person, only the latest approach counts."""
    rows = [_Row(*row) for row in sorted(_rows(user.pk), key=itemgetter(0, 2))]
    latest = {row.person_id: row for row in rows if row.kind == APPROACH}
    found: dict[int, list[Reason]] = {}
    for row in latest.values():
        if reason := _reason(user, row):
            found.setdefault(row.person_id, []).append(reason)
    for row in rows:
        if row.kind == INTRODUCTION:
            found.setdefault(row.person_id, []).append(_reason_of(row))
    return found


@compiled
def _rows(owner: int) -> QuerySet[Any, Any]:
    """Both in one query, to save a query on the Today page."""
    text, number = CharField(), BigIntegerField()
    approaches = Approach.objects.filter(owner=owner).order_by()
    introductions = Introduction.objects.filter(owner=owner).order_by()
    drafts = Message.objects.filter(introduction=OuterRef("pk"), state=Message.State.DRAFT).order_by("-pk")
    # Explicit types, because both parts of the union need columns of the same type on both databases.
    none = Value("", text)
    return approaches.values_list(
        Value(APPROACH, text),
        "person",
        "pk",
        "stage",
        "outcome",
        "rest_until",
        "ended_at",
        none,
        Value(0, number),
        none,
        Value(0, number),
    ).union(
        introductions.values_list(
            Value(INTRODUCTION, text),
            "target",
            "pk",
            "state",
            none,
            "closed_on",
            Value(None, DateTimeField()),
            "target__name",
            "introducer",
            "introducer__name",
            Subquery(drafts.values("pk")[:1]),
        ),
        all=True,
    )


def _reason(user: User, row: _Row) -> Reason | None:
    today = user.today()
    if row.ended_at is None:  # open; a constraint ties it to the outcome
        url = reverse("approach", args=[row.pk])
        if row.day is None:
            return Reason(_stage_words(row.state), BUSY, busy=True, url=url)
        if row.day >= today:
            return Reason(f"resting until {row.day:%-d %B %Y}", RESTING)
        return Reason(f"rested until {row.day:%B %Y}: you could take it up again", 0)
    ended = user.local(row.ended_at).date()
    when, ago = f"{ended:%B %Y}", today - ended
    if row.outcome == Outcome.DECLINED:
        if ago <= A_YEAR:
            return Reason(f"said no, kindly, in {when}: let it rest", DECLINED)
        return Reason(f"said no in {when}, a good while ago", DECLINED_LONG_AGO)
    if row.outcome == Outcome.NOT_NOW:
        if ago <= HALF_A_YEAR:
            return Reason(f"said not now in {when}: leave it a while", NOT_NOW)
        return Reason(f"said not now in {when}: you could ask again", 0)
    if row.outcome == Outcome.NO_ANSWER:
        return Reason(f"didn’t answer in {when}", NO_ANSWER)
    if row.outcome == Outcome.ENOUGH:
        return Reason(f"you had a good conversation in {when}", GOOD_TALK)
    return None


def _stage_words(stage: str) -> str:
    if stage in {Approach.Stage.SHORTLISTED, Approach.Stage.PREPARING}:
        return "on your shortlist already"
    return f"being approached already: {Approach.Stage(stage).label.lower()}"


def _reason_of(row: _Row) -> Reason:
    """The reason from an introduction."""
    if row.state == State.MADE:
        words = f"introduced by {row.introducer} in {row.day:%B %Y}"
        return Reason(words, ranking.INTRODUCED, leads=True, introduction=True)
    if row.state not in Introduction.OPEN:
        would = "would rather not" if row.state == State.DECLINED else "did not say whether to"
        return Reason(f"{row.introducer} {would} introduce you", 0, not_by=row.introducer_id)
    words = {
        State.CONSIDERED: f"you mean to ask {row.introducer} to introduce you",
        State.ASKED: f"{row.introducer} is asked to introduce you",
        State.AGREED: f"{row.introducer} agreed to introduce you",
    }[State(row.state)]
    url, act = reverse("introduction", args=[row.pk]), "See where it stands"
    if row.state == State.CONSIDERED:
        act = f"Ask {first_name(row.introducer)} to introduce you to {first_name(row.name)}"
        url = reverse("message", args=[row.draft_id]) if row.draft_id else url
    points = ranking.MENTOR_KNOWS_THEM
    return Reason(words, points, leads=True, busy=True, url=url, act=act, introduction=True)


def register() -> None:
    register_facts("outreach", facts)
