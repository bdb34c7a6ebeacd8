from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from outreach.drafts import services as drafts
from outreach.follow_ups import introduction_reminder
from outreach.introductions import services as introductions
from outreach.models import Introduction, Message, Purpose
from outreach.selectors import introductions as introduction_selectors
from portfolio.models import Contact, Person
from portfolio.people.contacts import forget_contacts, record_contact
from reminders.models import Reminder
from reminders.services import pending
from tests.factories import make_introduction, make_person
from tests.outreach.helpers import MONDAY

pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY)]
TODAY, DUE = dt.date(2026, 1, 5), dt.date(2026, 1, 19)


@pytest.fixture
def asked(bob: Person) -> Introduction:
    introduction = make_introduction(make_person(bob.owner, "Callum Reith"), bob, considered_on=TODAY)
    introductions.move(introduction=introduction, to="asked", on=TODAY)
    introduction.refresh_from_db()
    return introduction


def wished() -> list[tuple[str, dt.date]]:
    return list(Reminder.objects.filter(kind=introduction_reminder.KIND).values_list("state", "wished_on"))


def lines(introduction: Introduction) -> list[str]:
    return [item.title for _, item in pending(introduction.owner, dt.datetime.now(dt.UTC))]


def test_after_ten_working_days_of_silence_one_is_reminded(
    clock: time_machine.Coordinates, asked: Introduction
) -> None:
    assert wished() == [("planned", DUE)]
    clock.move_to(dt.datetime(2026, 1, 19, 9, tzinfo=dt.UTC))
    assert lines(asked) == ["Ask Dr Bob Brook about Callum Reith once more?"]


@pytest.mark.parametrize("to", ["agreed", "made", "declined", "no_answer"])
def test_any_answer_calls_it_off_and_undo_brings_it_back(asked: Introduction, to: str) -> None:
    introductions.move(introduction=asked, to=to, on=TODAY)
    assert wished() == [("cancelled", DUE)]
    introductions.undo_move(introduction=asked, state=to)
    assert wished() == [("planned", DUE)]


def test_a_word_with_the_introducer_calls_it_off_and_taking_it_back_revives_it(
    clock: time_machine.Coordinates, asked: Introduction
) -> None:
    record_contact(person=asked.introducer, at=MONDAY - dt.timedelta(days=1))
    record_contact(person=asked.target, at=MONDAY + dt.timedelta(days=1))
    assert wished() == [("planned", DUE)]
    spoke = record_contact(person=asked.introducer, at=MONDAY + dt.timedelta(days=1))
    assert wished() == [("cancelled", DUE)]
    clock.move_to(MONDAY + dt.timedelta(days=15))
    row = introduction_selectors.row(introduction_selectors.with_situation(asked.owner).get())
    assert (row.step.title, row.step.urgent) == ("Now wait, calmly", False)
    clock.move_to(MONDAY + dt.timedelta(days=2))
    forget_contacts(Contact.objects.filter(pk=spoke.pk))
    assert wished() == [("planned", DUE)]


def test_a_word_on_the_same_day_counts_once_the_request_had_gone(bob: Person) -> None:
    introduction = make_introduction(make_person(bob.owner, "Callum Reith"), bob, considered_on=TODAY)
    draft = drafts.start_draft(purpose=Purpose.INTRODUCTION, template=None, introduction=introduction)
    Message.objects.update(subject="A question", body="Would you?")
    draft.refresh_from_db()
    drafts.record_sent(message=draft)
    record_contact(person=bob, at=MONDAY - dt.timedelta(minutes=1))
    assert wished() == [("planned", DUE)]
    record_contact(person=bob, at=MONDAY + dt.timedelta(minutes=1))
    assert wished() == [("cancelled", DUE)]


def test_an_answer_that_slipped_by_is_never_reminded_of(clock: time_machine.Coordinates, asked: Introduction) -> None:
    Introduction.objects.update(state="agreed", agreed_on=TODAY)
    clock.move_to(dt.datetime(2026, 1, 19, 9, tzinfo=dt.UTC))
    assert lines(asked) == []


def test_asked_long_ago_and_noted_late_nobody_is_mailed(bob: Person) -> None:
    introduction = make_introduction(make_person(bob.owner, "Callum Reith"), bob, considered_on=TODAY)
    introductions.move(introduction=introduction, to="asked", on=dt.date(2025, 11, 3))
    assert Reminder.objects.filter(state="planned").count() == 0


def test_writing_once_more_calls_it_off_until_it_is_taken_back(asked: Introduction) -> None:
    again = Message.objects.create(
        owner=asked.owner,
        person=asked.introducer,
        introduction=asked,
        purpose=Purpose.FOLLOW_UP,
        subject="Re: Callum",
        body="Dear Bob, did this reach you?",
    )
    drafts.record_sent(message=again)
    assert wished() == [("cancelled", DUE)]
    drafts.unsend(message=again)
    assert wished() == [("planned", DUE)]


def test_taking_the_question_back_and_deleting_it_call_it_off(asked: Introduction) -> None:
    introductions.undo_move(introduction=asked, state="asked")
    assert wished() == [("cancelled", DUE)]
    introductions.move(introduction=asked, to="asked", on=TODAY)
    introductions.forget(introduction=asked)
    assert wished() == [("cancelled", DUE)]
