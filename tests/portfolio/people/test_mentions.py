"""Adding people who were mentioned in a conversation."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from meetings.services import hold_meeting
from portfolio.models import CouldHelp, Knows, Person
from portfolio.people.mentions import Mention, parse
from portfolio.text.normalise import fold
from tests.factories import make_meeting, make_need, make_person


def test_a_line_is_a_name_and_a_word() -> None:
    text = "Priya Nand, thinks about it, every day\n\n  Bo   Li \nAnn-Marie Ö – the chair\nPRIYA NAND"
    assert parse(text) == [
        Mention("Priya Nand", "thinks about it, every day"),
        Mention("Bo Li"),
        Mention("Ann-Marie Ö", "the chair"),
    ]


@given(st.text(max_size=200))
def test_any_text_gives_names_once_each(text: str) -> None:
    names = [fold(mention.name) for mention in parse(text)]
    assert len(set(names)) == len(names)
    assert all(names)


def test_they_are_kept_with_the_path_and_the_thought(alice: User, bob: Person, alice_client: Client) -> None:
    need = make_need(alice)
    url = reverse("person_mentioned", args=[bob.pk])
    for _ in range(2):  # a repeated request adds them once
        response = alice_client.post(url, {"names": "Priya Nand, thinks about it daily", "need": need.pk})
    assert response["Location"] == f"{bob.get_absolute_url()}#paths"
    priya = Person.objects.get(name="Priya Nand")
    assert (priya.source, priya.source_detail, priya.owner) == ("friend", "Mentioned by Dr Bob Brook", alice)
    assert Knows.objects.values_list("knower", "known", "note").get() == (bob.pk, priya.pk, "thinks about it daily")
    assert CouldHelp.objects.values_list("person", "need", "why").get() == (
        priya.pk,
        need.pk,
        "thinks about it daily",
    )


def test_somebody_known_is_linked_and_not_doubled(alice: User, bob: Person, alice_client: Client) -> None:
    priya = make_person(alice, "Priya Nánd", source="circle")
    response = alice_client.post(
        reverse("person_mentioned", args=[bob.pk]), {"names": "priya  NAND\nNew One"}, follow=True
    )
    assert "Priya Nánd was among your people already." in response.content.decode()
    assert Person.objects.filter(name__in=["Priya Nánd", "New One", "priya NAND"]).count() == 2
    priya.refresh_from_db()
    assert priya.source == "circle"
    assert Knows.objects.filter(knower=bob).count() == 2


@pytest.mark.parametrize(
    "names",
    ["", "  \n ", "dr bob brook\nOther", "x" * 201, "a\0b", "y" * 11_000, "\n".join(f"P {i}" for i in range(21))],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_lost(bob: Person, alice_client: Client, names: str) -> None:
    response = alice_client.post(reverse("person_mentioned", args=[bob.pk]), {"names": names})
    assert response.status_code == 200
    assert "names" in response.context["form"].errors
    assert Person.objects.count() == 1


def test_strange_names_are_kept(bob: Person, alice_client: Client) -> None:
    alice_client.post(reverse("person_mentioned", args=[bob.pk]), {"names": "\u202eمريم\n🙂\ne\u0301lan % _ \\"})
    assert Person.objects.count() == 4


def test_strangers_persons_needs_and_names_stay_apart(
    bob: Person, charlie: User, charlie_client: Client, alice_client: Client
) -> None:
    assert charlie_client.post(reverse("person_mentioned", args=[bob.pk]), {"names": "X"}).status_code == 404
    make_person(charlie, "Priya Nand")
    theirs = make_need(charlie)
    response = alice_client.post(reverse("person_mentioned", args=[bob.pk]), {"names": "Y", "need": theirs.pk})
    assert response.context["form"].errors.keys() == {"need"}
    alice_client.post(reverse("person_mentioned", args=[bob.pk]), {"names": "Priya Nand"})
    assert Person.objects.filter(name="Priya Nand").count() == 2


def test_the_question_is_asked_where_one_has_just_spoken(bob: Person, alice_client: Client) -> None:
    url = reverse("person_mentioned", args=[bob.pk])
    meeting = make_meeting(bob)
    assert url not in alice_client.get(meeting.get_absolute_url()).content.decode()
    hold_meeting(meeting=meeting, at=timezone.now())
    assert url in alice_client.get(meeting.get_absolute_url()).content.decode()
    assert url in alice_client.get(bob.get_absolute_url()).content.decode()


def test_a_path_without_a_word_says_where_it_comes_from(bob: Person, alice_client: Client) -> None:
    alice_client.post(reverse("person_mentioned", args=[bob.pk]), {"names": "Priya Nand"})
    assert Knows.objects.get().note == "Mentioned them"
