"""Gather what is stored about people for one need, in few queries, for :mod:`portfolio.suggestions` to rank.

Floors above add what they know of people (approaches, introductions) through :func:`register_facts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate
from django.utils import timezone

from portfolio import suggestions as ranking
from portfolio.models import Contact, CouldHelp, Knows, Mentorship, Need, Person
from portfolio.panels import Registry
from portfolio.suggestions import Facts, Knower, Reason, Suggestion, Texts, Wanted

if TYPE_CHECKING:
    from accounts.models import User

    FurtherFacts = Callable[[User], Mapping[int, list[Reason]]]

# So many are weighed closely, however many people there are; the page shows far fewer.
MOST = 100

_further: Registry[FurtherFacts] = Registry()


def register_facts(name: str, build: FurtherFacts) -> None:
    """Add reasons of a floor above: ``build(user)`` gives them by the id of the person."""
    _further.register(name, 0, build)


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
    """``candidates`` in order; ``dismissed`` were taken off this list."""

    candidates: list[Candidate] = field(default_factory=list)
    dismissed: list[Idea] = field(default_factory=list)


def who_could_help(user: User, need: Need, supporters: Collection[int] = ()) -> Found:
    """Rank the user's own people for a need: three queries, and those of the floors above.

    ``supporters`` are ids of people who support it already.
    """
    ideas, sectors = _ideas_and_sectors(user, need)
    rows = _rows(user, need, ideas, sectors, supporters)
    knowers = _knowers(user, [row["pk"] for row in rows])
    further: dict[int, list[Reason]] = {}
    for build in _further.builders():
        for person_id, reasons in build(user).items():
            further.setdefault(person_id, []).extend(reasons)
    ranked = _ranked(user, need, rows, ideas, knowers, further)
    by_id = {row["pk"]: row for row in rows}
    return Found(
        [_candidate(one, by_id[one.id], ideas.get(one.id)) for one in ranked],
        sorted((idea for idea in ideas.values() if idea.dismissed), key=lambda idea: (idea.name, idea.id)),
    )


def worth_a_thought(user: User, need: Need) -> Suggestion | None:
    """Who comes first for a need nobody was thought of for, by what this floor alone can say: two queries."""
    ideas, sectors = _ideas_and_sectors(user, need)
    rows = _rows(user, need, ideas, sectors, ())
    return next(iter(_ranked(user, need, rows, ideas, {}, {})), None)


def _ideas_and_sectors(user: User, need: Need) -> tuple[dict[int, Idea], list[str]]:
    """The user's thoughts by person, and the sectors as people carry them that fit the need's. One query.

    Sectors are compared folded, which no two databases do alike: so the few there are are compared here.
    """
    ideas = CouldHelp.objects.filter(owner=user, need=need).order_by()
    rows = ideas.values_list("pk", "person", "person__name", "why", "state")
    if ranking.tokens(need.sector):
        nothing, none = Value(0, IntegerField()), Value("", CharField())
        sectors = Person.objects.filter(owner=user).exclude(sector="").order_by()
        rows = rows.union(sectors.values_list(nothing, nothing, "sector", none, none))
    thoughts: dict[int, Idea] = {}
    fitting = []
    for pk, person_id, text, why, state in rows:
        if pk:
            thoughts[person_id] = Idea(pk, person_id, text, why, state == CouldHelp.State.DISMISSED)
        elif ranking.same_sector(need.sector, text):
            fitting.append(text)
    return thoughts, fitting


def _rows(
    user: User, need: Need, ideas: dict[int, Idea], sectors: list[str], supporters: Collection[int]
) -> list[dict[str, Any]]:
    """The facts of everybody for whom something may speak, narrowed by the database. One query.

    The database looks roughly (part of a word is enough for it); what really speaks for somebody is decided later.
    """
    own = Person.objects.filter(owner=user)
    mentors = Mentorship.objects.filter(owner=user).running()
    speaks = _sum(_leads(user, need, ideas, sectors, mentors))
    out = {*supporters, *(idea.person_id for idea in ideas.values() if idea.dismissed)}
    narrowed: QuerySet[Any] = own.exclude(pk__in=out).annotate(leads=speaks).filter(leads__gt=0)
    narrowed = narrowed.annotate(speaks=F("leads") + _sum(_helps(user)))
    # The folded name stands first in it. Letter by letter, so that both databases cut at the same place.
    by_name = Collate("search_text", "C" if connection.vendor == "postgresql" else "BINARY")
    narrowed = narrowed.order_by("-speaks", by_name, "pk")
    contacts = Contact.objects.filter(person=OuterRef("pk")).order_by("-at")
    rows: Any = (
        own.filter(pk__in=narrowed.values("pk")[:MOST])
        .annotate(
            last_contact=Subquery(contacts.values("at")[:1]),
            mentorship_id=Subquery(mentors.filter(person=OuterRef("pk")).values("pk")[:1]),
        )
        .order_by()
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
    return list(rows)


def _leads(
    user: User, need: Need, ideas: dict[int, Idea], sectors: list[str], mentors: QuerySet[Mentorship]
) -> list[tuple[Q, int]]:
    """What makes somebody a candidate, as the database can see it, and its points."""
    hints = [
        (Q(pk__in=mentors.values("person")), ranking.MENTOR_ALREADY),
        (Q(pk__in=Knows.objects.filter(owner=user).values("known")), ranking.SOMEBODY_KNOWS_THEM),
    ]
    hints += [(Q(search_text__contains=stem), ranking.MENTION) for stem in ranking.telling_words(need.words)]
    if sectors:
        hints.append((Q(sector__in=sectors), ranking.SECTOR))
    if thoughts := [idea.person_id for idea in ideas.values() if not idea.dismissed]:
        hints.append((Q(pk__in=thoughts), ranking.THOUGHT))
    return hints


def _helps(user: User) -> list[tuple[Q, int]]:
    """What moves a candidate up."""
    spoken = Contact.objects.filter(owner=user)
    this_year = spoken.filter(at__gte=timezone.now() - dt.timedelta(days=365)).values("person")
    hints = [
        (Q(place__isnull=False), ranking.FOUND_AT),
        (Q(pk__in=spoken.values("person")), ranking.SPOKE_ONCE),
        (Q(pk__in=this_year), ranking.SPOKE_THIS_YEAR - ranking.SPOKE_ONCE),
    ]
    if user.organisation:
        hints.append((~Q(organisation__in=["", user.organisation]), ranking.OUTSIDE))
    return hints


def _sum(hints: list[tuple[Q, int]]) -> Combinable:
    total: Combinable = Value(0, IntegerField())
    for hint, points in hints:
        total = total + Case(When(hint, then=points), default=0)
    return total


def _knowers(user: User, ids: list[int]) -> dict[int, list[Knower]]:
    """Who knows these people, mentors marked. One query."""
    mentor = Mentorship.objects.filter(person=OuterRef("knower")).running()
    rows = Knows.objects.filter(owner=user, known__in=ids).annotate(is_mentor=Exists(mentor)).order_by("pk")
    knowers: dict[int, list[Knower]] = {}
    for known, knower, name, is_mentor in rows.values_list("known", "knower", "knower__name", "is_mentor"):
        knowers.setdefault(known, []).append(Knower(knower, name, is_mentor))
    return knowers


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
