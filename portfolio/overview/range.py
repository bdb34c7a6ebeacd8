"""The range of a portfolio as text: how diverse the backgrounds of its mentors are. Pure functions.

Range is the number of social systems that mentors come from, such as workplaces, professions and communities (Higgins
and Kram 2001); de Janasz and Sullivan (2004) recommend mentors from outside the user's own institution. The texts are
questions to think about, not grades, and rest only on stored facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.words import listed, number

ENOUGH = 3  # with fewer mentors, range is meaningless
MOST = 2  # sentences
SOURCE = "After Higgins and Kram (2001) and de Janasz and Sullivan (2004), on mentors from different worlds."
KNOWING = {"why": "knowing why", "how": "knowing how", "whom": "knowing whom"}
ELSEWHERE = {
    "circle": "Whom might a professional body, or a friend of a friend, lead you to?",
    "body": "Who is there outside the profession?",
    "friend": "Whom could you find without a go-between?",
    "academic": "Who works outside universities?",
    "linkedin": "Who knows your work from close by?",
}
FROM = {
    "circle": "come from your own professional circle",
    "body": "come from a professional body",
    "friend": "came to you through friends",
    "academic": "come from an academic institution",
    "linkedin": "came to you through LinkedIn",
}


@dataclass(frozen=True)
class MentorWorld:
    """One current mentor. Empty means unknown. ``organisation`` and ``sector`` are folded, ``*_words`` as written.

    ``breadth`` is "narrow" or "broad"; ``competencies`` are those supported today.
    """

    organisation: str = ""
    organisation_words: str = ""
    sector: str = ""
    sector_words: str = ""
    source: str = ""
    formal: bool = False
    breadth: str = ""
    competencies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Observation:
    """A sentence about ``count`` of the mentors, and the question it raises."""

    about: str
    count: int
    says: str
    asks: str


def observations(mentors: Sequence[MentorWorld], own_organisation: str = "") -> list[Observation]:
    """Up to two observations: those about all mentors before those about most. ``own_organisation`` is folded."""
    if len(mentors) < ENOUGH:
        return []
    found = [*_competencies(mentors), *_workplace(mentors, own_organisation), *_others(mentors)]
    return sorted(found, key=lambda one: one.count < len(mentors))[:MOST]


def _of_your(count: int, total: int) -> str:
    """ "All three of your mentors", "Two of your three mentors"."""
    if count == total:
        return f"All {number(total)} of your mentors"
    return f"{number(count).capitalize()} of your {number(total)} mentors"


def _competencies(mentors: Sequence[MentorWorld]) -> Iterator[Observation]:
    """All mentors support the same kind of knowing; only if it is known for everybody."""
    together = frozenset[str]().union(*(mentor.competencies for mentor in mentors))
    if len(together) == 1 and all(mentor.competencies for mentor in mentors):
        [only] = together
        missing = listed([words for competency, words in KNOWING.items() if competency != only])
        says = f"{_of_your(len(mentors), len(mentors))} support you in {KNOWING[only]}."
        yield Observation("competency", len(mentors), says, f"Who stands for {missing}?")


def _workplace(mentors: Sequence[MentorWorld], own: str) -> Iterator[Observation]:
    """Inside or outside the user's organisation; if that gives no result, an organisation shared by most."""
    total = len(mentors)
    known = [mentor.organisation for mentor in mentors if mentor.organisation]
    inside = known.count(own) if own else 0
    if _most(inside, total):
        says = f"{_of_your(inside, total)} work where you work."
        yield Observation("organisation", inside, says, "Whose view from outside is missing?")
        return
    if own and not inside and len(known) == total:
        says = f"None of your {number(total)} mentors works where you work."
        yield Observation("organisation", total, says, "Who could tell you how things are decided there?")
        return
    shared, count = _commonest(known)
    if _most(count, total):
        words = next(mentor.organisation_words for mentor in mentors if mentor.organisation == shared)
        says = f"{_of_your(count, total)} work at {words}."
        yield Observation("organisation", count, says, "Whose view from another place is missing?")


def _others(mentors: Sequence[MentorWorld]) -> Iterator[Observation]:
    total = len(mentors)
    sector, count = _commonest([mentor.sector for mentor in mentors if mentor.sector])
    if _most(count, total):
        words = next(mentor.sector_words for mentor in mentors if mentor.sector == sector)
        says = f"{_of_your(count, total)} work in one sector: {words}."
        yield Observation("sector", count, says, "Who sees your work from another field?")
    source, count = _commonest([mentor.source for mentor in mentors if mentor.source in FROM])
    if count == total:
        yield Observation("source", count, f"{_of_your(count, total)} {FROM[source]}.", ELSEWHERE[source])
    if all(mentor.formal for mentor in mentors):
        says = f"{_of_your(total, total)} belong to a formal programme."
        yield Observation("formal", total, says, "With whom could you talk without one?")
    breadth = {mentor.breadth for mentor in mentors}
    if breadth == {"narrow"}:
        says = f"{_of_your(total, total)} have a narrow focus."
        yield Observation("breadth", total, says, "Who knows you well enough to see the whole?")
    if breadth == {"broad"}:
        says = f"{_of_your(total, total)} have a broad focus."
        yield Observation("breadth", total, says, "Whom could you ask about one thing alone?")


def _most(count: int, total: int) -> bool:
    """More than half, and more than one."""
    return count > 1 and 2 * count > total


def _commonest(values: Sequence[str]) -> tuple[str, int]:
    """The most frequent value (the first on a tie) and its count; for no values, empty and 0."""
    return next(iter(Counter(values).most_common(1)), ("", 0))
