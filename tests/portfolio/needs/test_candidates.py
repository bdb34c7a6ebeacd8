"""Fetching facts: the same order on both databases, few queries, and no rows of other users."""

from __future__ import annotations

import datetime as dt
import itertools
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from portfolio.models import CouldHelp, Need, Person, PersonTag, Tag
from portfolio.needs import candidates as gathering
from portfolio.needs.candidates import who_could_help
from portfolio.needs.ranking import Reason
from portfolio.text.normalise import fold
from tests.factories import (
    make_contact,
    make_could_help,
    make_knows,
    make_mentorship,
    make_need,
    make_person,
    make_place,
    make_support,
)
from tests.portfolio.helpers import queries_of


@pytest.fixture
def need(alice: User) -> Need:
    alice.organisation = "Calder Valley Hospitals"
    alice.save(update_fields=["organisation"])
    return make_need(alice, "be known to social-care commissioners", sector="Social care")


def names(user: User, need: Need) -> list[str]:
    return [one.suggestion.name for one in who_could_help(user, need).candidates]


def reasons(user: User, need: Need, person: Person) -> list[str]:
    found = who_could_help(user, need).candidates
    return [reason.words for one in found if one.suggestion.id == person.pk for reason in one.suggestion.reasons]


def test_each_stored_fact_is_a_reason(alice: User, need: Need) -> None:
    person = make_person(
        alice,
        "Callum Reith",
        headline="Head of commissioning",
        organisation="Strathmoor",
        sector="ADULT SOCIAL-CARE",
        place=make_place(alice, "the register"),
    )
    make_could_help(person, need, why="Commissions it")
    make_contact(person, at=timezone.now())
    make_knows(make_mentorship(make_person(alice, "Margaret Osei")).person, person)
    assert reasons(alice, need, person) == [
        "you thought of them for this: Commissions it",
        "works in ADULT SOCIAL-CARE, the sector you named",
        "Margaret Osei knows them and is your mentor",
        "outside your organisation",
        "their headline mentions “commissioning”",
        "you spoke this week",
        "found on the register",
    ]


def test_tags_and_notes_are_searched_and_names_are_not(alice: User, need: Need) -> None:
    tagged, noted = make_person(alice, "Tag Ged"), make_person(alice, "No Ted", notes="asks\n\nabout CARE homes")
    make_person(alice, "Care Commissioner")
    PersonTag.objects.create(owner=alice, person=tagged, tag=Tag.objects.create(owner=alice, name="Commissioning"))
    tagged.save(update_fields=["name"])
    assert reasons(alice, need, tagged) == ["your tags mention “commissioning”"]
    assert reasons(alice, need, noted) == ["your notes mention “care”"]
    assert names(alice, need) == ["No Ted", "Tag Ged"]


def test_ties_stand_by_folded_name_then_id_however_many(alice: User, need: Need) -> None:
    called = ["Øster", "osten", "Zed", "Åsa", "asa", "ann b", "Ann", "anna", "🙂", "سلام", "Ünal", "unal"]
    for name in [*called, *(f"Middle {i:03}" for i in range(150))]:
        make_person(alice, name, sector="Social care")
    everybody = sorted(Person.objects.all(), key=lambda p: (fold(p.name), p.pk))
    assert names(alice, need) == [person.name for person in everybody[: gathering.MOST]]


def test_mentors_are_marked_and_those_who_support_it_are_left_out(alice: User, need: Need, bob: Person) -> None:
    margaret = make_mentorship(make_person(alice, "Margaret"))
    make_support(make_mentorship(bob), need)
    found = who_could_help(alice, need).candidates
    assert [(one.suggestion.name, one.suggestion.is_mentor, one.mentorship_id) for one in found] == [
        ("Margaret", True, margaret.pk)
    ]


def test_floors_above_add_reasons(alice: User, need: Need, bob: Person) -> None:
    make_could_help(bob, need)
    with gathering.further_facts.restored_after(empty=True):
        gathering.register_facts("test", lambda user: {bob.pk: [Reason("said no in May", -5)]})
        assert reasons(alice, need, bob)[-1] == "said no in May"


def test_only_ones_own_people_and_thoughts_count(alice: User, need: Need, charlie: User) -> None:
    make_person(charlie, "Stranger", sector="Social care")
    assert names(alice, need) == []


def test_dismissing_takes_somebody_off_and_undo_brings_them_back(alice: User, need: Need, alice_client: Client) -> None:
    person = make_person(alice, "Callum", sector="Social care")
    for _ in range(2):
        response = alice_client.post(reverse("suggestion_dismiss", args=[need.pk]), {"person": person.pk})
    assert response.url == need.get_absolute_url()
    idea = CouldHelp.objects.get()
    assert (idea.state, idea.owner, names(alice, need)) == ("dismissed", alice, [])
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert "Put Callum back" in page
    alice_client.post(reverse("could_help_restore", args=[idea.pk]))
    # It was never her own idea, and still is not.
    assert (names(alice, need), CouldHelp.objects.exists()) == (["Callum"], False)


def test_a_dismissed_thought_keeps_its_why(alice: User, need: Need, bob: Person, alice_client: Client) -> None:
    idea = make_could_help(bob, need, why="chairs it")
    alice_client.post(reverse("suggestion_dismiss", args=[need.pk]), {"person": bob.pk})
    alice_client.post(reverse("could_help_restore", args=[idea.pk]))
    idea.refresh_from_db()
    assert (idea.state, idea.why) == ("thought_of", "chairs it")


def test_a_suggestion_noted_after_it_was_dismissed_is_a_thought(alice: User, need: Need, alice_client: Client) -> None:
    person = make_person(alice, "Callum", sector="Social care")
    alice_client.post(reverse("suggestion_dismiss", args=[need.pk]), {"person": person.pk})
    alice_client.post(reverse("need_could_help", args=[need.pk]), {"person": person.pk, "why": "after all"})
    idea = CouldHelp.objects.get()
    assert (idea.state, idea.suggested, idea.why) == ("thought_of", False, "after all")


@pytest.mark.parametrize("wish", ["", "0", "-1", "9" * 40, "\0", "x"])
def test_dismissing_nobody_is_404(need: Need, alice_client: Client, wish: str) -> None:
    assert alice_client.post(reverse("suggestion_dismiss", args=[need.pk]), {"person": wish}).status_code == 404


def test_of_very_many_the_page_says_more_and_no_number(alice: User, need: Need, alice_client: Client) -> None:
    for i in range(gathering.MOST + 5):
        make_person(alice, f"Person {i:02}", sector="Social care")
    text = alice_client.get(need.get_absolute_url()).content.decode()
    assert ("Show more" in text, re.search(r"Show \d+ more", text)) == (True, None)
    assert len(alice_client.get(need.get_absolute_url(), {"more": "1"}).context["candidates"]) == 50


def test_whoever_was_thought_of_is_among_those_weighed(alice: User, need: Need) -> None:
    thought_of = [make_could_help(make_person(alice, f"Person {i:02}"), need) for i in range(gathering.MOST - 5)]
    found = who_could_help(alice, need)
    assert sum(one.suggestion.thought_of for one in found.candidates) == len(thought_of)


def test_the_page_shows_ten_with_reasons_and_no_points_then_more(alice: User, need: Need, alice_client: Client) -> None:
    for i in range(14):
        make_person(alice, f"Person {i:02}", sector="Social care")
    page = alice_client.get(need.get_absolute_url())
    text = page.content.decode()
    assert len(page.context["candidates"]) == 10
    assert "Show 4 more" in text
    assert text.count("works in Social care, the sector you named") >= 10
    assert not re.search(r"\b(points|score)\b", text)
    assert len(alice_client.get(need.get_absolute_url(), {"more": "1"}).context["candidates"]) == 14


def test_an_introduction_by_somebody_who_knows_them_beats_a_cold_approach(
    alice: User, need: Need, alice_client: Client
) -> None:
    callum = make_person(alice, "Callum Reith", sector="Social care")
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert '<button class="button">Shortlist Callum Reith</button>' in page
    make_knows(make_mentorship(make_person(alice, "Prof. Margaret Osei")).person, callum)
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert '<button class="button">Ask Margaret to introduce you to Callum</button>' in page
    # People the user has spoken with need no introduction.
    make_contact(callum, at=timezone.now())
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert '<button class="button">Shortlist Callum Reith</button>' in page


def test_a_closed_need_asks_for_nobody_and_keeps_whom_one_thought_of(
    alice: User, bob: Person, alice_client: Client
) -> None:
    closed = make_need(alice, "be met", sector="Social care", closed_on=dt.date(2026, 2, 2), closed_as="met")
    make_could_help(bob, closed, why="chairs it")
    make_person(alice, "Callum", sector="Social care")
    page = alice_client.get(closed.get_absolute_url()).content.decode()
    assert "chairs it" in page
    assert "Callum" not in page
    assert page.count('class="button"') == 1


@pytest.mark.parametrize("words", ["🙂" * 200, "\u202eabc" * 40, "% _ \\ ' \" <b>", "e\u0301" * 100, "x" * 200])
def test_strange_words_are_no_error(alice: User, bob: Person, alice_client: Client, words: str) -> None:
    need = make_need(alice, words, sector=words[:120])
    make_person(alice, "Like them", sector=words[:120], notes=words)
    assert alice_client.get(need.get_absolute_url()).status_code == 200


def test_the_page_takes_ten_queries_at_most_for_few_and_for_thousands(
    alice: User, need: Need, alice_client: Client
) -> None:
    def grow(first: int, count: int) -> int:
        people = [
            Person(
                owner=alice,
                name=f"Person {i}",
                sector="Social care" if i % 3 else "Health",
                organisation="Elsewhere",
                search_text=f"person {i}\ncommissioning lead\nelsewhere\nsome notes",
            )
            for i in range(first, first + count)
        ]
        Person.objects.bulk_create(people)
        rows = list(Person.objects.filter(name__in=[p.name for p in people[:12]]).order_by("pk"))
        for person in rows[:4]:
            make_could_help(person, need)
            make_contact(person)
        for one, other in itertools.pairwise(rows):
            make_knows(one, other)
        make_support(make_mentorship(rows[9]), need)
        return queries_of(alice_client, need.get_absolute_url())

    few = grow(0, 10)
    assert grow(10, 4990) == few <= 10


def test_among_very_many_only_those_count_for_whom_something_leads(alice: User, need: Need) -> None:
    place = make_place(alice)
    for number in range(gathering.MOST + 1):
        make_contact(make_person(alice, f"Near {number}", organisation="Strathmoor", place=place))
    make_person(alice, "Zoe", notes="ran a care home")
    assert names(alice, need) == ["Zoe"]


def test_among_very_many_an_unknown_organisation_is_not_outside(alice: User, need: Need) -> None:
    for number in range(gathering.MOST):
        make_person(alice, f"Somewhere {number:03}", sector="Social care")
    make_person(alice, "Zoe", sector="Social care", organisation="Strathmoor")
    assert names(alice, need)[0] == "Zoe"


@time_machine.travel("2026-03-10 12:00Z", tick=False)
def test_a_contact_is_dated_where_the_user_is(alice: User, need: Need, bob: Person) -> None:
    alice.time_zone = "Pacific/Auckland"
    alice.save(update_fields=["time_zone"])
    make_could_help(bob, need)
    make_contact(bob, at=dt.datetime(2025, 12, 31, 20, tzinfo=dt.UTC))  # already New Year's Day there
    assert "you last spoke in January 2026" in reasons(alice, need, bob)
