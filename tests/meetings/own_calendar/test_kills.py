"""Whoever reads the calendar is killed again and again: no talk is lost, and none is noted twice."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from accounts import jobs
from accounts.models import User
from mail.models import OutgoingMail
from meetings.models import CalendarTalk, Meeting, OwnCalendar
from meetings.own_calendar import services, talk_answers
from outreach.models import Approach, ApproachEvent, FollowUp, Message
from portfolio.models import Contact
from reminders.models import Reminder
from tests.factories import make_approach, make_follow_up, make_message, make_person, make_talk
from tests.http_server import Inside
from tests.meetings.own_calendar.test_talks import entry
from tests.meetings.own_calendar.test_work import Shelf
from tests.portfolio.contact_imports.test_kills import killed_after

pytestmark = [pytest.mark.django_db(transaction=True)]
KILLS, ROUNDS, PEOPLE = 50, 5, 10
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BREAK", 0)
    monkeypatch.setattr(jobs, "LEASE", dt.timedelta(milliseconds=1))


def test_no_talk_is_lost_or_noted_twice_however_often_the_worker_is_killed(alice: User, server: Inside) -> None:
    """In each round there is a talk more with everybody, and the meeting that was planned moves a day."""
    chance = random.Random(14)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    known = [make_person(alice, f"Person {n}", email=f"p{n}@example.org") for n in range(PEOPLE)]
    fresh = [make_person(alice, f"New {n}", email=f"new{n}@example.org") for n in range(3)]
    for person in known:
        make_talk(person, now - 30 * DAY, state="spoke", settled_at=now - 30 * DAY)
        approach = make_approach(person, stage=Approach.Stage.APPROACHED)
        make_message(approach, state=Message.State.SENT, at=now - 9 * DAY)
        make_follow_up(approach, due_on=(now + 9 * DAY).date())
    shelf = server.answer = Shelf()
    services.connect(owner=alice, address=f"http://127.0.0.1:{server.port}/s3cr3t.ics", with_talks=True)
    shelf.put(entry("ahead", now + 9 * DAY, "p0@example.org"))
    jobs.run(seconds=60)
    assert talk_answers.plan(CalendarTalk.objects.get(state="ahead"), kind="regular")

    events = [entry(f"new {n}", now - 2 * HOUR, f"new{n}@example.org") for n in range(3)]
    for turn in range(ROUNDS):
        events += [entry(f"{turn} {n}", now - (turn + 1) * DAY, f"p{n}@example.org") for n in range(PEOPLE)]
        shelf.put(*events, entry("ahead", now + (10 + turn) * DAY, "p0@example.org"))
        OwnCalendar.objects.update(due_at=now)
        for _ in range(KILLS // ROUNDS):
            killed_after(chance.uniform(0.01, 0.2), lambda: jobs.run(seconds=60))
        while jobs.any_waiting():
            jobs.run(seconds=60)
    for person in known:
        assert person.contacts.count() == ROUNDS, person
        assert CalendarTalk.objects.filter(person=person, news="spoke").count() == ROUNDS
    assert Contact.objects.count() == ROUNDS * PEOPLE
    assert set(FollowUp.objects.values_list("state", flat=True)) == {FollowUp.State.STOPPED}
    assert [talk.state for talk in CalendarTalk.objects.filter(person__in=fresh)] == ["asks"] * 3
    assert Reminder.objects.filter(kind="calendar_asks").count() == 3
    assert Meeting.objects.get().starts_at == now + (9 + ROUNDS) * DAY
    assert not ApproachEvent.objects.exists()
    assert not OutgoingMail.objects.exists()
