from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outreach import history, services
from outreach.models import Approach, ApproachEvent, Message
from portfolio.models import Contact, Mentorship, Person
from tests.factories import make_approach, make_mentorship, make_message, make_need, make_person
from tests.outreach.helpers import MONDAY, send
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db]
BAD = ["\0", "x" * 5000, "99999999999999999999999", "-1", "", "0001-01-01", "9999-12-31", "{{ 7|add:7 }}"]
# Every address of an approach, and what a good post carries.
POSTS: dict[str, dict[str, Any]] = {
    "approach_edit": {"why_them": "she knows"},
    "approach_move": {"stage": "initial"},
    "approach_reply": {"channel": "email", "when": "2026-01-05", "answer": "", "words": "Yes"},
    "approach_replied": {},
    "approach_end": {"outcome": "enough"},
    "approach_rest": {"months": "3"},
    "approach_wake": {},
    "approach_become": {"origin": "grew", "on": "2026-01-05", "competency": "why"},
}
PAGES = ["approach", "approach_edit", "approach_reply", "approach_become"]


@pytest.fixture
def approach(bob: Person) -> Approach:
    return make_approach(bob)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(MONDAY + dt.timedelta(hours=2)):
        yield


def snapshot() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Approach, ApproachEvent, Message, Contact, Mentorship)
    ]


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_and_changes_nothing(alice_client: Client, approach: Approach, name: str) -> None:
    send(approach)
    before = snapshot()
    response = alice_client.get(reverse(name, args=[approach.pk]))
    assert response.status_code == 200
    assert "Bob" in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("name", [*POSTS, "approach"])
def test_a_stranger_gets_404_and_changes_nothing(charlie_client: Client, approach: Approach, name: str) -> None:
    before = snapshot()
    url = reverse(name, args=[approach.pk])
    assert charlie_client.post(url, POSTS.get(name, {})).status_code in ({405} if name == "approach" else {404})
    assert charlie_client.get(url).status_code in {404, 405}
    assert snapshot() == before


@pytest.mark.parametrize("name", POSTS)
def test_a_step_does_what_it_says_and_goes_on(alice_client: Client, approach: Approach, name: str) -> None:
    if name == "approach_wake":
        services.rest(approach=approach, until=dt.date(2026, 7, 1))
    before = snapshot()
    response = alice_client.post(reverse(name, args=[approach.pk]), POSTS[name])
    assert response.status_code == 302
    assert alice_client.get(response["Location"]).status_code == 200
    assert snapshot() != before


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", POSTS)
def test_nonsense_is_answered_in_words(alice_client: Client, approach: Approach, name: str, bad: str) -> None:
    every = {"why_them", "needs", "stage", "channel", "when", "answer", "words", "outcome", "months", "origin", "on"}
    data = dict.fromkeys([*every, "competency", "rhythm_weeks", "next"], bad)
    response = alice_client.post(reverse(name, args=[approach.pk]), data)
    assert response.status_code in {200, 302, 422}
    for key in POSTS[name]:
        one = alice_client.post(reverse(name, args=[approach.pk]), {**POSTS[name], key: bad, "next": bad})
        assert one.status_code in {200, 302, 422}


@pytest.mark.parametrize("bad", BAD)
def test_nonsense_instead_of_a_person_or_need(alice_client: Client, bob: Person, bad: str) -> None:
    url = reverse("approach_open")
    assert alice_client.post(url, {"person": bad}).status_code == 422
    assert alice_client.post(url, {"person": bad, "next": "/people/"}).status_code == 404
    if bad:
        assert alice_client.post(url, {"person": bob.pk, "need": bad}).status_code == 422
    assert alice_client.get(reverse("approach_new"), {"person": bad, "need": bad}).status_code == 200
    assert not Approach.objects.exists()


def test_shortlisting_opens_one_and_returns_where_it_was_asked(alice_client: Client, bob: Person) -> None:
    need = make_need(bob.owner)
    data = {"person": bob.pk, "need": need.pk, "next": "/people/"}
    assert alice_client.post(reverse("approach_open"), data)["Location"] == "/people/"
    again = alice_client.post(reverse("approach_open"), {**data, "next": "https://evil.example"})
    found = Approach.objects.get()
    assert again["Location"] == found.get_absolute_url()
    assert list(found.needs.all()) == [need]


def test_shortlisting_somebody_elses_person_or_need_is_refused(charlie_client: Client, bob: Person) -> None:
    assert charlie_client.post(reverse("approach_open"), {"person": bob.pk}).status_code == 422
    mine = make_person(User.objects.get(email="charlie@example.org"))
    need = make_need(bob.owner)
    assert charlie_client.post(reverse("approach_open"), {"person": mine.pk, "need": need.pk}).status_code == 422
    assert not Approach.objects.exists()


def test_shortlisting_a_mentor_says_so(alice_client: Client, bob: Person) -> None:
    make_mentorship(bob)
    response = alice_client.post(reverse("approach_open"), {"person": bob.pk})
    assert response["Location"] == bob.get_absolute_url()
    assert "is your mentor already" in said(response)


def test_an_approach_to_a_mentor_points_to_the_mentorship(alice_client: Client, approach: Approach) -> None:
    mentorship = make_mentorship(approach.person)
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert "is one of your mentors already" in page
    assert mentorship.get_absolute_url() in page
    response = alice_client.post(reverse("approach_become", args=[approach.pk]), POSTS["approach_become"])
    assert "is your mentor already" in said(response)


def test_one_press_they_replied_twice_is_once(alice_client: Client, approach: Approach) -> None:
    url = reverse("approach_replied", args=[approach.pk])
    alice_client.post(url)
    assert "noted already" in said(alice_client.post(url))
    assert approach.events.filter(kind="replied").count() == Contact.objects.count() == 1


def test_a_reply_of_tomorrow_is_refused_and_its_words_kept(alice_client: Client, approach: Approach) -> None:
    data = {**POSTS["approach_reply"], "when": "2026-01-06", "words": "See you!"}
    response = alice_client.post(reverse("approach_reply", args=[approach.pk]), data)
    assert response.status_code == 422
    assert "still to come" in response.content.decode()
    assert "See you!" in response.content.decode()


def test_undo_from_the_page_and_again(alice_client: Client, charlie_client: Client, approach: Approach) -> None:
    event = services.end_approach(approach=approach, outcome=Approach.Outcome.ENOUGH)
    url = reverse("approach_undo", args=[approach.pk, event.pk])
    assert charlie_client.post(url).status_code == 404
    assert alice_client.get(url).status_code == 405
    assert "Undone" in said(alice_client.post(url))
    assert "undone already" in said(alice_client.post(url))
    assert Approach.objects.get().is_open


def test_a_conversation_is_taken_back_at_its_own_page(alice_client: Client, approach: Approach) -> None:
    services.record_conversation(person=approach.person, at=MONDAY, kind="initial", approach=approach)
    event = history.latest(approach)
    assert event
    assert "Undo “First" not in alice_client.get(approach.get_absolute_url()).content.decode()
    response = alice_client.post(reverse("approach_undo", args=[approach.pk, event.pk]))
    assert "own page" in said(response)
    assert approach.events.filter(pk=event.pk).exists()


def test_an_unknown_or_huge_id_is_404(alice_client: Client) -> None:
    for pk in ("987654", "99999999999999999999"):
        assert alice_client.get(f"/approaches/{pk}/").status_code == 404


def test_user_words_are_escaped(alice_client: Client, alice: User) -> None:
    approach = make_approach(make_person(alice, "<b>Bob</b> {{ 7|add:7 }}"), why_them="<script>x</script>")
    page = alice_client.get(approach.get_absolute_url()).content.decode()
    assert "<script>x" not in page
    assert "<b>Bob" not in page
    assert "{{ 7|add:7 }}" in page


def test_an_approach_with_forty_messages_takes_few_queries(alice_client: Client, approach: Approach) -> None:
    for _ in range(40):
        make_message(approach, state="sent", at=MONDAY, sent_body="Hello")
    assert queries_of(alice_client, approach.get_absolute_url()) <= 10
