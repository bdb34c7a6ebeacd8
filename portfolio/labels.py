"""The words in the constellation: what fits, and where it stands without covering anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from portfolio.geometry import CENTRE, HORIZON

STAR_RADIUS = 15.0
LETTER = 8.8  # width of a letter of a label, on average
LINE = 18.0


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    anchor: str
    lines: tuple[str, ...]


class Labelled(Protocol):
    """A star as far as its label is concerned."""

    x: float
    y: float
    label: Label | None

    @property
    def lines(self) -> tuple[str, ...]: ...

    @property
    def companions(self) -> Sequence[object]: ...


def shortened(words: str, letters: int) -> str:
    """The words, or their beginning with an ellipsis, in at most so many letters; empty where three would not fit."""
    words = " ".join(words.split())
    if len(words) <= letters:
        return words
    if letters < 4:
        return ""
    head = words[: letters - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[letters // 2 :] else head).rstrip(" ,;:-") + "…"


Box = tuple[float, float, float, float]  # left, top, right, bottom


def write_labels(stars: Sequence[Labelled]) -> None:
    """Write each name beside its star where there is room. Elsewhere the initials and the list must do."""
    boxes: list[Box] = [(CENTRE - 80, CENTRE - 80, CENTRE + 80, CENTRE + 80)]
    boxes += [around(star) for star in stars]
    for star in stars:
        for label, box in possible_labels(star):
            if inside_sky(box) and not any(overlap(box, other) for other in boxes if other != around(star)):
                star.label = label
                boxes.append(box)
                break


def around(star: Labelled) -> Box:
    reach = STAR_RADIUS + 5
    top = 27 if star.companions else reach
    return (star.x - reach, star.y - top, star.x + reach, star.y + reach)


def possible_labels(star: Labelled) -> list[tuple[Label, Box]]:
    """Below, above, to the right, to the left: in this order."""
    lines = tuple(shortened(line, 24) for line in star.lines)
    if not lines:
        return []
    width, height = max(map(len, lines)) * LETTER, LINE * len(lines)
    x, y = star.x, star.y
    below, above = y + STAR_RADIUS + 8, y - (28 if star.companions else STAR_RADIUS + 8) - height
    side = STAR_RADIUS + 10
    spots = [
        ("middle", x, below, x - width / 2),
        ("middle", x, above, x - width / 2),
        ("start", x + side, y - height / 2, x + side),
        ("end", x - side, y - height / 2, x - side - width),
    ]
    return [
        (Label(round(at, 1), round(top + 14, 1), anchor, lines), (left, top, left + width, top + height))
        for anchor, at, top, left in spots
    ]


def inside_sky(box: Box) -> bool:
    left, top, right, bottom = box
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    return all(math.hypot(x - CENTRE, y - CENTRE) <= HORIZON - 6 for x, y in corners)


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
