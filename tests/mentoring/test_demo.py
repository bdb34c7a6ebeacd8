"""The demo shows the main features: a gap, a suggestion, a next step, and a reminder due in a minute."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mentoring.demo import DEMO_EMAIL, DEMO_PASSWORD, demo_login, load_demo
from mentoring.today import today
from outreach.coach import advise
from outreach.drafts import services as drafts
from outreach.drafts.starters import STARTERS
from outreach.models import Approach, Message
from portfolio.models import Mentorship, Person
from portfolio.overview.selectors import portfolio_of
from reminders.models import Reminder
from tests.outreach.coach.test_coach import merged
from tests.outreach.drafts.test_starters import VALUES

pytestmark = pytest.mark.django_db


@pytest.fixture
def ffion(db: None) -> User:
    load_demo()
    return User.objects.get(email=DEMO_EMAIL)


def test_the_demo_loads_once_and_one_can_sign_in(ffion: User, client: Client) -> None:
    load_demo()
    assert Person.objects.count() == 38
    assert demo_login() == (DEMO_EMAIL, DEMO_PASSWORD)
    login = {"login": DEMO_EMAIL, "password": DEMO_PASSWORD}
    assert client.post("/account/login/", login).url == "/today/"


def test_everybody_in_the_demo_is_fictional(ffion: User) -> None:
    addresses = {email.address for person in Person.objects.all() for email in person.emails.all()}
    assert len(addresses) == 38
    assert all(address.endswith("@example.org") for address in addresses)
    assert set(Person.objects.values_list("source", flat=True)) == set(Person.Source.values)


def test_the_story(ffion: User) -> None:
    view = portfolio_of(ffion)
    assert [m.person.name for m in view.mentorships] == ["Margaret Osei", "Rukhsana Dale", "Tomasz Wren"]
    assert view.gaps[0].need.words == "be known to social-care commissioners"
    assert view.gaps[0].could_help[0].person.name == "Callum Reith"
    assert Approach.objects.get(person__name="Henrik Solberg").outcome == "declined"
    assert Mentorship.objects.get(person__name="Tomasz Wren").form == "formal"
    page = today(ffion)
    assert page.next.title == "Ask Margaret to introduce you to Callum Reith"
    assert [line.title for line in page.due] == ["Write to Prof. Gwen Abara once more?"]
    assert [(m.person.name, m.items.filter(carried_from__isnull=False).count()) for m in page.coming] == [
        ("Tomasz Wren", 1)
    ]


def test_the_first_reminder_is_due_in_a_minute_and_its_draft_is_ready(ffion: User) -> None:
    reminder = Reminder.objects.get(kind="send_now", state=Reminder.State.PLANNED)
    assert dt.timedelta(0) < reminder.due_at - timezone.now() <= dt.timedelta(seconds=61)
    assert drafts.ready(Message.objects.get(pk=reminder.subject_id)).complete


@pytest.mark.parametrize("moment", ["2026-03-29T00:30Z", "2026-10-25T00:30Z", "2026-12-31T23:59Z", "2028-02-29T12:00Z"])
def test_the_demo_loads_on_any_day(moment: str) -> None:
    with time_machine.travel(dt.datetime.fromisoformat(moment.replace("Z", "+00:00"))):
        load_demo()
        assert today(User.objects.get(email=DEMO_EMAIL)).next.title == "Ask Margaret to introduce you to Callum Reith"


def test_no_starter_earns_advice_for_anybody_in_the_demo(ffion: User) -> None:
    """With its fields filled in, a starter can be sent to anybody."""
    said = {
        (starter.key, person.name): advise(merged(starter, values_of(person)))
        for starter in STARTERS
        for person in Person.objects.filter(owner=ffion)
    }
    assert {key: [a.key for a in advice] for key, advice in said.items() if advice} == {}


def values_of(person: Person) -> dict[str, str]:
    return VALUES | {
        "their_first_name": person.first_name,
        "their_name": person.name,
        "their_role": person.headline,
        "their_organisation": person.organisation,
    }
