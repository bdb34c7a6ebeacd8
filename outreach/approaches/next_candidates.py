"""Who could be next: whom they suggested, who waits on the shortlist, and who else could help with the need."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    waiting = {person_id: pk for kind, person_id, _, pk, _, _ in rows if kind == SHORTLISTED}
    found.suggested = [
        NextCandidate(person_id, name, waiting.get(person_id, 0), word)
        for kind, person_id, name, _, word, _ in rows
        if kind == SUGGESTED
    ]
    said = {one.person_id for one in found.suggested}
    others = [row for row in rows if row[0] == SHORTLISTED and row[1] not in said]
    others.sort(key=lambda row: not row[5])  # those for the same need first
    found.shortlisted = [NextCandidate(person_id, name, pk) for _, person_id, name, pk, _, _ in others[:SHOWN]]
    if need is not None:
        shown = {one.person_id for one in (*found.shortlisted, *found.suggested)} | {approach.person_id}
        found.candidates = [
            one for one in who_could_help(user, need).candidates if _free(one) and one.suggestion.id not in shown
        ][:SHOWN]
    return found


def _free(one: Candidate) -> bool:
    """Neither a mentor, nor on the way already, nor better left in peace."""
    suggestion = one.suggestion
    return not (suggestion.is_mentor or suggestion.busy or suggestion.at_rest)


Row = tuple[str, int, str, int, str, bool]


def _order(row: Row) -> tuple[int, int]:
    return row[3], row[1]


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
        (kind, person, name, pk, word, bool(same_need))
        for kind, person, name, pk, word, same_need in parts[0].union(parts[1], all=True)
    ]
