"""The timeline: a lane for every mentorship, inside the picture, in a stable order."""

from __future__ import annotations

import datetime as dt
import itertools
import re

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from portfolio.overview.timeline import HEAD, LANE, Pause, Span, at_once, draw, in_lanes
from portfolio.overview.timeline_axis import MOST, ticks

TODAY = dt.date(2026, 11, 25)
days = st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1))


@st.composite
def spans(draw_: st.DrawFn) -> list[Span]:
    made = []
    for id_ in range(draw_(st.integers(0, 12))):
        start = draw_(days)
        pauses = draw_(st.lists(st.builds(Pause, days, st.none() | days), max_size=3))
        made.append(
            Span(
                id=id_,
                person_id=draw_(st.integers(1, 5)),
                name=draw_(st.text(max_size=60)),
                start=start,
                end=draw_(st.none() | st.dates(start, dt.date(2031, 1, 1))),
                competency=draw_(st.sampled_from(["", "why", "how", "whom"])),
                breadth=draw_(st.sampled_from(["", "narrow", "broad"])),
                formal=draw_(st.booleans()),
                formal_until=draw_(st.none() | days),
                pauses=tuple(pauses),
                friends_since=draw_(st.none() | days),
                href=f"/mentorships/{id_}/",
            )
        )
    return made


@given(spans(), days)
def test_every_lane_lies_inside_and_covers_no_other(made: list[Span], today: dt.date) -> None:
    timeline = draw(made, today)
    assert sorted(lane.span.id for lane in timeline.lanes) == [span.id for span in made]
    assert [lane.top for lane in timeline.lanes] == [HEAD + LANE * place for place in range(len(made))]
    for lane in timeline.lanes:
        assert lane.top <= lane.halo_top <= lane.ring_top <= lane.track_top + 4
        assert lane.halo_top + lane.halo_thickness <= lane.top + LANE
        assert lane.top + LANE <= timeline.height
        assert 0 <= lane.name_x <= 100.0
        assert 0 <= lane.start <= lane.end <= 100
        for part in (*lane.tracks, *lane.hollow, *filter(None, (lane.formal, lane.halo))):
            assert 0 <= part.x <= part.end <= 100
    assert 0 <= timeline.today <= 100
    assert all(0 <= tick.x <= 100 for tick in timeline.ticks)


@given(spans(), days)
def test_active_and_resting_times_fill_a_lane_without_overlap(made: list[Span], today: dt.date) -> None:
    for lane in draw(made, today).lanes:
        parts = sorted([*lane.tracks, *lane.hollow], key=lambda part: (part.x, part.end))
        assert parts[0].x == lane.start
        assert parts[-1].end == pytest.approx(lane.end, abs=0.02)
        assert all(one.end == pytest.approx(other.x, abs=0.02) for one, other in itertools.pairwise(parts))


@given(spans(), st.integers(1, 6))
def test_a_later_mentorship_changes_the_order_of_none_before(made: list[Span], person: int) -> None:
    new = Span(999, person, "New", max([TODAY, *(span.start for span in made)]) + dt.timedelta(days=1))
    assert [span for span in in_lanes([*made, new]) if span.id != 999] == in_lanes(made)


@given(spans())
def test_mentorships_of_one_person_stand_together_whatever_the_order_given(made: list[Span]) -> None:
    people = [span.person_id for span in in_lanes(made)]
    assert len([a for a, b in itertools.pairwise(people) if a != b]) == max(len(set(people)) - 1, 0)
    assert in_lanes(made[::-1]) == in_lanes(made)


@given(days, days)
def test_the_axis_is_calm_and_in_order(one: dt.date, other: dt.date) -> None:
    first, last = min(one, other), max(one, other)
    made = ticks(first, last)
    assert len(made) <= MOST
    assert [tick.x for tick in made] == sorted({tick.x for tick in made})
    assert len(made) >= 2 or (last - first).days < 42


@pytest.mark.parametrize(
    ("days_shown", "words"),
    [
        (42, ["19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov", ""]),
        (160, ["Jul 2026", "Aug", "Sep", "Oct", ""]),
        (1000, ["Jul 2024", "Jan 2025", "Jul", "Jan 2026", ""]),
        (3000, ["2020", "2022", "2024", ""]),
        (11000, ["2000", "2005", "2010", "2015", "2020", ""]),
    ],
)
def test_weeks_months_and_years(days_shown: int, words: list[str]) -> None:
    assert [tick.words for tick in ticks(TODAY - dt.timedelta(days=days_shown), TODAY)] == words


def test_a_mentorship_of_today_is_seen() -> None:
    [lane] = draw([Span(1, 1, "Bob", TODAY)], TODAY).lanes
    assert 90 < lane.start <= 100
    assert len(lane.tracks) == 1


def test_formal_ends_where_it_turned_informal_and_friendship_outlasts_the_end() -> None:
    start, turned, ended = dt.date(2018, 1, 1), dt.date(2019, 1, 1), dt.date(2020, 1, 1)
    span = Span(1, 1, "Bob", start, ended, formal=True, formal_until=turned, friends_since=dt.date(2019, 6, 1))
    timeline = draw([span, Span(2, 2, "Ann", start, formal=True)], TODAY)
    bob, ann = timeline.lanes
    assert bob.formal
    assert ann.formal
    assert bob.halo
    assert bob.start == bob.formal.x < bob.formal.end < bob.halo.x < bob.end < bob.halo.end == timeline.today
    assert ann.formal.end == ann.end == timeline.today
    assert (bob.runs, ann.runs) == (False, True)


def test_broad_is_thicker_than_narrow() -> None:
    kinds = [Span(id_, id_, "A", TODAY, breadth=breadth) for id_, breadth in enumerate(["narrow", "", "broad"])]
    thickness = [lane.thickness for lane in draw(kinds, TODAY).lanes]
    assert thickness == sorted(set(thickness))


def test_overlaps_are_counted() -> None:
    day = dt.date
    parts = [(day(2018, 1, 1), day(2020, 1, 1)), (day(2019, 1, 1), day(2019, 6, 1)), (day(2020, 1, 1), None)]
    assert at_once([Span(i, i, "A", start, end) for i, (start, end) in enumerate(parts)]) == 2
    assert at_once([]) == 0


def test_every_lane_is_a_link_and_hostile_names_are_escaped() -> None:
    evil = '<script>alert(1)</script>" onload="x'
    made = [Span(id_, 1, evil, TODAY, words=evil, href=f"/mentorships/{id_}/") for id_ in range(2)]
    html = render_to_string("portfolio/overview/_timeline.html", {"timeline": draw(made, TODAY)})
    assert re.findall(r'<a class="lane [^"]*" href="([^"]+)"', html) == ["/mentorships/0/", "/mentorships/1/"]
    assert "<script" not in html
    assert "style" not in html
    assert not re.search(r'"\s*onload', html)


def test_one_that_ends_on_the_day_another_begins_ran_beside_it() -> None:
    first = Span(1, 1, "Ann", dt.date(2020, 1, 1), dt.date(2021, 1, 1))
    assert at_once([first, Span(2, 2, "Bea", dt.date(2021, 1, 1))]) == 2
    assert at_once([first, Span(2, 2, "Bea", dt.date(2021, 1, 2))]) == 1
