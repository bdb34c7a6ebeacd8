from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.looking_back.questions import EIGHT, GUIDES
from portfolio.models import Need, Person, PlaceToLook, Reflection, ReflectionLink
from tests.factories import (
    make_could_help,
    make_knows,
    make_mentorship,
    make_need,
    make_person,
    make_place,
    make_reflection,
)
from tests.portfolio.helpers import queries_of

NEW, REFLECT = "/reflect/new/", "/reflect/"


def answer(client: Client, question: str = "who_now", **fields: Any) -> Any:
    return client.post(NEW, {"question": question, "answer": "Some words", "on": "2026-02-02", **fields})


def page_of(client: Client, row: Any) -> str:
    return client.get(row.get_absolute_url()).content.decode()


def link(row: Reflection, **to: Any) -> ReflectionLink:
    return ReflectionLink.objects.create(owner=row.owner, reflection=row, **to)


# --- The questions --------------------------------------------------------------------------------


def test_reflect_shows_the_eight_questions_and_when_each_was_answered(alice: User, alice_client: Client) -> None:
    make_reflection(alice, question="beyond", on=dt.date(2026, 3, 4))
    make_reflection(alice, question="beyond", on=dt.date(2026, 1, 4))
    response = alice_client.get(REFLECT)
    page = response.content.decode()
    assert [here.question for here in response.context["eight"]] == list(EIGHT)
    assert "4 March 2026" in page
    assert "2 answers, side by side" in page
    assert page.count("Not answered yet") == 7


def test_reflect_offers_the_question_that_waited_longest(alice: User, alice_client: Client) -> None:
    assert alice_client.get(REFLECT).context["offered"].question == "who_now"
    for i, question in enumerate(EIGHT):
        make_reflection(alice, question=question, on=dt.date(2026, 1, 20 - i))
    response = alice_client.get(REFLECT)
    assert response.context["offered"].question == EIGHT[-1]
    assert f'<a class="button" href="{NEW}?question=onwards">' in response.content.decode()


def test_reflect_gathers_answers_to_ones_own_questions_whatever_case(alice: User, alice_client: Client) -> None:
    for words, day in (("What do I avoid?", 1), ("WHAT do I avoid?", 3), ("Something else?", 2)):
        make_reflection(alice, question="own", own_question=words, on=dt.date(2026, 2, day))
    own = alice_client.get(REFLECT).context["own"]
    assert [(here.title, here.count) for here in own] == [("WHAT do I avoid?", 2), ("Something else?", 1)]


@pytest.mark.parametrize("question", [*EIGHT, "own"])
def test_question_page_says_why_it_is_worth_asking_with_prompts(alice_client: Client, question: str) -> None:
    page = alice_client.get(NEW, {"question": question})
    assert page.context["guide"] == GUIDES[question]
    text = page.content.decode()
    assert text.count("<h1>") == 1
    for prompt in GUIDES[question].prompts:
        assert prompt.split("?")[0].split("’")[0] in text


# --- Answers --------------------------------------------------------------------------------------


def test_answer_is_kept_with_its_day(alice: User, alice_client: Client) -> None:
    response = answer(alice_client)
    row = Reflection.objects.get()
    assert response.url == row.get_absolute_url()
    assert (row.owner, row.question, row.answer, row.on) == (alice, "who_now", "Some words", dt.date(2026, 2, 2))
    assert "Only you can see this" in page_of(alice_client, row)


@time_machine.travel("2026-03-02 23:30Z", tick=False)
def test_answer_is_dated_on_the_users_own_day(alice: User, alice_client: Client) -> None:
    alice.time_zone = "Asia/Tokyo"
    alice.save(update_fields=["time_zone"])
    assert 'value="2026-03-03"' in alice_client.get(NEW).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("answer", "a\0b"),
        ("answer", "x" * 10_001),
        ("answer", " "),
        ("on", "2999-01-01"),
        ("on", "0001-01-01"),
        ("on", "soon"),
        ("comfort", "6"),
        ("own_question", " "),
        ("own_question", "x" * 301),
        ("people_names", "x" * 201),
        ("place_names", "\n".join(f"name {i}" for i in range(21))),
        ("need_words", "x" * 201),
        ("need_competency", "who"),
        ("places", "9" * 40),
        ("people", "-1"),
        ("needs", "١"),
    ],
)
def test_answer_says_what_is_wrong_and_loses_nothing(
    alice: User, bob: Person, alice_client: Client, field: str, value: str
) -> None:
    make_need(alice)
    make_place(alice)
    question = {"comfort": "comfort", "own_question": "own"}.get(field, "who_now")
    response = answer(alice_client, question, **{"own_question": "Why?", "answer": "Kept words", field: value})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {field}
    if field != "answer":
        assert "Kept words" in response.content.decode()
    assert Reflection.objects.count() == 0


@pytest.mark.parametrize("words", ["שלום עולם", "🌱" * 200, "e\u0301" * 500, "{{ user }} <script>"])
def test_strange_words_come_back_as_they_were(alice_client: Client, words: str) -> None:
    answer(alice_client, answer=words, place_names=words[:150])
    row = Reflection.objects.get()
    assert row.answer == words
    assert "<script>" not in page_of(alice_client, row).partition("<main")[2]


def test_pressed_twice_is_kept_once(alice_client: Client) -> None:
    for _ in range(2):
        answer(alice_client, "new_networks", place_names="The Forum", people_names="Ann Able")
    assert Reflection.objects.count() == PlaceToLook.objects.count() == Person.objects.count() == 1


def test_own_question_is_asked_again_in_the_same_words(alice: User, charlie: User, alice_client: Client) -> None:
    row = make_reflection(alice, question="own", own_question="What do I avoid?")
    again = f"{NEW}?again={row.pk}"
    assert again in page_of(alice_client, row)
    assert 'value="What do I avoid?"' in alice_client.get(again).content.decode()
    theirs = make_reflection(charlie, question="own", own_question="A secret?")
    assert "A secret?" not in alice_client.get(NEW, {"again": theirs.pk}).content.decode()


def test_answers_over_time_are_read_side_by_side(alice: User, alice_client: Client) -> None:
    old = make_reflection(alice, question="how_begin", answer="With a letter.", on=dt.date(2025, 2, 2))
    new = make_reflection(alice, question="how_begin", answer="With a question.", on=dt.date(2026, 2, 2))
    make_reflection(alice, question="beyond", answer="Elsewhere.")
    response = alice_client.get(old.get_absolute_url())
    assert response.context["answers"] == [new, old]
    page = response.content.decode()
    assert "With a letter." in page
    assert "With a question." in page
    assert "Elsewhere." not in page


def test_an_old_answer_stands_beside_the_latest_even_among_many(alice: User, alice_client: Client) -> None:
    rows = [make_reflection(alice, question="own", own_question="Why?", on=dt.date(2026, 1, i)) for i in range(1, 21)]
    answers = alice_client.get(rows[0].get_absolute_url()).context["answers"]
    assert answers == [*reversed(rows[-11:]), rows[0]]


def test_edit_changes_the_answer_and_keeps_its_question(alice: User, alice_client: Client) -> None:
    row = make_reflection(alice, question="beyond", answer="Then")
    url = reverse("reflection_edit", args=[row.pk])
    assert "Then" in alice_client.get(url).content.decode()
    alice_client.post(url, {"question": "own", "answer": "Now", "on": "2026-02-03"})
    row.refresh_from_db()
    assert (row.question, row.answer, row.on) == ("beyond", "Now", dt.date(2026, 2, 3))


def test_delete_asks_first_and_keeps_what_it_led_to(alice: User, bob: Person, alice_client: Client) -> None:
    row = make_reflection(alice)
    link(row, person=bob)
    url = reverse("reflection_delete", args=[row.pk])
    assert "Delete this answer?" in alice_client.get(url).content.decode()
    assert Reflection.objects.count() == 1
    assert alice_client.post(url).url == REFLECT
    assert (Reflection.objects.count(), Person.objects.count()) == (0, 1)


# --- What it led to -------------------------------------------------------------------------------


def test_answer_leads_to_what_one_has_and_to_what_is_new(alice: User, bob: Person, alice_client: Client) -> None:
    need, place = make_need(alice), make_place(alice)
    answer(
        alice_client,
        "beyond",
        people=[bob.pk],
        needs=[need.pk],
        places=[place.pk],
        people_names="Åsa Östergård\n\n  dr bob   BROOK \nasa ostergard",
        need_words="  learn   to ask ",
        need_competency="how",
        place_names="A Society",
        place_kind="body",
    )
    row = Reflection.objects.get()
    asa, learn = Person.objects.get(name="Åsa Östergård"), Need.objects.get(words="learn to ask")
    society = PlaceToLook.objects.get(name="A Society")
    assert {link.person for link in row.links.all() if link.person} == {bob, asa}
    assert {link.need for link in row.links.all() if link.need} == {need, learn}
    assert {link.place for link in row.links.all() if link.place} == {place, society}
    assert (asa.owner, learn.owner, learn.competency, society.kind) == (alice, alice, "how", "body")
    assert Person.objects.count() == 2
    page = page_of(alice_client, row)
    for words in ("Åsa Östergård", "learn to ask", "A Society", "Dr Bob Brook", need.words, place.name):
        assert words in page


def test_need_in_the_same_words_is_linked_not_doubled(alice: User, alice_client: Client) -> None:
    need = make_need(alice, "be known to funders")
    answer(alice_client, need_words="Be Known to Funders", need_competency="why")
    assert ReflectionLink.objects.get().need == Need.objects.get() == need


def test_new_need_wants_its_kind_of_knowing(alice_client: Client) -> None:
    response = answer(alice_client, need_words="learn to ask")
    assert response.context["form"].errors.keys() == {"need_competency"}
    assert "learn to ask" in response.content.decode()
    assert Need.objects.count() == 0


def test_two_of_one_name_are_both_linked(alice: User, alice_client: Client) -> None:
    both = {make_person(alice, "Sam Lee"), make_person(alice, "sam lee")}
    answer(alice_client, people_names="Sam Lee")
    assert {link.person for link in ReflectionLink.objects.all()} == both


def test_edit_shows_the_links_and_unticking_takes_them_away(alice: User, bob: Person, alice_client: Client) -> None:
    row = make_reflection(alice)
    closed = make_need(alice, "met", closed_on=dt.date(2026, 2, 2), closed_as="met")
    kept = link(row, need=closed)
    link(row, person=bob)
    url = reverse("reflection_edit", args=[row.pk])
    form = alice_client.get(url).context["form"]
    assert (form["people"].value(), form["needs"].value()) == ([bob.pk], [closed.pk])
    alice_client.post(url, {"answer": "Now", "on": "2026-02-02", "needs": [closed.pk]})
    assert list(row.links.all()) == [kept]


def test_more_people_than_one_reads_through_are_named_and_links_stay_ticked(alice: User, alice_client: Client) -> None:
    people = [make_person(alice, f"Person {i:03}") for i in range(101)]
    assert "people" not in alice_client.get(NEW).context["form"].fields
    answer(alice_client, people_names="person 007")
    row = Reflection.objects.get()
    form = alice_client.get(reverse("reflection_edit", args=[row.pk])).context["form"]
    assert [pk for pk, _ in form.fields["people"].choices] == [people[7].pk]


def test_what_is_a_strangers_is_no_choice(alice: User, charlie: User, bob: Person, alice_client: Client) -> None:
    make_need(alice)
    make_place(alice)
    theirs = {"people": make_person(charlie), "needs": make_need(charlie), "places": make_place(charlie)}
    for field, row in theirs.items():
        assert answer(alice_client, **{field: [row.pk]}).context["form"].errors.keys() == {field}
    answer(alice_client, people_names=theirs["people"].name, place_names=theirs["places"].name)
    assert not ReflectionLink.objects.filter(person=theirs["people"]).exists()
    assert set(ReflectionLink.objects.values_list("owner", flat=True)) == {alice.pk}


def test_a_link_is_to_one_thing(alice: User, bob: Person) -> None:
    with pytest.raises(IntegrityError):
        link(make_reflection(alice), person=bob, need=make_need(alice))


def test_persons_page_says_what_led_there(alice: User, bob: Person, alice_client: Client) -> None:
    assert "What led here" not in page_of(alice_client, bob)
    before = queries_of(alice_client, bob.get_absolute_url())
    own = make_reflection(alice, question="own", own_question="Whom do I admire?", on=dt.date(2026, 2, 5))
    other = make_reflection(alice, question="networks")
    link(own, person=bob)
    link(other, person=bob)
    page = page_of(alice_client, bob)
    assert f'href="{own.get_absolute_url()}">Whom do I admire?' in page
    assert f'href="{other.get_absolute_url()}">Which of my close' in page
    assert "5 February 2026" in page
    assert queries_of(alice_client, bob.get_absolute_url()) == before <= 10


# --- Questions with a next step -------------------------------------------------------------------


def test_new_networks_become_places_to_look_once_each(alice: User, charlie: User, alice_client: Client) -> None:
    have = make_place(alice, "Réseau Étude", kind="body", state="joined")
    make_place(charlie, "The Forum")
    answer(alice_client, "new_networks", answer="", place_names="The Forum\nreseau  etude\nTHE FORUM\nA Choir")
    row = Reflection.objects.get()
    mine = PlaceToLook.objects.for_user(alice)
    assert sorted(mine.values_list("name", "kind", "state")) == [
        ("A Choir", "network", "to_look"),
        ("Réseau Étude", "body", "joined"),
        ("The Forum", "network", "to_look"),
    ]
    assert {link.place for link in row.links.all()} == set(mine)
    assert have in mine
    page = page_of(alice_client, row)
    assert "3 networks to look at" in page
    answer(alice_client, "new_networks", place_names="the forum", answer="Again")
    assert mine.count() == 3


def test_new_networks_asks_for_names_at_once(alice_client: Client) -> None:
    form = alice_client.get(NEW, {"question": "new_networks"}).context["form"]
    assert [field.name for field in form.first_fields()] == ["answer", "place_names", "on"]
    assert "place_kind" not in form.fields


@pytest.mark.parametrize("comfort", [1, 2])
def test_low_comfort_offers_introductions_first(alice: User, bob: Person, alice_client: Client, comfort: int) -> None:
    known, wanted = make_person(alice, "Kim Known"), make_person(alice, "Will Wanted")
    mentor = make_person(alice, "Mia Mentor")
    make_mentorship(mentor)
    make_could_help(wanted, make_need(alice))
    for person in (known, wanted, mentor):
        make_knows(bob, person)
    answer(alice_client, "comfort", comfort=comfort, answer="")
    row = Reflection.objects.get()
    response = alice_client.get(row.get_absolute_url())
    assert [path.known for path in response.context["paths"]] == [wanted, known]
    page = response.content.decode()
    assert "Introductions first" in page
    assert "Flynn and Lake 2008" in page
    assert row.comfort == comfort


def test_low_comfort_without_paths_says_how_to_find_them(alice: User, alice_client: Client) -> None:
    page = page_of(alice_client, make_reflection(alice, question="comfort", comfort=1))
    assert "Who among your people knows somebody" in page


def test_higher_comfort_offers_nothing(alice: User, alice_client: Client) -> None:
    for comfort in (None, 3, 5):
        page = page_of(alice_client, make_reflection(alice, question="comfort", comfort=comfort))
        assert "Introductions first" not in page


def test_comfort_has_five_steps_in_words_and_its_course_is_shown(alice: User, alice_client: Client) -> None:
    choices = alice_client.get(NEW, {"question": "comfort"}).context["form"].fields["comfort"].choices
    assert [value for value, _ in choices] == [1, 2, 3, 4, 5]
    make_reflection(alice, question="comfort", comfort=2, on=dt.date(2026, 1, 2))
    row = make_reflection(alice, question="comfort", comfort=3, on=dt.date(2026, 2, 2))
    for page in (page_of(alice_client, row), alice_client.get(REFLECT).content.decode()):
        assert (
            'aria-label="2 January 2026: I can, but it costs me a lot; '
            '2 February 2026: It depends on the day, and on the person"'
        ) in page


def test_comfort_belongs_to_its_question_alone(alice: User, alice_client: Client) -> None:
    answer(alice_client, "beyond", comfort="1")
    assert Reflection.objects.get().comfort is None
    with pytest.raises(IntegrityError):
        make_reflection(alice, question="beyond", comfort=1)


# --- Budgets --------------------------------------------------------------------------------------


def test_reflect_pages_take_few_queries_for_one_and_many(alice: User, bob: Person, alice_client: Client) -> None:
    row = make_reflection(alice, question="comfort", comfort=1)
    link(row, person=bob)
    urls = [row.get_absolute_url(), reverse("reflection_edit", args=[row.pk])]

    def grow(count: int) -> None:
        for i in range(count):
            person, need, place = make_person(alice, f"P {i}"), make_need(alice, f"n {i}"), make_place(alice, f"p {i}")
            make_knows(bob, person)
            for thing in ({"person": person}, {"need": need}, {"place": place}):
                link(row, **thing)
            make_reflection(alice, question="comfort", comfort=1 + i % 5)
            make_reflection(alice, question="own", own_question=f"q {i}")

    grow(1)
    few = [queries_of(alice_client, url) for url in (REFLECT, *urls)]
    grow(40)
    assert [queries_of(alice_client, url) for url in (REFLECT, *urls)] == few
    assert few[0] <= 6
    assert max(few) <= 10


def test_what_it_led_to_shows_where_it_came_from(alice: User, alice_client: Client) -> None:
    need, place = make_need(alice), make_place(alice)
    reflection = make_reflection(alice, question="own", own_question="What do I keep putting off?")
    ReflectionLink.objects.create(owner=alice, reflection=reflection, need=need)
    ReflectionLink.objects.create(owner=alice, reflection=reflection, place=place)
    for thing in (need, place):
        page = alice_client.get(thing.get_absolute_url()).content.decode()
        assert f'href="{reflection.get_absolute_url()}">What do I keep putting off?</a>' in page


def test_the_same_words_on_another_occasion_are_kept_again(alice_client: Client) -> None:
    with time_machine.travel("2026-03-02 10:00Z", tick=False) as clock:
        answer(alice_client)
        clock.shift(90)
        answer(alice_client)
    assert Reflection.objects.count() == 2
