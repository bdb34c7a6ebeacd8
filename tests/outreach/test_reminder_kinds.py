from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from outreach.approaches import services as approaches
from outreach.models import Approach, FollowUp, Message
from outreach.reminder_kinds import load
from portfolio.models import Person
from reminders import kinds
from tests.factories import (
    make_approach,
    make_follow_up,
    make_introduction,
    make_message,
    make_need,
    make_person,
)
from tests.outreach.helpers import MONDAY, send
from tests.reminders.kinds_for_tests import told_to

pytestmark = [pytest.mark.django_db]


def load_follow_ups(user: User, ids: list[int]) -> dict[int, kinds.Item]:
    return told_to(user, load, {"follow_up_due": ids}).get("follow_up_due", {})


def load_drafts(user: User, ids: list[int]) -> dict[int, kinds.Item]:
    return told_to(user, load, {"send_now": ids}).get("send_now", {})


def they_replied(user: User, follow_up_id: int) -> str:
    (act,) = kinds.get("follow_up_due").acts
    return act.run(user, follow_up_id)


def test_a_waiting_follow_up_is_a_line_that_leads_to_the_approach(bob: Person) -> None:
    approach = make_approach(bob)
    follow_up = make_follow_up(approach)
    item = load_follow_ups(bob.owner, [follow_up.pk])[follow_up.pk]
    assert (item.title, item.path) == ("Write to Dr Bob Brook once more?", f"/approaches/{approach.pk}/")


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "declined", "ended_at": MONDAY}, {"rest_until": dt.date(2026, 7, 1)}],
)
def test_a_follow_up_of_a_closed_approach_is_not_true_any_more(bob: Person, fields: dict[str, object]) -> None:
    follow_up = make_follow_up(make_approach(bob, **fields))
    assert load_follow_ups(bob.owner, [follow_up.pk]) == {}


@pytest.mark.parametrize("state", ["done", "stopped"])
def test_a_settled_follow_up_is_not_true_any_more(bob: Person, state: str) -> None:
    follow_up = make_follow_up(make_approach(bob), state=state)
    assert load_follow_ups(bob.owner, [follow_up.pk, 10**12]) == {}


def test_a_stranger_loads_nothing(bob: Person, charlie: User) -> None:
    approach = make_approach(bob)
    follow_up, message = make_follow_up(approach), make_message(approach, send_at=MONDAY)
    assert load_follow_ups(charlie, [follow_up.pk]) == {}
    assert load_drafts(charlie, [message.pk]) == {}


def test_only_a_draft_still_waits_to_be_sent(bob: Person) -> None:
    approach = make_approach(bob)
    draft = make_message(approach, send_at=MONDAY, subject="Hi", body="Dear Bob")
    assert load_drafts(bob.owner, [draft.pk])[draft.pk].title == "Send your message to Dr Bob Brook"
    sent = send(approach, send_at=MONDAY)
    assert list(load_drafts(bob.owner, [draft.pk, sent.pk])) == [draft.pk]


def test_an_introduction_names_whom_it_is_about(bob: Person) -> None:
    draft = make_message(
        make_approach(bob), send_at=MONDAY, purpose="introduction", field_values={"who_to_meet": "Callum Reith"}
    )
    item = load_drafts(bob.owner, [draft.pk])[draft.pk]
    assert item.title == "Ask Bob to introduce you to Callum Reith"
    assert item.words.startswith("You wanted to send it about now. ")


def test_an_introduction_says_what_it_is_for(alice: User, bob: Person) -> None:
    callum = make_person(alice, "Callum Reith")
    introduction = make_introduction(callum, bob, need=make_need(alice, "be known to commissioners"))
    draft = make_message(
        make_approach(bob), send_at=MONDAY, purpose="introduction", field_values={"who_to_meet": "Callum Reith"}
    )
    Message.objects.filter(pk=draft.pk).update(approach=None, introduction=introduction)
    assert load_drafts(alice, [draft.pk])[draft.pk].words == (
        "It is for “be known to commissioners”. The draft is ready: one last look, and off it goes."
    )


def test_many_are_loaded_in_one_query(alice: User) -> None:
    approaches = [make_approach(make_person(alice, f"Person {n}")) for n in range(30)]
    follow_ups = [make_follow_up(approach).pk for approach in approaches]
    messages = [make_message(approach, send_at=MONDAY).pk for approach in approaches]
    with CaptureQueriesContext(connection) as seen:
        found = told_to(alice, load, {"follow_up_due": follow_ups, "send_now": messages})
    assert {kind: len(items) for kind, items in found.items()} == {"follow_up_due": 30, "send_now": 30}
    assert len(seen) == 1


@time_machine.travel(MONDAY)
def test_they_replied_from_the_mail_happens_once(bob: Person) -> None:
    approach = make_approach(bob)
    send(approach)
    follow_up = FollowUp.objects.get()
    assert they_replied(bob.owner, follow_up.pk) == "Good. Dr Bob Brook replied; the follow-up is off."
    assert they_replied(bob.owner, follow_up.pk) == "That was noted already. No more follow-ups to Dr Bob Brook."
    assert approach.events.filter(kind="replied").count() == 1
    assert Approach.objects.get().replied_at is not None


def test_they_replied_to_what_is_gone_or_not_mine_changes_nothing(bob: Person, charlie: User) -> None:
    follow_up = make_follow_up(make_approach(bob))
    gone = "That follow-up is no longer there. Nothing was changed."
    assert they_replied(charlie, follow_up.pk) == gone
    assert they_replied(bob.owner, follow_up.pk + 1) == gone
    assert FollowUp.objects.get().state == "planned"


def test_they_replied_where_it_cannot_be_noted_says_so(bob: Person) -> None:
    follow_up = make_follow_up(make_approach(bob, rest_until=dt.date(2026, 7, 1)))
    approaches.open_approach(person=bob)
    assert "already an open approach" in they_replied(bob.owner, follow_up.pk)
    assert not Message.objects.exists()
