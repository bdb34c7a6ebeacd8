"""Who could be next: whom they suggested, who waits on the shortlist, and who else could help with the need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import CharField, Exists, IntegerField, OuterRef, Value
from django.db.models.functions import Cast

from accounts.models import User
from outreach.models import Approach, ApproachNeed
from portfolio.models import Knows, Need
from portfolio.needs.candidates import Candidate, who_could_help

SHOWN = 3
SUGGESTED, SHORTLISTED = "suggested", "shortlisted"
WAITING = (Approach.Stage.SHORTLISTED, Approach.Stage.PREPARING)


@dataclass(frozen=True)
class NextCandidate:
    """Somebody: with the id of the open approach to them (0 if there is none), and a word about them."""

    person_id: int
    name: str
    approach_id: int = 0
    word: str = ""


@dataclass
class NextCandidates:
    """``suggested`` by the person themselves, all; of the others a few. ``need`` is the one it is about, if any."""

    need: Need | None
    suggested: list[NextCandidate] = field(default_factory=list)
    shortlisted: list[NextCandidate] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.shortlisted or self.candidates)


def next_candidates_for(user: User, approach: Approach) -> NextCandidates:
    """Seven queries, whatever their number: the approach's needs, the names, and five to weigh who could help."""
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
    """Whom the person of the approach suggested, each with the open approach that waits, if any."""
    waiting = {row.person_id: row.approach_id for row in rows if row.kind == SHORTLISTED}
    return [
        NextCandidate(row.person_id, row.name, waiting.get(row.person_id, 0), row.word)
        for row in rows
        if row.kind == SUGGESTED
    ]


def _shortlisted(rows: list[Row]) -> list[NextCandidate]:
    """A few of the shortlist, those for the same need first."""
    waiting = sorted((row for row in rows if row.kind == SHORTLISTED), key=lambda row: not row.same_need)
    return [NextCandidate(row.person_id, row.name, row.approach_id) for row in waiting[:SHOWN]]


def _could_help(user: User, need: Need, shown: set[int]) -> list[Candidate]:
    """A few who could help with the need and may be asked, without those shown already."""
    candidates = who_could_help(user, need).candidates
    return [one for one in candidates if _free(one) and one.suggestion.id not in shown][:SHOWN]


def _free(one: Candidate) -> bool:
    """Neither a mentor, nor on the way already, nor better left in peace."""
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
    """Whom they know, and who waits on the shortlist. One query."""
    text, nothing = CharField(), Value("", CharField())
    suggested = Knows.objects.for_user(user).filter(knower=approach.person_id)
    waiting = Approach.objects.for_user(user).open().filter(stage__in=WAITING).exclude(person=approach.person_id)
    same = ApproachNeed.objects.filter(approach=OuterRef("pk"), need=need.pk if need else None)
    parts = [
        suggested.order_by().values_list(
            Value(SUGGESTED, text), "known", "known__name", Value(0, IntegerField()), "note", Value(0, IntegerField())
        ),
        waiting.order_by().values_list(
            Value(SHORTLISTED, text), "person", "person__name", "pk", nothing, Cast(Exists(same), IntegerField())
        ),
    ]
    return [
        Row(kind, person, name, pk, word, bool(same_need))
        for kind, person, name, pk, word, same_need in parts[0].union(parts[1], all=True)
    ]
