"""Turns mentors, needs and approaches into plain values for the constellation."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import TITLES, User, first_name
from outreach.models import Approach
from portfolio.models import Competency, Mentorship, Need, Support
from portfolio.overview.build import competencies_of
from portfolio.overview.constellation import Approaching, NeedArc, Picture, Star, draw
from portfolio.overview.selectors import NeedHere, PortfolioView


def constellation_of(view: PortfolioView, asked: list[Approaching]) -> Picture:
    """Draw the result of :func:`portfolio.overview.selectors.portfolio_of`; ``asked`` are people being approached.

    Sorted by id, not by date, because somebody entered late with an early date would move all the others.
    """
    weights = {here.need.pk: here.need.weight for here in view.needs}
    needs = sorted(view.needs, key=lambda here: here.need.pk)
    mentorships = sorted(view.mentorships, key=lambda mentorship: mentorship.pk)
    stars = [_star(m, view.supports.get(m.pk, []), weights) for m in mentorships if _stands(m, view)]
    return draw([_arc(here) for here in needs], stars, asked)


def approaching(user: User, view: PortfolioView) -> list[Approaching]:
    """People being approached, in the order of their approaches. One query.

    Each is in the sector of their heaviest open need, else in "knowing whom", as a new person in the user's network.
    """
    approaches = Approach.objects.for_user(user).open().order_by("pk")
    rows: dict[tuple[int, str, str], set[int | None]] = {}
    for pk, name, stage, need_id in approaches.values_list("pk", "person__name", "stage", "needs"):
        rows.setdefault((pk, name, stage), set()).add(need_id)
    needs = [here.need for here in view.needs]
    return [_approaching(*row, [need for need in needs if need.pk in ids]) for row, ids in rows.items()]


def _approaching(pk: int, name: str, stage: str, needs: list[Need]) -> Approaching:
    heaviest = min(needs, key=lambda need: (-need.weight, need.pk), default=None)
    return Approaching(
        id=pk,
        name=name,
        initials=initials(name),
        competency=heaviest.competency if heaviest else Competency.WHOM,
        stage=Approach.Stage(stage).label,
        needs=tuple((need.pk, float(need.weight)) for need in needs),
        href=reverse("approach", args=[pk]),
        short=first_name(name),
    )


def not_in_constellation(view: PortfolioView) -> list[Mentorship]:
    """Running mentorships without a recorded support, which the picture can't show."""
    return [mentorship for mentorship in view.mentorships if not _stands(mentorship, view)]


def _stands(mentorship: Mentorship, view: PortfolioView) -> bool:
    return bool(mentorship.shown_under) or mentorship.pk in view.supports


def initials(name: str) -> str:
    """Initials: the first character of the first and of the last name, without titles; two at most."""
    words = [word for word in name.split() if word.rstrip(".").lower() not in TITLES] or name.split()
    return "".join(word[0].upper() for word in dict.fromkeys([words[0], words[-1]]) if word) if words else "?"


def _arc(here: NeedHere) -> NeedArc:
    address = here.need.get_absolute_url()
    return NeedArc(
        id=here.need.pk,
        words=here.need.words,
        competency=here.need.competency,
        weight=here.need.weight,
        mentors_count=len(here.supporters),
        could_help=len(here.could_help),
        href=f"{address}#who" if here.is_gap else address,
    )


def _star(mentorship: Mentorship, supports: list[Support], weights: dict[int, int]) -> Star:
    first, *further = competencies_of(supports, mentorship.shown_under) or [mentorship.shown_under]
    served = {s.need_id: s.strength * weights[s.need_id] for s in supports if s.need_id in weights}
    person = mentorship.person
    return Star(
        id=mentorship.pk,
        name=person.name,
        initials=initials(person.name),
        competency=first,
        further=tuple(further),
        needs=tuple((need_id, float(weight)) for need_id, weight in served.items() if need_id),
        closeness=mentorship.closeness,
        formal=mentorship.form == Mentorship.Form.FORMAL,
        paused=mentorship.status == Mentorship.Status.PAUSED,
        friend=mentorship.friends_since is not None,
        href=mentorship.get_absolute_url(),
        short=person.first_name,
    )
