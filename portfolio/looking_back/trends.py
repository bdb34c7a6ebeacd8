"""How one scale moved over time, as a line small enough to stand beside a sentence.

Pure: dated steps from 1 to 5 go in, the coordinates of a picture and its words come out. Days are spaced truly, a
scale left out on a day is a gap, and nothing is averaged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 160, 44, 6  # units of the viewBox; EDGE leaves room for a dot
LEAST, MOST = 1, 5
DOTS = 24  # more of them would run into each other; then the line and its last dot must do

Dated = tuple[dt.date, int | None]


@dataclass(frozen=True)
class Trend:
    """One small picture: ``lines`` are SVG paths, ``dots`` are (x, y), both in units of the viewBox.

    ``words`` says the same for those who can't see it; ``latest`` and ``before`` are the last answer and the one before
    it in words (``before`` is empty for a first one).
    """

    lines: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    words: str
    latest: str
    before: str
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"


def trend(readings: Iterable[Dated], words: Mapping[int, str], *, span: Sequence[dt.date] = ()) -> Trend | None:
    """The course of one scale, or None where it was never answered.

    ``readings`` are local dates with a step from 1 to 5 or None; of several on one day the last answer counts.
    ``span`` widens the time shown, so that several scales share one axis.
    """
    by_day: dict[dt.date, int | None] = {}
    for day, step in sorted(readings, key=lambda dated: dated[0]):
        by_day[day] = by_day.get(day) if step is None else step
    said = [(day, step) for day, step in by_day.items() if step is not None]
    if not said:
        return None
    days = [*by_day, *span]
    placed = {day: (_x(day, min(days), max(days)), _y(step)) for day, step in said}
    lines = tuple(_path([placed[day] for day in run]) for run in _runs(by_day) if len(run) > 1)
    dots = list(placed.values()) if len(placed) <= DOTS else _dots_without_line(by_day, placed)
    return Trend(
        lines=lines,
        dots=tuple((f"{x:g}", f"{y:g}") for x, y in dots),
        words="; ".join(f"{day:%-d %B %Y}: {words[step]}" for day, step in said),
        latest=words[said[-1][1]],
        before=words[said[-2][1]] if len(said) > 1 else "",
    )


def _x(day: dt.date, first: dt.date, last: dt.date) -> float:
    """A single day stands in the middle."""
    if first == last:
        return WIDTH / 2
    return round(EDGE + (WIDTH - 2 * EDGE) * (day - first).days / (last - first).days, 1)


def _y(step: int) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (step - LEAST) / (MOST - LEAST), 1)


def _runs(by_day: Mapping[dt.date, int | None]) -> list[list[dt.date]]:
    """Days that follow each other without one on which the scale was left out."""
    runs: list[list[dt.date]] = [[]]
    for day, step in by_day.items():
        if step is None:
            runs.append([])
        else:
            runs[-1].append(day)
    return [run for run in runs if run]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _dots_without_line(
    by_day: Mapping[dt.date, int | None], placed: Mapping[dt.date, tuple[float, float]]
) -> list[tuple[float, float]]:
    """The latest, and those that stand alone between two gaps: no line would show them."""
    alone = [run[0] for run in _runs(by_day) if len(run) == 1]
    return [placed[day] for day in dict.fromkeys([*alone, max(placed)])]
