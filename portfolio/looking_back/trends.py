"""How one scale changed over time, as a small line chart (sparkline).

Pure functions from dated steps (1 to 5) to coordinates and text. The time axis is linear, a missing step is a gap, and
nothing is averaged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 160, 44, 6  # units of the viewBox; EDGE leaves room for a dot
LEAST, MOST = 1, 5
DOTS = 24  # with more dots, which would overlap, only the line and its last dot are drawn

Dated = tuple[dt.date, int | None]


@dataclass(frozen=True)
class Trend:
    """One chart: ``lines`` are SVG paths, ``dots`` are (x, y), both in units of the viewBox.

    ``words`` is the text alternative; ``latest`` and ``before`` are the last two answers as text (``before`` is empty
    for a first one).
    """

    lines: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    words: str
    latest: str
    before: str
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"


def trend(readings: Iterable[Dated], words: Mapping[int, str], *, span: Sequence[dt.date] = ()) -> Trend | None:
    """The chart of one scale, or None if it was never answered.

    ``readings`` are local dates with a step from 1 to 5 or None; the last one of a day counts. ``span`` extends the
    time axis, so that several charts share it.
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
    """The x coordinate of a day; the middle if there is only one day."""
    if first == last:
        return WIDTH / 2
    return round(EDGE + (WIDTH - 2 * EDGE) * (day - first).days / (last - first).days, 1)


def _y(step: int) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (step - LEAST) / (MOST - LEAST), 1)


def _runs(by_day: Mapping[dt.date, int | None]) -> list[list[dt.date]]:
    """Runs of consecutive readings without a gap."""
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
    """The latest reading, and readings between two gaps, which no line would show."""
    alone = [run[0] for run in _runs(by_day) if len(run) == 1]
    return [placed[day] for day in dict.fromkeys([*alone, max(placed)])]
