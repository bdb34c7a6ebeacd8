"""The bench's figures: percentiles, paired ratios, tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import median_of_paired_ratios, percentile, table

times = st.lists(st.floats(0.01, 1e6), min_size=1)


@pytest.mark.parametrize(("percent", "expected"), [(0, 15), (5, 15), (30, 20), (40, 20), (50, 35), (95, 50), (100, 50)])
def test_percentile_is_of_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([50, 35, 40, 20, 15], percent) == expected


@given(times, st.floats(0, 100))
def test_percentile_is_one_of_the_values_and_holds_that_share_below_it(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 - 1e-6


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], -1), ([1.0], 101)])
def test_percentile_of_nothing_or_beyond_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentage from 0 to 100"):
        percentile(values, percent)


def test_paired_ratios_ignore_what_slows_both_sides_of_a_round() -> None:
    assert median_of_paired_ratios([2, 20, 200], [1, 10, 100]) == 2
    assert median_of_paired_ratios([10, 90, 30], [10, 30, 10]) == 3


@given(times, st.floats(0.1, 10))
def test_paired_ratio_of_everything_times_so_much_is_that_much(values: list[float], factor: float) -> None:
    assert median_of_paired_ratios([factor * value for value in values], values) == pytest.approx(factor)


@pytest.mark.parametrize(("ours", "others"), [([], []), ([1.0], []), ([1.0], [1.0, 2.0])])
def test_a_figure_without_its_other_is_refused(ours: list[float], others: list[float]) -> None:
    with pytest.raises(ValueError, match="both sides"):
        median_of_paired_ratios(ours, others)


def test_table_lines_up_names_to_the_left_and_figures_to_the_right() -> None:
    assert table(["page", "ms"], [["people", "9.5"], ["today", "12.25"]]) == (
        "page       ms\n------  -----\npeople    9.5\ntoday   12.25"
    )


def test_table_without_rows_is_its_headings() -> None:
    assert table(["page", "ms"], []) == "page  ms\n----  --"
