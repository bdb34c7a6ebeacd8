"""The page of what was found in the user's own calendar, and where else it shows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from meetings.models import CalendarTalk, Meeting, OwnCalendar
from outreach.models import Approach
from portfolio.models import Contact, Person
from reminders.services import plan
from tests.factories import make_approach, make_meeting, make_own_calendar, make_person, make_talk

NOW = dt.datetime(2026, 3, 4, 10, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
pytestmark = pytest.mark.clock(NOW)
PAGE, SETTINGS = "/meetings/from-calendar/", "/settings/calendar/"


def words(client: Client, page: str = PAGE) -> str:
    return " ".join(client.get(page).content.decode().split())


def press(client: Client, name: str, talk: CalendarTalk, **data: str) -> str:
    answer = client.post(reverse(name, args=[talk.pk]), data, follow=True)
    return " ".join(answer.content.decode().split())


@pytest.fixture
def asking(bob: Person) -> CalendarTalk:
    return make_talk(bob, NOW - 2 * HOUR, state="asks")


def test_connecting_offers_to_notice_people_and_may_be_told_not_to(alice_client: Client) -> None:
    assert 'name="with_talks"' in words(alice_client, SETTINGS)
    assert "checked" in words(alice_client, SETTINGS).split('name="with_talks"')[1].split(">")[0]
    address = {"address": "https://calendar.example.org/a.ics"}
    alice_client.post(SETTINGS, address)
    assert not OwnCalendar.objects.get().with_talks
    alice_client.post(SETTINGS, {**address, "with_talks": "on"})
    assert OwnCalendar.objects.get().with_talks


def test_those_connected_before_are_asked_first(alice_client: Client, alice: User) -> None:
    make_own_calendar(alice)
    switch = reverse("own_calendar_talks")
    assert "At present we only read when you are busy" in words(alice_client, SETTINGS)
    alice_client.post(switch, {"with_talks": "1"})
    assert OwnCalendar.objects.get().with_talks
    assert "Only read when I’m busy" in words(alice_client, SETTINGS)
    alice_client.post(switch)
    assert not OwnCalendar.objects.get().with_talks


def test_without_a_calendar_there_is_nothing_to_switch(alice_client: Client) -> None:
    page = alice_client.post(reverse("own_calendar_talks"), {"with_talks": "1"}, follow=True).content.decode()
    assert "No calendar is connected" in page


def test_the_page_asks_and_a_yes_is_noted_with_a_way_back(
    alice_client: Client, asking: CalendarTalk, bob: Person
) -> None:
    assert "Did you speak?" in words(alice_client)
    page = press(alice_client, "calendar_talk_answer", asking, answer="yes")
    assert "Noted: you spoke with Dr Bob Brook." in page
    assert reverse("calendar_talk_unanswer", args=[asking.pk]) in page
    assert "From your calendar" in words(alice_client, bob.get_absolute_url())
    assert "settled already" in press(alice_client, "calendar_talk_answer", asking, answer="yes")
    assert Contact.objects.count() == 1
    assert "it asks again" in press(alice_client, "calendar_talk_unanswer", asking)
    assert not Contact.objects.exists()


def test_never_is_listed_and_can_be_taken_back(alice_client: Client, asking: CalendarTalk) -> None:
    press(alice_client, "calendar_talk_answer", asking, answer="never")
    assert "Not asked about" in words(alice_client)
    page = press(alice_client, "calendar_talk_answer", asking, answer="again")
    assert "after the next time" in page
    assert "Not asked about" not in page


@pytest.mark.parametrize("answer", ["", "maybe", "keep", "cancel", "again"])
def test_an_answer_to_what_is_not_asked_changes_nothing(
    alice_client: Client, asking: CalendarTalk, answer: str
) -> None:
    assert "Nothing was changed" in press(alice_client, "calendar_talk_answer", asking, answer=answer)
    asking.refresh_from_db()
    assert asking.state == "asks"


def test_what_was_noted_is_listed_and_thats_wrong_takes_it_back(alice_client: Client, asking: CalendarTalk) -> None:
    press(alice_client, "calendar_talk_answer", asking, answer="yes")
    assert "Noted: you spoke" in words(alice_client)
    assert "Taken back" in press(alice_client, "calendar_talk_wrong", asking)
    assert not Contact.objects.exists()
    assert "Noted: you spoke" not in words(alice_client)
    assert "settled already" in press(alice_client, "calendar_talk_wrong", asking)


def test_what_is_ahead_is_planned_in_one_press_with_an_agenda_for_the_approach(
    alice_client: Client, bob: Person
) -> None:
    approach = make_approach(bob, stage=Approach.Stage.APPROACHED)
    talk = make_talk(bob, NOW + 2 * DAY, minutes=20)
    assert "Your calendar has meetings with people you know" in words(alice_client, "/meetings/")
    page = press(alice_client, "calendar_talk_plan", talk)
    meeting = Meeting.objects.get()
    assert (meeting.approach, meeting.kind, meeting.minutes) == (approach, "initial", 20)
    assert meeting.items.exists()
    assert "It’s planned, with an agenda." in page
    approach.refresh_from_db()
    assert approach.stage == Approach.Stage.INITIAL
    assert "Your calendar has meetings" not in words(alice_client, "/meetings/")
    assert "settled already" in press(alice_client, "calendar_talk_plan", talk)


def test_one_that_is_gone_is_cancelled_or_kept(alice_client: Client, bob: Person) -> None:
    for answer, state in (("keep", "planned"), ("cancel", "cancelled")):
        meeting = make_meeting(bob, starts_at=NOW + 2 * DAY)
        talk = make_talk(bob, NOW + 2 * DAY, meeting=meeting, news="gone")
        assert "No longer in the calendar" in words(alice_client)
        press(alice_client, "calendar_talk_answer", talk, answer=answer)
        meeting.refresh_from_db()
        assert meeting.state == state
        assert "No longer in the calendar" not in words(alice_client)
        CalendarTalk.objects.all().delete()


def test_one_that_is_elsewhere_leads_to_moving_it(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW + 2 * DAY, invites_mentor="bob@example.org")
    make_talk(bob, NOW + 3 * DAY, meeting=meeting, news="elsewhere")
    assert reverse("meeting_edit", args=[meeting.pk]) in words(alice_client)


def test_today_asks_and_answers_in_one_press(alice_client: Client, asking: CalendarTalk, alice: User) -> None:
    plan(owner=alice, kind="calendar_asks", subject_id=asking.pk, on=alice.today())
    page = words(alice_client, "/today/")
    assert "Did you speak with Dr Bob Brook on Wednesday 4 March?" in page
    assert "Yes, we spoke" in page


def test_looking_at_the_page_changes_nothing(alice_client: Client, asking: CalendarTalk) -> None:
    before = list(CalendarTalk.objects.values())
    alice_client.get(PAGE)
    assert list(CalendarTalk.objects.values()) == before


def test_another_user_finds_none_of_it(charlie_client: Client, asking: CalendarTalk) -> None:
    assert "Bob" not in words(charlie_client)
    for name in ("answer", "unanswer", "plan", "wrong"):
        url = reverse(f"calendar_talk_{name}", args=[asking.pk])
        assert charlie_client.post(url, {"answer": "yes"}).status_code == 404
    asking.refresh_from_db()
    assert asking.state == "asks"


@pytest.mark.parametrize("number", [1, 10])
def test_the_page_takes_the_same_queries_however_many_there_are(alice_client: Client, alice: User, number: int) -> None:
    make_own_calendar(alice, with_talks=True)
    for n in range(number):
        person = make_person(alice, f"Person {n}")
        make_talk(person, NOW - DAY, state="asks")
        make_talk(person, NOW + DAY)
        contact = Contact.objects.create(owner=alice, person=person, at=NOW - 3 * DAY)
        make_talk(person, NOW - 3 * DAY, state="spoke", settled_at=NOW, contact=contact)
        meeting = make_meeting(person, starts_at=NOW + 4 * DAY)
        make_talk(person, NOW + 4 * DAY, meeting=meeting, news="moved")
        make_talk(make_person(alice, f"Never {n}"), NOW - DAY, state="never", settled_at=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert alice_client.get(PAGE).status_code == 200
    assert len(queries) <= 13
