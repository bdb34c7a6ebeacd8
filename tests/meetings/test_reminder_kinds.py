"""The morning before a meeting with an empty agenda, and the morning after one."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import User
from meetings import services
from meetings.models import Impression, Meeting
from meetings.reminder_kinds import ahead, load
from mentoring.today import today
from portfolio.models import Person
from reminders import kinds
from reminders.models import Reminder
from reminders.services import plan_ahead
from tests.factories import make_action, make_item, make_meeting, make_person
from tests.reminders.kinds_for_tests import told_to

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)  # a Monday
pytestmark = pytest.mark.clock(NOW)
DAY = dt.timedelta(days=1)


def meet(bob: Person, day: int, hour: int = 14, month: int = 3) -> Meeting:
    start = dt.datetime(2026, month, day, hour)
    return services.plan_meeting(
        owner=bob.owner, person=bob, kind="regular", starts_local=start, zone="Europe/London", suggested=False
    )


def mornings(kind: str) -> list[dt.datetime]:
    return list(Reminder.objects.filter(kind=kind, state="planned").order_by("pk").values_list("due_at", flat=True))


def said(user: User, kind: str, meeting: Meeting) -> kinds.Item | None:
    return told_to(user, load, {kind: [meeting.pk]}).get(kind, {}).get(meeting.pk)


def test_both_kinds_go_with_the_meetings_and_do_not_wait_for_the_weekly_mail() -> None:
    for name in ("empty_agenda", "after_meeting"):
        kind = kinds.get(name)
        assert (kind.switch, kind.same_day, kind.may_wait) == ("meetings", False, False)


# --- An empty agenda the day before -----------------------------------------------------------------


def test_an_agenda_is_asked_for_on_the_working_morning_before(bob: Person) -> None:
    meet(bob, 5)
    meet(bob, 9)  # a Monday: the reminder is on Friday
    meet(bob, 7, month=4)  # the Tuesday after Easter Monday and Good Friday: the reminder is on Thursday
    nine = dt.time(9, 0, tzinfo=dt.UTC)
    assert mornings("empty_agenda") == [
        dt.datetime.combine(dt.date(2026, 3, 4), nine),
        dt.datetime.combine(dt.date(2026, 3, 6), nine),
        dt.datetime(2026, 4, 2, 8, 0, tzinfo=dt.UTC),
    ]


def test_who_plans_a_meeting_for_tomorrow_after_that_hour_hears_nothing(bob: Person) -> None:
    meet(bob, 3)
    assert mornings("empty_agenda") == []


def test_an_agenda_is_asked_for_while_nothing_is_on_it_and_the_day_has_not_come(
    alice: User, bob: Person, charlie: User, clock: time_machine.Coordinates
) -> None:
    meeting, dropped, full = (make_meeting(bob, starts_at=NOW + DAY) for _ in range(3))
    make_item(dropped, state="dropped")
    make_item(full)
    item = said(alice, "empty_agenda", meeting)
    assert item is not None
    assert (item.title, item.path) == ("You meet Dr Bob Brook tomorrow: what about?", f"/meetings/{meeting.pk}/")
    assert said(alice, "empty_agenda", dropped)
    assert said(alice, "empty_agenda", full) is None
    assert said(charlie, "empty_agenda", meeting) is None
    clock.move_to(NOW + DAY - dt.timedelta(hours=5))
    assert said(alice, "empty_agenda", meeting) is None


def test_a_meeting_that_moves_or_is_called_off_takes_its_reminders_along(bob: Person) -> None:
    meeting = meet(bob, 5)
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 12, 14), zone="Europe/London")
    assert mornings("empty_agenda") == [dt.datetime(2026, 3, 11, 9, 0, tzinfo=dt.UTC)]
    assert mornings("after_meeting") == [dt.datetime(2026, 3, 13, 9, 0, tzinfo=dt.UTC)]
    services.cancel_meeting(meeting=meeting)
    assert mornings("empty_agenda") == mornings("after_meeting") == []
    services.reinstate_meeting(meeting=meeting)
    assert len(mornings("empty_agenda")) == len(mornings("after_meeting")) == 1


# --- The morning after ------------------------------------------------------------------------------


def test_what_came_of_it_is_asked_on_the_morning_after(bob: Person) -> None:
    meet(bob, 5)
    meet(bob, 6)  # a Friday
    meet(bob, 10, hour=23)
    services.hold_meeting(meeting=meet(bob, 20))  # today, earlier than planned
    assert [due.date().day for due in mornings("after_meeting")] == [6, 9, 12, 3]


def test_a_meeting_long_ago_is_not_asked_about(alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - 3 * DAY)
    services.hold_meeting(meeting=meeting)
    services.unhold_meeting(meeting=meeting)
    assert mornings("after_meeting") == []


def test_a_held_or_unrecorded_meeting_is_asked_about_until_something_is_kept(
    alice: User, bob: Person, charlie: User
) -> None:
    over = {"starts_at": NOW - DAY}
    held = {**over, "state": "held", "held_at": NOW}
    asked = [make_meeting(bob, **over), make_meeting(bob, **held)]
    quiet = [make_meeting(bob, **held) for _ in range(5)]
    make_item(quiet[0], state="done")
    make_action(quiet[1])
    Impression.objects.create(owner=alice, meeting=quiet[2], again="yes")
    for meeting, field in zip(quiet[3:], ("private_notes", "shared_notes"), strict=True):
        setattr(meeting, field, "We talked about funding.")
        meeting.save()
    quiet += [
        make_meeting(bob, starts_at=NOW - DAY, state="cancelled"),
        make_meeting(bob, starts_at=NOW - dt.timedelta(minutes=5)),
        make_meeting(make_person(charlie), **over),
    ]
    ids = [meeting.pk for meeting in [*asked, *quiet]]
    assert set(told_to(alice, load, {"after_meeting": ids})["after_meeting"]) == {meeting.pk for meeting in asked}


def test_the_next_date_is_spoken_of_only_while_there_is_none(alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - DAY)
    item = said(alice, "after_meeting", meeting)
    assert item is not None
    assert item.title == "Note what came of meeting Dr Bob Brook"
    assert item.words == (
        "While it is fresh: a line or two is enough. And a word of thanks to Bob, if you haven’t sent one. "
        "If you’d like to go on, suggest the next date."
    )
    make_meeting(bob, starts_at=NOW + 30 * DAY)
    again = said(alice, "after_meeting", meeting)
    assert again is not None
    assert again.words.endswith("if you haven’t sent one.")


def test_nothing_to_note_settles_it(alice: User, bob: Person) -> None:
    meeting = meet(bob, 5)
    kinds.get("after_meeting").acts[0].run(alice, meeting.pk)
    assert mornings("after_meeting") == []
    assert len(mornings("empty_agenda")) == 1


def test_today_asks_about_a_meeting_once(alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - DAY)
    assert [today(alice).next.title] == ["You met Dr Bob Brook: how did it go?"]
    plan_ahead(owner=alice, kind="after_meeting", subject_id=meeting.pk, on=alice.today())
    Reminder.objects.filter(kind="after_meeting").update(due_at=NOW, state="mailed")
    page = today(alice)
    assert [page.next.title, *(line.title for line in page.due)] == ["Note what came of meeting Dr Bob Brook"]


# --- Coming reminders -------------------------------------------------------------------------------


def test_ahead_names_a_meeting_still_to_come_and_what_load_does_not(alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW + 9 * DAY)
    wanted = {"after_meeting": [meeting.pk], "meeting_today": [meeting.pk]}
    titles = {kind: item.title for kind, items in told_to(alice, ahead, wanted).items() for item in items.values()}
    assert titles == {
        "after_meeting": "Note what came of meeting Dr Bob Brook",
        "meeting_today": "On Wednesday 11 March at 10:00: Dr Bob Brook",
    }
    assert "after_meeting" not in told_to(alice, load, wanted)
