"""Places of the constellation's stars: three sectors with rings, and slots along the rings.

Slots are filled in the order of opening; each star takes the free slot nearest to its ideal angle. So later changes
never move an earlier star. Only if a star disappears may later ones in the same sector move.
"""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import dataclass

SECTOR_WIDTH = 104.0
# The middle of each sector; 16 degrees between two sectors stay empty.
SECTORS = {"why": 0.0, "how": 120.0, "whom": 240.0}
SLOT = 54.0  # units along the ring; 24 pixels on a phone
# Radii: 110, 195 and 280 for close, near and distant mentors; the half rings between and beyond take the overflow.
RINGS = (110.0, 152.5, 195.0, 237.5, 280.0, 322.5)
OUTER, BEYOND = 4, 5  # the ring of distant mentors, and the half ring beyond it
APPROACH = 6  # a separate row outside the rings for those being approached
RADII = (*RINGS, 312.0)
# By closeness (3 is closest): the star's own ring, then outward; at the edge, a half ring further in.
ROWS = {3: (0, 1, 2, 3, 4, 5), 2: (2, 3, 4, 5, 1), 1: (4, 5, 3, 1)}


@dataclass(frozen=True)
class Slot:
    """``place`` counts clockwise along the row."""

    competency: str
    row: int
    place: int

    @property
    def radius(self) -> float:
        return RADII[self.row]

    @property
    def angle(self) -> float:
        return slot_angles(self.competency, self.row)[self.place]


def slot_angles(competency: str, row: int) -> list[float]:
    """The middles of the slots of a row, centred in the sector.

    Slots beyond the outer ring are aligned with its slots, and those for approaches lie between them, so that the
    three outermost rows never overlap.
    """
    across = math.degrees(SLOT / RADII[min(row, OUTER)])
    count = int(SECTOR_WIDTH // across) - (row == APPROACH)
    first = SECTORS[competency] - across * (count - 1) / 2
    return [first + across * place for place in range(count)]


def free_slot(competency: str, rows: tuple[int, ...], wish: float, taken: Container[Slot]) -> Slot | None:
    """The free slot nearest to the ideal angle in the first row that has any; None if all are full."""
    for row in rows:
        angles = slot_angles(competency, row)
        free = [place for place in range(len(angles)) if Slot(competency, row, place) not in taken]
        if free:
            return Slot(competency, row, min(free, key=lambda place: (round(abs(angles[place] - wish), 6), place)))
    return None
