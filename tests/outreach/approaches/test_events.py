from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.forms.models import model_to_dict
from django.utils import timezone

from outreach.approaches import events
from outreach.approaches import services as approaches
from outreach.drafts import services as drafts
from outreach.errors import OutreachError
from outreach.follow_ups import rest_reminder, send_later
from outreach.models import Approach, FollowUp, Message, Purpose
from portfolio.models import Contact, Mentorship, Person
from reminders.models import Reminder
from tests.factories import make_approach, make_message, make_person, make_user
from tests.outreach.helpers import MONDAY, send
from tests.races import at_once

Outcome, Stage = Approach.Outcome, Approach.Stage
LATER = MONDAY + dt.timedelta(days=3)

CHANGES: dict[str, Callable[[Approach], object]] = {
    "sent": lambda a: drafts.record_sent(message=a.messages.filter(state="draft").get()),
    "reply": lambda a: approaches.record_reply(approach=a),
    "reply in words": lambda a: approaches.record_reply(approach=a, words="Yes!", outcome=Outcome.NOT_NOW),
    "planned": lambda a: approaches.conversation_planned(approach=a, kind="initial", when="Friday"),
    "moved": lambda a: approaches.move_stage(approach=a, stage=Stage.INITIAL),
    "ended": lambda a: approaches.end_approach(approach=a, outcome=Outcome.ENOUGH),
    "rested": lambda a: approaches.rest(approach=a, until=dt.date(2026, 7, 1)),
    "woken": lambda a: approaches.take_up_again(approach=a),
}
FROM: dict[str, dict[str, Any]] = {
    "open": {},
    "replied": {"replied_at": MONDAY},
    "resting": {"rest_until": dt.date(2026, 8, 1)},
    "unanswered": {"outcome": "no_answer", "ended_at": MONDAY - dt.timedelta(days=1)},
}
NOT_POSSIBLE = {("rested", "resting"), ("ended", "unanswered")}
POSSIBLE = [(kind, start) for kind in CHANGES for start in FROM if (kind, start) not in NOT_POSSIBLE]


def everything(approach: Approach) -> dict[str, object]:
    return {
        "approach": model_to_dict(Approach.objects.get(pk=approach.pk)),
        "messages": [model_to_dict(m) for m in approach.messages.all()],
        "follow-ups": [(f.number, f.due_on, f.state, f.stopped_because) for f in approach.follow_ups.all()],
        "contacts": Contact.objects.count(),
        "events": list(approach.events.values_list("pk", flat=True)),
        "reminders": list(
            Reminder.objects.filter(state="planned").order_by("kind").values_list("kind", "subject_id", "wished_on")
        ),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "start"), POSSIBLE)
def test_undo_restores_everything(bob: Person, kind: str, start: str) -> None:
    with time_machine.travel(MONDAY):
        approach = make_approach(bob, stage=Stage.PREPARING)
        if start == "open":
            send(approach)
        Approach.objects.filter(pk=approach.pk).update(**FROM[start])
        rest_reminder.settle(Approach.objects.get(pk=approach.pk))
        make_message(approach, purpose=Purpose.FOLLOW_UP, subject="Once more", body="Hello")
    before = everything(approach)
    with time_machine.travel(LATER):
        CHANGES[kind](Approach.objects.get(pk=approach.pk))
        assert everything(approach) != before
        event = events.latest(Approach.objects.get(pk=approach.pk))
        assert event is not None
        events.undo(event)
    assert everything(approach) == before


@pytest.mark.django_db
def test_undoing_sent_brings_back_the_reminder_to_send(bob: Person) -> None:
    approach = make_approach(bob)
    message = make_message(approach, subject="Hello", body="Dear Bob")
    send_later.remind_to_send(message=message, at=timezone.now() + dt.timedelta(hours=3))
    event = drafts.record_sent(message=message)
    assert event is not None
    assert Reminder.objects.get(kind="send_now").state == "cancelled"
    events.undo(event)
    assert Reminder.objects.get(kind="send_now").state == "planned"


@pytest.mark.django_db
def test_only_the_latest_change_can_be_undone_and_only_once(bob: Person) -> None:
    approach, _ = approaches.open_approach(person=bob)
    opened = events.latest(approach)
    first = approaches.move_stage(approach=approach, stage=Stage.PREPARING)
    second = approaches.move_stage(approach=approach, stage=Stage.INITIAL)
    assert opened
    assert first
    assert second
    with pytest.raises(OutreachError):
        events.undo(first)
    events.undo(second)
    second.pk = -1
    with pytest.raises(OutreachError):
        events.undo(second)
    events.undo(first)
    with pytest.raises(OutreachError):
        events.undo(opened)
    assert Approach.objects.get().stage == Stage.SHORTLISTED


@pytest.mark.django_db
def test_an_accepted_approach_is_not_undone(bob: Person) -> None:
    approach = make_approach(bob)
    approaches.become_mentoring(approach=approach, origin=Mentorship.Origin.GREW, on=dt.date(2026, 1, 7))
    event = events.latest(approach)
    assert event is not None
    with pytest.raises(OutreachError, match="mentorship"):
        events.undo(event)


@pytest.mark.django_db
def test_undo_never_leaves_two_open_approaches(bob: Person) -> None:
    old = make_approach(bob)
    event = approaches.end_approach(approach=old, outcome=Outcome.NO_ANSWER)
    make_approach(bob)
    with pytest.raises(OutreachError, match="newer open approach"):
        events.undo(event)
    assert Approach.objects.get(pk=old.pk).outcome == Outcome.NO_ANSWER


def pressed(press: Callable[[], object], times: int) -> list[str]:
    """Press at the same time in so many threads; returns each result: "done" or the error's name."""

    def outcome() -> str:
        try:
            press()
        except Exception as error:
            return type(error).__name__
        return "done"

    return sorted(at_once(*[outcome] * times))


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_i_sent_it_send_once() -> None:
    approach = make_approach(make_person(make_user(), email="bob@example.org"))
    message = make_message(approach, subject="Hello", body="Dear Bob")

    def press() -> None:
        drafts.record_sent(message=Message.objects.get(pk=message.pk))

    assert pressed(press, 2) == ["OutreachError", "done"]
    assert approach.events.filter(kind="sent").count() == 1
    assert FollowUp.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_undo_undo_once() -> None:
    approach, _ = approaches.open_approach(person=make_person(make_user()))
    approaches.move_stage(approach=approach, stage=Stage.PREPARING)
    approaches.move_stage(approach=approach, stage=Stage.INITIAL)
    event = events.latest(approach)
    assert event is not None

    def press() -> None:
        events.undo(type(event).objects.get(pk=event.pk))

    assert pressed(press, 2)[-1] == "done"
    assert Approach.objects.get().stage == Stage.PREPARING


@pytest.mark.django_db(transaction=True)
def test_shortlisting_twice_at_once_is_one_approach() -> None:
    person = make_person(make_user())

    def press() -> None:
        approaches.open_approach(person=Person.objects.get(pk=person.pk))

    assert pressed(press, 3) == ["done"] * 3
    assert Approach.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_drafting_twice_at_once_is_one_draft() -> None:
    approach = make_approach(make_person(make_user()))

    def press() -> None:
        drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=None, approach=Approach.objects.get(pk=approach.pk))

    assert pressed(press, 2) == ["done", "done"]
    assert Message.objects.count() == 1
