"""Committed time compared with time spent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.mentorships.programme import Progress, add_months, months_to_go, progress

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))


def told(**fields: Any) -> str:
    usual: dict[str, Any] = {
        "months": 12,
        "hours_a_month": Decimal(1),
        "held": 300,
        "started_on": dt.date(2026, 6, 18),
        "today": dt.date(2026, 11, 25),
        "running": True,
    }
    return progress(**{**usual, **fields}).words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "5 of 12 hours; 7 months to go"),
        ({"held": 0}, "0 of 12 hours; 7 months to go"),
        ({"held": 320}, "5 h 20 min of 12 hours; 7 months to go"),
        ({"hours_a_month": Decimal("1.5"), "months": 3, "held": 60}, "1 hour of 4 h 30 min; its time is over"),
        ({"today": dt.date(2027, 6, 1)}, "5 of 12 hours; 1 month to go"),
        ({"today": dt.date(2027, 6, 18)}, "5 of 12 hours; its time is over"),
        ({"running": False}, "5 of 12 hours"),
        ({"hours_a_month": None}, "5 hours so far; 7 months to go"),
        ({"months": None}, "5 hours so far"),
        ({"months": None, "held": 0}, ""),
        ({"held": 900}, "15 of 12 hours; 7 months to go"),
    ],
)
def test_progress_in_words(fields: dict[str, Any], words: str) -> None:
    assert told(**fields) == words


def test_the_bar_is_never_more_than_full() -> None:
    assert Progress(committed=720, held=900, to_go=0).shown == 720
    assert Progress(committed=None, held=900, to_go=0).shown == 0


def test_a_month_added_ends_where_the_month_does() -> None:
    assert add_months(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert add_months(dt.date(2027, 8, 31), 6) == dt.date(2028, 2, 29)
    assert add_months(dt.date(2026, 12, 15), 12) == dt.date(2027, 12, 15)
    assert add_months(dt.date(9999, 12, 1), 1) == dt.date.max


@given(day=DAYS, months=st.integers(1, 120))
def test_a_whole_span_has_all_its_months_to_go(day: dt.date, months: int) -> None:
    assert months_to_go(day, add_months(day, months)) == months


@given(today=DAYS, end=DAYS)
def test_months_to_go_reach_the_end_and_no_further(today: dt.date, end: dt.date) -> None:
    months = months_to_go(today, end)
    assert add_months(today, months) >= end
    assert months == 0 or add_months(today, months - 1) < end
