from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.models import User
from meetings import panels
from portfolio.models import Person
from tests.factories import make_approach, make_meeting, make_mentorship

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
DAY = dt.timedelta(days=1)


def test_pages_below_show_the_meetings_and_offer_one_more(alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    meeting = make_meeting(bob, mentorship=mentorship, starts_at=NOW + 10 * DAY)
    approach = make_approach(bob, outcome="accepted", ended_at=NOW)
    for address in (bob.get_absolute_url(), mentorship.get_absolute_url()):
        html = alice_client.get(address).content.decode()
        assert meeting.get_absolute_url() in html
        assert f"/meetings/new/?person={bob.pk}" in html
    assert meeting.get_absolute_url() not in alice_client.get(approach.get_absolute_url()).content.decode()


def test_the_panel_shows_the_latest_few(alice: User, bob: Person) -> None:
    for n in range(8):
        make_meeting(bob, starts_at=NOW + n * DAY)
    request = type("Request", (), {"user": alice})()
    context = panels.person_panel(request, bob).context
    assert len(context["meetings"]) == 6
    assert context["more"]


def test_next_step_looks_at_the_agenda_of_a_meeting_that_is_near(alice: User, bob: Person) -> None:
    assert panels.person_step(alice, bob) is None
    meeting = make_meeting(bob, starts_at=NOW + 3 * DAY)
    assert panels.person_step(alice, bob) is None
    meeting.starts_at = NOW + DAY
    meeting.save(update_fields=["starts_at"])
    step = panels.person_step(alice, bob)
    assert step.title == "Your meeting is tomorrow"
    assert step.url == meeting.get_absolute_url()


def test_next_step_asks_about_a_meeting_that_is_over(alice: User, bob: Person) -> None:
    make_meeting(bob, starts_at=NOW - DAY)
    assert panels.person_step(alice, bob).title == "Did you meet?"


def test_next_step_of_a_mentorship_plans_where_nothing_is(alice: User, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    assert panels.mentorship_step(alice, mentorship) is None  # the direction comes first
    mentorship.direction_private = "North"
    step = panels.mentorship_step(alice, mentorship)
    assert (step.title, step.url) == ("Plan your next meeting", f"/meetings/new/?person={bob.pk}")
    make_meeting(bob, starts_at=NOW + 10 * DAY)
    assert panels.mentorship_step(alice, mentorship) is None


def test_a_paused_mentorship_is_left_in_peace(alice: User, bob: Person) -> None:
    assert panels.mentorship_step(alice, make_mentorship(bob, status="paused", direction_private="North")) is None
