"""The heaviest gap of a portfolio, and who might fill it, in words drawn from stored facts only."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.words import listed, number, sentence
from portfolio.models import Knows, Mentorship
from portfolio.overview.selectors import NeedHere
from portfolio.text.normalise import fold


@dataclass(frozen=True)
class Gap:
    """``words`` say who could help; ``button`` leads to the need."""

    here: NeedHere
    words: str
    button: str

    @property
    def url(self) -> str:
        return f"{self.here.need.get_absolute_url()}#who"


def gap_of(user: User, here: NeedHere) -> Gap:
    """At most one query."""
    if not here.could_help:
        return Gap(here, "Think of one person who might help, or who might know somebody.", "Think of someone")
    first = here.could_help[0].person
    reasons = []
    if first.sector and fold(first.sector) == fold(here.need.sector):
        reasons.append(f"works in {first.sector[:1].lower()}{first.sector[1:]}")
    if user.organisation and first.organisation and fold(user.organisation) != fold(first.organisation):
        reasons.append("stands outside your organisation")
    running = Mentorship.objects.filter(owner=user).running().values("person")
    known = Knows.objects.filter(owner=user, known=first, knower__in=running).select_related("knower").order_by("pk")
    if knows := known.first():
        reasons.append(f"is known to {knows.knower.name}")
    count = len(here.could_help)
    words = f"{number(count)} {'person' if count == 1 else 'people'} you know could help"
    named = f": {first.name}" if count == 1 else f". {first.name}, for one"
    why = f". {first.name} {listed(reasons)}" if reasons else named
    return Gap(here, sentence(words + why), "See who could help")
