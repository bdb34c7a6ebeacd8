"""What to know before a talk, on its page and in the mail of its morning."""

from __future__ import annotations

import datetime as dt
import html

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from mail import engine
from meetings.before import before, in_mail
from meetings.models import Meeting
from meetings.scheduling import remind_of_meeting
from portfolio.models import Person
from reminders.sweep import gather
from tests.accounts.test_row_security import as_worker
from tests.factories import (
    make_action,
    make_approach,
    make_contact,
    make_item,
    make_meeting,
    make_mentorship,
    make_person,
)
from tests.smtp_server import SmtpServer

NOW = dt.datetime(2026, 3, 10, 8, 0, tzinfo=dt.UTC)  # a Tuesday
pytestmark = [pytest.mark.django_db, pytest.mark.clock(NOW)]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def held(person: Person, days_ago: int, **fields: object) -> Meeting:
    at = NOW - days_ago * DAY
    return make_meeting(person, starts_at=at, state="held", held_at=at, **fields)


@pytest.fixture
def talk(bob: Person) -> Meeting:
    """Today at two, with a mentor, after one that left something open on both sides."""
    mentorship = make_mentorship(bob, started_on=dt.date(2024, 5, 1), rhythm_weeks=6, phase="progress")
    last = held(bob, 40, mentorship=mentorship, private_notes="She seemed tired.")
    make_item(last, "The panel", state="done", outcome="Apply in May")
    for words in ("Send the draft", "Ask Ann", "Book a room"):
        make_action(last, words)
    make_action(last, "Introduce me to Cleo", whose="theirs")
    make_action(last, "Read it", done_at=NOW)
    return make_meeting(bob, starts_at=NOW + 6 * HOUR, mentorship=mentorship)


def test_who_where_last_time_open_and_points(talk: Meeting, bob: Person) -> None:
    bob.headline, bob.organisation = "Professor of Trials", "Leeds"
    make_item(talk, "The budget")
    make_item(talk, "Dropped", state="dropped")
    found = before(talk)
    assert found.who == "Professor of Trials, Leeds"
    assert found.stands == "Your mentor since May 2024, every six weeks or so. Making progress"
    assert (found.last, found.came_of_it) == ("You spoke on 29 January", "Apply in May")
    assert (found.mine.words, found.mine.more) == (["Send the draft", "Ask Ann"], 1)
    assert (found.theirs.words, found.theirs.more) == (["Introduce me to Cleo"], 0)
    assert (found.points.words, found.suggested) == (["The budget"], False)


def test_without_an_agenda_points_are_suggested(talk: Meeting) -> None:
    found = before(talk)
    assert found.suggested
    assert found.points.words[0] == "What has happened since we last spoke"
    assert len(found.points.words) == 4


def test_a_first_conversation(bob: Person) -> None:
    approach = make_approach(bob, stage="approached", stage_since=NOW - 5 * DAY)
    talk = make_meeting(bob, kind="initial", approach=approach)
    found = before(talk)
    assert (found.who, found.stands, found.last) == (
        "Director, Brook Trust", "Approached, for five days", "This is the first time"
    )  # fmt: skip
    assert (bool(found.mine), bool(found.theirs)) == (False, False)
    talk.person.headline = talk.person.organisation = ""
    make_contact(bob, at=NOW - 5 * DAY, kind="message", note="They\n replied")
    found = before(talk)
    assert (found.last, found.came_of_it) == ("You were in touch on 5 March", "They replied")
    assert found.who == "Immediate professional circle"


def test_without_outcomes_the_notes_say_what_came_of_it(bob: Person) -> None:
    held(bob, 400, shared_notes="Long ago")
    held(bob, 400 - 30, private_notes="She\nseemed tired. " + "x" * 1000)
    found = before(make_meeting(bob))
    assert found.last == "You spoke on 5 March 2025"
    assert found.came_of_it.startswith("She seemed tired. xxx")
    assert len(found.came_of_it) <= 300
    assert found.stands == "You know each other; nothing is asked yet"


def test_paused_and_ended(bob: Person) -> None:
    mentorship = make_mentorship(bob, status="paused")
    assert before(make_meeting(bob, mentorship=mentorship)).stands == "Your mentor; paused for now"


def test_the_page_has_everything_in_few_queries(
    alice_client: Client, talk: Meeting, django_assert_max_num_queries
) -> None:
    for n in range(20):
        make_item(talk, f"Point {n}")
        make_action(talk, f"Action {n}")
    with django_assert_max_num_queries(9):
        page = alice_client.get(reverse("meeting_before", args=[talk.pk])).content.decode()
    for words in (
        "Your mentor since May 2024",
        "Apply in May",
        "Send the draft",
        "Introduce me to Cleo",
        "and 16 more",
    ):
        assert words in page


def test_it_is_one_press_from_the_meeting_and_from_today(alice_client: Client, talk: Meeting) -> None:
    address = reverse("meeting_before", args=[talk.pk])
    for page in (talk.get_absolute_url(), reverse("today")):
        assert f'href="{address}"' in alice_client.get(page).content.decode()


@pytest.mark.parametrize("state", [{"state": "cancelled"}, {"state": "held", "held_at": NOW}])
def test_after_the_talk_it_leads_to_the_meeting(alice_client: Client, bob: Person, state: dict[str, object]) -> None:
    meeting = make_meeting(bob, **state)
    assert alice_client.get(reverse("meeting_before", args=[meeting.pk])).url == meeting.get_absolute_url()


# --- In the mail ------------------------------------------------------------------------------------


def mailed(talk: Meeting, clock: time_machine.Coordinates, smtp: SmtpServer) -> list[str]:
    """Both texts of the mail of the morning: at nine, the reminder hour."""
    remind_of_meeting(talk)
    clock.move_to(NOW + HOUR)
    gather()
    engine.deliver()
    (mail,) = smtp.mails
    texts = [mail.message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    return [" ".join(html.unescape(text).split()) for text in texts]


def test_who_wishes_has_it_in_the_mornings_mail(
    alice: User, talk: Meeting, clock: time_machine.Coordinates, smtp: SmtpServer
) -> None:
    alice.mail_before_talks = True
    alice.save(update_fields=["mail_before_talks"])
    for words in mailed(talk, clock, smtp):
        assert "Your mentor since May 2024, every six weeks or so. Making progress. You spoke on 29 January." in words
        assert "You said you’d do: Send the draft, Ask Ann and 1 more." in words
        assert "Bob offered: Introduce me to Cleo." in words
        assert "You could talk about: What has happened since we last spoke," in words
        assert f"/meetings/{talk.pk}/before/" in words
        assert "Apply in May" not in words  # what they noted stays out of it
        assert "tired" not in words


def test_others_have_only_the_link(
    alice: User, talk: Meeting, clock: time_machine.Coordinates, smtp: SmtpServer
) -> None:
    assert in_mail(alice, [talk.pk]) == {}
    for text in mailed(talk, clock, smtp):
        assert "Send the draft" not in text
        assert f"/meetings/{talk.pk}/before/" in text


def test_only_the_users_own_meetings_are_told(alice: User, charlie: User, talk: Meeting) -> None:
    charlie.mail_before_talks = True
    other = make_meeting(make_person(charlie, "Dora Dunn"))
    assert set(in_mail(charlie, [talk.pk, other.pk])) == {other.pk}


@pytest.mark.postgresql
def test_a_worker_has_no_more_rights_for_it(alice: User, talk: Meeting) -> None:
    alice.mail_before_talks = True
    with as_worker():
        assert "Send the draft" in in_mail(alice, [talk.pk])[talk.pk]
