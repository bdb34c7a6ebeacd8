"""Arcs, wedges and points of the constellation as SVG.

Lengths are units of a 720 by 720 viewBox, angles are degrees on a clock face (0 is up, 90 is right).
"""

from __future__ import annotations

import math

CENTRE = 360.0
HORIZON = 340.0


def point(angle: float, radius: float) -> tuple[float, float]:
    """The point in the viewBox for a clock-face angle and a radius."""
    turn = math.radians(angle)
    return round(CENTRE + radius * math.sin(turn), 1), round(CENTRE - radius * math.cos(turn), 1)


def arc_path(radius: float, start: float, end: float) -> str:
    """An arc of at most 180 degrees; anticlockwise if ``end`` is less than ``start``."""
    (x1, y1), (x2, y2) = point(start, radius), point(end, radius)
    return f"M{x1} {y1}A{radius:g} {radius:g} 0 0 {int(end > start)} {x2} {y2}"


def text_path(radius: float, start: float, end: float, *, upper: bool) -> str:
    return arc_path(radius, start, end) if upper else arc_path(radius, end, start)


def wedge_path(inner: float, outer: float, start: float, end: float) -> str:
    (x1, y1), (x2, y2) = point(end, inner), point(start, inner)
    return f"{arc_path(outer, start, end)}L{x1} {y1}A{inner:g} {inner:g} 0 0 0 {x2} {y2}Z"
