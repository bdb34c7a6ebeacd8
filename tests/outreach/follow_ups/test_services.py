from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from outreach.approaches import events
from outreach.approaches import services as approaches
from outreach.drafts import services as drafts
from outreach.errors import OutreachError
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, FollowUp, Purpose
from outreach.selectors import approaches as approach_selectors
from portfolio.models import Contact, Mentorship, Person
from portfolio.people.contacts import forget_contacts, record_contact
from portfolio.people.merging import merge
from reminders.models import Reminder
from reminders.services import pending, snooze
from tests.factories import make_approach, make_follow_up, make_message, make_person, make_user
from tests.outreach.helpers import MONDAY, reminder_states, send, states

pytestmark = [pytest.mark.django_db]
Outcome = Approach.Outcome


@pytest.fixture
def sent(bob: Person) -> Approach:
    """An approach with a message sent on Monday morning; now it is Wednesday."""
    approach = make_approach(bob)
    with time_machine.travel(MONDAY, tick=False):
        send(approach)
    approach.refresh_from_db()
    return approach


@pytest.mark.parametrize(
    ("sent_on", "country", "days", "due"),
    [
        (dt.date(2026, 1, 5), "GB", "12345", dt.date(2026, 1, 19)),
        (dt.date(2026, 3, 27), "GB", "12345", dt.date(2026, 4, 14)),  # Good Friday and Easter Monday
        (dt.date(2026, 3, 27), "XX", "12345", dt.date(2026, 4, 10)),
        (dt.date(2026, 1, 5), "GB", "12", dt.date(2026, 2, 9)),
        (dt.date(2026, 12, 18), "GB", "12345", dt.date(2027, 1, 6)),  # Christmas, Boxing Day (in lieu), New Year
    ],
)
def test_it_is_due_ten_working_days_later(sent_on: dt.date, country: str, days: str, due: dt.date) -> None:
    user = make_user("dora@example.org", country=country, working_days=days)
    approach = make_approach(make_person(user))
    with time_machine.travel(MONDAY):
        follow_up = follow_ups.plan(approach=approach, sent_on=sent_on)
    assert follow_up is not None
    assert follow_up.due_on == due


@time_machine.travel(MONDAY)
def test_the_reminder_comes_at_the_users_own_hour() -> None:
    user = make_user("dora@example.org", time_zone="America/New_York", country="US", reminder_time=dt.time(7, 30))
    approach = make_approach(make_person(user, email="b@example.org"))
    send(approach)
    reminder = Reminder.objects.get(kind="follow_up_due")
    # Martin Luther King Day is a holiday there, so it is Tuesday the 20th.
    assert (reminder.wall_date, reminder.wall_time) == (dt.date(2026, 1, 20), dt.time(7, 30))
    assert reminder.due_at == dt.datetime(2026, 1, 20, 12, 30, tzinfo=dt.UTC)


def test_sending_plans_one(sent: Approach) -> None:
    assert states(sent) == ["planned"]
    assert reminder_states(sent) == ["planned"]


SIGNS: dict[str, Callable[[Approach], object]] = {
    "reply": lambda a: approaches.record_reply(approach=a),
    "no": lambda a: approaches.record_reply(approach=a, outcome=Outcome.DECLINED),
    "planned": lambda a: approaches.conversation_planned(approach=a, kind="initial", when="9 January"),
    "held": lambda a: approaches.record_conversation(person=a.person, at=timezone.now(), kind="initial", approach=a),
    "ended": lambda a: approaches.end_approach(approach=a, outcome=Outcome.WITHDRAWN),
    "rested": lambda a: approaches.rest(approach=a, until=dt.date(2026, 7, 1)),
}


@pytest.mark.parametrize("sign", SIGNS)
@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_any_sign_of_life_stops_it_and_undo_revives_it(sent: Approach, sign: str) -> None:
    SIGNS[sign](sent)
    assert states(sent) == ["stopped"]
    assert reminder_states(sent) == ["cancelled"]
    event = events.latest(Approach.objects.get(pk=sent.pk))
    assert event is not None
    events.undo(event)
    assert states(sent) == ["planned"]
    assert reminder_states(sent) == ["planned"]
    assert FollowUp.objects.get().stopped_because == ""


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_becoming_mentoring_stops_it(sent: Approach) -> None:
    approaches.become_mentoring(approach=sent, origin=Mentorship.Origin.GREW, on=dt.date(2026, 1, 7))
    assert states(sent) == ["stopped"]
    assert reminder_states(sent) == ["cancelled"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_contact_noted_by_hand_stops_it(sent: Approach) -> None:
    record_contact(person=sent.person, at=timezone.now(), note="met in the corridor")
    assert states(sent) == ["stopped"]
    assert reminder_states(sent) == ["cancelled"]
    assert FollowUp.objects.get().stopped_because == "You were in touch"


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_letter_marked_as_sent_after_its_answer_was_noted_plans_nothing(bob: Person) -> None:
    approach = make_approach(bob)
    letter = make_message(approach, purpose=Purpose.FIRST_APPROACH, subject="Fifteen minutes?", body="Dear you")
    approaches.record_reply(approach=approach)
    drafts.record_sent(message=letter, at=MONDAY)
    assert states(approach) == []


def test_a_letter_marked_as_sent_so_late_that_its_follow_up_is_past_mails_nobody(bob: Person) -> None:
    approach = make_approach(bob, first_after=1)
    letter = make_message(approach, purpose=Purpose.FIRST_APPROACH, subject="Fifteen minutes?", body="Dear you")
    with time_machine.travel(MONDAY + dt.timedelta(days=9), tick=False):
        drafts.record_sent(message=letter, at=MONDAY)
        assert states(approach) == ["planned"]
        assert reminder_states(approach) == []


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_contact_taken_back_brings_it_back(sent: Approach) -> None:
    met = record_contact(person=sent.person, at=timezone.now())
    rang = record_contact(person=sent.person, at=timezone.now())
    forget_contacts(Contact.objects.filter(pk=met.pk))
    assert states(sent) == ["stopped"]  # one of the two contacts is left
    forget_contacts(Contact.objects.filter(pk=rang.pk))
    assert states(sent) == ["planned"]
    assert reminder_states(sent) == ["planned"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_contact_taken_back_wakes_nothing_where_something_else_came(sent: Approach) -> None:
    met = record_contact(person=sent.person, at=timezone.now())
    approaches.conversation_planned(approach=sent, kind="initial", when="Friday")
    forget_contacts(Contact.objects.filter(pk=met.pk))
    assert states(sent) == ["stopped"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
@pytest.mark.parametrize(
    ("stage", "state"), [("initial", "stopped"), ("follow_up", "stopped"), ("requested", "planned")]
)
def test_moving_on_to_a_conversation_stops_it_and_undo_brings_it_back(sent: Approach, stage: str, state: str) -> None:
    event = approaches.move_stage(approach=sent, stage=Approach.Stage(stage))
    assert states(sent) == [state]
    assert event is not None
    events.undo(event)
    assert (states(sent), reminder_states(sent)) == (["planned"], ["planned"])


@time_machine.travel(MONDAY + dt.timedelta(days=2))
@pytest.mark.parametrize(("days", "state"), [(-1, "planned"), (1, "stopped")])
def test_a_contact_with_their_second_record_counts_once_the_two_are_one(sent: Approach, days: int, state: str) -> None:
    twin = make_person(sent.owner, "Dr Bob Brook")
    record_contact(person=twin, at=MONDAY + dt.timedelta(days=days))
    assert states(sent) == ["planned"]
    merge(kept=twin, other=sent.person, choices={}, on=dt.date(2026, 1, 7))
    assert states(sent) == [state]


def test_a_contact_before_the_message_stops_nothing(sent: Approach) -> None:
    record_contact(person=sent.person, at=MONDAY - dt.timedelta(minutes=1))
    assert states(sent) == ["planned"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_contact_with_somebody_else_stops_nothing(sent: Approach) -> None:
    record_contact(person=make_person(sent.owner, "Dora"), at=timezone.now())
    assert states(sent) == ["planned"]


@time_machine.travel(MONDAY + dt.timedelta(days=14))
def test_writing_once_more_closes_it_and_plans_no_second_one(sent: Approach) -> None:
    send(sent, Purpose.FOLLOW_UP)
    assert states(sent) == ["done"]


@time_machine.travel(MONDAY)
def test_a_new_question_begins_the_plan_anew(bob: Person) -> None:
    approach = make_approach(bob)
    for _ in range(4):
        send(approach, Purpose.FOLLOW_UP_CONVERSATION)
    assert states(approach) == ["done", "done", "done", "planned"]
    assert list(approach.follow_ups.values_list("turn", flat=True)) == [1, 1, 1, 1]


@time_machine.travel(MONDAY)
def test_there_are_never_two_waiting(bob: Person) -> None:
    approach = make_approach(bob)
    make_follow_up(approach)
    assert follow_ups.plan(approach=approach, sent_on=dt.date(2026, 1, 5)) is None
    assert states(approach) == ["planned"]


@time_machine.travel(MONDAY)
def test_undoing_the_sending_takes_it_away(bob: Person) -> None:
    approach = make_approach(bob)
    message = send(approach)
    events.undo(message.events.get())
    assert states(approach) == []
    assert list(Reminder.objects.values_list("state", flat=True)) == ["cancelled"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_snooze_moves_what_the_page_promises(sent: Approach) -> None:
    reminder = Reminder.objects.get(kind=follow_ups.KIND)
    later = snooze(reminder, on=reminder.wished_on + dt.timedelta(days=7)).wall_date
    row = approach_selectors.row(approach_selectors.with_situation(sent.owner).get(pk=sent.pk))
    assert row.follow_up_due == later
    assert f"{later:%A %-d %B}" in row.step.words


# --- Editing the plan


def due(approach: Approach) -> list[tuple[int, str, dt.date]]:
    return list(approach.follow_ups.values_list("turn", "state", "due_on"))


def change(approach: Approach, nudges: int, *waits: int) -> FollowUp | None:
    waits = (*waits, *(10,) * (3 - len(waits)))
    return approaches.change_plan(approach=approach, nudges=nudges, waits=waits)


@pytest.mark.parametrize(
    ("waits", "words"),
    [
        ([], "No follow-up."),
        ([10], "One follow-up, after ten working days; then let it rest."),
        ([10, 15, 20], "Three follow-ups, after ten, 15 and 20 working days; then let it rest."),
    ],
)
def test_a_plan_is_said_in_words(waits: list[int], words: str) -> None:
    assert follow_ups.in_words(waits) == words


def test_each_turn_of_the_plan_follows_the_one_before(bob: Person) -> None:
    approach = make_approach(bob, nudges=3, first_after=5, second_after=10, third_after=1)
    with time_machine.travel(MONDAY, tick=False) as clock:
        send(approach)
        assert due(approach) == [(1, "planned", dt.date(2026, 1, 12))]
        clock.move_to(MONDAY + dt.timedelta(days=7))
        send(approach, Purpose.FOLLOW_UP)
        clock.move_to(MONDAY + dt.timedelta(days=21))
        send(approach, Purpose.FOLLOW_UP)
        clock.move_to(MONDAY + dt.timedelta(days=22))
        send(approach, Purpose.FOLLOW_UP)
        send(approach, Purpose.FOLLOW_UP)  # an extra follow-up: nothing is planned after it
    assert due(approach) == [
        (1, "done", dt.date(2026, 1, 12)),
        (2, "done", dt.date(2026, 1, 26)),
        (3, "done", dt.date(2026, 1, 27)),
    ]


def test_a_sign_of_life_between_two_turns_ends_the_plan(bob: Person) -> None:
    approach = make_approach(bob, nudges=3)
    with time_machine.travel(MONDAY):
        send(approach)
        record_contact(person=bob, at=timezone.now())
        send(approach, Purpose.FOLLOW_UP)
    assert states(approach) == ["stopped"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_undoing_a_follow_up_takes_back_what_it_planned(sent: Approach) -> None:
    Approach.objects.filter(pk=sent.pk).update(nudges=2)
    message = send(sent, Purpose.FOLLOW_UP)
    assert states(sent) == ["done", "planned"]
    events.undo(message.events.get())
    assert states(sent) == ["planned"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_longer_wait_moves_the_reminder(sent: Approach) -> None:
    waiting = change(sent, 1, 15)
    assert waiting is not None
    assert due(sent) == [(1, "planned", dt.date(2026, 1, 26))]
    assert Reminder.objects.get(kind=follow_ups.KIND, state="planned").wished_on == dt.date(2026, 1, 26)


@time_machine.travel(MONDAY + dt.timedelta(days=9))
def test_a_wait_that_is_over_already_is_never_mailed(sent: Approach) -> None:
    change(sent, 1, 2)
    assert due(sent) == [(1, "planned", dt.date(2026, 1, 7))]
    assert reminder_states(sent) == ["cancelled"]
    row = approach_selectors.row(approach_selectors.with_situation(sent.owner).get(pk=sent.pk))
    assert (row.step.title, row.step.words.partition(".")[0]) == (
        "Write to Bob once more",
        "No reply after two working days",
    )


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_no_follow_up_stops_it_and_one_again_brings_it_back(sent: Approach) -> None:
    assert change(sent, 0) is None
    assert (states(sent), reminder_states(sent)) == (["stopped"], ["cancelled"])
    assert change(sent, 1) is not None
    assert due(sent) == [(1, "stopped", dt.date(2026, 1, 19)), (1, "planned", dt.date(2026, 1, 19))]
    assert sorted(reminder_states(sent)) == ["cancelled", "planned"]


def test_one_more_after_the_first_was_written_is_planned_at_once(sent: Approach) -> None:
    with time_machine.travel(MONDAY + dt.timedelta(days=14)):
        send(sent, Purpose.FOLLOW_UP)
        change(sent, 2)
    assert due(sent) == [(1, "done", dt.date(2026, 1, 19)), (2, "planned", dt.date(2026, 2, 2))]


@pytest.mark.parametrize("sign", [name for name in SIGNS if name not in {"ended", "rested"}] + ["met"])
@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_longer_plan_wakes_nothing_after_a_sign_of_life(sent: Approach, sign: str) -> None:
    change(sent, 0)
    met = {"met": lambda a: record_contact(person=a.person, at=timezone.now())}
    {**SIGNS, **met}[sign](sent)
    assert change(sent, 3) is None
    assert states(sent) == ["stopped"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_saving_the_plan_as_it_is_leaves_a_snooze_alone(sent: Approach) -> None:
    later = snooze(Reminder.objects.get(kind=follow_ups.KIND), on=dt.date(2026, 2, 9)).wall_date
    change(sent, 1, 10)
    assert Reminder.objects.get(kind=follow_ups.KIND).wall_date == later


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_plan_of_another_tab_stands(sent: Approach) -> None:
    seen = sent.plan_key
    change(sent, 2, 5, 6)
    with pytest.raises(OutreachError, match="Two follow-ups, after five and six working days"):
        approaches.change_plan(approach=sent, nudges=0, waits=[10, 10, 10], seen=seen)
    sent.refresh_from_db()
    assert sent.waits == [5, 6]


def test_an_unaccepted_note_leads_to_another_channel(bob: Person) -> None:
    approach = make_approach(bob)
    with time_machine.travel(MONDAY, tick=False) as clock:
        send(approach, channel="li_note", subject="")
        clock.move_to(MONDAY + dt.timedelta(days=14))
        step = approach_selectors.row(approach_selectors.with_situation(bob.owner).get()).step
        assert (step.title, step.action) == ("Try another way to reach Bob", "channel")
        ((_, item),) = pending(bob.owner, timezone.now())
        assert item.title == "Try another way to reach Dr Bob Brook?"
        assert item.words.startswith("Bob hasn’t accepted your note so far")
        written = send(approach, Purpose.FOLLOW_UP, channel="li_message", subject="")  # they accepted
        assert approach_selectors.row(approach_selectors.with_situation(bob.owner).get()).step.action == "rest"
        events.undo(written.events.get())
        drafts.throw_away(message=written)
        send(approach)  # by e-mail
    assert states(approach) == ["done", "planned"]
    assert approach_selectors.row(approach_selectors.with_situation(bob.owner).get()).step.action == "draft"
