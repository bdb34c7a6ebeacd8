"""The note at the sixth first approach of a local day, which never prevents sending."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from outreach.models import Message, Purpose
from tests.factories import make_approach, make_message, make_person, make_user

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
AUCKLAND, HONOLULU = "Pacific/Auckland", "Pacific/Honolulu"
# The first instant of 15 June, and of 16 June, in the user's time zone.
DAYS = [
    (AUCKLAND, dt.datetime(2026, 6, 14, 12, tzinfo=dt.UTC), dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)),
    (HONOLULU, dt.datetime(2026, 6, 15, 10, tzinfo=dt.UTC), dt.datetime(2026, 6, 16, 10, tzinfo=dt.UTC)),
]
SECOND = dt.timedelta(seconds=1)


def drafted(zone: str = "Europe/London", *, sent: int, at: dt.datetime, **fields: str) -> tuple[Client, Message]:
    """A signed-in client with a draft, after a number of first approaches sent at this instant."""
    user = make_user("dana@example.org", time_zone=zone)
    for number in range(sent):
        make_message(make_approach(make_person(user, f"Person {number}")), state="sent", at=at, **fields)
    person = make_person(user, "The Next", email="next@example.org")
    draft = make_message(make_approach(person), subject="Hello", body="Dear you")
    client = Client()
    client.force_login(user)
    return client, draft


def is_said(client: Client, draft: Message) -> bool:
    page = client.get(draft.get_absolute_url())
    assert "I sent it" in page.content.decode()  # the note doesn't prevent sending
    return "people for the first time today" in page.content.decode()


@pytest.mark.parametrize(("sent", "said"), [(0, False), (4, False), (5, True), (8, True)])
def test_the_word_comes_at_the_sixth(sent: int, said: bool) -> None:
    with time_machine.travel(NOON):
        client, draft = drafted(sent=sent, at=NOON)
        assert is_said(client, draft) == said
        response = client.post(reverse("message_sent", args=[draft.pk]))
        words = " ".join(str(message) for message in get_messages(response.wsgi_request))
        assert "Noted as sent to The Next." in words
        assert ("first letters in one day. Well done" in words) == said
        assert ("That makes six first letters" in words) == (sent == 5)
        draft.refresh_from_db()
        assert draft.state == "sent"


@pytest.mark.parametrize(("zone", "midnight", "next_midnight"), DAYS)
def test_the_day_is_the_one_on_the_user_s_wall(zone: str, midnight: dt.datetime, next_midnight: dt.datetime) -> None:
    with time_machine.travel(midnight, tick=False):
        client, draft = drafted(zone, sent=5, at=midnight)
    for moment, said in (
        (midnight, True),
        (next_midnight - SECOND, True),
        (next_midnight, False),
    ):
        with time_machine.travel(moment, tick=False):
            client.force_login(draft.owner)
            assert is_said(client, draft) == said
    Message.objects.filter(state="sent").update(at=midnight - SECOND)
    with time_machine.travel(midnight, tick=False):
        client.force_login(draft.owner)
        assert not is_said(client, draft)


@pytest.mark.parametrize("fields", [{"purpose": "thank_you"}, {"purpose": "follow_up"}, {"state": "received"}])
def test_only_first_approaches_count(fields: dict[str, str]) -> None:
    with time_machine.travel(NOON):
        client, draft = drafted(sent=0, at=NOON)
        for number in range(6):
            approach = make_approach(make_person(draft.owner, f"P {number}"))
            make_message(approach, **{"state": "sent", "at": NOON, **fields})
        assert not is_said(client, draft)


def test_other_letters_are_left_in_peace_and_other_people_s_do_not_count() -> None:
    with time_machine.travel(NOON):
        client, draft = drafted(sent=5, at=NOON)
        assert is_said(client, draft)
        Message.objects.filter(pk=draft.pk).update(purpose=Purpose.THANK_YOU)
        assert not is_said(client, draft)
        other = make_message(make_approach(make_person(make_user(), "B", email="b@example.org")), subject="x", body="y")
        stranger = Client()
        stranger.force_login(other.owner)
        assert not is_said(stranger, other)
