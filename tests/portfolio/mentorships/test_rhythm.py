"""When the next conversation is due, and durations in words."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.words import ago, duration, how_long
from portfolio.mentorships.rhythm import due_on, every, standing

BEGAN = dt.date(2026, 1, 5)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))
WEEKS = st.integers(1, 104)


def due(weeks: int | None = 6, last_on: dt.date | None = None, *, active: bool = True) -> dt.date | None:
    return due_on(weeks=weeks, last_on=last_on, started_on=BEGAN, active=active)


@pytest.mark.parametrize(
    ("last_on", "expected"),
    [
        (dt.date(2026, 1, 31), dt.date(2026, 3, 14)),
        (dt.date(2024, 1, 29), dt.date(2024, 3, 11)),  # over a leap day
        (dt.date(2026, 12, 31), dt.date(2027, 2, 11)),
        (None, dt.date(2026, 2, 16)),
    ],
)
def test_due_counts_from_the_last_contact_else_from_the_beginning(last_on: dt.date | None, expected: dt.date) -> None:
    assert due(last_on=last_on) == expected


def test_nothing_is_due_without_a_rhythm_or_at_rest() -> None:
    assert due(None) is None
    assert due(active=False) is None


@given(last_on=DAYS, weeks=WEEKS)
def test_due_is_whole_weeks_after_the_last_contact(last_on: dt.date, weeks: int) -> None:
    assert due(weeks, last_on) == last_on + dt.timedelta(days=7 * weeks)


@given(last_on=DAYS, later=st.integers(0, 3000), weeks=WEEKS)
def test_a_later_contact_never_makes_it_due_earlier(last_on: dt.date, later: int, weeks: int) -> None:
    first, second = due(weeks, last_on), due(weeks, last_on + dt.timedelta(days=later))
    assert first is not None
    assert second is not None
    assert first <= second


@pytest.mark.parametrize(
    ("days_ago", "words"),
    [
        (0, "The next one is about due in six weeks."),
        (34, "The next one is about due in eight days."),
        (35, "The next one is about due within a week."),
        (42, "About due: you last spoke six weeks ago."),
        (49, "About due: you last spoke seven weeks ago."),
        (400, "About due: you last spoke 13 months ago."),
    ],
)
def test_standing_is_said_calmly(days_ago: int, words: str) -> None:
    today = dt.date(2026, 6, 1)
    last_on = today - dt.timedelta(days=days_ago)
    assert standing(due=due(6, last_on), last_on=last_on, today=today) == words


def test_standing_without_a_contact_and_without_a_rhythm() -> None:
    assert standing(due=due(), last_on=None, today=dt.date(2026, 2, 16)) == (
        "About due: you haven’t noted a conversation yet."
    )
    assert standing(due=None, last_on=BEGAN, today=dt.date(2026, 2, 16)) == ""


@given(due=st.none() | DAYS, last_on=st.none() | DAYS, today=DAYS)
def test_standing_never_alarms(due: dt.date | None, last_on: dt.date | None, today: dt.date) -> None:
    words = standing(due=due, last_on=last_on, today=today)
    assert (words == "") is (due is None)
    assert not {"overdue", "late", "!", "-"} & set(words.lower().replace(".", "").split())


@pytest.mark.parametrize(
    ("weeks", "words"), [(1, "every week or so"), (6, "every six weeks or so"), (26, "every 26 weeks or so")]
)
def test_every(weeks: int, words: str) -> None:
    assert every(weeks) == words


def test_spans_are_said_roughly() -> None:
    assert [how_long(days) for days in (1, 13, 14, 119, 120, 729, 730)] == [
        "one day",
        "13 days",
        "two weeks",
        "17 weeks",
        "three months",
        "23 months",
        "one year",
    ]
    assert [ago(days) for days in (-1, 0, 1, 49)] == ["today", "today", "yesterday", "seven weeks ago"]
    assert [duration(minutes) for minutes in (1, 45, 60, 300, 330)] == [
        "1 minute",
        "45 minutes",
        "1 hour",
        "5 hours",
        "5 h 30 min",
    ]
