"""Snoozed reminders are never lost, and reopened subjects get their previous state."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from accounts.signals import profile_changed
from meetings.actions import add_action, change_action
from meetings.models import Action
from meetings.services import change_meeting, hold_meeting, plan_meeting
from portfolio.mentorships.formal import mark_done
from portfolio.mentorships.scheduling import remind_of_evaluation, remind_of_place, remind_to_keep_in_touch
from portfolio.models import EvaluationDate, Mentorship, Person, PlaceToLook
from portfolio.people.contacts import forget_contacts, record_contact
from portfolio.people.places import stand
from reminders.links import link_to
from reminders.models import Reminder
from reminders.services import let_go, plan, plan_ahead, snooze
from reminders.tasks import sweep
from tests.factories import make_evaluation, make_mentorship, make_place, make_terms
from tests.reminders.kinds_for_tests import Matters
from tests.smtp_server import SmtpServer

State = Reminder.State
MONDAY = dt.datetime(2026, 6, 8, 12, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("smtp"), pytest.mark.clock(MONDAY)]


def june(day: int) -> dt.date:
    return dt.date(2026, 6, day)


def nine(day: int) -> dt.datetime:
    """09:00 in London on that day of June."""
    return dt.datetime(2026, 6, day, 8, 0, tzinfo=dt.UTC)


def told(clock: time_machine.Coordinates, day: int) -> None:
    clock.move_to(nine(day))
    sweep()


def only(kind: str) -> Reminder:
    return Reminder.objects.get(kind=kind)


def changed(user: User, **fields: object) -> None:
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))
    profile_changed.send(sender=User, user=user, changed=frozenset(fields))


@pytest.fixture
def place(alice: User) -> PlaceToLook:
    place = make_place(alice, look_again_on=june(9))
    remind_of_place(place)
    return place


@pytest.fixture
def evaluation(bob: Person) -> EvaluationDate:
    mentorship = make_mentorship(bob, form=Mentorship.Form.FORMAL)
    evaluation = make_evaluation(make_terms(mentorship), june(11))
    remind_of_evaluation(evaluation)
    return evaluation


# --- Put off ---------------------------------------------------------------------------------------


def test_planning_the_same_again_leaves_it_where_it_was_put_off_to(alice: User, matters: Matters) -> None:
    reminder = plan(owner=alice, kind="nudge", subject_id=1, on=june(9))
    snooze(reminder, on=june(15))
    plan(owner=alice, kind="nudge", subject_id=1, on=june(9))
    assert only("nudge").wall_date == june(15)
    plan(owner=alice, kind="nudge", subject_id=1, on=june(10))  # another date makes a new reminder
    assert only("nudge").wall_date == june(10)


def test_what_was_put_off_outlives_its_old_day(
    clock: time_machine.Coordinates, smtp: SmtpServer, place: PlaceToLook
) -> None:
    told(clock, 9)
    snooze(only("look_again"), on=june(16))
    clock.move_to(nine(10))
    remind_of_place(place)  # like any edit of the place
    told(clock, 16)
    assert len(smtp.mails) == 2


def test_an_evaluation_put_off_outlives_a_change_of_the_profile(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, evaluation: EvaluationDate
) -> None:
    told(clock, 11)
    assert smtp.subjects == ["Evaluation of Northfields Programme today"]
    snooze(only("evaluation"), on=june(12))
    clock.move_to(nine(11) + dt.timedelta(hours=2))
    changed(alice, reminder_time=dt.time(8))
    clock.move_to(nine(12))
    sweep()
    assert len(smtp.mails) == 2


def test_an_empty_agenda_stays_on_today_when_the_place_of_the_meeting_changes(
    clock: time_machine.Coordinates, alice: User, bob: Person
) -> None:
    meeting = plan_meeting(
        owner=alice,
        person=bob,
        kind="regular",
        starts_local=dt.datetime(2026, 6, 10, 15),
        zone="Europe/London",
        suggested=False,
    )
    told(clock, 9)
    assert only("empty_agenda").state == State.MAILED
    change_meeting(
        meeting=meeting, starts_local=dt.datetime(2026, 6, 10, 15), zone="Europe/London", place="The library"
    )
    assert only("empty_agenda").state == State.MAILED


def test_let_go_stays_let_go_until_something_new_is_wished(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, evaluation: EvaluationDate
) -> None:
    url = link_to(only("evaluation")).removeprefix("http://localhost:8000")
    Client().post(url, {"act": "let-go"})
    changed(alice, reminder_time=dt.time(8))
    told(clock, 11)
    assert smtp.mails == []
    EvaluationDate.objects.update(on=june(18))
    evaluation.refresh_from_db()
    remind_of_evaluation(evaluation)
    told(clock, 18)
    assert len(smtp.mails) == 1


def test_let_go_stays_let_go_when_its_day_is_over(clock: time_machine.Coordinates, place: PlaceToLook) -> None:
    told(clock, 9)
    let_go(owner=place.owner, kind="look_again", subject_id=place.pk)
    clock.move_to(nine(11))
    remind_of_place(place)
    assert only("look_again").state == State.LET_GO


def test_what_is_meant_for_today_is_told_though_the_hour_is_over(smtp: SmtpServer, alice: User) -> None:
    remind_of_place(make_place(alice, look_again_on=june(8)))  # it is noon now
    assert (only("look_again").state, only("look_again").wall_date) == (State.PLANNED, june(9))


def test_nothing_to_note_is_not_asked_again_when_the_meeting_is_noted_as_held(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, bob: Person
) -> None:
    meeting = plan_meeting(
        owner=alice, person=bob, kind="regular", starts_local=dt.datetime(2026, 6, 8, 15), zone="Europe/London"
    )
    told(clock, 9)
    alice_client = Client()
    alice_client.force_login(alice)
    alice_client.post(f"/reminders/{only('after_meeting').pk}/act/nothing/")
    hold_meeting(meeting=meeting)
    clock.move_to(nine(10))
    sweep()
    assert smtp.subjects == ["Note what came of meeting Dr Bob Brook"]
    assert only("after_meeting").state == State.LET_GO


@pytest.mark.parametrize(
    ("weekly_on", "subject"),
    [(None, "2 things for today: Bob"), (1, "2 things for this week: Bob"), (3, "Write to Bob 1")],
)
def test_what_waits_for_its_own_hour_is_put_off_to_a_working_morning(
    clock: time_machine.Coordinates,
    smtp: SmtpServer,
    alice: User,
    matters: Matters,
    weekly_on: int | None,
    subject: str,
) -> None:
    """As the page says, on "a working morning"; it does not wait for the weekly mail."""
    alice.weekly_mail, alice.weekly_on = weekly_on is not None, weekly_on or 1
    alice.save(update_fields=["weekly_mail", "weekly_on"])
    reminder = plan(owner=alice, kind="now", subject_id=1, on=june(12), at=dt.time(15, 20))
    clock.move_to(dt.datetime(2026, 6, 12, 14, 20, tzinfo=dt.UTC))
    sweep()
    snooze(reminder, on=june(13))  # a Saturday
    reminder.refresh_from_db()
    assert (reminder.wall_date, reminder.wall_time) == (june(15), dt.time(9))
    plan(owner=alice, kind="nudge", subject_id=2, on=june(15))
    told(clock, 15)
    assert smtp.subjects == ["Write to Bob 1", subject]


# --- Undone ----------------------------------------------------------------------------------------


def test_settled_and_undone_after_its_mail_it_stands_on_today_again_without_a_second_mail(
    clock: time_machine.Coordinates, smtp: SmtpServer, evaluation: EvaluationDate, alice: User
) -> None:
    told(clock, 11)
    mark_done(evaluation=evaluation, on=june(11))
    assert only("evaluation").state == State.CANCELLED
    mark_done(evaluation=evaluation, on=None)
    assert only("evaluation").state == State.MAILED
    page = Client()
    page.force_login(alice)
    assert "Evaluation of Northfields Programme today" in page.get("/today/").content.decode()
    told(clock, 12)
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("day", [9, 11])
def test_a_place_looked_at_and_undone_comes_back(
    clock: time_machine.Coordinates, smtp: SmtpServer, place: PlaceToLook, day: int
) -> None:
    told(clock, 9)
    clock.move_to(nine(day) + dt.timedelta(hours=1))
    before = stand(place=place, state=PlaceToLook.State.LOOKED, look_again_on=None)
    assert only("look_again").state == State.CANCELLED
    stand(place=place, state=before.state, look_again_on=before.look_again_on)
    assert only("look_again").state == State.MAILED
    told(clock, 12)
    assert len(smtp.mails) == 1


def test_a_word_with_somebody_taken_back_puts_keeping_in_touch_back(
    clock: time_machine.Coordinates, smtp: SmtpServer, bob: Person
) -> None:
    mentorship = make_mentorship(bob, started_on=june(2), rhythm_weeks=1)
    remind_to_keep_in_touch(mentorship)
    told(clock, 9)
    contact = record_contact(person=bob, at=nine(9))
    assert only("keep_in_touch").wall_date == june(16)
    clock.move_to(nine(10))
    forget_contacts(type(contact).objects.filter(pk=contact.pk))
    assert (only("keep_in_touch").state, only("keep_in_touch").wished_on) == (State.MAILED, june(9))
    sweep()
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("undone", [nine(10), nine(16) - dt.timedelta(hours=1)])
def test_put_off_settled_and_undone_it_comes_when_it_was_put_off_to(
    clock: time_machine.Coordinates, smtp: SmtpServer, place: PlaceToLook, undone: dt.datetime
) -> None:
    told(clock, 9)
    snooze(only("look_again"), on=june(16))
    clock.move_to(undone)
    before = stand(place=place, state=PlaceToLook.State.LOOKED, look_again_on=None)
    stand(place=place, state=before.state, look_again_on=before.look_again_on)
    assert (only("look_again").state, only("look_again").wall_date) == (State.PLANNED, june(16))
    told(clock, 16)
    assert len(smtp.mails) == 2


def test_a_day_that_passed_while_it_was_settled_is_not_mailed_about(
    clock: time_machine.Coordinates, smtp: SmtpServer, place: PlaceToLook, alice: User
) -> None:
    before = stand(place=place, state=PlaceToLook.State.LOOKED, look_again_on=None)
    clock.move_to(nine(11))
    stand(place=place, state=before.state, look_again_on=before.look_again_on)
    told(clock, 12)
    assert smtp.mails == []
    plan_ahead(owner=alice, kind="look_again", subject_id=place.pk, on=june(8))
    assert only("look_again").state == State.CANCELLED


def test_another_date_of_an_action_that_was_told_is_a_new_mail(
    clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, bob: Person
) -> None:
    meeting = plan_meeting(
        owner=alice, person=bob, kind="regular", starts_local=dt.datetime(2026, 6, 30, 15), zone="Europe/London"
    )
    action = add_action(meeting=meeting, action=Action(words="Read the report", whose="mine", due_on=june(9)))
    told(clock, 9)
    action.due_on = june(11)
    change_action(action=action)
    told(clock, 11)
    assert smtp.subjects == ["Read the report", "Read the report"]
