from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from outreach.drafts import services as drafts
from outreach.drafts.starters import starter
from outreach.models import Approach, Message, Purpose
from portfolio.models import Person
from tests.factories import make_approach, make_need, make_template
from tests.outreach.helpers import MONDAY, send
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY + dt.timedelta(days=15), tick=True)]


@pytest.fixture
def due(bob: Person) -> Approach:
    """An approach with a message sent two weeks ago."""
    approach = make_approach(bob, make_need(bob.owner))
    with time_machine.travel(MONDAY):
        send(approach, subject="Your {topic}", body="Dear Bob", field_values={"topic": "panels <b>"})
    return approach


def begin(client: Client, approach: Approach) -> Message:
    drafted = client.get(approach.get_absolute_url()).context["drafted"]
    data = {"approach": approach.pk, "purpose": "follow_up", "template": drafted.template}
    client.post(reverse("message_new"), data)
    return Message.objects.get(state="draft")


def test_what_is_due_can_be_read_before_it_is_begun(alice_client: Client, due: Approach) -> None:
    page = alice_client.get(due.get_absolute_url()).content.decode()
    assert "Re: Your panels &lt;b&gt;" in page
    assert "I wrote a little while ago to ask for 15 minutes about panels &lt;b&gt;." in page
    assert not Message.objects.filter(state="draft").exists()


def test_the_press_begins_with_the_very_words_and_stays_in_the_thread(alice_client: Client, due: Approach) -> None:
    drafted = alice_client.get(due.get_absolute_url()).context["drafted"]
    draft = begin(alice_client, due)
    final = drafts.ready(draft)
    assert final.complete
    assert (final.subject, final.body) == (drafted.subject, "".join(part.text for part in drafted.body))
    assert draft.in_reply_to == due.messages.get(state="sent")


def test_ones_own_words_go_first_and_an_archived_template_never(alice_client: Client, due: Approach) -> None:
    make_template(due.owner, purpose=Purpose.FOLLOW_UP, body="Old", archived_at=MONDAY)
    make_template(due.owner, purpose=Purpose.FOLLOW_UP, body="Mine, {their_first_name} {what_helped}")
    page = alice_client.get(due.get_absolute_url()).content.decode()
    assert "Mine, Bob <mark>What helped you</mark>" in page
    assert begin(alice_client, due).body == "Mine, {their_first_name} {what_helped}"


def test_it_is_written_in_the_channel_that_was_used(alice_client: Client, due: Approach) -> None:
    make_template(due.owner, purpose=Purpose.FOLLOW_UP, channel="li_message", body="On LinkedIn")
    assert begin(alice_client, due).body == getattr(starter("follow-up-email"), "body", None)


def test_nothing_is_drafted_while_nothing_is_due(alice_client: Client, bob: Person) -> None:
    approach = make_approach(bob)
    assert alice_client.get(approach.get_absolute_url()).context["drafted"] is None
    send(approach)
    assert alice_client.get(approach.get_absolute_url()).context["drafted"] is None


def test_the_page_with_it_keeps_its_budget(alice_client: Client, due: Approach) -> None:
    assert queries_of(alice_client, due.get_absolute_url()) <= 10
