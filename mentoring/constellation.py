"""The portfolio as a constellation: real mentors, needs and approaches as plain values for the picture."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import TITLES
from outreach.models import Approach
from portfolio.models import Competency, Mentorship, Support
from portfolio.overview.build import competencies_of
from portfolio.overview.constellation import Approaching, NeedArc, Picture, Star, draw
from portfolio.overview.selectors import NeedHere, PortfolioView


def constellation_of(view: PortfolioView, approaches: Iterable[Approach]) -> Picture:
    """Draw what :func:`portfolio.overview.selectors.portfolio_of` read; ``approaches`` are open, with person and needs.

    Everybody comes in the order they were entered here, not in that of their dates: somebody who is entered late with
    an early date would move all the others.
    """
    weights = {here.need.pk: here.need.weight for here in view.needs}
    needs = sorted(view.needs, key=lambda here: here.need.pk)
    mentorships = sorted(view.mentorships, key=lambda mentorship: mentorship.pk)
    stars = [_star(m, view.supports.get(m.pk, []), weights) for m in mentorships if _stands(m, view)]
    asked = [_approaching(approach) for approach in sorted(approaches, key=lambda approach: approach.pk)]
    return draw([_arc(here) for here in needs], stars, asked)


def not_in_constellation(view: PortfolioView) -> list[Mentorship]:
    """Running mentorships of which nobody said what they support: no shape could stand for them."""
    return [mentorship for mentorship in view.mentorships if not _stands(mentorship, view)]


def _stands(mentorship: Mentorship, view: PortfolioView) -> bool:
    return bool(mentorship.shown_under) or mentorship.pk in view.supports


def initials(name: str) -> str:
    """Two letters at most: the first of the first and of the last name, without titles."""
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


def _approaching(approach: Approach) -> Approaching:
    """Under the heaviest open need they are asked for, else under knowing whom: somebody new in one's network."""
    needs = [need for need in approach.needs.all() if need.closed_on is None]
    heaviest = min(needs, key=lambda need: (-need.weight, need.pk), default=None)
    return Approaching(
        id=approach.pk,
        name=approach.person.name,
        initials=initials(approach.person.name),
        competency=heaviest.competency if heaviest else Competency.WHOM,
        stage=approach.get_stage_display(),
        needs=tuple((need.pk, float(need.weight)) for need in needs),
        href=approach.get_absolute_url(),
        short=approach.person.first_name,
    )
