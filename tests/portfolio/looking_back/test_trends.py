from __future__ import annotations

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from portfolio.looking_back.trends import DOTS, EDGE, HEIGHT, WIDTH, Trend, trend

WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
DAY = dt.date(2026, 1, 1)
dated = st.tuples(st.dates(), st.none() | st.integers(1, 5))


def after(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


def drawn(*readings: tuple[int, int | None]) -> Trend:
    found = trend([(after(days), step) for days, step in readings], WORDS)
    assert found
    return found


def points(line: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split())) for pair in re.split("[ML]", line)[1:]]  # type: ignore[misc]


def test_never_answered_is_no_trend() -> None:
    assert trend([], WORDS) is None
    assert trend([(DAY, None)], WORDS) is None


def test_one_answer_is_one_dot_in_the_middle() -> None:
    found = drawn((0, 3))
    assert (found.lines, found.dots) == ((), ((f"{WIDTH / 2:g}", f"{HEIGHT / 2:g}"),))
    assert (found.latest, found.before, found.words) == ("three", "", "1 January 2026: three")


def test_days_are_spaced_truly() -> None:
    [line] = drawn((0, 1), (25, 3), (100, 5)).lines
    inner = WIDTH - 2 * EDGE
    assert [x for x, _ in points(line)] == [EDGE, EDGE + inner / 4, EDGE + inner]
    assert [y for _, y in points(line)] == [HEIGHT - EDGE, HEIGHT / 2, EDGE]


def test_a_scale_left_out_is_a_gap() -> None:
    found = drawn((0, 2), (10, 3), (20, None), (30, 4), (40, None), (50, 1), (60, 2))
    assert [len(points(line)) for line in found.lines] == [2, 2]
    assert len(found.dots) == 5  # the answer between two gaps is a dot
    assert (found.latest, found.before) == ("two", "one")


def test_of_two_answers_on_one_day_the_later_counts_and_silence_does_not() -> None:
    found = drawn((0, 2), (0, 4), (0, None), (5, 1))
    assert found.words == "1 January 2026: four; 6 January 2026: one"


def test_several_scales_share_one_axis() -> None:
    found = trend([(after(50), 3)], WORDS, span=[after(0), after(100)])
    assert found
    assert found.dots[0][0] == f"{WIDTH / 2:g}"


def test_many_answers_are_a_line_with_its_last_dot_and_the_lone_ones() -> None:
    many = [(day, 1 + day % 5) for day in range(DOTS + 10)]
    assert len(drawn(*many).dots) == 1
    assert len(drawn(*many, (100, None), (101, 2), (102, None), (103, 4), (104, 5)).dots) == 2


@given(st.lists(dated, max_size=60))
def test_a_trend_is_whole_and_stays_inside(readings: list[tuple[dt.date, int | None]]) -> None:
    found = trend(readings, WORDS)
    answered = {day for day, step in readings if step}
    assert (found is None) == (not answered)
    if found is None:
        return
    on_lines = [point for line in found.lines for point in points(line)]
    dots = [(float(x), float(y)) for x, y in found.dots]
    for x, y in on_lines + dots:
        assert EDGE <= x <= WIDTH - EDGE
        assert EDGE <= y <= HEIGHT - EDGE
    # Every answer is visible as a dot or on a line, in order, and in the text alternative.
    assert len(found.words.split("; ")) == len(answered)
    assert len(dots) == len(answered) or len(answered) > DOTS
    xs = [x for x, _ in on_lines]
    assert xs == sorted(xs)


def test_a_longer_time_may_be_shown_than_was_answered() -> None:
    found = trend([(after(50), 1), (after(100), 3)], WORDS, span=[after(0), after(100)])
    assert found
    assert [float(x) for x, _ in found.dots] == [WIDTH / 2, WIDTH - EDGE]
