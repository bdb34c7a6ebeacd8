"""The timeline: all mentorships as lanes over the years. Pure functions over plain values.

Horizontal positions are per cent of the picture's width, so that it fits any screen; heights are pixels. All dates are
local.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.words import counted, number, sentence
from portfolio.overview.constellation_labels import shortened, width
from portfolio.overview.timeline_axis import Tick, ticks

HEAD = 52.0  # the height above the first lane, for the years and "today"
LANE = 52.0
NAME, TRACK = 19.0, 37.0  # within a lane: the baseline of its name, and the middle of its track
THICKNESS = {"narrow": 4.0, "": 8.0, "broad": 13.0}
NARROWEST = 290.0  # pixels: a 360 pixel wide phone without its margins
LEAST_DAYS = 42
MARGIN = 0.03  # share of the days shown, added on either side


@dataclass(frozen=True)
class Pause:
    start: dt.date
    end: dt.date | None = None  # None if ongoing


@dataclass(frozen=True)
class Span:
    """One mentorship. ``breadth`` is "narrow", "broad" or empty; ``competency`` is its main one, if known.

    ``formal_until`` is when a formal one turned informal; ``formal``: it started as formal. ``words`` is its text
    alternative.
    """

    id: int
    person_id: int
    name: str
    start: dt.date
    end: dt.date | None = None
    competency: str = ""
    breadth: str = ""
    formal: bool = False
    formal_until: dt.date | None = None
    pauses: tuple[Pause, ...] = ()
    friends_since: dt.date | None = None
    ended_as: str = ""
    words: str = ""
    href: str = ""


@dataclass(frozen=True)
class Stretch:
    """A part of a lane that starts at ``x``, with a ``width`` (both per cent)."""

    x: float
    width: float

    @property
    def end(self) -> float:
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class Lane:
    """One mentorship, drawn between ``top`` and ``top + LANE``. ``again``: it has the same person as the lane above.

    ``name_x`` is the start or, depending on the anchor, the end of the name. ``tracks`` are active times, ``hollow``
    paused ones, ``formal`` the formal time, and ``halo`` the friendship, which may continue after the end.
    """

    span: Span
    top: float
    name: str
    name_x: float
    name_anchor: str
    start: float
    end: float
    tracks: tuple[Stretch, ...]
    hollow: tuple[Stretch, ...]
    formal: Stretch | None
    halo: Stretch | None
    again: bool

    @property
    def name_y(self) -> float:
        return self.top + NAME

    @property
    def middle(self) -> float:
        return self.top + TRACK

    @property
    def thickness(self) -> float:
        return THICKNESS[self.span.breadth]

    @property
    def track_top(self) -> float:
        return self.middle - self.thickness / 2

    @property
    def ring_top(self) -> float:
        return self.track_top - 4

    @property
    def ring_thickness(self) -> float:
        return self.thickness + 8

    @property
    def halo_thickness(self) -> float:
        return self.thickness + (16 if self.formal else 12)

    @property
    def halo_top(self) -> float:
        return self.middle - self.halo_thickness / 2

    @property
    def halo_round(self) -> float:
        return self.halo_thickness / 2

    @property
    def again_top(self) -> float:
        """The top of the bracket that links it to the lane above of the same person."""
        return self.middle - LANE

    @property
    def runs(self) -> bool:
        return self.span.end is None

    @property
    def cap_top(self) -> float:
        return self.middle - 10

    @property
    def cap_end(self) -> float:
        return self.middle + 10


@dataclass(frozen=True)
class Timeline:
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    today: float

    @property
    def height(self) -> float:
        return HEAD + LANE * len(self.lanes) + 12

    @property
    def summary(self) -> str:
        """A sentence as text alternative of the picture."""
        if not self.lanes:
            return "No mentorship yet."
        spans = [lane.span for lane in self.lanes]
        people = counted(len({span.person_id for span in spans}), "person", "people")
        since = min(span.start for span in spans)
        total = counted(len(spans), "mentorship", "mentorships")
        return sentence(f"{total} with {people} since {since:%B %Y}, at most {number(at_once(spans))} at a time")

    @property
    def signs(self) -> list[str]:
        """What the marks of this picture mean, for the key."""
        spans = [lane.span for lane in self.lanes]
        thick = {span.breadth for span in spans}
        signs = [
            ("thick: a broad focus", "broad" in thick),
            ("thin: a narrow one", "narrow" in thick),
            ("outlined: formal", any(lane.formal for lane in self.lanes)),
            ("hollow: paused", any(lane.hollow for lane in self.lanes)),
            ("a halo: friends from then on", any(lane.halo for lane in self.lanes)),
            ("a bar at the end: ended", any(span.end for span in spans)),
        ]
        return [words for words, is_here in signs if is_here]


def draw(spans: Iterable[Span], today: dt.date) -> Timeline:
    """Lanes grouped by person, earliest first, so that a later mentorship doesn't change the order of earlier ones."""
    ordered = in_lanes(spans)
    first, last = reach(ordered, today)
    lanes = []
    for place, span in enumerate(ordered):
        again = place > 0 and ordered[place - 1].person_id == span.person_id
        lanes.append(_lane(span, HEAD + LANE * place, again, _Scale(first, last), today))
    return Timeline(tuple(lanes), ticks(first, last), _Scale(first, last).x(today))


def in_lanes(spans: Iterable[Span]) -> list[Span]:
    """Sorted by the start of the first mentorship with the same person, then by their own start."""
    by_start = sorted(spans, key=lambda span: (span.start, span.id))
    first: dict[int, tuple[dt.date, int]] = {}
    for span in by_start:
        first.setdefault(span.person_id, (span.start, span.id))
    return sorted(by_start, key=lambda span: (first[span.person_id], span.start, span.id))


def reach(spans: Sequence[Span], today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and last day shown: at least six weeks, with a margin on either side."""
    first = min([today, *(span.start for span in spans)])
    last = max([today, *(span.end or span.start for span in spans)])
    days = max((last - first).days, LEAST_DAYS)
    margin = max(round(days * MARGIN), 1)
    return _earlier(last, days + margin), _later(last, margin)


def at_once(spans: Sequence[Span]) -> int:
    """The largest number of mentorships at the same time. The end date is included."""
    begin = [(span.start, 0, 1) for span in spans]
    end = [(span.end, 1, -1) for span in spans if span.end]
    running, most = 0, 0
    for _, _, change in sorted(begin + end):
        running += change
        most = max(most, running)
    return most


def _earlier(day: dt.date, days: int) -> dt.date:
    return dt.date.fromordinal(max(day.toordinal() - days, 1))


def _later(day: dt.date, days: int) -> dt.date:
    return dt.date.fromordinal(min(day.toordinal() + days, dt.date.max.toordinal()))


@dataclass(frozen=True)
class _Scale:
    first: dt.date
    last: dt.date

    def x(self, day: dt.date) -> float:
        """The position of a day in per cent of the width, clamped to the picture."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(100 * min(max(share, 0), 1), 2)

    def stretch(self, start: dt.date, end: dt.date) -> Stretch:
        x = self.x(start)
        return Stretch(x, round(max(self.x(end) - x, 0), 2))


def _lane(span: Span, top: float, again: bool, scale: _Scale, today: dt.date) -> Lane:
    end = max(span.end or max(today, span.start), span.start)
    name = shortened(f"{span.name}, again" if again else span.name, NARROWEST)
    start, share = scale.x(span.start), round(100 * width(name) / NARROWEST, 2)
    # Align the name with the start of the track, or with its end if the narrowest screen has no room.
    fits = start + share <= 100
    return Lane(
        span=span,
        top=top,
        name=name,
        name_x=start if fits else max(scale.x(end), share),
        name_anchor="start" if fits else "end",
        start=start,
        end=scale.x(end),
        tracks=tuple(scale.stretch(a, b) for a, b in _active(span, end)),
        hollow=tuple(scale.stretch(a, b) for a, b in _resting(span, end)),
        formal=_formal(span, end, scale),
        halo=_halo(span, max(end, today), scale),
        again=again,
    )


def _halo(span: Span, until: dt.date, scale: _Scale) -> Stretch | None:
    """The friendship, which may start after the mentoring and continues after its end."""
    if span.friends_since is None:
        return None
    return scale.stretch(_within(span.friends_since, span.start, until), until)


def _within(day: dt.date, start: dt.date, end: dt.date) -> dt.date:
    return min(max(day, start), end)


def _resting(span: Span, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The pauses in order, without overlaps, clipped to the mentorship."""
    found: list[tuple[dt.date, dt.date]] = []
    for pause in sorted(span.pauses, key=lambda pause: pause.start):
        a, b = _within(pause.start, span.start, end), _within(pause.end or end, span.start, end)
        a = max([a, *(before for _, before in found[-1:])])
        if a < b:
            found.append((a, b))
    return found


def _active(span: Span, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The times between the pauses; a mentorship of a single day still gets a visible width."""
    found, at = [], span.start
    for a, b in _resting(span, end):
        if at < a:
            found.append((at, a))
        at = b
    if at < end or (not found and at == span.start):
        found.append((at, end))
    return found


def _formal(span: Span, end: dt.date, scale: _Scale) -> Stretch | None:
    if not span.formal and span.formal_until is None:
        return None
    return scale.stretch(span.start, _within(span.formal_until or end, span.start, end))
