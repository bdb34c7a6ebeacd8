"""One sentence on how the user's approaches went, and what helped. Does not compare with other users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.words import number

ENOUGH = 10  # approaches; with fewer, the figures are mostly chance
GROUP = 2  # at least this many approaches on each side of a comparison
TELLING = 0.3  # the minimum difference of two shares worth mentioning


@dataclass(frozen=True)
class Tried:
    """An approach that was answered, or has waited long enough for an answer."""

    answered: bool
    introduced: bool = False
    followed_up: bool = False
    well_known: bool = False  # from the user's immediate professional circle


# What may have helped, and the phrase for approaches that had it.
HELPS: tuple[tuple[str, str], ...] = (
    ("introduced", "with an introduction"),
    ("followed_up", "you wrote to once more"),
    ("well_known", "from your own circle"),
)


def how_it_went(tried: Iterable[Tried]) -> str:
    """The sentence; empty for fewer than ten approaches."""
    tried = list(tried)
    if len(tried) < ENOUGH:
        return ""
    answered = sum(one.answered for one in tried)
    words = f"{number(answered).capitalize() if answered else 'None'} of {number(len(tried))} answered"
    return f"{words}; {what_helped}." if (what_helped := _what_helped(tried)) else f"{words}."


def _share(group: Sequence[Tried]) -> float:
    return sum(one.answered for one in group) / len(group)


def _what_helped(tried: list[Tried]) -> str:
    """The factor with the greatest difference in answers, if any; the first on a tie."""
    best, said = TELLING, ""
    for aspect, words in HELPS:
        with_it = [one for one in tried if getattr(one, aspect)]
        without = [one for one in tried if not getattr(one, aspect)]
        if min(len(with_it), len(without)) < GROUP:
            continue
        gap = _share(with_it) - _share(without)
        if gap >= best and (gap > best or not said):
            best, said = gap, _said(with_it, words)
    return said


def _said(group: list[Tried], words: str) -> str:
    answered = sum(one.answered for one in group)
    if answered == len(group):
        return f"the {number(len(group))} {words} all did" if len(group) > GROUP else f"the two {words} both did"
    return f"of the {number(len(group))} {words}, {number(answered)} did"
