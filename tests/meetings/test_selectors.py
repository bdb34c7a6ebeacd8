from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import User
from meetings import selectors
from portfolio.models import Person
from tests.factories import make_action, make_approach, make_brief, make_meeting, make_mentorship, make_person

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
HOUR = dt.timedelta(hours=1)


def test_planned_are_those_soon_under_way_or_not_recorded_yet(alice: User, bob: Person, charlie: User) -> None:
    soon = make_meeting(bob, starts_at=NOW + HOUR)
    unrecorded = make_meeting(bob, starts_at=NOW - 3 * HOUR)
    make_meeting(bob, starts_at=NOW + dt.timedelta(days=8))
    make_meeting(bob, starts_at=NOW + HOUR, state="cancelled")
    make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW)
    make_meeting(make_person(charlie), starts_at=NOW + HOUR)
    assert selectors.planned_meetings(alice) == [unrecorded, soon]


def test_planned_meetings_cost_one_query(alice: User, bob: Person, django_assert_num_queries) -> None:
    make_meeting(bob)
    with django_assert_num_queries(1):
        assert [row.person.name for row in selectors.planned_meetings(alice)] == [bob.name]


def test_situation_tells_what_comes_next(alice: User, bob: Person) -> None:
    assert selectors.situation(alice, bob).kind == "regular"
    approach = make_approach(bob, stage="approached")
    assert selectors.situation(alice, bob).kind == "initial"
    make_meeting(bob, kind="initial", state="held", held_at=NOW)
    assert selectors.situation(alice, bob).kind == "follow_up"
    mentorship = make_mentorship(bob)
    now = selectors.situation(alice, bob)
    assert now.kind == "first"
    assert now.belongs_to("first") == (None, mentorship)
    assert now.belongs_to("follow_up") == (approach, None)
    make_meeting(bob, kind="first", mentorship=mentorship, state="held", held_at=NOW)
    assert selectors.situation(alice, bob).kind == "regular"


def test_direction_is_the_shared_one_before_the_private_before_the_briefs(alice: User, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    meeting = make_meeting(bob, mentorship=mentorship)
    assert selectors.direction_for(meeting) is None
    make_brief(alice, direction="unfinished")
    assert selectors.direction_for(meeting) is None
    make_brief(alice, direction="old", finished_at=NOW - 2 * HOUR)
    make_brief(alice, direction="latest", finished_at=NOW - HOUR)
    assert selectors.direction_for(meeting) == selectors.Direction("latest", shared=False)
    mentorship.direction_private = "mine"
    assert selectors.direction_for(meeting) == selectors.Direction("mine", shared=False)
    mentorship.direction_shared = "ours"
    assert selectors.direction_for(meeting) == selectors.Direction("ours", shared=True)


def test_actions_beside_brings_what_is_open_from_earlier_meetings(bob: Person) -> None:
    earlier, now = make_meeting(bob, starts_at=NOW - 48 * HOUR), make_meeting(bob, starts_at=NOW)
    still_open = make_action(earlier, "still open")
    make_action(earlier, "done then", done_at=NOW)
    done_here = make_action(now, "done here", done_at=NOW)
    make_action(make_meeting(bob, starts_at=NOW + HOUR), "of a later one")
    assert selectors.actions_beside(now) == [still_open, done_here]


def test_actions_come_back_also_from_a_meeting_that_was_held_early_or_called_off(bob: Person) -> None:
    early = make_meeting(bob, starts_at=NOW + 48 * HOUR, state="held", held_at=NOW - HOUR)
    off = make_meeting(bob, starts_at=NOW + 72 * HOUR, state="cancelled")
    promised = [make_action(early, "said early"), make_action(off, "said before it was off")]
    assert selectors.actions_beside(make_meeting(bob, starts_at=NOW + HOUR)) == promised


def test_elsewhere_names_only_other_clocks(bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=dt.datetime(2026, 3, 3, 18, 0, tzinfo=dt.UTC), zone="Europe/London")
    assert selectors.elsewhere(meeting) == []
    bob.time_zone = "America/New_York"
    assert selectors.elsewhere(meeting) == ["13:00 in New York"]
    meeting.zone = "Asia/Tokyo"
    assert selectors.elsewhere(meeting) == ["03:00 in Tokyo on Wednesday", "13:00 in New York"]
    bob.time_zone = "Not/AZone"
    assert selectors.elsewhere(meeting) == ["03:00 in Tokyo on Wednesday"]
