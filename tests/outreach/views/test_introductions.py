from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentoring.today import today
from outreach.models import Introduction, Message
from portfolio.models import Knows, Person
from portfolio.needs.candidates import who_could_help
from tests.factories import make_approach, make_introduction, make_knows, make_need, make_person, make_user
from tests.outreach.helpers import said
from tests.portfolio.helpers import queries_of

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def introduction(bob: Person, callum: Person) -> Introduction:
    return make_introduction(callum, bob)


def test_one_press_opens_it_and_the_next_step_drafts_the_request(
    alice_client: Client, bob: Person, callum: Person
) -> None:
    need = make_need(bob.owner)
    press = {"target": callum.pk, "introducer": bob.pk, "need": need.pk}
    response = alice_client.post(reverse("introduction_open"), press)
    found = Introduction.objects.get()
    assert response["Location"] == found.get_absolute_url()
    page = alice_client.get(found.get_absolute_url()).content.decode()
    assert "Draft the request" in page
    response = alice_client.post(reverse("message_new"), {"introduction": found.pk, "purpose": "introduction"})
    message = Message.objects.get()
    assert (response["Location"], message.person) == (message.get_absolute_url(), bob)
    page = alice_client.get(message.get_absolute_url()).content.decode()
    assert f'href="{found.get_absolute_url()}"' in page


@pytest.mark.parametrize("who", ["themselves", "stranger", "nobody"])
def test_what_is_refused_is_said_on_the_page_and_nothing_is_lost(
    alice_client: Client, bob: Person, callum: Person, who: str
) -> None:
    stranger = make_person(make_user("charlie@example.org"), "Stranger Danger")
    introducer = {"themselves": callum.pk, "stranger": stranger.pk, "nobody": "9" * 30}[who]
    press = {"target": callum.pk, "introducer": introducer, "why": "I admire them"}
    response = alice_client.post(reverse("introduction_open"), press)
    page = response.content.decode()
    assert response.status_code == 422
    assert ("to themselves" in page) == (who == "themselves")
    assert "I admire them" in page
    assert "Stranger Danger" not in page
    assert not Introduction.objects.exists()


@pytest.mark.parametrize("name", ["introduction", "introduction_move", "introduction_delete"])
def test_a_stranger_gets_404(charlie_client: Client, introduction: Introduction, name: str) -> None:
    url = reverse(name, args=[introduction.pk])
    assert charlie_client.post(url, {"to": "asked"}).status_code in {404, 405}
    assert charlie_client.get(url).status_code in {404, 405}
    assert Introduction.objects.get().state == "considered"


def test_a_step_is_one_press_with_a_way_back(alice_client: Client, introduction: Introduction) -> None:
    url = reverse("introduction_move", args=[introduction.pk])
    response = alice_client.post(url, {"to": "made"})
    assert "Write to Callum within a day or two" in said(response)
    alice_client.post(reverse("introduction_undo", args=[introduction.pk, "made"]))
    introduction.refresh_from_db()
    assert (introduction.state, introduction.closed_on) == ("considered", None)


@pytest.mark.parametrize(
    "data",
    [{"to": "nonsense"}, {}, {"to": "asked", "on": "9999-12-31"}, {"to": "asked", "on": "0001-01-01"}, {"to": "\0"}],
)
def test_nonsense_moves_nothing_and_says_so(
    alice_client: Client, introduction: Introduction, data: dict[str, str]
) -> None:
    response = alice_client.post(reverse("introduction_move", args=[introduction.pk]), data)
    assert "Nothing was changed" in said(response)
    introduction.refresh_from_db()
    assert introduction.state == "considered"


def test_deleting_asks_first(alice_client: Client, introduction: Introduction) -> None:
    url = reverse("introduction_delete", args=[introduction.pk])
    assert "Delete this introduction?" in alice_client.get(url).content.decode()
    assert Introduction.objects.exists()
    assert alice_client.post(url)["Location"] == reverse("introductions")
    assert not Introduction.objects.exists()


def test_sent_leads_back_to_the_introduction(alice_client: Client, introduction: Introduction) -> None:
    alice_client.post(
        reverse("message_new"), {"introduction": introduction.pk, "purpose": "introduction", "template": "blank"}
    )
    message = Message.objects.get()
    Message.objects.update(subject="Hello", body="Would you?")
    response = alice_client.post(reverse("message_sent", args=[message.pk]))
    assert response["Location"] == introduction.get_absolute_url()
    introduction.refresh_from_db()
    assert introduction.state == "asked"


@pytest.mark.parametrize("purpose", ["first_approach", "request", "conversation", "closing"])
def test_who_introduces_is_asked_for_nothing_else(
    alice_client: Client, introduction: Introduction, purpose: str
) -> None:
    data = {"introduction": introduction.pk, "purpose": purpose}
    assert alice_client.post(reverse("message_new"), data).status_code == 404


def test_thanks_and_reminders_are_written_for_an_introduction(alice_client: Client, introduction: Introduction) -> None:
    for purpose, words in (("thank_you", "bringing"), ("follow_up", "whether you might introduce me")):
        page = alice_client.get(reverse("message_new"), {"introduction": introduction.pk, "purpose": purpose})
        assert words in page.content.decode()
    approach = make_approach(introduction.target)
    page = alice_client.get(reverse("message_new"), {"approach": approach.pk, "purpose": "thank_you"})
    assert "bringing" not in page.content.decode()


def test_the_persons_page_shows_introductions_and_their_step(
    alice_client: Client, introduction: Introduction, bob: Person, callum: Person
) -> None:
    for person, words in ((callum, "Introduction by Dr Bob Brook"), (bob, "Introduction to Callum Reith")):
        page = alice_client.get(person.get_absolute_url()).content.decode()
        assert words in page
        assert "Ask Bob to introduce you to Callum" in page


def test_today_names_what_wants_a_step(introduction: Introduction) -> None:
    owner = introduction.owner

    def titles() -> list[str]:
        page = today(owner)
        return [line.title for line in [page.next, *page.due] if line.url == introduction.get_absolute_url()]

    assert titles() == []
    Introduction.objects.update(state="asked", asked_on=owner.today() - dt.timedelta(days=40))
    assert titles() == ["Ask Bob once more?"]
    Introduction.objects.update(state="agreed")
    assert titles() == ["Bob will introduce you"]
    Introduction.objects.update(state="made", closed_on=owner.today())
    assert titles() == ["Write to Callum"]
    make_approach(introduction.target)
    assert titles() == []


def test_facts_of_outreach_are_reasons(alice_client: Client, bob: Person, callum: Person) -> None:
    owner = bob.owner
    need = make_need(owner, "be known", sector="Social care")
    Person.objects.update(sector="Social care")
    dora, ed, finn = (make_person(owner, name, sector="Social care") for name in ("Dora", "Ed", "Finn"))
    make_approach(dora, outcome="declined", ended_at=timezone.now())
    make_approach(ed, rest_until=owner.today() + dt.timedelta(days=30))
    make_approach(finn)
    make_introduction(callum, bob, state="made", closed_on=owner.today())
    make_knows(bob, callum)
    found = {one.suggestion.name: one.suggestion for one in who_could_help(owner, need).candidates}
    words = {name: [reason.words for reason in one.reasons] for name, one in found.items()}
    assert f"introduced by Dr Bob Brook in {owner.today():%B %Y}" in words["Callum Reith"]
    assert f"said no, kindly, in {owner.today():%B %Y}: let it rest" in words["Dora"]
    assert any(reason.startswith("resting until") for reason in words["Ed"])
    assert "on your shortlist already" in words["Finn"]
    assert next(iter(found)) == "Callum Reith"
    assert list(found)[-1] == "Dora"
    assert found["Dora"].at_rest
    assert found["Finn"].busy
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert 'Shortlist<span class="visually-hidden"> Finn</span>' not in page


def test_the_list_is_grouped_and_takes_few_queries(alice_client: Client, bob: Person) -> None:
    owner, url = bob.owner, reverse("introductions")
    assert "Who knows whom?" in alice_client.get(url).content.decode()

    def grow(first: int, count: int) -> int:
        for i in range(first, first + count):
            make_introduction(make_person(owner, f"Target {i}"), bob, need=make_need(owner, f"need {i}"))
        return queries_of(alice_client, url)

    few = grow(0, 1)
    assert grow(1, 20) == few <= 6
    assert [state for state, _ in alice_client.get(url).context["open"]] == ["considered"]


def test_pages_take_few_queries(alice_client: Client, introduction: Introduction) -> None:
    for i in range(12):
        introduction.pk = None
        make_introduction(make_person(introduction.owner, f"Target {i}"), introduction.introducer)
    assert queries_of(alice_client, Introduction.objects.first().get_absolute_url()) <= 10  # type: ignore[union-attr]
    assert queries_of(alice_client, introduction.introducer.get_absolute_url()) <= 10


def test_a_path_leads_through_two_and_each_can_be_asked(alice_client: Client, bob: Person, callum: Person) -> None:
    margaret = make_person(bob.owner, "Margaret Osei")
    make_knows(bob, callum)
    make_knows(margaret, bob)
    make_knows(callum, bob)
    page = alice_client.get(callum.get_absolute_url()).content.decode()
    assert "who knows Callum" in page
    assert "Ask Bob to introduce you<" in page
    assert "Ask Margaret to introduce you to Bob" in page
    assert Knows.objects.count() == 3
