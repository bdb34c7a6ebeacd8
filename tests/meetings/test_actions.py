from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from meetings import actions
from meetings.models import Action, Meeting
from reminders.models import Reminder
from tests.factories import make_action

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
DUE = dt.date(2026, 3, 12)


def reminders() -> list[tuple[str, dt.date]]:
    return list(Reminder.objects.filter(kind="action_due").values_list("state", "wall_date"))


def test_mine_with_a_date_is_reminded_that_morning(meeting: Meeting) -> None:
    action = actions.add_action(meeting=meeting, action=Action(words="read it", due_on=DUE))
    assert (action.owner, action.person) == (meeting.owner, meeting.person)
    assert reminders() == [("planned", DUE)]


def test_the_same_press_twice_keeps_one(meeting: Meeting) -> None:
    for _ in range(2):
        actions.add_action(meeting=meeting, action=Action(words="read it"))
    assert meeting.actions.count() == 1


def test_undated_or_offered_is_never_reminded(meeting: Meeting) -> None:
    actions.add_action(meeting=meeting, action=Action(words="some day"))
    actions.add_action(meeting=meeting, action=Action(words="introduces me", whose="theirs"))
    assert reminders() == []


def test_the_database_refuses_a_date_on_what_was_offered(meeting: Meeting) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_action(meeting, whose="theirs", due_on=DUE)


def test_done_stops_the_reminder_and_undone_plans_it_again(meeting: Meeting) -> None:
    action = actions.add_action(meeting=meeting, action=Action(words="read it", due_on=DUE))
    actions.finish_action(action=action)
    assert reminders() == [("cancelled", DUE)]
    with time_machine.travel(NOW + dt.timedelta(hours=1)):
        actions.finish_action(action=action)
    action.refresh_from_db()
    assert action.done_at == NOW
    actions.reopen_action(action=action)
    assert reminders() == [("planned", DUE)]


def test_change_moves_the_reminder_and_delete_ends_it(meeting: Meeting) -> None:
    action = actions.add_action(meeting=meeting, action=Action(words="read it", due_on=DUE))
    action.due_on = dt.date(2026, 3, 13)
    actions.change_action(action=action)
    assert reminders() == [("planned", dt.date(2026, 3, 13))]
    actions.delete_action(action=action)
    assert reminders() == [("cancelled", dt.date(2026, 3, 13))]
    assert not Action.objects.exists()
