from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from outreach.approaches import services as approaches
from outreach.errors import OutreachError
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, ApproachEvent, FollowUp, Message, Purpose
from portfolio.errors import AlreadyMentor
from portfolio.models import Contact, Mentorship, Person
from tests.factories import make_approach, make_mentorship, make_need
from tests.outreach.helpers import MONDAY, send, states

pytestmark = [pytest.mark.django_db]
Stage, Outcome = Approach.Stage, Approach.Outcome
JULY = dt.date(2026, 7, 1)


def fresh(approach: Approach) -> Approach:
    return Approach.objects.get(pk=approach.pk)


def test_opening_twice_is_one_approach_that_takes_the_needs_along(bob: Person) -> None:
    one, two = make_need(bob.owner, "one"), make_need(bob.owner, "two")
    first, new = approaches.open_approach(person=bob, needs=[one])
    again, newer = approaches.open_approach(person=bob, needs=[one, two])
    assert (first, new, newer) == (again, True, False)
    assert set(first.needs.all()) == {one, two}
    assert [event.kind for event in first.events.all()] == ["opened"]


def test_a_new_approach_opens_beside_an_ended_one(bob: Person) -> None:
    old, _ = approaches.open_approach(person=bob)
    approaches.end_approach(approach=old, outcome=Outcome.NOT_NOW)
    new, is_new = approaches.open_approach(person=bob)
    assert is_new
    assert new != old


def test_a_mentor_is_not_approached(bob: Person) -> None:
    make_mentorship(bob)
    with pytest.raises(AlreadyMentor):
        approaches.open_approach(person=bob)
    assert not Approach.objects.exists()


@pytest.mark.parametrize(
    ("purpose", "before", "after"),
    [
        (Purpose.FIRST_APPROACH, Stage.PREPARING, Stage.APPROACHED),
        (Purpose.FIRST_APPROACH, Stage.INITIAL, Stage.INITIAL),
        (Purpose.FOLLOW_UP, Stage.PREPARING, Stage.APPROACHED),
        (Purpose.THANK_YOU, Stage.INITIAL, Stage.INITIAL),
        (Purpose.INTRODUCTION, Stage.SHORTLISTED, Stage.SHORTLISTED),
        (Purpose.MENTORING_REQUEST, Stage.FOLLOW_UP, Stage.REQUESTED),
    ],
)
def test_sending_moves_the_stage_onwards_only(bob: Person, purpose: Purpose, before: Stage, after: Stage) -> None:
    approach = make_approach(bob, stage=before)
    send(approach, purpose)
    assert fresh(approach).stage == after


@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_questions_plan_a_follow_up(bob: Person, purpose: Purpose) -> None:
    approach = make_approach(bob)
    send(approach, purpose)
    assert states(approach) == (["planned"] if purpose in follow_ups.AWAITS_ANSWER else [])


@pytest.mark.parametrize("purpose", [Purpose.THANK_YOU, Purpose.FIRST_APPROACH, Purpose.MENTORING_REQUEST])
def test_a_message_after_the_end_neither_reopens_nor_plans(bob: Person, purpose: Purpose) -> None:
    approach = make_approach(bob, stage=Stage.APPROACHED)
    approaches.end_approach(approach=approach, outcome=Outcome.DECLINED)
    message = send(approach, purpose)
    now = fresh(approach)
    assert (now.outcome, now.stage, message.state) == ("declined", "approached", "sent")
    assert states(approach) == []


def test_a_message_to_one_that_rests_does_not_wake_it(bob: Person) -> None:
    approach = make_approach(bob, rest_until=JULY)
    send(approach)
    assert fresh(approach).rest_until == JULY
    assert states(approach) == []


@time_machine.travel(MONDAY, tick=False)
def test_a_reply_keeps_their_words_and_the_contact(bob: Person) -> None:
    approach = make_approach(bob)
    sent = send(approach)
    approaches.record_reply(approach=approach, words="Gladly, Thursday?")
    message = Message.objects.get(state="received")
    assert (message.body, message.in_reply_to, message.at) == ("Gladly, Thursday?", sent, MONDAY)
    assert fresh(approach).replied_at == MONDAY
    assert Contact.objects.get().kind == Contact.Kind.MESSAGE


@pytest.mark.parametrize(
    ("fields", "outcome", "is_open"),
    [
        ({"rest_until": JULY}, None, True),
        ({"outcome": "no_answer", "ended_at": MONDAY}, None, True),
        ({"outcome": "no_answer", "ended_at": MONDAY}, Outcome.DECLINED, False),
        ({"outcome": "withdrawn", "ended_at": MONDAY}, None, False),
        ({}, Outcome.NOT_NOW, False),
    ],
)
def test_a_late_reply_wakes_what_was_only_quiet(
    bob: Person, fields: dict[str, object], outcome: Outcome | None, is_open: bool
) -> None:
    approach = make_approach(bob, **fields)
    approaches.record_reply(approach=approach, outcome=outcome)
    assert fresh(approach).is_open == is_open


def test_a_reply_that_would_open_a_second_one_is_refused_whole(bob: Person) -> None:
    resting = make_approach(bob, rest_until=JULY)
    make_approach(bob)
    with pytest.raises(OutreachError, match="already an open approach"):
        approaches.record_reply(approach=resting, words="Hello again")
    assert not Message.objects.exists()
    assert not Contact.objects.exists()
    assert fresh(resting).rest_until == JULY


def test_a_conversation_wakes_what_rests_unless_another_is_open(bob: Person) -> None:
    resting = make_approach(bob, rest_until=JULY)
    approaches.conversation_planned(approach=resting, kind="initial", when="9 January")
    assert fresh(resting).is_open
    old = make_approach(bob, rest_until=JULY)
    approaches.record_conversation(person=bob, at=timezone.now(), kind="initial", approach=old)
    assert not fresh(old).is_open


def test_a_conversation_without_an_approach_is_a_contact(bob: Person) -> None:
    assert approaches.record_conversation(person=bob, at=MONDAY, kind="initial", approach=None) is None
    assert Contact.objects.get().at == MONDAY


def test_a_forgotten_conversation_takes_its_contact_along(bob: Person) -> None:
    approach = make_approach(bob)
    approaches.record_conversation(person=bob, at=MONDAY, kind="initial", approach=approach)
    approaches.forget_conversation(approach=approach, at=MONDAY)
    assert fresh(approach).stage == Stage.SHORTLISTED
    assert not Contact.objects.exists()


def test_ending_twice_and_resting_twice_are_refused(bob: Person) -> None:
    approach = make_approach(bob)
    approaches.rest(approach=approach, until=JULY)
    with pytest.raises(OutreachError):
        approaches.rest(approach=approach, until=JULY)
    approaches.end_approach(approach=approach, outcome=Outcome.WITHDRAWN)
    with pytest.raises(OutreachError):
        approaches.end_approach(approach=approach, outcome=Outcome.DECLINED)
    assert fresh(approach).outcome == Outcome.WITHDRAWN


def test_taking_up_again_needs_the_place_to_be_free(bob: Person) -> None:
    old = make_approach(bob)
    approaches.end_approach(approach=old, outcome=Outcome.NO_ANSWER)
    newer = make_approach(bob)
    with pytest.raises(OutreachError, match="already an open approach"):
        approaches.take_up_again(approach=old)
    approaches.end_approach(approach=newer, outcome=Outcome.NO_ANSWER)
    approaches.take_up_again(approach=old)
    assert fresh(old).is_open


def test_moving_is_free_and_moving_nowhere_is_nothing(bob: Person) -> None:
    approach = make_approach(bob, stage=Stage.REQUESTED)
    assert approaches.move_stage(approach=approach, stage=Stage.REQUESTED) is None
    assert approaches.move_stage(approach=approach, stage=Stage.PREPARING) is not None
    assert fresh(approach).stage == Stage.PREPARING


def test_saying_why_sets_exactly_these_needs(bob: Person) -> None:
    one, two = make_need(bob.owner, "one"), make_need(bob.owner, "two")
    approach = make_approach(bob, one)
    approaches.set_rationale(approach=approach, why_them="she knows", needs=[two])
    assert list(approach.needs.all()) == [two]
    assert fresh(approach).why_them == "she knows"


def test_becoming_mentoring_opens_the_mentorship_once(bob: Person) -> None:
    need = make_need(bob.owner)
    approach = make_approach(bob, need)
    on = dt.date(2026, 1, 7)
    mentorship = approaches.become_mentoring(
        approach=approach, origin=Mentorship.Origin.ASKED, on=on, needs=[need], rhythm_weeks=6
    )
    assert (mentorship.person, mentorship.started_on, mentorship.rhythm_weeks) == (bob, on, 6)
    assert [support.need for support in mentorship.supports.all()] == [need]
    assert fresh(approach).outcome == Outcome.ACCEPTED
    with pytest.raises(AlreadyMentor):
        approaches.become_mentoring(approach=approach, origin=Mentorship.Origin.ASKED, on=on)
    assert ApproachEvent.objects.filter(kind="ended").count() == 1
    with pytest.raises(OutreachError, match="became a mentorship"):
        approaches.take_up_again(approach=approach)
    assert not FollowUp.objects.exists()
