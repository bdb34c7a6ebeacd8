from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outreach.models import Approach, ApproachNeed, Message
from portfolio.models import CouldHelp, Knows, Need, Person
from reminders.models import Reminder
from tests.factories import make_approach, make_could_help, make_knows, make_mentorship, make_need, make_person
from tests.outreach.helpers import MONDAY, said, send
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.clock(MONDAY + dt.timedelta(hours=2))]


@pytest.fixture
def need(alice: User) -> Need:
    return make_need(alice)


@pytest.fixture
def approach(bob: Person, need: Need) -> Approach:
    return make_approach(bob, need, stage="approached")


def url(name: str, approach: Approach) -> str:
    return reverse(f"approach_{name}", args=[approach.pk])


def page_of(client: Client, name: str, approach: Approach) -> str:
    return client.get(url(name, approach)).content.decode()


def say_no(client: Client, approach: Approach, answer: str = "declined") -> Any:
    data = {"answer": answer, "channel": "email", "when": "2026-01-05", "words": "Not for me, I fear."}
    return client.post(url("reply", approach), data)


# --- A no


@pytest.mark.parametrize(("answer", "words"), [("declined", "said no, kindly"), ("not_now", "said not now")])
def test_a_no_leads_to_its_own_kind_page(alice_client: Client, approach: Approach, answer: str, words: str) -> None:
    assert say_no(alice_client, approach, answer)["Location"] == url("no", approach)
    page = page_of(alice_client, "no", approach)
    assert f"Bob {words}" in page
    assert ("Or ask again later" in page) == (answer == "not_now")
    assert page.count('class="button"') == 1


def test_closing_it_as_a_no_leads_there_as_well(alice_client: Client, approach: Approach) -> None:
    for outcome, name in (("declined", "no"), ("not_now", "no"), ("no_answer", "silence")):
        assert alice_client.post(url("end", approach), {"outcome": outcome})["Location"] == url(name, approach)
        alice_client.post(url("wake", approach))


def test_the_thank_you_is_drafted_from_there_once(alice_client: Client, approach: Approach) -> None:
    say_no(alice_client, approach)
    data = {"approach": approach.pk, "purpose": "decline"}
    first, again = (alice_client.post(reverse("message_new"), data)["Location"] for _ in range(2))
    draft = Message.objects.get(state="draft")
    assert (first, again, draft.purpose) == (draft.get_absolute_url(), draft.get_absolute_url(), "decline")


def test_whom_they_suggest_becomes_a_person_they_know(alice_client: Client, approach: Approach, need: Need) -> None:
    say_no(alice_client, approach)
    data = {"name": "Priya Nand", "about": "thinks about it every day"}
    for _ in range(2):  # a repeated request
        answer = alice_client.post(url("suggested", approach), data)
        assert answer["Location"] == url("no", approach)
    priya = Person.objects.get(name="Priya Nand")
    assert [(k.knower, k.known, k.note) for k in Knows.objects.all()] == [
        (approach.person, priya, "thinks about it every day")
    ]
    assert CouldHelp.objects.get().need == need
    page = page_of(alice_client, "no", approach)
    assert "Priya Nand is among your people now: Bob suggested them." in page
    assert page.count('Shortlist<span class="visually-hidden"> Priya Nand') == 1


@pytest.mark.parametrize("bad", ["", "\0", "x" * 201, "Dr Bob Brook"])
def test_a_suggestion_that_is_none_is_named_and_kept(alice_client: Client, approach: Approach, bad: str) -> None:
    say_no(alice_client, approach)
    answer = alice_client.post(url("suggested", approach), {"name": bad, "about": "a word about them"})
    assert answer.status_code == 422
    assert "a word about them" in answer.content.decode()
    assert Person.objects.count() == 1


def test_a_not_now_may_rest_and_is_reminded(alice_client: Client, approach: Approach) -> None:
    say_no(alice_client, approach, "not_now")
    answer = alice_client.post(url("rest", approach), {"months": "12"})
    assert said(answer).endswith("Resting until 5 January 2027. We’ll remind you then.")
    assert Reminder.objects.get(kind="rest_over").wished_on == dt.date(2027, 1, 5)


def test_there_is_no_page_for_a_no_that_was_none(alice_client: Client, approach: Approach) -> None:
    assert alice_client.get(url("no", approach))["Location"] == approach.get_absolute_url()


# --- Silence


def test_after_the_last_follow_up_the_page_leads_to_silence(alice_client: Client, approach: Approach) -> None:
    with time_machine.travel(MONDAY - dt.timedelta(days=30), tick=False):
        send(approach)
        send(approach, "follow_up")  # type: ignore[arg-type]
    assert "You’ve done your part" in alice_client.get(approach.get_absolute_url()).content.decode()
    page = page_of(alice_client, "silence", approach)
    assert "No answer from Bob" in page
    for months in (3, 6, 12):
        assert f'<option value="{months}"' in page


def test_silence_leaves_one_that_rests_or_ended_alone(alice_client: Client, approach: Approach) -> None:
    Approach.objects.update(rest_until="2026-07-01")
    assert alice_client.get(url("silence", approach))["Location"] == approach.get_absolute_url()


# --- Who could be next


def test_both_pages_show_the_next_names(alice_client: Client, alice: User, approach: Approach, need: Need) -> None:
    other = make_need(alice, "lead a team")
    for n in range(4):
        make_approach(make_person(alice, f"Other {n}"), other)
    shares = make_approach(make_person(alice, "Shares The Need"), need, stage="preparing")
    make_approach(make_person(alice, "Written Already"), need, stage="approached")
    for name in ("Callum Reith", "Delphine Okafor"):
        make_could_help(make_person(alice, name), need, why="knows the sector")
    busy = make_person(alice, "Busy Bea")
    make_could_help(busy, need)
    make_approach(busy, need, stage="approached")
    mentor = make_person(alice, "Margaret Mentor")
    make_could_help(mentor, need)
    make_mentorship(mentor)
    for name in ("silence", "no"):
        if name == "no":
            say_no(alice_client, approach)
        names = alice_client.get(url(name, approach)).context["names"]
        assert [one.name for one in names.shortlisted] == ["Shares The Need", "Other 0", "Other 1"]
        assert [one.suggestion.name for one in names.candidates] == ["Callum Reith", "Delphine Okafor"]
        assert shares.get_absolute_url() in page_of(alice_client, name, approach)


def test_whom_they_suggested_stands_there_once(alice_client: Client, alice: User, approach: Approach) -> None:
    say_no(alice_client, approach)
    priya = make_person(alice, "Priya Nand")
    make_knows(approach.person, priya)
    waiting = make_approach(priya, *approach.needs.all())
    names = alice_client.get(url("no", approach)).context["names"]
    assert [(one.name, one.approach_id) for one in names.suggested] == [("Priya Nand", waiting.pk)]
    assert not names.any


def test_without_a_need_the_shortlist_is_shown_alone(alice_client: Client, alice: User, bob: Person) -> None:
    approach = make_approach(bob)
    make_approach(make_person(alice, "Callum Reith"))
    page = page_of(alice_client, "silence", approach)
    assert "Callum Reith" in page
    assert "Everybody who could help" not in page


@pytest.mark.parametrize("name", ["silence", "no"])
def test_the_next_names_take_few_queries_however_many_there_are(
    alice_client: Client, alice: User, approach: Approach, need: Need, name: str
) -> None:
    if name == "no":
        say_no(alice_client, approach)
        alice_client.get("/outreach/")  # consumes the messages

    def add(count: int) -> None:
        for n in range(count):
            waiting, candidate, known = (make_person(alice, f"{word} {n}") for word in ("Waits", "Could", "Known"))
            ApproachNeed.objects.create(owner=alice, approach=make_approach(waiting), need=need)
            make_could_help(candidate, need, why="a word")
            make_knows(approach.person, known)

    add(3)
    few = queries_of(alice_client, url(name, approach))
    add(40)
    assert queries_of(alice_client, url(name, approach)) == few <= 10
