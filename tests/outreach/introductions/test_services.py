"""Introductions: allowed and refused changes of state, and undo."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from outreach.drafts import services as drafts
from outreach.drafts.starters import starter
from outreach.errors import OutreachError
from outreach.introductions import services
from outreach.models import Introduction, Message, Purpose
from outreach.selectors import introductions as introduction_selectors
from portfolio.models import Knows, Person
from tests.factories import make_introduction, make_knows, make_mentorship, make_need, make_person, make_user
from tests.outreach.helpers import MONDAY

pytestmark = [pytest.mark.django_db]
State = Introduction.State
DAY = dt.date(2026, 1, 5)


@pytest.fixture
def introduction(bob: Person, callum: Person) -> Introduction:
    return make_introduction(callum, bob, considered_on=DAY)


def request_of(introduction: Introduction) -> Message:
    """A request that is ready to send."""
    message = drafts.start_draft(
        purpose=Purpose.INTRODUCTION, template=starter("introduction-email"), introduction=introduction
    )
    message.field_values = {**message.field_values, "topic": "commissioning", "about_me": "I plan trials."}
    message.save(update_fields=["field_values"])
    return message


def test_the_same_pair_twice_is_one_introduction(bob: Person, callum: Person) -> None:
    need = make_need(bob.owner)
    first, new = services.open_introduction(target=callum, introducer=bob, why="decides what is funded")
    again, new_again = services.open_introduction(target=callum, introducer=bob, need=need)
    assert (new, new_again, again) == (True, False, first)
    assert (again.need, again.why, again.state) == (need, "decides what is funded", "considered")
    services.move(introduction=again, to=State.MADE, on=bob.owner.today())
    assert services.open_introduction(target=callum, introducer=bob) == (first, False)


def test_what_is_refused_is_said_and_nothing_is_kept(bob: Person, callum: Person) -> None:
    stranger = make_person(make_user("charlie@example.org"), "Stranger")
    mentor = make_mentorship(make_person(bob.owner, "Margaret")).person
    for target, introducer, words in (
        (bob, bob, "can’t introduce you to themselves"),
        (mentor, bob, "is your mentor already"),
        (stranger, bob, "not among your people"),
        (callum, stranger, "not among your people"),
    ):
        with pytest.raises(OutreachError, match=words):
            services.open_introduction(target=target, introducer=introducer)
    assert Introduction.objects.count() == 0


def test_a_circle_is_refused_however_long_until_it_is_closed(bob: Person, callum: Person) -> None:
    dora = make_person(bob.owner, "Dora Dent")
    first, _ = services.open_introduction(target=callum, introducer=bob)
    services.open_introduction(target=dora, introducer=callum)
    for target, introducer in ((bob, callum), (bob, dora)):
        with pytest.raises(OutreachError, match="in a circle"):
            services.open_introduction(target=target, introducer=introducer)
    services.move(introduction=first, to=State.MADE, on=bob.owner.today())
    assert services.open_introduction(target=bob, introducer=callum)[1]


def test_the_course_with_its_dates_and_back_again(introduction: Introduction) -> None:
    course = [(State.ASKED, 6), (State.AGREED, 7), (State.MADE, 9)]
    for state, day in course:
        assert services.move(introduction=introduction, to=state, on=dt.date(2026, 1, day))
    introduction.refresh_from_db()
    days = (introduction.asked_on, introduction.agreed_on, introduction.closed_on)
    assert days == tuple(dt.date(2026, 1, day) for _, day in course)
    for state, now in (("made", "Agreed"), ("agreed", "Asked"), ("asked", "Considered")):
        assert services.undo_move(introduction=introduction, state=state) == now
    introduction.refresh_from_db()
    assert (introduction.state, introduction.asked_on, introduction.agreed_on, introduction.closed_on) == (
        "considered",
        None,
        None,
        None,
    )


def test_made_leaves_a_path_which_an_undo_takes_back(introduction: Introduction) -> None:
    services.move(introduction=introduction, to=State.MADE, on=DAY)
    assert Knows.objects.get().note == services.INTRODUCED
    services.undo_move(introduction=introduction, state="made")
    assert not Knows.objects.exists()


def test_a_path_that_was_there_keeps_its_note_and_stays(introduction: Introduction) -> None:
    make_knows(introduction.introducer, introduction.target, note="sat on a committee")
    services.move(introduction=introduction, to=State.MADE, on=DAY)
    services.undo_move(introduction=introduction, state="made")
    assert Knows.objects.get().note == "sat on a committee"


def test_an_undo_twice_takes_back_one_step(introduction: Introduction) -> None:
    for state in (State.ASKED, State.AGREED):
        services.move(introduction=introduction, to=state, on=DAY)
    services.undo_move(introduction=introduction, state="agreed")
    with pytest.raises(OutreachError, match="happened after that"):
        services.undo_move(introduction=introduction, state="agreed")
    introduction.refresh_from_db()
    assert introduction.state == "asked"


def test_a_late_answer_is_an_answer_and_nothing_leads_out_of_made(introduction: Introduction) -> None:
    services.move(introduction=introduction, to=State.ASKED, on=DAY)
    services.move(introduction=introduction, to=State.NO_ANSWER, on=DAY)
    services.move(introduction=introduction, to=State.MADE, on=DAY)
    assert not services.move(introduction=introduction, to=State.MADE, on=DAY)
    with pytest.raises(OutreachError, match="can’t go to"):
        services.move(introduction=introduction, to=State.ASKED, on=DAY)


def test_no_step_comes_before_the_one_before(introduction: Introduction) -> None:
    services.move(introduction=introduction, to=State.ASKED, on=DAY)
    with pytest.raises(OutreachError, match="choose that day or a later one"):
        services.move(introduction=introduction, to=State.AGREED, on=DAY - dt.timedelta(days=1))


def test_the_draft_goes_to_the_introducer_and_knows_whom_to_meet(introduction: Introduction) -> None:
    message = request_of(introduction)
    assert (message.person, message.introduction, message.approach) == (introduction.introducer, introduction, None)
    ready = drafts.ready(message)
    assert ready.complete
    assert ready.subject == "Could you introduce me to Callum Reith?"
    assert "a paragraph you could simply pass on" in ready.body


def test_the_sentence_about_oneself_is_typed_once(introduction: Introduction) -> None:
    request_of(introduction)
    other = make_introduction(make_person(introduction.owner, "Dora"), introduction.introducer)
    message = drafts.start_draft(
        purpose=Purpose.INTRODUCTION, template=starter("introduction-email"), introduction=other
    )
    assert message.field_values == {"who_to_meet": "Dora", "about_me": "I plan trials."}


@time_machine.travel(MONDAY, tick=False)
def test_sent_is_asked_and_unsent_is_considered_again(introduction: Introduction) -> None:
    message = request_of(introduction)
    drafts.record_sent(message=message)
    introduction.refresh_from_db()
    assert (introduction.state, introduction.asked_on) == ("asked", DAY)
    message.refresh_from_db()
    drafts.unsend(message=message)
    introduction.refresh_from_db()
    message.refresh_from_db()
    assert (introduction.state, introduction.asked_on, message.state) == ("considered", None, "draft")


def test_undoing_asked_makes_the_request_a_draft_again(introduction: Introduction) -> None:
    message = request_of(introduction)
    drafts.record_sent(message=message)
    services.undo_move(introduction=introduction, state="asked")
    message.refresh_from_db()
    assert (message.state, message.at, message.sent_body) == ("draft", None, "")


def test_a_request_that_was_answered_stays_sent(introduction: Introduction) -> None:
    message = request_of(introduction)
    drafts.record_sent(message=message)
    services.move(introduction=introduction, to=State.AGREED, on=introduction.owner.today())
    message.refresh_from_db()
    with pytest.raises(OutreachError, match="Undo that first"):
        drafts.unsend(message=message)
    message.refresh_from_db()
    assert message.state == "sent"


@time_machine.travel(MONDAY, tick=False)
def test_silence_for_ten_working_days(introduction: Introduction) -> None:
    owner = introduction.owner
    # New Year's Day and Christmas do not count.
    assert introduction_selectors.silent_since(owner) == dt.date(2025, 12, 17)
    for asked_on, urgent in ((dt.date(2025, 12, 17), True), (dt.date(2025, 12, 18), False)):
        Introduction.objects.update(state=State.ASKED, asked_on=asked_on)
        found = introduction_selectors.with_situation(owner)
        assert found.filter(introduction_selectors.urgent(owner)).exists() is urgent
        assert introduction_selectors.row(found.get()).step.urgent is urgent
