"""Gather what is stored about people for one need, in few queries, for :mod:`portfolio.needs.ranking` to rank.

Floors above add what they know of people (approaches, introductions) through :func:`register_facts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf
from django.utils import timezone

from accounts.compiled_queries import prepared
from accounts.registry import Registry
from portfolio.models import Contact, CouldHelp, Knows, Mentorship, Need, Person
from portfolio.needs import ranking
from portfolio.needs.ranking import Facts, Knower, Reason, Suggestion, Texts, Wanted
from portfolio.text.normalise import words_of

if TYPE_CHECKING:
    from accounts.models import User

    FurtherFacts = Callable[[User], Mapping[int, list[Reason]]]

# So many are weighed closely, however many people there are: more than a page shows at first, and when asked for more.
SOME, MOST = 30, 60
# Of a need's words; the rest says little that these don't.
MOST_STEMS = 8

further_facts: Registry[FurtherFacts] = Registry("reasons for and against candidates")


def register_facts(name: str, build: FurtherFacts) -> None:
    """Add reasons of a floor above: ``build(user)`` gives them by the id of the person."""
    further_facts.register(name, build)


@dataclass(frozen=True)
class Candidate:
    """A suggestion with what its row shows. ``idea_id`` is the user's thought, ``mentorship_id`` a running one."""

    suggestion: Suggestion
    role: str
    idea_id: int | None = None
    mentorship_id: int | None = None


@dataclass(frozen=True)
class Idea:
    """A thought of the user's about this need, or a dismissal: a row of CouldHelp."""

    id: int
    person_id: int
    name: str
    why: str
    dismissed: bool


@dataclass
class Found:
    """``candidates`` in order, and whether there may be more; ``dismissed`` were taken off this list."""

    candidates: list[Candidate] = field(default_factory=list)
    dismissed: list[Idea] = field(default_factory=list)
    may_be_more: bool = False


def who_could_help(user: User, need: Need, supporters: Collection[int] = (), *, most: int = MOST) -> Found:
    """Rank the user's own people for a need: three queries, and those of the floors above.

    ``supporters`` are ids of people who support it already. Whoever was thought of is always among them.
    """
    ideas = _ideas(need)
    most = max(most, MOST) if len(ideas) > most // 2 else most
    rows = _rows(user, need, ideas, supporters, most)
    knowers = _knowers(user, [row["pk"] for row in rows])
    further: dict[int, list[Reason]] = {}
    for build in further_facts.values():
        for person_id, reasons in build(user).items():
            further.setdefault(person_id, []).extend(reasons)
    ranked = _ranked(user, need, rows, ideas, knowers, further)
    by_id = {row["pk"]: row for row in rows}
    return Found(
        [_candidate(one, by_id[one.id], ideas.get(one.id)) for one in ranked],
        sorted((idea for idea in ideas.values() if idea.dismissed), key=lambda idea: (idea.name, idea.id)),
        len(rows) == most,
    )


def worth_a_thought(user: User, need: Need) -> Suggestion | None:
    """Who comes first for a need nobody was thought of for, by what this floor alone can say: two queries."""
    ideas = _ideas(need)
    return next(iter(_ranked(user, need, _rows(user, need, ideas, (), SOME), ideas, {}, {})), None)


def _ideas(need: Need) -> dict[int, Idea]:
    """The user's thoughts and dismissals by person."""
    return {
        person_id: Idea(pk, person_id, name, why, state == CouldHelp.State.DISMISSED)
        for pk, person_id, name, why, state in _thoughts(need.pk)
    }


@prepared
def _thoughts(need: int) -> QuerySet[Any, Any]:
    rows = CouldHelp.objects.filter(need=need).order_by()
    return rows.values_list("pk", "person", "person__name", "why", "state")


def _rows(
    user: User, need: Need, ideas: dict[int, Idea], supporters: Collection[int], most: int
) -> list[dict[str, Any]]:
    """The facts of everybody for whom something may speak."""
    thoughts = [idea.person_id for idea in ideas.values() if not idea.dismissed]
    out = [*supporters, *(idea.person_id for idea in ideas.values() if idea.dismissed)]
    sector = [f" {word} " for word in words_of(need.sector)]
    here = [user.organisation] if user.organisation else []
    year_ago = timezone.now() - dt.timedelta(days=365)
    stems = ranking.telling_words(need.words)[:MOST_STEMS]
    return _candidates(user.pk, thoughts, out, sector, here, year_ago, *stems, most=most)


@prepared
def _candidates(
    owner: int,
    thoughts: list[int],
    out: list[int],
    sector: list[str],
    here: list[str],
    year_ago: dt.datetime,
    *stems: str,
    most: int,
) -> QuerySet[Any, Any]:
    """Narrowed by the database, which looks roughly (part of a word is enough): what really speaks is decided later.

    ``leads`` make somebody a candidate, ``helps`` move a candidate up; each has its points. Nothing leads to those
    whose ``speaks`` is NULL: they come last, since a filter would look through each text a second time.
    """
    mentors = Mentorship.objects.filter(owner=owner).running()
    spoken = Contact.objects.filter(owner=owner)
    leads = [
        (Q(pk__in=mentors.values("person")), ranking.MENTOR_ALREADY),
        (Q(pk__in=Knows.objects.filter(owner=owner).values("known")), ranking.SOMEBODY_KNOWS_THEM),
        *((Q(search_text__contains=stem), ranking.MENTION) for stem in stems),
    ]
    if thoughts:
        leads.append((Q(pk__in=thoughts), ranking.THOUGHT))
    if sector:
        leads.append((reduce(and_, (Q(sector_words__contains=word) for word in sector)), ranking.SECTOR))
    helps = [
        (Q(place__isnull=False), ranking.FOUND_AT),
        (Q(pk__in=spoken.values("person")), ranking.SPOKE_ONCE),
        (Q(pk__in=spoken.filter(at__gte=year_ago).values("person")), ranking.SPOKE_THIS_YEAR - ranking.SPOKE_ONCE),
    ]
    if here:
        helps.append((~Q(organisation__in=here) & ~Q(organisation=""), ranking.OUTSIDE))
    latest = Contact.objects.filter(person=OuterRef("pk")).order_by("-at")
    speaks = NullIf(_sum(leads), Value(0)) + _sum(helps)
    others = Person.objects.filter(owner=owner).exclude(pk__in=out)
    first = others.order_by(speaks.desc(nulls_last=True), "name_key", "pk").values("pk")[:most]
    return (
        Person.objects.filter(pk__in=first)
        .order_by()
        .annotate(
            last_contact=Subquery(latest.values("at")[:1]),
            mentorship_id=Subquery(mentors.filter(person=OuterRef("pk")).values("pk")[:1]),
        )
        .values(
            "pk",
            "name",
            "headline",
            "organisation",
            "sector",
            "search_text",
            "place__name",
            "last_contact",
            "mentorship_id",
        )
    )


def _sum(hints: list[tuple[Q, int]]) -> Combinable:
    total: Combinable = Value(0, IntegerField())
    for hint, points in hints:
        total = total + Case(When(hint, then=points), default=0)
    return total


def _knowers(user: User, ids: list[int]) -> dict[int, list[Knower]]:
    """Who knows these people, mentors marked. One query."""
    knowers: dict[int, list[Knower]] = {}
    for known, knower, name, is_mentor in _known(user.pk, ids):
        knowers.setdefault(known, []).append(Knower(knower, name, is_mentor))
    return knowers


@prepared
def _known(owner: int, ids: list[int]) -> QuerySet[Any, Any]:
    mentor = Mentorship.objects.filter(owner=owner, person=OuterRef("knower")).running()
    rows = Knows.objects.filter(owner=owner, known__in=ids).annotate(is_mentor=Exists(mentor)).order_by("pk")
    return rows.values_list("known", "knower", "knower__name", "is_mentor")


def _ranked(
    user: User,
    need: Need,
    rows: list[dict[str, Any]],
    ideas: dict[int, Idea],
    knowers: dict[int, list[Knower]],
    further: dict[int, list[Reason]],
) -> list[Suggestion]:
    names = {row["pk"]: row["name"] for row in rows}
    knows: dict[int, list[str]] = {}
    for known in sorted(knowers, key=lambda pk: (names[pk], pk)):
        for knower in knowers[known]:
            knows.setdefault(knower.id, []).append(names[known])
    facts, zone = [], user.zone
    for row in rows:
        idea, last = ideas.get(row["pk"]), row["last_contact"]
        facts.append(
            Facts(
                id=row["pk"],
                name=row["name"],
                why=idea.why if idea else None,
                sector=row["sector"],
                organisation=row["organisation"],
                texts=_texts(row["search_text"]),
                knowers=tuple(knowers.get(row["pk"], ())),
                place=row["place__name"] or "",
                last_contact=last.astimezone(zone).date() if last else None,
                is_mentor=row["mentorship_id"] is not None,
                knows=tuple(knows.get(row["pk"], ())),
                further=tuple(further.get(row["pk"], ())),
            )
        )
    return ranking.suggest(Wanted(need.words, need.sector, user.organisation), facts, user.today())


def _texts(search_text: str) -> Texts:
    """What a search looks through holds it all, folded, a line each: see ``Person.folded``."""
    lines = search_text.split("\n")
    if len(lines) < 4:
        return Texts()
    _, headline, organisation, *tags, notes = lines
    return Texts(headline, organisation, "\n".join(tags), notes)


def _candidate(one: Suggestion, row: dict[str, Any], idea: Idea | None) -> Candidate:
    role = ", ".join(part for part in (row["headline"], row["organisation"]) if part)
    return Candidate(one, role, idea.id if idea else None, row["mentorship_id"])
