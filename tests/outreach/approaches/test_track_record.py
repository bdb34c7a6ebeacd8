from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from outreach.approaches.track_record import Tried, how_it_went
from outreach.models import Message
from tests.factories import make_approach, make_introduction, make_message, make_person


def tried(yes: int, no: int, **what: bool) -> list[Tried]:
    return [Tried(answered=True, **what)] * yes + [Tried(answered=False, **what)] * no


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], ""),
        (tried(9, 0), ""),
        (tried(4, 7), "Four of eleven answered."),
        (tried(0, 10), "None of ten answered."),
        (tried(14, 0), "14 of 14 answered."),
        (
            tried(3, 0, introduced=True) + tried(4, 4),
            "Seven of eleven answered; the three with an introduction all did.",
        ),
        (tried(2, 0, introduced=True) + tried(2, 6), "Four of ten answered; the two with an introduction both did."),
        (tried(1, 0, introduced=True) + tried(3, 6), "Four of ten answered."),  # a single answer proves nothing
        (
            tried(3, 1, followed_up=True) + tried(1, 5),
            "Four of ten answered; of the four you wrote to once more, three did.",
        ),
        (tried(2, 2, well_known=True) + tried(3, 3), "Five of ten answered."),  # no difference
        (tried(0, 4, introduced=True) + tried(6, 0), "Six of ten answered."),  # only mentions what helped
    ],
)
def test_the_sentence(facts: list[Tried], words: str) -> None:
    assert how_it_went(facts) == words


@given(st.lists(st.builds(Tried, st.booleans(), st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_the_sentence_does_not_depend_on_the_order(facts: list[Tried]) -> None:
    assert how_it_went(facts) == how_it_went(facts[::-1])
    assert bool(how_it_went(facts)) == (len(facts) >= 10)


def test_the_outreach_page_says_it_from_ten_on(alice_client: Client, alice: User) -> None:
    long_ago = timezone.now() - dt.timedelta(days=90)
    introducer = make_person(alice, "Ines Introducer")
    for place in range(11):
        person = make_person(alice, f"Person {place}")
        answered = long_ago if place < 7 else None
        approach = make_approach(person, stage="approached", replied_at=answered)
        make_message(approach, state=Message.State.SENT, at=long_ago, sent_body="Hello")
        if place < 3:
            make_introduction(person, introducer, state="made", closed_on=dt.date(2026, 2, 2))
        if place == 9:
            page = alice_client.get(reverse("outreach")).content.decode()
    assert "Seven of ten answered" in page
    page = alice_client.get(reverse("outreach")).content.decode()
    assert "Seven of eleven answered; the three with an introduction all did." in page


def test_who_still_has_time_to_answer_is_not_counted(alice_client: Client, alice: User) -> None:
    for place in range(10):
        approach = make_approach(make_person(alice, f"Person {place}"), stage="approached")
        make_message(approach, state=Message.State.SENT, at=timezone.now(), sent_body="Hello")
    assert "answered" not in alice_client.get(reverse("outreach")).content.decode()
