"""Ranks people for one need, with reasons as text. Pure functions over plain values.

All points come from named reasons; pages show the reasons, never the points.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from accounts.words import listed
from portfolio.text.normalise import fold, words_of

# The points of each reason. The user's own idea outweighs everything else.
THOUGHT = 60
SECTOR = 20
INTRODUCED = 18
MENTOR_KNOWS_THEM = 15
SOMEBODY_KNOWS_THEM = 10
MENTOR_ALREADY = 10
OUTSIDE = 8
MENTION = 6  # per matching word of the need, at most three
KNOWS_A_CANDIDATE = 5
FOUND_AT = 4
SPOKE_LATELY, SPOKE_THIS_YEAR, SPOKE_ONCE = 6, 4, 2
MOST_WORDS = 3

# Stop words: short words, and usual first words of needs.
STOP_WORDS = frozenset(
    """
    a about after again against all also an and any are as at be become been before being better between but by
    can could do does doing find for from further get getting give go good had has have having heard help her here
    him his how i if in into is it its keep know knowing known learn learning less like make making me more most
    my need new no not of off on one or other our out over own people person really see seen set should so some
    somebody someone such take than that the their them then there these they thing things this those to too under
    up us use very want was way we well were what when where which while who whom why will win with within without
    work working would you your
    """.split()  # noqa: SIM905 - a list of words reads better
)
# Endings to strip before comparing words, with the minimum rest, so that "career" doesn't match "care".
_ENDINGS = (
    *((ending, 5) for ending in ("ioners", "ioning", "ioner", "ations", "ation", "ators", "ator", "ating", "ate")),
    *((ending, 4) for ending in ("ships", "ship", "ings", "ing", "ers", "ies", "ed")),
    *((ending, 5) for ending in ("er", "es", "y")),
    ("s", 4),
)


class Reason(NamedTuple):
    """One stored fact in favour of asking somebody, or (with negative points) against it.

    A ``leads`` reason makes somebody a candidate; the others only change the order. ``busy``: something is in progress
    with them, which the button ``act`` continues at ``url``; ``not_by`` is the id of a person who should not be asked
    (again) to introduce them. ``thought``: the user noted that they could help; ``introduction``: one was made or is
    in progress.
    """

    words: str
    points: int
    leads: bool = False
    busy: bool = False
    url: str = ""
    act: str = "See where it stands"
    not_by: int = 0
    thought: bool = False
    introduction: bool = False

    @property
    def cautions(self) -> bool:
        return self.points < 0


class Knower(NamedTuple):
    """Somebody who knows the person and could introduce them."""

    id: int
    name: str
    is_mentor: bool = False


class Texts(NamedTuple):
    """The folded texts to search for words of the need: what they do, where, their tags, the user's notes."""

    headline: str = ""
    organisation: str = ""
    tags: str = ""
    notes: str = ""


class Facts(NamedTuple):
    """The data about one person that matters for a need. Dates are local.

    ``why`` is the user's idea (None if there is none); ``knows`` are names of other candidates they know.
    """

    id: int
    name: str
    why: str | None = None
    dismissed: bool = False
    supports_it: bool = False
    sector: str = ""
    organisation: str = ""
    texts: Texts = Texts()
    knowers: tuple[Knower, ...] = ()
    place: str = ""
    last_contact: dt.date | None = None
    is_mentor: bool = False
    knows: tuple[str, ...] = ()
    further: tuple[Reason, ...] = ()


class Wanted(NamedTuple):
    """The need, and the user's view of it. ``organisation`` is where the user works, if known."""

    words: str
    sector: str = ""
    organisation: str = ""


class Suggestion(NamedTuple):
    """A candidate. ``introducer`` is the best person to ask for an introduction, if any."""

    id: int
    name: str
    reasons: tuple[Reason, ...]
    is_mentor: bool = False
    thought_of: bool = False
    why: str = ""
    spoken: bool = False
    introducer: Knower | None = None

    @property
    def points(self) -> int:
        """The sum of points, for sorting only; never shown."""
        return sum(reason.points for reason in self.reasons)

    @property
    def busy(self) -> Reason | None:
        """The reason that something is in progress with them, if any."""
        return next((reason for reason in self.reasons if reason.busy), None)

    @property
    def at_rest(self) -> bool:
        """Whether there is a reason to wait."""
        return at_rest(self.reasons)


def at_rest(reasons: Iterable[Reason]) -> bool:
    """Whether one of these is a reason to wait."""
    return any(reason.cautions and not reason.busy for reason in reasons)


def suggest(need: Wanted, people: Iterable[Facts], today: dt.date) -> list[Suggestion]:
    """All candidates, strongest reasons first; then by name and id, so that the order is total."""
    found = [_suggestion(need, facts, today) for facts in people if not facts.dismissed and not facts.supports_it]
    return rank(one for one in found if any(reason.leads for reason in one.reasons))


def rank(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    return sorted(suggestions, key=lambda one: (-one.points, fold(one.name), one.id))


def _suggestion(need: Wanted, facts: Facts, today: dt.date) -> Suggestion:
    ask = _could_be_asked(facts)
    reasons = _reasons(need, facts, ask, today)
    return Suggestion(
        facts.id,
        facts.name,
        tuple(sorted(reasons, key=lambda reason: (reason.cautions, -abs(reason.points)))),
        is_mentor=facts.is_mentor,
        thought_of=facts.why is not None,
        why=facts.why or "",
        spoken=facts.last_contact is not None,
        introducer=ask[0] if ask else None,
    )


def _could_be_asked(facts: Facts) -> list[Knower]:
    """People who could introduce them, best first; nobody if an introduction was made or is in progress."""
    if not facts.knowers or facts.is_mentor or any(reason.introduction for reason in facts.further):
        return []
    not_again = {reason.not_by for reason in facts.further}
    return sorted((knower for knower in facts.knowers if knower.id not in not_again), key=_whom_to_ask)


def _whom_to_ask(knower: Knower) -> tuple[bool, str, int]:
    return (not knower.is_mentor, fold(knower.name), knower.id)


def _reasons(need: Wanted, facts: Facts, ask: list[Knower], today: dt.date) -> list[Reason]:
    """The reasons for a person, phrased to follow their name; each comes from a stored fact."""
    found: list[Reason] = []
    if facts.why is not None:
        words = f"you thought of them for this: {facts.why}" if facts.why else "you thought of them for this"
        found.append(Reason(words, THOUGHT, leads=True, thought=True))
    if same_sector(need.sector, facts.sector):
        found.append(Reason(f"works in {facts.sector.strip()}, the sector you named", SECTOR, leads=True))
    if facts.is_mentor:
        also = f", and knows {in_words(facts.knows)}" if facts.knows else ""
        points = MENTOR_ALREADY + (KNOWS_A_CANDIDATE if facts.knows else 0)
        found.append(Reason(f"already your mentor{also}", points, leads=True))
    found += mentions(need.words, facts.texts)
    found += _paths(ask)
    if outside(need.organisation, facts.organisation):
        found.append(Reason("outside your organisation", OUTSIDE))
    if facts.place:
        found.append(Reason(f"found on {facts.place}", FOUND_AT))
    if facts.last_contact:
        found.append(_spoke(facts.last_contact, today))
    return found + list(facts.further)


def _paths(ask: list[Knower]) -> list[Reason]:
    if not ask:
        return []
    others = len(ask) - 1
    more = f" ({others} more {'does' if others == 1 else 'do'} too)" if others else ""
    if ask[0].is_mentor:
        words = f"{ask[0].name} knows them and is your mentor{more}"
        return [Reason(words, MENTOR_KNOWS_THEM, leads=True)]
    words = f"{ask[0].name} knows them and could introduce you{more}"
    return [Reason(words, SOMEBODY_KNOWS_THEM, leads=True)]


def _spoke(last: dt.date, today: dt.date) -> Reason:
    days = (today - last).days
    months = 12 * (today.year - last.year) + today.month - last.month
    if days <= 7:
        return Reason("you spoke this week", SPOKE_LATELY)
    if months == 0:
        return Reason("you spoke this month", SPOKE_LATELY)
    if months == 1:
        return Reason("you spoke last month", SPOKE_LATELY)
    points = SPOKE_THIS_YEAR if days <= 365 else SPOKE_ONCE
    return Reason(f"you last spoke in {last:%B %Y}", points)


def same_sector(wanted: str, theirs: str) -> bool:
    """Whether their sector is the named one or a part of it: "Adult social care" is part of "social-care"."""
    named = words_of(wanted)
    return bool(named) and set(named) <= set(words_of(theirs))


def outside(mine: str, theirs: str) -> bool:
    """Whether they work elsewhere; False if one of the organisations is unknown."""
    return bool(words_of(mine)) and bool(words_of(theirs)) and words_of(mine) != words_of(theirs)


@lru_cache(maxsize=64)
def telling_words(words: str) -> tuple[str, ...]:
    """The significant words of a need in order, without endings: "commissioners" becomes "commiss"."""
    stems = (_stem(word) for word in words_of(words) if word not in STOP_WORDS and len(word) > 2)
    return tuple(dict.fromkeys(stems))


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= left:
            return word.removesuffix(ending)
    return word


def mentions(words: str, texts: Texts) -> list[Reason]:
    """A reason for each text that contains words of the need; each word counts only in the first text."""
    left: Sequence[str] = telling_words(words)
    room = MOST_WORDS
    found = []
    for place, text in (
        ("their headline mentions", texts.headline),
        ("their organisation mentions", texts.organisation),
        ("your tags mention", texts.tags),
        ("your notes mention", texts.notes),
    ):
        here = {stem: span for stem in left if (span := _where(stem, text))}
        here = dict(list(here.items())[:room])
        if here:
            named = in_words([f"“{words}”" for words in _stretches(text, sorted(here.values()))])
            found.append(Reason(f"{place} {named}", MENTION * len(here), leads=True))
            left = [stem for stem in left if stem not in here]
            room -= len(here)
    return found


def _where(stem: str, text: str) -> tuple[int, int] | None:
    """The position of the first word with this stem; ``text`` is folded."""
    if stem not in text:  # the usual case, which is faster without a regular expression
        return None
    found = re.finditer(rf"\b{re.escape(stem)}\w*", text)
    return next((match.span() for match in found if _stem(match[0]) == stem), None)


def _stretches(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The words at these positions, joining adjacent ones: "social-care commissioning"."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return list(dict.fromkeys(text[start:end] for start, end in joined))


def in_words(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"; beyond three "A, B and 4 others"."""
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} others"
    return listed(names)
