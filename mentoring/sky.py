"""The portfolio as a constellation: real mentors, needs and approaches as plain values for the picture."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import TITLES
from outreach.models import Approach
from portfolio.constellation import Approaching, NeedArc, Picture, Star, draw
from portfolio.models import Competency, Mentorship, Support
from portfolio.reading import NeedHere, PortfolioView

ORDER = Competency.values


def sky_of(view: PortfolioView, approaches: Iterable[Approach]) -> Picture:
    """Draw what :func:`portfolio.reading.portfolio_of` read; ``approaches`` are open, with person and needs."""
    weights = {here.need.pk: here.need.weight for here in view.needs}
    needs = sorted(view.needs, key=lambda here: here.need.pk)
    stars = [_star(m, view.supports[m.pk], weights) for m in view.mentorships if m.pk in view.supports]
    return draw([_arc(here) for here in needs], stars, [_approaching(a, weights) for a in approaches])


def initials(name: str) -> str:
    """Two letters at most: the first of the first and of the last name, without titles."""
    words = [word for word in name.split() if word.rstrip(".").lower() not in TITLES] or name.split()
    return "".join(word[0].upper() for word in dict.fromkeys([words[0], words[-1]]) if word) if words else "?"


def _arc(here: NeedHere) -> NeedArc:
    return NeedArc(
        id=here.need.pk,
        words=here.need.words,
        competency=here.need.competency,
        weight=here.need.weight,
        mentors_count=len(here.supporters),
        could_help=len(here.could_help),
        href=here.need.get_absolute_url(),
    )


def _star(mentorship: Mentorship, supports: list[Support], weights: dict[int, int]) -> Star:
    strength: dict[str, int] = {}
    for support in supports:
        strength[support.competency] = max(support.strength, strength.get(support.competency, 0))
    first, *further = sorted(strength, key=lambda c: (-strength[c], ORDER.index(c)))
    served = {s.need_id: s.strength * weights[s.need_id] for s in supports if s.need_id in weights}
    return Star(
        id=mentorship.pk,
        name=mentorship.person.name,
        initials=initials(mentorship.person.name),
        competency=first,
        further=tuple(further),
        needs=tuple((need_id, float(weight)) for need_id, weight in served.items() if need_id),
        closeness=mentorship.closeness,
        formal=mentorship.form == Mentorship.Form.FORMAL,
        paused=mentorship.status == Mentorship.Status.PAUSED,
        friend=mentorship.friends_since is not None,
        href=mentorship.get_absolute_url(),
    )


def _approaching(approach: Approach, weights: dict[int, int]) -> Approaching:
    needs = [need for need in approach.needs.all() if need.pk in weights]
    return Approaching(
        id=approach.pk,
        name=approach.person.name,
        initials=initials(approach.person.name),
        competency=needs[0].competency if needs else Competency.WHOM,
        stage=approach.get_stage_display(),
        needs=tuple((need.pk, float(need.weight)) for need in needs),
        href=approach.get_absolute_url(),
    )
