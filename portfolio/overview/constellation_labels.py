"""The words in the constellation: what fits, and where it stands without covering anything."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from portfolio.overview.constellation_geometry import CENTRE, HORIZON

STAR_RADIUS = 15.0
STAR_TOP = 27.0  # how far a ring, a triangle's tip or a companion at a shoulder stands above the middle of a star
LETTERS = 16.0  # font size of a label
LINE = 18.0
LONGEST = 225.0  # a name longer than this is cut
BOLD = 1.13  # bold text is that much wider

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    anchor: str
    lines: tuple[str, ...]


class Labelled(Protocol):
    """A star as far as its label is concerned. ``wordings`` are what its label may say, the best first."""

    x: float
    y: float
    label: Label | None

    @property
    def wordings(self) -> Sequence[tuple[str, ...]]: ...


def width(text: str, size: float = LETTERS) -> float:
    """How wide words are at most, in units of the font size: measured on the widest of the usual system fonts."""
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
        return 0.9  # scripts that the measure was not taken on
    return 0.78 if letter.isupper() else 0.64


def shortened(words: str, room: float, size: float = LETTERS) -> str:
    """The words, or their beginning with an ellipsis, in at most ``room`` units; empty where three characters would not
    fit."""
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
    """Write each name beside its star where there is room. Elsewhere the initials and the list must do."""
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
    """Below, above, to the right, to the left, in this order; then the same with fewer words."""
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
