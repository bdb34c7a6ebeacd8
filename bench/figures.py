"""Figures and tables: pure functions over plain values."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least ``percent`` per cent of the values do not exceed (nearest rank).

    Raises ValueError for no values, or a percentage outside 0 to 100.
    """
    ordered = sorted(values)
    if not ordered or not 0 <= percent <= 100:
        raise ValueError("A percentile needs values, and a percentage from 0 to 100.")
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


def median_of_paired_ratios(ours: Sequence[float], others: Sequence[float]) -> float:
    """The median of ours divided by theirs, per round: drift between rounds (heat, other processes) cancels out.

    Raises ValueError if there are no pairs or the lengths differ.
    """
    if not ours or len(ours) != len(others):
        raise ValueError("Paired ratios need the same number of figures on both sides, at least one.")
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with columns as wide as their widest cell; the first is left-aligned, the others right-aligned."""
    widths = [max(len(line[column]) for line in (headings, *rows)) for column in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        first, *others = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join([first, *others]).rstrip()

    return "\n".join([line(headings), line(["-" * width for width in widths]), *(line(row) for row in rows)])
