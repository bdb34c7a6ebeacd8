"""The size of a page with as much content as possible."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mentoring.today import LINES_SHOWN
from outreach.models import Approach
from portfolio.models import PersonTag, Tag
from reminders.models import Reminder
from reminders.services import plan
from tests.factories import (
    make_action,
    make_approach,
    make_follow_up,
    make_meeting,
    make_mentorship,
    make_message,
    make_person,
)

LONG_NAME = "Prof. Margaret Osei-Wren"


def told(user: User, kind: str, subject_id: int) -> None:
    reminder = plan(owner=user, kind=kind, subject_id=subject_id, on=user.today())
    Reminder.objects.filter(pk=reminder.pk).update(due_at=timezone.now(), state=Reminder.State.MAILED)


def everything_due(user: User, number: int) -> None:
    """A follow-up, a draft to send and an action: three lines; and a coming meeting."""
    person = make_person(user, f"{LONG_NAME} {number}")
    follow_up = make_follow_up(make_approach(person, stage=Approach.Stage.APPROACHED))
    draft = make_message(make_approach(make_person(user, f"{LONG_NAME} {number}b")), send_at=timezone.now())
    met = make_meeting(person, starts_at=timezone.now() - dt.timedelta(days=9), state="held", held_at=timezone.now())
    promised = make_action(met, "Read the report of the commission")
    make_meeting(person, starts_at=timezone.now() + dt.timedelta(hours=number + 1))
    told(user, "follow_up_due", follow_up.pk)
    told(user, "send_now", draft.pk)
    told(user, "action_due", promised.pk)


@pytest.mark.parametrize("number", [7, 30])
def test_today_with_everything_due_is_at_most_20_kb(alice: User, alice_client: Client, number: int) -> None:
    for i in range(number):
        everything_due(alice, i)
    page = alice_client.get("/today/").content
    assert page.count(b'name="until" value="week"') == LINES_SHOWN
    assert f"And {3 * number - LINES_SHOWN} more.".encode() in page
    assert len(page) <= 20_000


def test_today_stays_so_with_the_longest_promises(alice: User, alice_client: Client) -> None:
    met = make_meeting(make_person(alice, "x" * 200), starts_at=timezone.now(), state="held", held_at=timezone.now())
    for i in range(20):
        told(alice, "action_due", make_action(met, f"{i} " + "y" * 290).pk)
    page = alice_client.get("/today/").content
    assert page.count(b'name="until" value="week"') == LINES_SHOWN
    assert len(page) <= 20_000


def test_words_that_say_the_same_are_said_once(alice: User, alice_client: Client) -> None:
    for i in range(4):
        person = make_person(alice, f"{LONG_NAME} {i}")
        told(alice, "follow_up_due", make_follow_up(make_approach(person, stage=Approach.Stage.APPROACHED)).pk)
    page = alice_client.get("/today/").content.decode()
    # Once at the next step, once in the list below.
    assert page.count("No reply after ten working days.") == 2
    assert page.count("once more?") == 4


def test_every_line_can_be_put_off_by_a_form_with_a_token(alice: User, alice_client: Client) -> None:
    for i in range(2):
        everything_due(alice, i)
    page = alice_client.get("/today/").content.decode()
    main = page[page.index("<main") :]
    for form in re.findall(r"<form.*?</form>", main, re.S):
        assert form.count("csrfmiddlewaretoken") == 1
    buttons = re.findall(r'formaction="(/reminders/\d+/[a-z/]+)"', main)
    inside = re.findall(r'formaction="(/reminders/\d+/[a-z/]+)"', "".join(re.findall(r"<form.*?</form>", main, re.S)))
    assert buttons == inside
    assert len({address for address in buttons if address.endswith("/snooze/")}) == 6


def test_a_list_of_fifty_people_is_at_most_40_kb(alice: User, alice_client: Client) -> None:
    tags = [Tag.objects.create(owner=alice, name=f"rather long tag {i}") for i in range(3)]
    for i in range(51):
        person = make_person(
            alice,
            f"{LONG_NAME} {i}",
            headline="Director of Research and Innovation, and Chair of the Board",
            organisation="Calder Valley Hospitals and Community Care Partnership",
        )
        PersonTag.objects.bulk_create(PersonTag(owner=alice, person=person, tag=tag) for tag in tags)
        if i % 5 == 0:
            make_mentorship(person)
    page = alice_client.get("/people/").content
    assert page.count(LONG_NAME.encode()) == 50
    assert len(page) <= 40_000
