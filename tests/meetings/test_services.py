from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from meetings import services
from meetings.models import AgendaItem, Meeting
from outreach.approaches.next_step import OutreachStep
from outreach.models import Approach, FollowUp
from outreach.selectors.approaches import row, with_situation
from portfolio.models import Contact, Person
from reminders.models import Reminder
from tests.factories import (
    make_approach,
    make_follow_up,
    make_item,
    make_meeting,
    make_mentorship,
    make_need,
    make_person,
)

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.clock(NOW)]
Item = AgendaItem.State


def plan(person: Person, day: int = 10, hour: int = 14, **fields) -> Meeting:
    wishes = {
        "owner": person.owner,
        "person": person,
        "kind": "regular",
        "starts_local": dt.datetime(2026, 3, day, hour),
        "zone": "Europe/London",
        "minutes": 60,
        "suggested": False,
        **fields,
    }
    return services.plan_meeting(**wishes)


def today_reminder(meeting: Meeting) -> Reminder:
    return Reminder.objects.get(kind="meeting_today", subject_id=meeting.pk)


def test_plan_keeps_the_instant_in_utc_beside_the_zone(bob: Person) -> None:
    meeting = plan(bob, zone="America/New_York")
    assert meeting.starts_at == dt.datetime(2026, 3, 10, 18, 0, tzinfo=dt.UTC)  # EDT from 8 March
    assert meeting.starts_there.replace(tzinfo=None) == dt.datetime(2026, 3, 10, 14, 0)


def test_plan_moves_a_skipped_hour_forward(bob: Person) -> None:
    meeting = plan(bob, starts_local=dt.datetime(2026, 3, 29, 1, 30))
    assert meeting.starts_at == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    assert meeting.starts_there.time() == dt.time(2, 30)


def test_plan_takes_a_double_hour_the_first_time(bob: Person) -> None:
    meeting = plan(bob, starts_local=dt.datetime(2026, 10, 25, 1, 30))
    assert meeting.starts_at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


@given(
    st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2035, 1, 1)),
    st.sampled_from(["Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]),
)
def test_start_shows_the_time_asked_for_or_a_later_one(wall: dt.datetime, zone: str) -> None:
    shown = services.start(wall, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert dt.timedelta(0) <= shown - wall <= dt.timedelta(hours=1)


def test_plan_suggests_points_within_the_time(bob: Person) -> None:
    meeting = plan(bob, kind="initial", minutes=15, suggested=True)
    assert [item.minutes for item in meeting.items.all()] == [5, 5, 5]
    assert [item.position for item in meeting.items.all()] == [0, 1, 2]


def test_plan_twice_at_the_same_time_is_one_meeting(bob: Person) -> None:
    assert plan(bob, suggested=True) == plan(bob, suggested=True)
    assert Meeting.objects.count() == 1
    assert AgendaItem.objects.count() == 4


def test_plan_tells_the_approach_and_its_follow_up_stops(bob: Person) -> None:
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    follow_up = make_follow_up(approach)
    plan(bob, kind="initial", approach=approach)
    approach.refresh_from_db()
    follow_up.refresh_from_db()
    assert approach.stage == Approach.Stage.INITIAL
    assert follow_up.state == FollowUp.State.STOPPED
    assert approach.events.get().what == "First conversation planned for 10 March, 14:00"


def test_plan_of_a_regular_meeting_leaves_an_approach_alone(bob: Person) -> None:
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    plan(bob, approach=approach)
    approach.refresh_from_db()
    assert approach.stage == Approach.Stage.APPROACHED


def test_plan_reminds_at_the_reminder_hour_of_that_day(bob: Person) -> None:
    reminder = today_reminder(plan(bob))
    assert (reminder.wall_date, reminder.wall_time) == (dt.date(2026, 3, 10), dt.time(9, 0))
    assert reminder.due_at == dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)


def test_plan_reminds_an_hour_before_an_early_meeting(bob: Person) -> None:
    assert today_reminder(plan(bob, hour=9)).due_at == dt.datetime(2026, 3, 10, 8, 0, tzinfo=dt.UTC)
    late = plan(bob, starts_local=dt.datetime(2026, 3, 11, 0, 30))
    assert today_reminder(late).due_at == dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)


def test_plan_reminds_where_the_user_is_not_where_the_meeting_is(alice: User, bob: Person) -> None:
    meeting = plan(bob, zone="Pacific/Auckland", hour=8)  # 19:00 on the 9th in London
    assert today_reminder(meeting).due_at == dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC)


def test_plan_in_the_past_or_too_soon_reminds_nobody(bob: Person) -> None:
    plan(bob, day=1)
    plan(bob, day=2, hour=15)  # today, and the reminder hour has passed
    assert not Reminder.objects.filter(kind__in=["meeting_today", "empty_agenda"]).exists()


def test_carry_over_brings_what_was_left_open_once_and_keeps_the_original(bob: Person) -> None:
    need = make_need(bob.owner)
    first = make_meeting(bob, starts_at=NOW - dt.timedelta(days=7), state="held", held_at=NOW)
    make_item(first, "done", state=Item.DONE)
    make_item(first, "parked", state=Item.PARKED)
    left = make_item(first, "left open", minutes=20, raised_by="mentor", need=need, outcome="begun")
    second = plan(bob)
    (carried,) = second.items.all()
    left.refresh_from_db()
    assert (carried.words, carried.minutes, carried.raised_by, carried.need) == ("left open", 20, "mentor", need)
    assert (carried.carried_from, carried.outcome, carried.state) == (left, "", Item.OPEN)
    assert (left.state, left.outcome) == (Item.CARRIED, "begun")
    assert services.carry_over(meeting=second) == 0
    assert second.items.count() == 1


def test_carry_over_makes_a_chain_over_three_meetings(bob: Person) -> None:
    first = plan(bob, day=3)
    item = make_item(first, "the long one")
    with time_machine.travel(NOW + dt.timedelta(days=2)):
        services.hold_meeting(meeting=first)
    second = plan(bob, day=10)
    with time_machine.travel(NOW + dt.timedelta(days=9)):
        services.hold_meeting(meeting=second)
    third = plan(bob, day=17)
    (last,) = third.items.all()
    assert last.carried_from.carried_from == item
    assert list(AgendaItem.objects.order_by("pk").values_list("state", flat=True)) == ["carried", "carried", "open"]


def test_carry_over_crosses_from_approach_to_mentorship(bob: Person) -> None:
    first = plan(bob, day=1, kind="initial", approach=make_approach(bob, stage="initial"))
    make_item(first, "asked too late")
    services.hold_meeting(meeting=first)
    second = plan(bob, mentorship=make_mentorship(bob), kind="first")
    assert [item.words for item in second.items.all()] == ["asked too late"]


def test_carry_over_leaves_other_people_and_other_owners_alone(bob: Person, charlie: User) -> None:
    for person in (make_person(bob.owner, "Cora Cole"), make_person(charlie, bob.name)):
        make_item(make_meeting(person, starts_at=NOW - dt.timedelta(days=3), state="cancelled"), "not ours")
    assert not plan(bob).items.exists()


def test_carried_items_come_before_suggestions_which_take_the_time_that_is_left(bob: Person) -> None:
    first = plan(bob, day=1)
    make_item(first, "long", minutes=40)
    services.hold_meeting(meeting=first)
    second = plan(bob, suggested=True, minutes=60)
    assert [item.position for item in second.items.all()] == [0, 1, 2, 3, 4]
    assert second.items.first().words == "long"
    assert sum(item.minutes for item in second.items.all()) <= 60


def test_hold_notes_the_contact_once_however_often_it_is_pressed(bob: Person) -> None:
    meeting = plan(bob, day=1)
    assert services.hold_meeting(meeting=meeting)
    assert not services.hold_meeting(meeting=meeting)
    contact = Contact.objects.get()
    assert (contact.person, contact.at, contact.kind) == (bob, meeting.starts_at, "meeting")
    meeting.refresh_from_db()
    assert (meeting.state, meeting.held_at) == ("held", NOW)


def test_hold_before_its_time_counts_from_now(bob: Person) -> None:
    meeting = plan(bob)
    services.hold_meeting(meeting=meeting)
    assert Contact.objects.get().at == NOW
    assert today_reminder(meeting).state == "cancelled"


def test_hold_of_a_first_conversation_moves_the_approach_and_writes_one_contact(bob: Person) -> None:
    approach = make_approach(bob, stage=Approach.Stage.SHORTLISTED)
    meeting = plan(bob, day=1, kind="initial", approach=approach)
    services.hold_meeting(meeting=meeting)
    approach.refresh_from_db()
    assert approach.stage == Approach.Stage.INITIAL
    assert approach.events.last().kind == "held"
    assert Contact.objects.count() == 1


def test_hold_carries_what_stayed_open_to_the_next_one_planned(bob: Person) -> None:
    now, after = plan(bob, day=1), plan(bob)
    make_item(now, "not reached")
    services.hold_meeting(meeting=now)
    assert [item.words for item in after.items.all()] == ["not reached"]


def test_unhold_takes_everything_back(bob: Person) -> None:
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    meeting, after = plan(bob, kind="initial", approach=approach), plan(bob, day=20)
    item = make_item(meeting, "not reached")
    services.hold_meeting(meeting=meeting)
    assert services.unhold_meeting(meeting=meeting)
    assert not services.unhold_meeting(meeting=meeting)
    for each in (meeting, item, approach):
        each.refresh_from_db()
    assert (meeting.state, meeting.held_at) == ("planned", None)
    assert item.state == Item.OPEN
    assert not after.items.exists()
    assert not Contact.objects.exists()
    assert approach.events.last().kind == "planned"
    assert today_reminder(meeting).state == "planned"


def test_unhold_keeps_contacts_of_other_days(bob: Person) -> None:
    meeting, other = plan(bob, day=1), plan(bob, day=2, hour=8)
    services.hold_meeting(meeting=other)
    services.hold_meeting(meeting=meeting)
    services.unhold_meeting(meeting=meeting)
    assert Contact.objects.get().at == other.starts_at


def test_unhold_leaves_alone_what_was_worked_on_since(bob: Person) -> None:
    now, after = plan(bob, day=1), plan(bob)
    item = make_item(now, "not reached")
    services.hold_meeting(meeting=now)
    after.items.update(outcome="prepared already")
    services.unhold_meeting(meeting=now)
    item.refresh_from_db()
    assert item.state == Item.CARRIED
    assert after.items.count() == 1


def test_cancel_carries_on_and_reinstate_brings_back(bob: Person) -> None:
    off, after = plan(bob, day=10), plan(bob, day=5)
    item = make_item(off, "still matters")
    assert services.cancel_meeting(meeting=off)
    assert not services.cancel_meeting(meeting=off)
    assert [row.words for row in after.items.all()] == ["still matters"]
    assert today_reminder(off).state == "cancelled"
    assert services.reinstate_meeting(meeting=off)
    item.refresh_from_db()
    assert item.state == Item.OPEN
    assert not after.items.exists()
    assert today_reminder(off).state == "planned"


def test_a_cancelled_meeting_cannot_be_held_nor_moved(bob: Person) -> None:
    meeting = plan(bob)
    services.cancel_meeting(meeting=meeting)
    assert not services.hold_meeting(meeting=meeting)
    assert not services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 11, 9), zone="Europe/London")
    assert not Contact.objects.exists()


def test_move_takes_the_reminder_along(bob: Person) -> None:
    meeting = plan(bob)
    assert services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 4, 1, 16), zone="Europe/London")
    meeting.refresh_from_db()
    assert meeting.starts_at == dt.datetime(2026, 4, 1, 15, 0, tzinfo=dt.UTC)
    assert today_reminder(meeting).due_at == dt.datetime(2026, 4, 1, 8, 0, tzinfo=dt.UTC)


def test_move_into_the_past_drops_the_reminder(bob: Person) -> None:
    meeting = plan(bob)
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 1, 16), zone="Europe/London")
    assert today_reminder(meeting).state == "cancelled"


def test_calling_a_conversation_off_and_on_again_is_told_to_the_approach(bob: Person) -> None:
    approach = make_approach(bob, stage="approached")
    meeting = plan(bob, kind="initial", approach=approach)
    assert step_of(approach).title == "A conversation is planned"
    services.cancel_meeting(meeting=meeting)
    assert step_of(approach).title == "Bob replied"
    assert approach.events.last().what == "First conversation called off"
    services.reinstate_meeting(meeting=meeting)
    assert step_of(approach).title == "A conversation is planned"
    assert [event.kind for event in approach.events.all()] == ["planned"]


def test_a_moved_conversation_has_its_new_date_in_the_approach(bob: Person) -> None:
    approach = make_approach(bob, stage="approached")
    meeting = plan(bob, kind="initial", approach=approach)
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 4, 1, 16), zone="Europe/London")
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 4, 1, 16), zone="Europe/London")
    assert [event.what for event in approach.events.all()][1:] == ["First conversation moved to 1 April, 16:00"]


def step_of(approach: Approach) -> OutreachStep:
    return row(with_situation(approach.owner).get(pk=approach.pk)).step
