"""The constellation: a picture of the portfolio that shows mentors as stars, with the user in the middle.

Pure functions over plain values. Lengths are units of a 720 by 720 viewBox, angles are degrees on a clock face (0 is
up, 90 is right).

A star keeps its place between visits. It moves only if its supports or the needs in its sector change, or if an earlier
star disappears (:mod:`.constellation_slots`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portfolio.overview.constellation_geometry import HORIZON, arc_path, point, text_path, wedge_path
from portfolio.overview.constellation_labels import BOLD, LINE, Label, shortened, width, write_labels
from portfolio.overview.constellation_slots import APPROACH, ROWS, SECTOR_WIDTH, SECTORS, Slot, free_slot

WORDS = {"why": "Knowing why", "how": "Knowing how", "whom": "Knowing whom"}
ARC_GAP = 2.0
WORDS_SIZE, NOTE_SIZE = 15.0, 14.0  # font sizes of a need, and of the note under an uncovered one


@dataclass(frozen=True)
class NeedArc:
    """An open need. ``weight`` 1–3 gives the length of its arc among the needs of the same competency."""

    id: int
    words: str
    competency: str
    weight: int
    mentors_count: int
    could_help: int
    href: str = ""


@dataclass(frozen=True)
class Star:
    """A mentor. ``needs`` pairs the id of a need with the strength of support; ``closeness`` 1–3, 3 is closest."""

    id: int
    name: str
    initials: str
    competency: str
    further: tuple[str, ...] = ()
    needs: tuple[tuple[int, float], ...] = ()
    closeness: int = 1
    formal: bool = False
    paused: bool = False
    friend: bool = False
    href: str = ""
    short: str = ""  # what to call them where the name is too long for the picture

    @property
    def state(self) -> str:
        """What the shape means besides the competency, as text."""
        said = [("formal", self.formal), ("paused", self.paused), ("a friend by now", self.friend)]
        return ", ".join(words for words, is_so in said if is_so)


@dataclass(frozen=True)
class Approaching:
    """Someone being approached, with the stage as text."""

    id: int
    name: str
    initials: str
    competency: str
    stage: str
    needs: tuple[tuple[int, float], ...] = ()
    href: str = ""
    short: str = ""

    @property
    def state(self) -> str:
        return f"being approached: {self.stage.lower()}"


@dataclass(frozen=True)
class Companion:
    """A tiny shape beside a star for another competency it supports."""

    competency: str
    x: float
    y: float


@dataclass
class DrawnStar:
    star: Star | Approaching
    slot: Slot  # unique in the picture
    x: float
    y: float
    threads: tuple[str, ...] = ()  # SVG paths of faint lines to the needs it supports
    label: Label | None = None
    companions: tuple[Companion, ...] = ()

    @property
    def angle(self) -> float:
        return self.slot.angle

    @property
    def radius(self) -> float:
        return self.slot.radius

    @property
    def wordings(self) -> list[tuple[str, ...]]:
        """Possible texts of the label, best first: the name, and the stage of an approach."""
        stage = (self.star.stage,) if isinstance(self.star, Approaching) else ()
        return [(name, *stage) for name in dict.fromkeys((self.star.name, self.star.short)) if name]

    @property
    def title(self) -> str:
        star = self.star
        return f"{star.name}: {WORDS[star.competency].lower()}{f', {star.state}' if star.state else ''}"


@dataclass(frozen=True)
class DrawnArc:
    need: NeedArc
    start: float
    end: float
    path: str
    wedge: str
    words_path: str
    note_path: str
    words: str
    note: str

    @property
    def cover(self) -> str:
        """``none``, ``one`` or ``many``: how many mentors support this need."""
        return ("none", "one")[self.need.mentors_count] if self.need.mentors_count < 2 else "many"

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2

    @property
    def title(self) -> str:
        cover = {0: notes(self.need)[0], 1: "One mentor"}.get(
            self.need.mentors_count, f"{self.need.mentors_count} mentors"
        )
        return f"{WORDS[self.need.competency]}, {self.need.words}: {cover}"


@dataclass
class Sector:
    competency: str
    words: str
    words_path: str
    horizon: str  # the path of a faint line if the sector has no needs; otherwise empty
    arcs: list[DrawnArc] = field(default_factory=list)
    stars: list[DrawnStar] = field(default_factory=list)
    approaching: list[DrawnStar] = field(default_factory=list)

    @property
    def everyone(self) -> list[DrawnStar]:
        return self.stars + self.approaching


@dataclass(frozen=True)
class Picture:
    sectors: tuple[Sector, ...]
    unplaced: tuple[Star | Approaching, ...]  # those beyond a sector's capacity of 30 mentors and 8 being approached

    @property
    def stars(self) -> list[DrawnStar]:
        return [star for sector in self.sectors for star in sector.stars]

    @property
    def approaching(self) -> list[DrawnStar]:
        return [star for sector in self.sectors for star in sector.approaching]

    @property
    def arcs(self) -> list[DrawnArc]:
        return [arc for sector in self.sectors for arc in sector.arcs]

    @property
    def dust(self) -> tuple[str, str]:
        return FINE_DUST, DUST

    @property
    def linked(self) -> bool:
        """Whether the picture has links; the one on the front page has none."""
        everything = [*self.stars, *self.approaching]
        return any(drawn.star.href for drawn in everything) or any(arc.need.href for arc in self.arcs)

    @property
    def signs(self) -> list[str]:
        """The meanings of shapes in this picture besides the competency, for the key."""
        stars = [drawn.star for drawn in self.stars if isinstance(drawn.star, Star)]
        covers = {arc.cover for arc in self.arcs}
        signs = [
            ("a ring: formal", any(star.formal for star in stars)),
            ("hollow: paused", any(star.paused for star in stars)),
            ("a halo: a friend by now", any(star.friend for star in stars)),
            ("a tiny shape: helps there too", any(drawn.companions for drawn in self.stars)),
            ("dashed: being approached", bool(self.approaching)),
            ("a thick arc: two mentors or more", "many" in covers),
            ("a dashed arc: nobody yet", "none" in covers),
        ]
        return [words for words, is_here in signs if is_here]

    @property
    def summary(self) -> str:
        """A sentence as text alternative of the picture."""
        gaps = sum(arc.cover == "none" for arc in self.arcs)
        return (
            f"You in the middle of {counted(len(self.stars), 'mentor', 'mentors')} and "
            f"{counted(len(self.approaching), 'person', 'people')} being approached; "
            f"{counted(gaps, 'need', 'needs')} of {len(self.arcs)} with nobody yet."
        )


def draw(needs: Iterable[NeedArc], stars: Iterable[Star], approaching: Iterable[Approaching]) -> Picture:
    """Everything for the template. Needs must be in order of creation, stars and approaches in order of opening."""
    sectors = {competency: new_sector(competency, list(needs_)) for competency, needs_ in by_competency(needs)}
    taken: set[Slot] = set()
    unplaced: list[Star | Approaching] = []
    everyone: list[Star | Approaching] = [*stars, *approaching]
    for star in everyone:
        sector = sectors[star.competency]
        rows = (APPROACH,) if isinstance(star, Approaching) else ROWS[min(max(star.closeness, 1), 3)]
        slot = free_slot(star.competency, rows, wished_angle(star, sector), taken)
        if slot is None:
            unplaced.append(star)
            continue
        taken.add(slot)
        (sector.approaching if isinstance(star, Approaching) else sector.stars).append(stand(star, slot, sector))
    picture = Picture(tuple(sectors.values()), tuple(unplaced))
    write_labels([*picture.stars, *picture.approaching])
    return picture


def by_competency(needs: Iterable[NeedArc]) -> list[tuple[str, list[NeedArc]]]:
    gathered = list(needs)
    return [(competency, [need for need in gathered if need.competency == competency]) for competency in SECTORS]


# --- The horizon ----------------------------------------------------------------------------------


def new_sector(competency: str, needs: Sequence[NeedArc]) -> Sector:
    middle = SECTORS[competency]
    start, end = middle - SECTOR_WIDTH / 2, middle + SECTOR_WIDTH / 2
    # Text runs clockwise in the upper half and anticlockwise in the lower, so that it is never upside down.
    words_path = text_path(67 if competency == "why" else 81, start, end, upper=competency == "why")
    horizon = "" if needs else arc_path(HORIZON, start, end)
    return Sector(competency, WORDS[competency], words_path, horizon, arcs_of(competency, needs))


def arcs_of(competency: str, needs: Sequence[NeedArc]) -> list[DrawnArc]:
    """One arc per need, in order of creation, with a length by weight; together they fill the sector."""
    if not needs:
        return []
    gap = min(ARC_GAP, SECTOR_WIDTH / (4 * len(needs)))
    room = SECTOR_WIDTH - gap * (len(needs) - 1)
    weight = sum(max(need.weight, 1) for need in needs)
    start = SECTORS[competency] - SECTOR_WIDTH / 2
    arcs = []
    for need in needs:
        end = start + room * max(need.weight, 1) / weight
        arcs.append(draw_arc(need, start, end))
        start = end + gap
    return arcs


def draw_arc(need: NeedArc, start: float, end: float) -> DrawnArc:
    upper = need.competency == "why"
    inner = HORIZON + (12 if upper else 22)  # the radius of the inner line of text
    room = math.radians(end - start) * inner
    alone = need.mentors_count == 0
    # Two lines of text outside the horizon, with the need always above the note.
    words_radius, note_radius = ((HORIZON + 12 + (LINE if alone else 0)), HORIZON + 12) if upper else (362.0, 379.0)
    return DrawnArc(
        need=need,
        start=start,
        end=end,
        path=arc_path(HORIZON, start, end),
        wedge=wedge_path(92, HORIZON, start, end) if alone else "",
        words_path=text_path(words_radius, start, end, upper=upper),
        note_path=text_path(note_radius, start, end, upper=upper) if alone else "",
        words=shortened(need.words, room / BOLD if alone else room, WORDS_SIZE),
        note=next((note for note in notes(need) if width(note, NOTE_SIZE) <= room), "") if alone else "",
    )


def notes(need: NeedArc) -> tuple[str, ...]:
    """Possible notes under an uncovered need, longest first."""
    if not need.could_help:
        return ("Nobody yet",)
    who = counted(need.could_help, "person", "people")
    return (f"Nobody yet · {who} could help", f"Nobody yet · {need.could_help} could help", "Nobody yet")


def dust(count: int) -> str:
    """An SVG path of specks in the background, evenly spread and deterministic; decoration only."""
    # The plastic number spreads points in a plane as the golden ratio does on a line.
    specks = ((-40 + 800 * (n * 0.7548776662 % 1), -40 + 800 * (n * 0.5698402909 % 1)) for n in range(1, count + 1))
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in specks)


FINE_DUST, DUST = dust(90), dust(17)


# --- The stars ------------------------------------------------------------------------------------


def wished_angle(star: Star | Approaching, sector: Sector) -> float:
    """The weighted mean of the arcs of its needs in its competency; without any, the middle of the sector."""
    middles = {arc.need.id: arc.middle for arc in sector.arcs}
    weighed = [(middles[need], max(strength, 0)) for need, strength in star.needs if need in middles]
    total = sum(strength for _, strength in weighed)
    if not total:
        return SECTORS[star.competency]
    return sum(angle * strength for angle, strength in weighed) / total


def stand(star: Star | Approaching, slot: Slot, sector: Sector) -> DrawnStar:
    x, y = point(slot.angle, slot.radius)
    drawn = DrawnStar(star, slot, x, y)
    drawn.threads = threads(drawn, sector)
    if isinstance(star, Star):
        drawn.companions = companions(star, x, y)
    return drawn


def threads(drawn: DrawnStar, sector: Sector) -> tuple[str, ...]:
    """A line from the star to each need of its sector that it supports."""
    supported = {need for need, strength in drawn.star.needs if strength > 0}
    ends = [point(arc.middle, HORIZON - 5) for arc in sector.arcs if arc.need.id in supported]
    return tuple(f"M{drawn.x} {drawn.y}L{x} {y}" for x, y in ends)


def companions(star: Star, x: float, y: float) -> tuple[Companion, ...]:
    """Other competencies as tiny shapes at the upper left and right of the star."""
    shoulders = ((19.0, -17.0), (-19.0, -17.0))
    further = [competency for competency in SECTORS if competency in star.further and competency != star.competency]
    return tuple(
        Companion(competency, round(x + dx, 1), round(y + dy, 1))
        for competency, (dx, dy) in zip(further, shoulders, strict=False)
    )


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
