"""Fetches the data about people for one need in few queries; :mod:`portfolio.needs.ranking` ranks it.

Apps above this one add reasons (approaches, introductions) with :func:`register_facts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf, StrIndex
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.registry import Registry
from portfolio.models import Contact, CouldHelp, Knows, Mentorship, Need, Person, Support
from portfolio.needs import ranking
from portfolio.needs.ranking import Facts, Knower, Reason, Suggestion, Texts, Wanted
from portfolio.text.normalise import words_of

if TYPE_CHECKING:
    from accounts.models import User

    FurtherFacts = Callable[[User], Mapping[int, list[Reason]]]

# How many people are ranked precisely: as many as a page shows at most. The same number everywhere, so that every
# page names the same person first.
MOST = 50
# The most words of a need to use; further words add little.
MOST_STEMS = 8

further_facts: Registry[FurtherFacts] = Registry("reasons for and against candidates")


def register_facts(name: str, build: FurtherFacts) -> None:
    """Register reasons from an app above: ``build(user)`` returns them by person id."""
    further_facts.register(name, build)


@dataclass(frozen=True)
class Candidate:
    """A suggestion with the data of its row. ``idea_id`` is the user's idea, ``mentorship_id`` a running mentorship."""

    suggestion: Suggestion
    role: str
    idea_id: int | None = None
    mentorship_id: int | None = None


@dataclass(frozen=True)
class Idea:
    """A row of CouldHelp: somebody dismissed for a need, with the user's reason, if there was one."""

    id: int
    person_id: int
    name: str
    why: str


@dataclass
class Found:
    """The ranked ``candidates``, and whether there may be more."""

    candidates: list[Candidate] = field(default_factory=list)
    may_be_more: bool = False

    @property
    def first(self) -> Candidate | None:
        """The first candidate with no reason to wait, even if something is in progress; every page names this one."""
        return next((one for one in self.candidates if not one.suggestion.at_rest), None)

    @property
    def thought_of(self) -> int:
        """How many the user thought of, except those with a reason to wait."""
        return sum(one.suggestion.thought_of and not one.suggestion.at_rest for one in self.candidates)


def who_could_help(user: User, need: Need, further: Mapping[int, list[Reason]] | None = None) -> Found:
    """Rank the user's people for an open need: two queries, plus those of the apps above.

    Leaves out people who support the need already or were dismissed for it. ``further`` is the result of
    :func:`further_reasons`, if already fetched.
    """
    if further is None:
        further = further_reasons(user)
    rows = _rows(user, need)
    knowers = _knowers(user, [row["pk"] for row in rows])
    by_id = {row["pk"]: row for row in rows}
    ranked = _ranked(user, need, rows, knowers, further)
    return Found([_candidate(one, by_id[one.id]) for one in ranked], len(rows) == MOST)


def further_reasons(user: User) -> dict[int, list[Reason]]:
    """Reasons from the apps above by person id: being approached, resting, said no."""
    further: dict[int, list[Reason]] = {}
    for build in further_facts.values():
        for person_id, reasons in build(user).items():
            further.setdefault(person_id, []).extend(reasons)
    return further


def dismissed_for(need: Need) -> list[Idea]:
    """People dismissed for the need, by name. One query."""
    return sorted((Idea(*row) for row in _dismissed(need.pk)), key=lambda idea: (idea.name, idea.id))


@compiled
def _dismissed(need: int) -> QuerySet[Any, Any]:
    rows = CouldHelp.objects.filter(need=need, state=CouldHelp.State.DISMISSED).order_by()
    return rows.values_list("pk", "person", "person__name", "why")


def _rows(user: User, need: Need) -> list[dict[str, Any]]:
    """The facts about everybody who has a possible reason."""
    sector = [f" {word} " for word in words_of(need.sector)]
    here = [user.organisation] if user.organisation else []
    year_ago = timezone.now() - dt.timedelta(days=365)
    stems = ranking.telling_words(need.words)[:MOST_STEMS]
    return _candidates(user.pk, need.pk, sector, here, year_ago, *stems)


@compiled
def _candidates(
    owner: int,
    need: int,
    sector: list[str],
    here: list[str],
    year_ago: dt.datetime,
    *stems: str,
) -> QuerySet[Any, Any]:
    """People preselected by the database, which also matches parts of words; the ranking decides precisely.

    ``leads`` make somebody a candidate, ``helps`` move a candidate up; each has its points. People without a lead have
    NULL in ``speaks`` and come last, because a filter would search each text a second time.
    """
    mentors = Mentorship.objects.filter(owner=owner).running()
    spoken = Contact.objects.filter(owner=owner)
    ideas = CouldHelp.objects.filter(need=need)
    thoughts, dismissed = (
        ideas.filter(state=state) for state in (CouldHelp.State.THOUGHT_OF, CouldHelp.State.DISMISSED)
    )
    supports = Support.objects.filter(need=need, until__isnull=True).exclude(mentorship__status="ended")
    leads = [
        (Q(pk__in=thoughts.values("person")), ranking.THOUGHT),
        (Q(pk__in=mentors.values("person")), ranking.MENTOR_ALREADY),
        (Q(pk__in=Knows.objects.filter(owner=owner).values("known")), ranking.SOMEBODY_KNOWS_THEM),
        # Not LIKE, which is slower: it looks at each character as one that might be of several bytes.
        *((Q(GreaterThan(StrIndex("search_text", Value(stem)), 0)), ranking.MENTION) for stem in stems),
    ]
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
    others = Person.objects.filter(owner=owner).exclude(pk__in=dismissed.values("person"))
    others = others.exclude(pk__in=supports.values("mentorship__person"))
    first = others.order_by(speaks.desc(nulls_last=True), "name_key", "pk").values("pk")[:MOST]
    return (
        Person.objects.filter(pk__in=first)
        .order_by()
        .annotate(
            last_contact=Subquery(latest.values("at")[:1]),
            mentorship_id=Subquery(mentors.filter(person=OuterRef("pk")).values("pk")[:1]),
            thought=FilteredRelation(
                "could_help", condition=Q(could_help__need=need, could_help__state=CouldHelp.State.THOUGHT_OF)
            ),
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
            "thought__pk",
            "thought__why",
        )
    )


def _sum(hints: list[tuple[Q, int]]) -> Combinable:
    total: Combinable = Value(0, IntegerField())
    for hint, points in hints:
        total = total + Case(When(hint, then=points), default=0)
    return total


def _knowers(user: User, ids: list[int]) -> dict[int, list[Knower]]:
    """Who knows these people, and whether they are mentors. One query."""
    knowers: dict[int, list[Knower]] = {}
    for known, knower, name, is_mentor in _known(user.pk, ids):
        knowers.setdefault(known, []).append(Knower(knower, name, is_mentor))
    return knowers


@compiled
def _known(owner: int, ids: list[int]) -> QuerySet[Any, Any]:
    mentor = Mentorship.objects.filter(owner=owner, person=OuterRef("knower")).running()
    rows = Knows.objects.filter(owner=owner, known__in=ids).annotate(is_mentor=Exists(mentor)).order_by("pk")
    return rows.values_list("known", "knower", "knower__name", "is_mentor")


def _ranked(
    user: User,
    need: Need,
    rows: list[dict[str, Any]],
    knowers: dict[int, list[Knower]],
    further: Mapping[int, list[Reason]],
) -> list[Suggestion]:
    names = {row["pk"]: row["name"] for row in rows}
    knows: dict[int, list[str]] = {}
    for known in sorted(knowers, key=lambda pk: (names[pk], pk)):
        for knower in knowers[known]:
            knows.setdefault(knower.id, []).append(names[known])
    facts, zone = [], user.zone
    for row in rows:
        last = row["last_contact"]
        facts.append(
            Facts(
                id=row["pk"],
                name=row["name"],
                why=row["thought__why"],
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
    """Split the search column, which has a folded line for each text: see ``Person.folded``."""
    lines = search_text.split("\n")
    if len(lines) < 4:
        return Texts()
    _, headline, organisation, *tags, notes = lines
    return Texts(headline, organisation, "\n".join(tags), notes)


def _candidate(one: Suggestion, row: dict[str, Any]) -> Candidate:
    role = ", ".join(part for part in (row["headline"], row["organisation"]) if part)
    return Candidate(one, role, row["thought__pk"], row["mentorship_id"])
