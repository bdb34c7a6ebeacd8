"""Labels of the constellation: which text fits, and where it overlaps nothing."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from portfolio.overview.constellation_geometry import CENTRE, HORIZON

STAR_RADIUS = 15.0
STAR_TOP = 27.0  # how far a ring, a triangle's tip or a companion extends above the centre of a star
LETTERS = 16.0  # font size of a label
LINE = 18.0
LONGEST = 225.0  # longer names are truncated
BOLD = 1.13  # the width of bold text relative to normal text

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    anchor: str
    lines: tuple[str, ...]


class Labelled(Protocol):
    """A star's data for its label. ``wordings`` are the possible texts, best first."""

    x: float
    y: float
    label: Label | None

    @property
    def wordings(self) -> Sequence[tuple[str, ...]]: ...


def width(text: str, size: float = LETTERS) -> float:
    """The maximum width of a text in units of the font size, measured with the widest common system font."""
    return size * sum(map(_width_of_letter, text))


def _width_of_letter(letter: str) -> float:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.4  # ideographs and emoji
    if letter in "mwMW@%…":
        return 1.0
    if letter in "ijlI.,:;'’|! ·":
        return 0.34
    if letter in "ftr()-J":
        return 0.42
    if ord(letter) > 0x2FF:
        return 0.9  # scripts that were not measured
    return 0.78 if letter.isupper() else 0.64


def shortened(words: str, room: float, size: float = LETTERS) -> str:
    """The text, truncated with an ellipsis to at most ``room`` units; empty if not even three characters fit."""
    words = " ".join(words.split())
    if width(words, size) <= room:
        return words
    kept = 0
    while width(f"{words[: kept + 1]}…", size) <= room:
        kept += 1
    head = words[:kept]
    head = (head.rsplit(" ", 1)[0] if " " in head[kept // 2 :] else head).rstrip(" ,;:-")
    return f"{head}…" if len(head) >= 3 else ""


def write_labels(stars: Sequence[Labelled]) -> None:
    """Place each name beside its star if there is room; otherwise only the initials and the list show it."""
    taken: list[Box] = [(CENTRE - 80, CENTRE - 80, CENTRE + 80, CENTRE + 80)]
    taken += [around(star) for star in stars]
    for star in stars:
        own = around(star)
        for label, box in possible_labels(star):
            if inside_sky(box) and not any(overlap(box, other) for other in taken if other != own):
                star.label = label
                taken.append(box)
                break


def around(star: Labelled) -> Box:
    reach = STAR_RADIUS + 5
    return (star.x - reach, star.y - STAR_TOP, star.x + reach, star.y + reach)


def possible_labels(star: Labelled) -> Iterator[tuple[Label, Box]]:
    """Possible places, in order: below, above, right, left; then the same with a shorter text."""
    for wording in star.wordings:
        lines = tuple(line for line in (shortened(line, LONGEST) for line in wording) if line)
        if lines:
            yield from _around(star.x, star.y, lines)


def _around(x: float, y: float, lines: tuple[str, ...]) -> Iterator[tuple[Label, Box]]:
    across, height = max(map(width, lines)), LINE * len(lines)
    below, above, side = y + STAR_RADIUS + 10, y - STAR_TOP - 2 - height, STAR_RADIUS + 14
    for anchor, at, top, left in (
        ("middle", x, below, x - across / 2),
        ("middle", x, above, x - across / 2),
        ("start", x + side, y - height / 2, x + side),
        ("end", x - side, y - height / 2, x - side - across),
    ):
        yield Label(round(at, 1), round(top + 14, 1), anchor, lines), (left, top, left + across, top + height)


def inside_sky(box: Box) -> bool:
    left, top, right, bottom = box
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    return all(math.hypot(x - CENTRE, y - CENTRE) <= HORIZON - 6 for x, y in corners)


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
