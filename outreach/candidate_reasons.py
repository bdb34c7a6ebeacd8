"""What outreach knows of people when a gap is to be filled: who is being approached, rests, or said no."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from accounts.compiled_queries import prepared
from accounts.models import User
from outreach.models import Approach, Introduction, Message
from portfolio.needs import ranking
from portfolio.needs.candidates import register_facts
from portfolio.needs.ranking import Reason

Outcome = Approach.Outcome
State = Introduction.State
A_YEAR, HALF_A_YEAR = dt.timedelta(days=365), dt.timedelta(days=183)
# How far each sends somebody down the list. Kindly: nobody is gone for good.
DECLINED, DECLINED_LONG_AGO, NOT_NOW, RESTING, BUSY, NO_ANSWER, GOOD_TALK = -70, -20, -50, -50, -25, -15, 4


def facts(user: User) -> dict[int, list[Reason]]:
    """Reasons by the id of the person: two queries, whatever their number."""
    found: dict[int, list[Reason]] = {}
    for person_id, reason in [*_of_approaches(user), *_of_introductions(user)]:
        found.setdefault(person_id, []).append(reason)
    return found


def _of_approaches(user: User) -> list[tuple[int, Reason]]:
    """Reasons from the latest approach to each person."""
    rows: dict[int, dict[str, Any]] = {}
    for row in _approaches(user.pk):
        rows[row["person_id"]] = row
    said = ((person_id, _reason(user, row)) for person_id, row in rows.items())
    return [(person_id, reason) for person_id, reason in said if reason]


@prepared
def _approaches(owner: int) -> QuerySet[Any, Any]:
    fields = ("pk", "person_id", "stage", "outcome", "rest_until", "ended_at")
    latest: QuerySet[Any, Any] = Approach.objects.filter(owner=owner).order_by("pk").values(*fields)
    return latest


def _reason(user: User, row: dict[str, Any]) -> Reason | None:
    today = user.today()
    if not row["outcome"]:
        url = reverse("approach", args=[row["pk"]])
        if row["rest_until"] is None:
            return Reason("approach", _stage_words(row["stage"]), BUSY, busy=True, url=url)
        if row["rest_until"] >= today:
            return Reason("resting", f"resting until {row['rest_until']:%-d %B %Y}", RESTING)
        return Reason("rested", f"rested until {row['rest_until']:%B %Y}: you could take it up again", 0)
    ended = user.local(row["ended_at"]).date()
    when, ago = f"{ended:%B %Y}", today - ended
    if row["outcome"] == Outcome.DECLINED:
        if ago <= A_YEAR:
            return Reason("declined", f"said no, kindly, in {when}: let it rest", DECLINED)
        return Reason("declined", f"said no in {when}, a good while ago", DECLINED_LONG_AGO)
    if row["outcome"] == Outcome.NOT_NOW:
        if ago <= HALF_A_YEAR:
            return Reason("not_now", f"said not now in {when}: leave it a while", NOT_NOW)
        return Reason("not_now", f"said not now in {when}: you could ask again", 0)
    if row["outcome"] == Outcome.NO_ANSWER:
        return Reason("no_answer", f"didn’t answer in {when}", NO_ANSWER)
    if row["outcome"] == Outcome.ENOUGH:
        return Reason("good_talk", f"you had a good conversation in {when}", GOOD_TALK)
    return None


def _stage_words(stage: str) -> str:
    if stage in {Approach.Stage.SHORTLISTED, Approach.Stage.PREPARING}:
        return "on your shortlist already"
    return f"being approached already: {Approach.Stage(stage).label.lower()}"


def _of_introductions(user: User) -> list[tuple[int, Reason]]:
    return [(row.target_id, _reason_of(row, row.draft_id)) for row in _introductions(user.pk)]


@prepared
def _introductions(owner: int) -> QuerySet[Any, Any]:
    drafts = Message.objects.filter(introduction=OuterRef("pk"), state=Message.State.DRAFT).order_by("-pk")
    rows = Introduction.objects.filter(owner=owner).select_related("introducer", "target").order_by("pk")
    shown = ("target__name", "introducer__name", "state", "closed_on")
    return rows.annotate(draft_id=Subquery(drafts.values("pk")[:1])).only(*shown)


def _reason_of(row: Introduction, draft_id: int | None) -> Reason:
    by = row.introducer
    if row.state == State.MADE:
        words = f"introduced by {by.name} in {row.closed_on:%B %Y}"
        return Reason("introduction", words, ranking.INTRODUCED, leads=True)
    if not row.is_open:
        words = (
            f"{by.name} {'would rather not' if row.state == State.DECLINED else 'did not say whether to'} introduce you"
        )
        return Reason("no_path", words, 0, not_by=by.pk)
    words = {
        State.CONSIDERED: f"you mean to ask {by.name} to introduce you",
        State.ASKED: f"{by.name} is asked to introduce you",
        State.AGREED: f"{by.name} agreed to introduce you",
    }[State(row.state)]
    url, act = row.get_absolute_url(), "See where it stands"
    if row.state == State.CONSIDERED:
        act = f"Ask {by.first_name} to introduce you to {row.target.first_name}"
        url = reverse("message", args=[draft_id]) if draft_id else url
    points = ranking.MENTOR_KNOWS_THEM
    return Reason("introduction", words, points, leads=True, busy=True, url=url, act=act)


def register() -> None:
    register_facts("outreach", facts)
