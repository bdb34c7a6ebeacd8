"""Suggested agendas, and how they fit the meeting's length. Pure functions.

The topics of a first conversation (their role, their experience of mentoring, what may interest them) follow the
guide "Accessing informal mentoring" (NIHR, 2023); the wording is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Suggestion:
    words: str
    minutes: int | None


SUGGESTED: dict[str, tuple[Suggestion, ...]] = {
    "initial": (
        Suggestion("What their work is like, and the road that led there", 5),
        Suggestion("Mentoring in their life: who helped them, and whom they have helped", 5),
        Suggestion("What might interest them in talking with me", 5),
    ),
    "follow_up": (
        Suggestion("What I did with what they told me last time", 5),
        Suggestion("The question I most want to think through with them", 15),
        Suggestion("Whether talking now and then would suit us both", 10),
    ),
    "first": (
        Suggestion("What each of us hopes for, and what we don’t expect", 15),
        Suggestion("Ground rules: how we prepare, and how we say when something doesn’t fit", 10),
        Suggestion("What stays between us", 10),
        Suggestion("How often we meet, for how long, and where", 10),
        Suggestion("Where I’d like to be in the long run, and a first step", 10),
    ),
    "regular": (
        Suggestion("What has happened since we last spoke", 10),
        Suggestion("The one thing I most want to think about today", 25),
        Suggestion("How this fits the long-term direction", 10),
        Suggestion("What I’ll do next, and when we meet again", 10),
    ),
    "review": (
        Suggestion("What has changed since we began", 15),
        Suggestion("How it works between us, and what we’d do differently", 15),
        Suggestion("Is the direction still the right one?", 15),
        Suggestion("Go on as we are, change something, or bring it to a good end", 10),
    ),
    "closing": (
        Suggestion("What came of it, planned and unplanned", 15),
        Suggestion("What each of us takes along", 10),
        Suggestion("Thank you, in plain words", 5),
        Suggestion("How we stay in touch", 10),
    ),
}

# Minutes. A first conversation takes a quarter of an hour; a mentoring meeting takes 60 to 90 minutes (Clutterbuck).
USUAL_MINUTES = {"initial": 15, "follow_up": 30, "first": 60, "regular": 60, "review": 60, "closing": 45}


def suggested(kind: str, minutes: int) -> list[Suggestion]:
    """The agenda suggested for a meeting of this kind, fitted into ``minutes``."""
    return fitted(SUGGESTED.get(kind, ()), minutes)


def fitted(suggestions: Iterable[Suggestion], minutes: int) -> list[Suggestion]:
    """Shrink the items in proportion until they fit ``minutes``; they never grow.

    Rounds to five minutes if that leaves each item at least five. If there is less than a minute for each, the items
    get no time at all.
    """
    items = list(suggestions)
    wanted = [item.minutes or 0 for item in items]
    if sum(wanted) <= minutes:
        return items
    if minutes < len(items):
        return [replace(item, minutes=None) for item in items]
    step = 5 if minutes >= 5 * len(items) and all(want % 5 == 0 for want in wanted) else 1
    shares = _shares([want // step for want in wanted], minutes // step)
    return [replace(item, minutes=share * step) for item, share in zip(items, shares, strict=True)]


def _shares(wanted: list[int], room: int) -> list[int]:
    """Divide ``room`` into whole shares in proportion, at least one each; the rest goes to those cut the most."""
    total = sum(wanted)
    shares = [max(1, want * room // total) for want in wanted]
    while sum(shares) > room:  # the minimum share of one may have exceeded the total
        shares[shares.index(max(shares))] -= 1
    while sum(shares) < room:
        lacking = [want * room / total - share for want, share in zip(wanted, shares, strict=True)]
        shares[lacking.index(max(lacking))] += 1
    return shares


MOST_POINTS = 40
LONGEST_POINT = 300  # characters
MOST_MINUTES = 480
_timed = re.compile(r"(\d{1,4})\s*min(?:utes?|s)?\b\.?\s*[:,–—-]?\s*(?=\S)(.*)", re.IGNORECASE)


def parse(text: str) -> list[Suggestion]:
    """Parse one point per line, optionally starting with its minutes: "10 min: What has happened".

    Raises ``ValueError`` with a message for the user for too many points, long points, or too many minutes.
    """
    points = []
    for line in text.splitlines():
        words, minutes = " ".join(line.split()).lstrip("-*• "), None
        if timed := _timed.fullmatch(words):
            words, minutes = timed[2], int(timed[1]) or None
        if len(words) > LONGEST_POINT:
            raise ValueError(f"“{words[:40]}…” is too long: a point has at most {LONGEST_POINT} characters.")
        if minutes and minutes > MOST_MINUTES:
            raise ValueError(f"“{words}” would take {minutes} minutes. At most {MOST_MINUTES}, please.")
        if words:
            points.append(Suggestion(words, minutes))
    if len(points) > MOST_POINTS:
        raise ValueError(f"These are {len(points)} points. At most {MOST_POINTS}: fewer make a better conversation.")
    return points


def as_text(points: Iterable[Suggestion]) -> str:
    """The points in the format that :func:`parse` reads."""
    return "\n".join(f"{point.minutes} min: {point.words}" if point.minutes else point.words for point in points)


def time_in_words(planned: int, minutes: int) -> str:
    """How the agenda's total fits the meeting, both in minutes: "55 of 60 minutes, with 5 to spare"."""
    words, over = f"{planned} of {minutes} minutes", planned - minutes
    if over > 0:
        return f"{words}: {over} more than you have"
    return f"{words}, with {-over} to spare" if over < 0 else words


def usual_kind(*, mentor: bool, met_as_mentor: bool, stage: str, met_initially: bool) -> str:
    """The most likely kind of the next meeting with somebody.

    ``mentor``: a mentorship is running; ``met_as_mentor``: it has had a meeting; ``stage``: the stage of the open
    approach, empty without one; ``met_initially``: its first conversation took place.
    """
    if mentor:
        return "regular" if met_as_mentor else "first"
    if not stage:
        return "regular"
    return "follow_up" if met_initially or stage in {"follow_up", "requested"} else "initial"
