"""The coverage table: a row for every need, a column for every mentor, and its text alternatives."""

from __future__ import annotations

import datetime as dt
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from portfolio.overview.coverage import COMPETENCIES, MentorFact, NeedFact, SupportFact
from portfolio.overview.coverage_table import CoverageRow, Table, table
from tests.portfolio.overview.test_coverage import (
    DAY,
    FUNDERS,
    MARGARET,
    TEAM,
    TOMASZ,
    mentor_lists,
    need_lists,
    support_lists,
)


def row_of(made: Table, need: NeedFact | None, competency: str = "") -> CoverageRow:
    return next(
        row
        for group in made.groups
        for row in group.rows
        if row.need == need and (need or group.competency == competency)
    )


def test_cells_say_how_strongly_each_mentor_supports_each_need() -> None:
    made = table([TEAM, FUNDERS], [SupportFact(1, "how", 6, 3), SupportFact(2, "how", 6, 1)], [MARGARET, TOMASZ])
    assert [cell.words for cell in row_of(made, TEAM).cells] == ["Strongly", "A little"]
    assert [len(cell.marks) for cell in row_of(made, TEAM).cells] == [3, 1]
    assert [cell.words for cell in row_of(made, FUNDERS).cells] == ["", ""]
    assert made.totals == (1, 1)


def test_rows_say_in_words_who_stands_there() -> None:
    supports = [SupportFact(2, "how", 6, 1)]
    made = table([TEAM, FUNDERS], supports, [MARGARET, TOMASZ], {FUNDERS.id: 3})
    assert row_of(made, TEAM).words == "Hangs on Tomasz (paused)"
    assert row_of(made, FUNDERS).words == "Nobody yet · 3 could help"
    both = table([TEAM], [*supports, SupportFact(1, "how", 6, 1)], [MARGARET, TOMASZ])
    assert row_of(both, TEAM).words == "Margaret and Tomasz (paused)"


def test_support_beyond_open_needs_has_a_row_of_its_own() -> None:
    closed = 99
    supports = [SupportFact(1, "why", None, 3), SupportFact(2, "why", closed, 2), SupportFact(1, "how", 6, 1)]
    made = table([TEAM], supports, [MARGARET, TOMASZ])
    beyond = row_of(made, None, "why")
    assert [cell.strength for cell in beyond.cells] == [3, 2]
    assert not beyond.is_gap
    assert [row.need for row in made.groups[1].rows] == [TEAM]


def test_gaps_come_first_among_equally_heavy_needs() -> None:
    def need(id_: int, weight: int, days: int = 0) -> NeedFact:
        return NeedFact(id_, "how", f"need {id_}", weight, DAY + dt.timedelta(days=days))

    covered, hanging, gap, heavy = need(1, 2), need(2, 2, 1), need(3, 2, 2), need(4, 3, 3)
    supports = [SupportFact(id_, "how", 1, 2) for id_ in (1, 2)]
    supports += [SupportFact(1, "how", 2, 2), SupportFact(1, "how", 4, 2), SupportFact(2, "how", 4, 2)]
    made = table([covered, hanging, gap, heavy], supports, [MARGARET, TOMASZ])
    assert [row.need for row in made.groups[1].rows] == [heavy, gap, hanging, covered]


def test_the_summary_counts_in_words() -> None:
    made = table([TEAM, FUNDERS], [SupportFact(1, "how", 6, 3)], [MARGARET])
    assert made.summary == "Two open needs, one mentor: one hangs on one person and one has nobody yet."
    assert table([TEAM], [], []).summary == "One open need, no mentor yet: one has nobody yet."
    assert table([], [], [MARGARET]).summary == "No open need, one mentor."


def test_people_on_whom_several_needs_hang_are_named() -> None:
    supports = [SupportFact(1, "how", 6, 3), SupportFact(1, "whom", 5, 1)]
    made = table([TEAM, FUNDERS], supports, [MARGARET, TOMASZ])
    assert made.people_needs_hang_on == [(MARGARET, 2)]
    assert made.idle == [TOMASZ]


@given(need_lists, support_lists, mentor_lists)
def test_every_need_is_one_row_and_every_mentor_one_column(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact]
) -> None:
    made = table(needs, supports, mentors)
    assert sorted(row.need.id for row in made.needs if row.need) == sorted(need.id for need in needs)
    assert [group.competency for group in made.groups] == list(COMPETENCIES)
    for group in made.groups:
        for row in group.rows:
            assert len(row.cells) == len(mentors)
            marked = {mentor.id for mentor, cell in zip(mentors, row.cells, strict=True) if cell.strength}
            assert marked == {mentor.id for mentor in row.supporters}
            assert row.need is None or row.need.competency == group.competency


@given(need_lists, support_lists, mentor_lists)
def test_no_support_of_a_running_mentor_is_lost(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact]
) -> None:
    made = table(needs, supports, mentors)
    open_ids = {need.id for need in needs}
    for support in supports:
        place = next((i for i, mentor in enumerate(mentors) if mentor.id == support.mentorship_id), None)
        if place is None:
            continue
        need = next((need for need in needs if need.id == support.need_id), None)
        cell = row_of(made, need, "" if support.need_id in open_ids else support.competency).cells[place]
        assert cell.strength >= support.strength


@given(need_lists, support_lists, mentor_lists, st.randoms(use_true_random=False))
def test_the_order_of_needs_and_supports_changes_no_row(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact], random: Random
) -> None:
    shuffled, mixed = list(needs), list(supports)
    random.shuffle(shuffled)
    random.shuffle(mixed)
    assert table(shuffled, mixed, mentors) == table(needs, supports, mentors)


def test_one_need_alone_hangs_on_somebody_without_being_counted() -> None:
    assert table([TEAM], [SupportFact(1, "how", 6, 1)], [MARGARET]).people_needs_hang_on == []
