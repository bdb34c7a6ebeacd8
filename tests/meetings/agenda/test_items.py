from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.private_notes import first_alike
from meetings import services
from meetings.agenda import items
from meetings.models import AgendaItem, Meeting
from portfolio.models import Person
from tests.factories import make_item, make_meeting

State = AgendaItem.State


def words(meeting: Meeting) -> list[str]:
    return [item.words for item in meeting.items.all()]


def test_add_puts_a_point_last_and_the_same_words_once(meeting: Meeting) -> None:
    make_item(meeting, "first", position=7)
    items.add_item(meeting=meeting, item=AgendaItem(words="second"))
    items.add_item(meeting=meeting, item=AgendaItem(words="second"))
    assert words(meeting) == ["first", "second"]


def test_move_swaps_neighbours_also_where_positions_are_equal(meeting: Meeting) -> None:
    for name in "abc":
        make_item(meeting, name)  # all at position 0
    items.move_item(item=first_alike(meeting.items.all(), words="c"), by=-1)
    assert words(meeting) == ["a", "c", "b"]
    items.move_item(item=first_alike(meeting.items.all(), words="a"), by=1)
    assert words(meeting) == ["c", "a", "b"]


def test_move_past_the_end_changes_nothing(meeting: Meeting) -> None:
    for position, name in enumerate("ab"):
        make_item(meeting, name, position=position)
    items.move_item(item=first_alike(meeting.items.all(), words="a"), by=-1)
    items.move_item(item=first_alike(meeting.items.all(), words="b"), by=1)
    assert words(meeting) == ["a", "b"]


def test_mark_keeps_the_outcome_unless_a_new_one_comes(meeting: Meeting) -> None:
    item = make_item(meeting, outcome="agreed")
    assert items.mark_item(item=item, state=State.DONE)
    item.refresh_from_db()
    assert (item.state, item.outcome) == ("done", "agreed")
    items.mark_item(item=item, state=State.OPEN, outcome="")
    item.refresh_from_db()
    assert (item.state, item.outcome) == ("open", "")


def test_a_carried_point_is_marked_only_where_it_lives_on(bob: Person) -> None:
    before = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(days=2), state="cancelled")
    item = make_item(before)
    services.carry_over(meeting=make_meeting(bob))
    assert not items.mark_item(item=item, state=State.DROPPED)
    item.refresh_from_db()
    assert item.state == State.CARRIED


def test_reopened_after_the_meeting_a_point_goes_on_to_the_next(bob: Person) -> None:
    over = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(days=2), state="held", held_at=timezone.now())
    item = make_item(over, "parked then", state=State.PARKED)
    following = make_meeting(bob)
    items.mark_item(item=item, state=State.OPEN)
    assert words(following) == ["parked then"]


def test_a_point_added_after_the_meeting_goes_on_to_the_next(bob: Person) -> None:
    over = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(days=2), state="held", held_at=timezone.now())
    following = make_meeting(bob)
    items.add_item(meeting=over, item=AgendaItem(words="forgot to ask"))
    assert words(following) == ["forgot to ask"]


@pytest.mark.parametrize(("place", "order"), [(0, "cabd"), (1, "acbd"), (2, "abcd"), (3, "abdc"), (99, "abdc")])
def test_a_dragged_point_stands_where_it_was_put(bob: Person, place: int, order: str) -> None:
    meeting = make_meeting(bob)
    made = {name: make_item(meeting, name, position=n) for n, name in enumerate("abcd")}
    items.place_item(item=made["c"], place=place)
    assert "".join(meeting.items.values_list("words", flat=True)) == order
