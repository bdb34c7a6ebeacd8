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
from outreach.models import Approach, FollowUp, Message
from portfolio.models import Contact, Person
from reminders.models import Reminder
from tests.factories import make_approach, make_follow_up, make_message, make_person, make_talk
from tests.http_server import Inside
from tests.meetings.own_calendar.test_talks import entry
from tests.meetings.own_calendar.test_work import Shelf
from tests.portfolio.contact_imports.test_kills import killed_after

pytestmark = [pytest.mark.django_db(transaction=True)]
KILLS, PEOPLE = 50, 10
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BREAK", 0)
    monkeypatch.setattr(jobs, "LEASE", dt.timedelta(milliseconds=1))


def acquaintance(user: User, name: str, now: dt.datetime) -> Person:
    """Somebody whose talks are noted without asking, and whom the user has written to."""
    person = make_person(user, name, email=f"{name}@example.org")
    make_talk(person, now - 30 * DAY, state="spoke", settled_at=now - 30 * DAY)
    approach = make_approach(person, stage=Approach.Stage.APPROACHED)
    make_message(approach, state=Message.State.SENT, at=now - 9 * DAY)
    make_follow_up(approach, due_on=(now + 9 * DAY).date())
    return person


def test_no_talk_is_lost_or_noted_twice_however_often_the_worker_is_killed(alice: User, server: Inside) -> None:
    """In each round there is a talk with ten people more, and the meeting that was planned moves a day."""
    chance = random.Random(14)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    fresh = [make_person(alice, f"New {n}", email=f"new{n}@example.org") for n in range(3)]
    make_person(alice, "Ahead", email="ahead@example.org")
    shelf = server.answer = Shelf(entry("ahead", now + DAY, "ahead@example.org"))
    services.connect(owner=alice, address=f"http://127.0.0.1:{server.port}/s3cr3t.ics", with_talks=True)
    jobs.run(seconds=60)
    assert talk_answers.plan(CalendarTalk.objects.get(), kind="regular")

    known: list[Person] = []
    events = [entry(f"new {n}", now - 2 * HOUR, f"new{n}@example.org") for n in range(3)]
    killed = rounds = 0
    while killed < KILLS:
        rounds += 1
        some = [acquaintance(alice, f"p{rounds}.{n}", now) for n in range(PEOPLE)]
        events += [entry(person.name, now - DAY, f"{person.name}@example.org") for person in some]
        known += some
        shelf.put(*events, entry("ahead", now + (1 + rounds) * DAY, "ahead@example.org"))
        OwnCalendar.objects.update(due_at=now)
        for longer in range(1, 1000):  # so that a slow machine is through one day
            killed_after(chance.uniform(0.01, 0.05 * longer), lambda: jobs.run(seconds=60))
            if not jobs.any_waiting():
                break
            killed += 1
    for person in known:
        assert person.contacts.count() == 1, person
        assert CalendarTalk.objects.filter(person=person, news="spoke").count() == 1
    assert Contact.objects.count() == len(known)
    assert set(FollowUp.objects.values_list("state", flat=True)) == {FollowUp.State.STOPPED}
    assert [talk.state for talk in CalendarTalk.objects.filter(person__in=fresh)] == ["asks"] * 3
    assert Reminder.objects.filter(kind="calendar_asks").count() == 3
    assert Meeting.objects.get().starts_at == now + (1 + rounds) * DAY
    assert not OutgoingMail.objects.exists()
