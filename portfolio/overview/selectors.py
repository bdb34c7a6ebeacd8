"""Queries for the whole portfolio: mentors, what they support, needs, gaps, ideas."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from portfolio.models import Competency, Contact, CouldHelp, Mentorship, Need, Support
from portfolio.needs.candidates import further_reasons
from portfolio.needs.ranking import Reason, at_rest
from portfolio.overview.coverage import COMPETENCIES, Coverage, MentorFact, NeedFact, SupportFact, cover

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class MentorHere:
    """A running mentorship listed under a competency or a need. ``words`` are the open needs it supports there."""

    mentorship: Mentorship
    strength: int
    planned: bool
    words: tuple[str, ...] = ()

    @property
    def paused(self) -> bool:
        return self.mentorship.status == Mentorship.Status.PAUSED

    @property
    def strength_words(self) -> str:
        return Support.Strength(self.strength).label


@dataclass(frozen=True)
class NeedHere:
    """An open need, who supports it today, and whom the user thought of for it, except those with a reason to wait."""

    need: Need
    supporters: tuple[MentorHere, ...]
    could_help: tuple[CouldHelp, ...]

    @property
    def is_gap(self) -> bool:
        return not self.supporters

    @property
    def hangs_on_one(self) -> bool:
        return len(self.supporters) == 1


@dataclass(frozen=True)
class Column:
    """One of the three competencies."""

    competency: Competency
    mentors: tuple[MentorHere, ...]
    needs: tuple[NeedHere, ...]


@dataclass(frozen=True)
class PortfolioView:
    """``mentorships`` are running, oldest first, each with ``last_contact_at`` (UTC or None); ``needs`` are open,
    heaviest first. ``supports`` are current, by mentorship id; ``further`` are reasons from the apps above.
    """

    mentorships: list[Mentorship]
    needs: list[NeedHere]
    coverage: Coverage
    columns: list[Column]
    supports: dict[int, list[Support]] = field(default_factory=dict)
    further: dict[int, list[Reason]] = field(default_factory=dict)

    @property
    def gaps(self) -> list[NeedHere]:
        """Open needs without a mentor, heaviest first, then oldest."""
        return [here for here in self.needs if here.is_gap]

    @property
    def hanging(self) -> list[NeedHere]:
        """Needs with only one supporter."""
        return [here for here in self.needs if here.hangs_on_one]


def running_mentorships(user: User) -> list[Mentorship]:
    """Active and paused, oldest first, with person and ``last_contact_at``; one query."""
    last = Contact.objects.filter(person=OuterRef("person")).order_by("-at").values("at")[:1]
    running = Mentorship.objects.filter(owner=user).running().select_related("person")
    return list(running.annotate(last_contact_at=Subquery(last)))


def portfolio_of(user: User) -> PortfolioView:
    """Everything the Portfolio page shows, in five queries."""
    mentorships = running_mentorships(user)
    supports: dict[int, list[Support]] = {}
    for support in Support.objects.filter(owner=user, until__isnull=True).exclude(mentorship__status="ended"):
        supports.setdefault(support.mentorship_id, []).append(support)
    needs = list(Need.objects.filter(owner=user).open())
    ideas: dict[int, list[CouldHelp]] = {}
    further = further_reasons(user)
    for idea in _ideas_for_open_needs(user, further):
        ideas.setdefault(idea.need_id, []).append(idea)
    coverage = cover(
        [need_fact(need) for need in needs],
        [SupportFact(s.mentorship_id, s.competency, s.need_id, s.strength) for row in supports.values() for s in row],
        [mentor_fact(mentorship) for mentorship in mentorships],
    )
    return replace(_view(mentorships, needs, supports, ideas, coverage), further=further)


def _ideas_for_open_needs(user: User, further: dict[int, list[Reason]]) -> list[CouldHelp]:
    """People the user thought of for an open need, oldest idea first, consistent with ``who_could_help``.

    Leaves out those who support it already and those with a reason to wait. One query.
    """
    supported = supports_today(OuterRef("need")).filter(mentorship__person=OuterRef("person"))
    ideas = CouldHelp.objects.filter(owner=user, state=CouldHelp.State.THOUGHT_OF, need__closed_on__isnull=True)
    rows = ideas.filter(~Exists(supported)).select_related("person").order_by("created_at", "pk")
    return [idea for idea in rows if not at_rest(further.get(idea.person_id, ()))]


def open_gaps(owner: OuterRef | int) -> QuerySet[Need]:
    """Open needs nobody supports today, heaviest first, then oldest."""
    gaps = Need.objects.filter(owner=owner).open().filter(~Exists(supports_today(OuterRef("pk"))))
    return gaps.order_by("-weight", "opened_on", "pk")


def supports_today(need: OuterRef) -> QuerySet[Support]:
    return Support.objects.filter(need=need, until__isnull=True).exclude(mentorship__status="ended")


def need_fact(need: Need) -> NeedFact:
    return NeedFact(need.pk, need.competency, need.words, need.weight, need.opened_on)


def mentor_fact(mentorship: Mentorship) -> MentorFact:
    paused = mentorship.status == Mentorship.Status.PAUSED
    return MentorFact(mentorship.pk, mentorship.person_id, mentorship.person.name, paused)


def _view(
    mentorships: list[Mentorship],
    needs: list[Need],
    supports: dict[int, list[Support]],
    ideas: dict[int, list[CouldHelp]],
    coverage: Coverage,
) -> PortfolioView:
    by_id = {mentorship.pk: mentorship for mentorship in mentorships}
    need_by_id = {need.pk: need for need in needs}
    heres = [
        NeedHere(
            need_by_id[id_],
            tuple(MentorHere(by_id[s.mentor.id], s.strength, s.planned) for s in supporters),
            tuple(ideas.get(id_, ())),
        )
        for id_, supporters in coverage.by_need.items()
    ]

    def mentors(competency: str) -> tuple[MentorHere, ...]:
        return tuple(
            MentorHere(by_id[s.mentor.id], s.strength, s.planned, served(s.mentor.id, competency))
            for s in coverage.by_competency[competency]
        )

    def served(mentorship_id: int, competency: str) -> tuple[str, ...]:
        return tuple(
            need_by_id[s.need_id].words
            for s in supports.get(mentorship_id, ())
            if s.need_id in need_by_id and need_by_id[s.need_id].competency == competency
        )

    columns = [
        Column(Competency(c), mentors(c), tuple(here for here in heres if here.need.competency == c))
        for c in COMPETENCIES
    ]
    return PortfolioView(mentorships, heres, coverage, columns, supports)
