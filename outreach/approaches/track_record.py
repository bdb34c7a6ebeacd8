"""One honest sentence on how one's own approaches went, and what helped. No league tables: nobody else is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.words import number

ENOUGH = 10  # approaches; before that, chance says more than habit
GROUP = 2  # on both sides of a comparison
TELLING = 0.3  # how far apart two shares must be to be worth a word


@dataclass(frozen=True)
class Tried:
    """An approach that has had its time to be answered."""

    answered: bool
    introduced: bool = False
    followed_up: bool = False
    well_known: bool = False  # from one's immediate professional circle


# What may have helped, and how it is said of those who had it.
HELPS: tuple[tuple[str, str], ...] = (
    ("introduced", "with an introduction"),
    ("followed_up", "you wrote to once more"),
    ("well_known", "from your own circle"),
)


def how_it_went(tried: Iterable[Tried]) -> str:
    """The sentence; empty below ten approaches."""
    tried = list(tried)
    if len(tried) < ENOUGH:
        return ""
    answered = sum(one.answered for one in tried)
    words = f"{number(answered).capitalize() if answered else 'None'} of {number(len(tried))} answered"
    return f"{words}; {what_helped}." if (what_helped := _what_helped(tried)) else f"{words}."


def _share(group: Sequence[Tried]) -> float:
    return sum(one.answered for one in group) / len(group)


def _what_helped(tried: list[Tried]) -> str:
    """What sets those who answered apart, if anything does: the widest gap, the first of equals."""
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
