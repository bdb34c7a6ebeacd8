"""Texts about an open need without a mentor: who could help, and why. Used by Today and Portfolio."""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.models import Need
from portfolio.needs.candidates import Candidate, Found
from portfolio.needs.next_step import people_in_words
from portfolio.needs.ranking import Reason

MOST_REASONS = 2


@dataclass(frozen=True)
class Gap:
    """``words`` says who could help; ``button`` links to the need."""

    need: Need
    words: str
    button: str

    @property
    def url(self) -> str:
        return f"{self.need.get_absolute_url()}#who"


def gap_of(need: Need, found: Found) -> Gap:
    words = gap_words(found, nobody="Think of one person who might help, or who might know somebody.")
    return Gap(need, words, "See who could help" if found.first else "Think of someone")


def gap_words(found: Found, nobody: str) -> str:
    """The first candidate and the reasons for them; ``nobody`` is the text if there is no candidate.

    The person and reasons are the same as on the need's page.
    """
    first = found.first
    if first is None:
        return nobody
    name, why = first.suggestion.name, "; ".join(reason.words for reason in leading_reasons(first))
    if not first.suggestion.thought_of:
        return f"{name} may be worth a thought: {why}."
    count = found.thought_of
    could = f"{people_in_words(count)} you know could help"
    if why:
        return f"{could}. {name} comes first: {why}."
    return f"{could}: {name}." if count == 1 else f"{could}. {name}, for one."


def leading_reasons(candidate: Candidate) -> list[Reason]:
    """First what is in progress, then the strongest reason; without the user's idea, which the count includes."""
    reasons = candidate.suggestion.reasons
    others = [reason for reason in reasons if not reason.thought and not reason.busy]
    return [*(reason for reason in reasons if reason.busy), *others][:MOST_REASONS]
