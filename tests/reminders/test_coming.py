"""The list "Coming" shows titles even for reminders that are only valid on their day."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from django.test import Client

from accounts.models import User
from meetings.services import plan_meeting
from outreach.follow_ups.rest_reminder import settle
from portfolio.looking_back.rhythm import choose_rhythm
from portfolio.mentorships.scheduling import remind_of_mentorship, remind_of_place
from portfolio.models import Person, PlaceToLook, ReflectionRhythm
from reminders.delivery_log import upcoming
from reminders.models import Reminder
from reminders.services import still_true
from tests.factories import make_approach, make_mentorship, make_person, make_place

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)  # a Monday
pytestmark = [pytest.mark.clock(NOW), pytest.mark.usefixtures("planned")]
LATER = dt.date(2026, 5, 4)
TITLES = {
    "meeting_today": "On Monday 4 May at 14:00: Dr Bob Brook",
    "empty_agenda": "You meet Dr Bob Brook on Monday 4 May: what about?",
    "after_meeting": "Note what came of meeting Dr Bob Brook",
    "keep_in_touch": "Time for a word with Carol?",
    "agreement_review": "Look at your agreement with Carol again",
    "look_again": "Look at Register again",
    "rest_over": "Think of Dave Dale again?",
    "reflect": "Take a quarter of an hour to reflect",
}


@pytest.fixture
def planned(alice: User, bob: Person) -> None:
    start = dt.datetime.combine(LATER, dt.time(14))
    plan_meeting(owner=alice, person=bob, kind="regular", starts_local=start, zone="Europe/London", suggested=False)
    mentorship = make_mentorship(
        make_person(alice, "Carol Cole"), rhythm_weeks=6, started_on=NOW.date(), agreement_review_on=LATER
    )
    remind_of_mentorship(mentorship)
    remind_of_place(make_place(alice, "Register", look_again_on=LATER))
    settle(make_approach(make_person(alice, "Dave Dale"), rest_until=LATER))
    choose_rhythm(owner=alice, months=3)


def test_each_kind_is_named_before_its_day(alice: User) -> None:
    assert {one.reminder.kind: one.title for one in upcoming(alice)} == TITLES


def test_its_own_page_names_it_too(alice_client: Client) -> None:
    for reminder in Reminder.objects.all():
        assert TITLES[reminder.kind] in html.unescape(alice_client.get(f"/reminders/{reminder.pk}/").content.decode())


def test_it_is_not_told_before_its_day(alice: User) -> None:
    told = {reminder.kind for reminder, _ in still_true(alice, list(Reminder.objects.all()))}
    assert told == {"meeting_today", "empty_agenda"}


def test_what_is_settled_by_then_is_not_named(alice: User) -> None:
    PlaceToLook.objects.update(state="left")
    ReflectionRhythm.objects.all().delete()
    titles = {one.reminder.kind: one.title for one in upcoming(alice)}
    assert (titles["look_again"], titles["reflect"]) == ("Look again", "Reflect")
