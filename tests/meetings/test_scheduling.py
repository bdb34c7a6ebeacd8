from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import User
from accounts.signals import profile_changed
from meetings import scheduling
from meetings.reminder_kinds import load
from portfolio.models import Person
from reminders import kinds
from reminders.models import Reminder
from tests.factories import make_action, make_meeting, make_person
from tests.reminders.kinds_for_tests import told_to

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
SOON = NOW + dt.timedelta(hours=4)


def load_meetings(user: User, ids: list[int]) -> dict[int, kinds.Item]:
    return told_to(user, load, {"meeting_today": ids}).get("meeting_today", {})


def load_actions(user: User, ids: list[int]) -> dict[int, kinds.Item]:
    return told_to(user, load, {"action_due": ids}).get("action_due", {})


def test_the_kinds_are_registered_with_their_switches() -> None:
    today, due = kinds.get("meeting_today"), kinds.get("action_due")
    assert (today.switch, today.same_day) == ("meetings", True)
    assert (due.switch, due.same_day) == ("gentle", False)
    assert [(act.name, act.label) for act in due.acts] == [("done", "Done")]


def test_load_meetings_says_when_whom_and_where(alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=SOON, place="Room 3", purpose="Funding")
    item = load_meetings(alice, [meeting.pk])[meeting.pk]
    assert item.title == "Today at 14:00: Dr Bob Brook"
    assert item.words == "Regular meeting, 60 minutes. Where: Room 3. What for: Funding. Your agenda is one press away."
    assert (item.path, item.button) == (f"/meetings/{meeting.pk}/before/", "Prepare for the talk")


def test_load_meetings_leaves_out_what_is_no_longer_true(alice: User, bob: Person, charlie: User) -> None:
    gone = [
        make_meeting(bob, starts_at=SOON, state="cancelled"),
        make_meeting(bob, starts_at=SOON, state="held", held_at=NOW),
        make_meeting(bob, starts_at=NOW - dt.timedelta(hours=2)),
        make_meeting(make_person(charlie), starts_at=SOON),
    ]
    under_way = make_meeting(bob, starts_at=NOW - dt.timedelta(minutes=30))
    ids = [meeting.pk for meeting in [*gone, under_way]]
    assert set(load_meetings(alice, ids)) == {under_way.pk}


def test_load_actions_leaves_out_done_offered_and_other_peoples(alice: User, bob: Person, charlie: User) -> None:
    meeting = make_meeting(bob)
    mine = make_action(meeting, "Read the report")
    others = [
        make_action(meeting, done_at=NOW),
        make_action(meeting, whose="theirs"),
        make_action(make_meeting(make_person(charlie))),
    ]
    found = load_actions(alice, [mine.pk, *(action.pk for action in others)])
    assert set(found) == {mine.pk}
    assert found[mine.pk].title == "Read the report"
    assert found[mine.pk].words == "You said so when you met Dr Bob Brook."


def test_loading_many_costs_one_query(alice: User, bob: Person, django_assert_num_queries) -> None:
    meetings = [make_meeting(bob, starts_at=SOON) for _ in range(5)]
    actions = [make_action(meetings[0], str(n)) for n in range(5)]
    with django_assert_num_queries(1):
        found = told_to(alice, load, {"meeting_today": [m.pk for m in meetings], "action_due": [a.pk for a in actions]})
    assert {kind: len(items) for kind, items in found.items()} == {"meeting_today": 5, "action_due": 5}
    assert found["action_due"][actions[1].pk].path == actions[1].get_absolute_url()


def test_the_act_done_works_once_and_only_for_its_owner(alice: User, bob: Person, charlie: User) -> None:
    (act,) = kinds.get("action_due").acts
    action = make_action(make_meeting(bob), "Read the report")
    assert act.run(charlie, action.pk).startswith("This has been deleted")
    action.refresh_from_db()
    assert action.done_at is None
    assert act.run(alice, action.pk) == "Done: Read the report"
    action.refresh_from_db()
    assert action.done_at == NOW


@pytest.mark.django_db(transaction=True)
def test_another_reminder_hour_moves_the_reminder_of_a_coming_meeting(alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=dt.datetime(2026, 3, 10, 14, 0, tzinfo=dt.UTC))
    scheduling.remind_of_meeting(meeting)
    alice.reminder_time = dt.time(13, 30)
    alice.save(update_fields=["reminder_time"])
    profile_changed.send(User, user=alice)
    # less than an hour from the reminder hour to 13:30, so it is sent an hour before
    assert Reminder.objects.get(kind="meeting_today").due_at == dt.datetime(2026, 3, 10, 13, 0, tzinfo=dt.UTC)
