"""Whom to approach next: people they suggested, people on the shortlist, and others who could help with the need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import CharField, Exists, IntegerField, OuterRef, Value
from django.db.models.functions import Cast

from accounts.models import User
from accounts.private_notes import NO_NOTE
from outreach.models import Approach, ApproachNeed
from portfolio.models import Knows, Need
from portfolio.needs.candidates import Candidate, who_could_help

SHOWN = 3
SUGGESTED, SHORTLISTED = "suggested", "shortlisted"
WAITING = (Approach.Stage.SHORTLISTED, Approach.Stage.PREPARING)


@dataclass(frozen=True)
class NextCandidate:
    """A person, the id of the open approach to them (0 if there is none), and a short note about them."""

    person_id: int
    name: str
    approach_id: int = 0
    word: str = ""


@dataclass
class NextCandidates:
    """All people whom the person ``suggested``, and a few of the others. ``need`` is the approach's need, if any."""

    need: Need | None
    suggested: list[NextCandidate] = field(default_factory=list)
    shortlisted: list[NextCandidate] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.shortlisted or self.candidates)


def next_candidates_for(user: User, approach: Approach) -> NextCandidates:
    """Always seven queries: the approach's needs, the names, and five to rank who could help."""
    need = next((need for need in approach.needs.all() if need.closed_on is None), None)
    found = NextCandidates(need)
    rows = sorted(_rows(user, approach, need), key=_order)
    found.suggested = _suggested(rows)
    said = {one.person_id for one in found.suggested}
    found.shortlisted = _shortlisted([row for row in rows if row.person_id not in said])
    if need is not None:
        shown = said | {one.person_id for one in found.shortlisted} | {approach.person_id}
        found.candidates = _could_help(user, need, shown)
    return found


def _suggested(rows: list[Row]) -> list[NextCandidate]:
    """People whom the person of the approach suggested, each with the open approach to them, if any."""
    waiting = {row.person_id: row.approach_id for row in rows if row.kind == SHORTLISTED}
    return [
        NextCandidate(row.person_id, row.name, waiting.get(row.person_id, 0), row.word)
        for row in rows
        if row.kind == SUGGESTED
    ]


def _shortlisted(rows: list[Row]) -> list[NextCandidate]:
    """A few people of the shortlist, those for the same need first."""
    waiting = sorted((row for row in rows if row.kind == SHORTLISTED), key=lambda row: not row.same_need)
    return [NextCandidate(row.person_id, row.name, row.approach_id) for row in waiting[:SHOWN]]


def _could_help(user: User, need: Need, shown: set[int]) -> list[Candidate]:
    """A few people who could help with the need and may be asked, except those already shown."""
    candidates = who_could_help(user, need).candidates
    return [one for one in candidates if _free(one) and one.suggestion.id not in shown][:SHOWN]


def _free(one: Candidate) -> bool:
    """Whether they may be asked: not a mentor, nothing in progress, and no reason to wait, such as a recent refusal."""
    suggestion = one.suggestion
    return not (suggestion.is_mentor or suggestion.busy or suggestion.at_rest)


class Row(NamedTuple):
    """``approach_id`` is 0 and ``same_need`` False for whom they suggested; ``word`` is empty for the shortlist."""

    kind: str
    person_id: int
    name: str
    approach_id: int
    word: str
    same_need: bool


def _order(row: Row) -> tuple[int, int]:
    return row.approach_id, row.person_id


def _rows(user: User, approach: Approach, need: Need | None) -> list[Row]:
    """People whom the person knows, and people on the shortlist. One query."""
    text = CharField()
    suggested = Knows.objects.for_user(user).filter(knower=approach.person_id)
    waiting = Approach.objects.for_user(user).open().filter(stage__in=WAITING).exclude(person=approach.person_id)
    same = ApproachNeed.objects.filter(approach=OuterRef("pk"), need=need.pk if need else None)
    parts = [
        suggested.order_by().values_list(
            Value(SUGGESTED, text), "known", "known__name", Value(0, IntegerField()), "note", Value(0, IntegerField())
        ),
        waiting.order_by().values_list(
            Value(SHORTLISTED, text), "person", "person__name", "pk", NO_NOTE, Cast(Exists(same), IntegerField())
        ),
    ]
    return [
        Row(kind, person, name, pk, word, bool(same_need))
        for kind, person, name, pk, word, same_need in parts[0].union(parts[1], all=True)
    ]
