from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.overview.coverage import COMPETENCIES, MentorFact, NeedFact, Supporter, SupportFact, cover, strongest

DAY = dt.date(2026, 1, 5)
MARGARET = MentorFact(1, 11, "Margaret")
TOMASZ = MentorFact(2, 12, "Tomasz", paused=True)
FUNDERS = NeedFact(5, "whom", "be known to funders", 3, DAY)
TEAM = NeedFact(6, "how", "lead a team", 2, DAY)


def test_need_shows_its_supporters_and_a_gap_has_none() -> None:
    coverage = cover([TEAM, FUNDERS], [SupportFact(1, "how", 6, 2)], [MARGARET])
    assert coverage.by_need == {5: (), 6: (Supporter(MARGARET, 2),)}
    assert coverage.gaps == (FUNDERS,)
    assert coverage.hanging == (TEAM,)


def test_unplanned_support_stands_under_its_competency() -> None:
    coverage = cover([TEAM], [SupportFact(1, "why", None, 3)], [MARGARET])
    assert coverage.by_competency["why"] == (Supporter(MARGARET, 3, planned=False),)
    assert coverage.gaps == (TEAM,)


def test_paused_mentor_covers_and_comes_after_an_active_one_of_equal_strength() -> None:
    coverage = cover([TEAM], [SupportFact(2, "how", 6, 2), SupportFact(1, "how", 6, 2)], [TOMASZ, MARGARET])
    assert [s.mentor for s in coverage.by_need[6]] == [MARGARET, TOMASZ]
    assert coverage.gaps == coverage.hanging == ()


def test_need_of_another_competency_decides_where_a_mentor_stands() -> None:
    coverage = cover([TEAM], [SupportFact(1, "why", 6, 2)], [MARGARET])
    assert coverage.by_competency["how"] == (Supporter(MARGARET, 2),)
    assert coverage.by_competency["why"] == ()


def test_gaps_are_heaviest_first_then_oldest() -> None:
    old = NeedFact(9, "how", "older", 3, DAY - dt.timedelta(days=9))
    assert cover([TEAM, FUNDERS, old], [], []).gaps == (old, FUNDERS, TEAM)


ids = st.integers(1, 6)
competencies = st.sampled_from(COMPETENCIES)
need_lists = st.lists(
    st.builds(
        NeedFact,
        ids,
        competencies,
        st.just("words"),
        st.integers(1, 3),
        st.dates(DAY, DAY + dt.timedelta(days=3)),
    ),
    unique_by=lambda n: n.id,
)
mentor_lists = st.lists(
    st.builds(MentorFact, ids, st.integers(1, 99), st.just("name"), st.booleans()),
    unique_by=(lambda m: m.id, lambda m: m.person_id),
)
support_lists = st.lists(st.builds(SupportFact, ids, competencies, st.none() | ids, st.integers(1, 3)))


@given(need_lists, support_lists, mentor_lists)
def test_every_open_need_is_a_gap_or_has_a_running_supporter(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact]
) -> None:
    coverage = cover(needs, supports, mentors)
    covered = {id_ for id_, supporters in coverage.by_need.items() if supporters}
    gaps = {need.id for need in coverage.gaps}
    assert covered | gaps == {need.id for need in needs}
    assert not covered & gaps
    running = {mentor.id for mentor in mentors}
    assert covered == {s.need_id for s in supports if s.mentorship_id in running} & {need.id for need in needs}
    assert {need.id for need in coverage.hanging} == {
        id_ for id_, supporters in coverage.by_need.items() if len(supporters) == 1
    }


@given(need_lists, support_lists, mentor_lists)
def test_each_mentor_stands_once_under_what_they_support(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact]
) -> None:
    coverage = cover(needs, supports, mentors)
    for supporters in [*coverage.by_need.values(), *coverage.by_competency.values()]:
        assert len({s.mentor.id for s in supporters}) == len(supporters)
        assert [s.strength for s in supporters] == sorted((s.strength for s in supporters), reverse=True)
    supporting = {s.mentorship_id for s in supports} & {m.id for m in mentors}
    assert {s.mentor.id for row in coverage.by_competency.values() for s in row} == supporting


@given(need_lists, support_lists, mentor_lists)
def test_order_of_needs_and_supports_changes_nothing(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact]
) -> None:
    assert cover(needs[::-1], supports[::-1], mentors) == cover(needs, supports, mentors)


@given(need_lists, support_lists, mentor_lists, st.integers(1, 3))
def test_one_more_mentor_never_opens_a_gap(
    needs: list[NeedFact], supports: list[SupportFact], mentors: list[MentorFact], strength: int
) -> None:
    new = MentorFact(77, 777, "new")
    more = [SupportFact(77, need.competency, need.id, strength) for need in needs]
    before = cover(needs, supports, mentors)
    after = cover(needs, supports + more, [*mentors, new])
    assert after.gaps == ()
    for need in needs:
        assert len(after.by_need[need.id]) == len(before.by_need[need.id]) + 1
        assert after.strength(need.id, 77) == strength


def test_support_is_planned_where_any_of_it_was() -> None:
    supports = [SupportFact(1, "how", 6, 1), SupportFact(1, "how", None, 3)]
    for either in (supports, supports[::-1]):
        assert cover([TEAM], either, [MARGARET]).by_competency["how"] == (Supporter(MARGARET, 3, planned=True),)
    unplanned = [SupportFact(1, "how", None, 1), SupportFact(1, "how", None, 2)]
    assert cover([TEAM], unplanned, [MARGARET]).by_competency["how"] == (Supporter(MARGARET, 2, planned=False),)


def test_a_need_hangs_on_one_person_however_many_mentorships_they_have() -> None:
    again = MentorFact(3, 11, "Margaret")
    supports = [SupportFact(1, "how", 6, 2), SupportFact(3, "how", 6, 1)]
    assert cover([TEAM], supports, [MARGARET, again]).hanging == (TEAM,)
    assert cover([TEAM], [*supports, SupportFact(2, "how", 6, 1)], [MARGARET, again, TOMASZ]).hanging == ()


def test_equals_stand_in_the_order_they_were_given() -> None:
    priya = MentorFact(9, 19, "Priya")
    supports = [SupportFact(1, "how", 6, 2), SupportFact(9, "how", 6, 2)]
    for mentors in ([MARGARET, priya], [priya, MARGARET]):
        assert [s.mentor for s in cover([TEAM], supports, mentors).by_need[6]] == mentors


def test_a_strong_mentor_stands_first_though_paused() -> None:
    supports = [SupportFact(1, "how", 6, 2), SupportFact(2, "how", 6, 3)]
    assert [s.mentor for s in cover([TEAM], supports, [MARGARET, TOMASZ]).by_need[6]] == [TOMASZ, MARGARET]


def test_needs_of_one_day_and_weight_keep_their_order() -> None:
    later = NeedFact(7, "how", "lead another", 2, DAY)
    assert cover([later, TEAM], [], []).gaps == (TEAM, later)


def test_who_does_not_support_a_need_has_no_strength_there() -> None:
    coverage = cover([TEAM], [SupportFact(1, "how", 6, 2)], [MARGARET, TOMASZ])
    assert (coverage.strength(6, 1), coverage.strength(6, 2), coverage.strength(99, 1)) == (2, 0, 0)


def test_support_of_a_need_closed_since_is_unplanned() -> None:
    coverage = cover([TEAM], [SupportFact(1, "whom", 5, 3)], [MARGARET])
    assert coverage.by_competency["whom"] == (Supporter(MARGARET, 3, planned=False),)


def test_an_ended_mentorship_hides_none_that_comes_after_it() -> None:
    supports = [SupportFact(99, "how", 6, 3), SupportFact(1, "how", 6, 2)]
    assert cover([TEAM], supports, [MARGARET]).by_need[6] == (Supporter(MARGARET, 2),)


@pytest.mark.parametrize(
    ("supports", "found"),
    [
        ([], []),
        ([("how", 1)], ["how"]),
        ([("how", 1), ("how", 3), ("why", 2)], ["how"]),
        ([("how", 3), ("how", 1), ("why", 2)], ["how"]),
        ([("whom", 2), ("why", 2), ("how", 1)], ["why", "whom"]),
    ],
)
def test_the_strongest_support_counts_and_a_tie_is_named_in_full(
    supports: list[tuple[str, int]], found: list[str]
) -> None:
    assert strongest(supports) == found
