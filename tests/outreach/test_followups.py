from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from outreach import followups, history, reading, services
from outreach.models import Approach, FollowUp, Purpose
from portfolio.models import Mentorship, Person
from portfolio.services import record_contact
from reminders.models import Reminder
from reminders.services import snooze
from tests.factories import make_approach, make_follow_up, make_person, make_user
from tests.outreach.helpers import MONDAY, reminder_states, send, states

pytestmark = [pytest.mark.django_db]
Outcome = Approach.Outcome


@pytest.fixture
def sent(bob: Person) -> Approach:
    """Written to on Monday morning, and now it is Wednesday."""
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
        follow_up = followups.plan(approach=approach, sent_on=sent_on)
    assert follow_up is not None
    assert follow_up.due_on == due


@time_machine.travel(MONDAY)
def test_the_reminder_comes_at_the_users_own_hour() -> None:
    user = make_user("dora@example.org", time_zone="America/New_York", country="US", reminder_time=dt.time(7, 30))
    approach = make_approach(make_person(user, email="b@example.org"))
    send(approach)
    reminder = Reminder.objects.get(kind="follow_up_due")
    # Martin Luther King Day is no working day there, so it is Tuesday the 20th.
    assert (reminder.wall_date, reminder.wall_time) == (dt.date(2026, 1, 20), dt.time(7, 30))
    assert reminder.due_at == dt.datetime(2026, 1, 20, 12, 30, tzinfo=dt.UTC)


def test_sending_plans_one(sent: Approach) -> None:
    assert states(sent) == ["planned"]
    assert reminder_states(sent) == ["planned"]


SIGNS: dict[str, Callable[[Approach], object]] = {
    "reply": lambda a: services.record_reply(approach=a),
    "no": lambda a: services.record_reply(approach=a, outcome=Outcome.DECLINED),
    "planned": lambda a: services.conversation_planned(approach=a, kind="initial", when="9 January"),
    "held": lambda a: services.record_conversation(person=a.person, at=timezone.now(), kind="initial", approach=a),
    "ended": lambda a: services.end_approach(approach=a, outcome=Outcome.WITHDRAWN),
    "rested": lambda a: services.rest(approach=a, until=dt.date(2026, 7, 1)),
}


@pytest.mark.parametrize("sign", SIGNS)
@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_any_sign_of_life_stops_it_and_undo_revives_it(sent: Approach, sign: str) -> None:
    SIGNS[sign](sent)
    assert states(sent) == ["stopped"]
    assert reminder_states(sent) == ["cancelled"]
    event = history.latest(Approach.objects.get(pk=sent.pk))
    assert event is not None
    history.undo(event)
    assert states(sent) == ["planned"]
    assert reminder_states(sent) == ["planned"]
    assert FollowUp.objects.get().stopped_because == ""


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_becoming_mentoring_stops_it(sent: Approach) -> None:
    services.become_mentoring(approach=sent, origin=Mentorship.Origin.GREW, on=dt.date(2026, 1, 7))
    assert states(sent) == ["stopped"]
    assert reminder_states(sent) == ["cancelled"]


@time_machine.travel(MONDAY + dt.timedelta(days=2))
def test_a_contact_noted_by_hand_stops_it(sent: Approach) -> None:
    record_contact(person=sent.person, at=timezone.now(), note="met in the corridor")
    assert states(sent) == ["stopped"]
    assert reminder_states(sent) == ["cancelled"]
    assert FollowUp.objects.get().stopped_because == "You were in touch"


@time_machine.travel(MONDAY + dt.timedelta(days=2))
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
def test_asking_again_plans_anew_but_never_a_fourth(bob: Person) -> None:
    approach = make_approach(bob)
    for _ in range(5):
        send(approach, Purpose.FOLLOW_UP_CONVERSATION)
        assert states(approach).count("planned") <= 1
    assert states(approach) == ["done", "done", "done"]


@time_machine.travel(MONDAY)
def test_there_are_never_two_waiting(bob: Person) -> None:
    approach = make_approach(bob)
    make_follow_up(approach)
    assert followups.plan(approach=approach, sent_on=dt.date(2026, 1, 5)) is None
    assert states(approach) == ["planned"]


@time_machine.travel(MONDAY)
def test_undoing_the_sending_takes_it_away(bob: Person) -> None:
    approach = make_approach(bob)
    message = send(approach)
    history.undo(message.events.get())
    assert states(approach) == []
    assert list(Reminder.objects.values_list("state", flat=True)) == ["cancelled"]


def test_a_snooze_moves_what_the_page_promises(sent: Approach) -> None:
    reminder = Reminder.objects.get(kind=followups.KIND)
    later = snooze(reminder, on=reminder.wished_on + dt.timedelta(days=7)).wall_date
    row = reading.row(reading.with_situation(sent.owner).get(pk=sent.pk))
    assert row.follow_up_due == later
    assert f"{later:%A %-d %B}" in row.step.words
