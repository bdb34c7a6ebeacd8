"""The list of people: searching, filtering, sorting, display and query counts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from portfolio.models import Person, PersonTag, Tag
from portfolio.people.directory import A_PAGE, SORTS, Filters, known_words
from portfolio.text.normalise import fold, sort_key
from tests.factories import (
    make_approach,
    make_contact,
    make_could_help,
    make_mentorship,
    make_need,
    make_person,
    make_place,
)
from tests.portfolio.helpers import queries_of

HTMX = {"HX-Request": "true"}


def names(client: Client, **query: object) -> list[str]:
    response = client.get(reverse("people"), query)
    assert response.status_code == 200
    return [row["name"] for row in response.context["rows"]]


def give_tag(person: Person, name: str) -> Tag:
    tag, _ = Tag.objects.get_or_create(owner=person.owner, name=name)
    PersonTag.objects.create(owner=person.owner, person=person, tag=tag)
    person.save(update_fields=["name"])
    return tag


def many(owner: User, number: int, *, tags: int = 3) -> None:
    """Typical people: with a role, an organisation, tags, a contact."""
    people = [
        Person(
            owner=owner,
            name=f"Dr Someone Longname {i:05}",
            headline="Director of a research network",
            organisation=f"University Hospital Number {i % 40}",
            source=Person.Source.values[i % 6],
            notes="Met at the conference in Leeds.",
        )
        for i in range(number)
    ]
    for person in people:
        person.fold()
    Person.objects.bulk_create(people, batch_size=500)
    kept = Tag.objects.bulk_create([Tag(owner=owner, name=f"a tag {i:02}") for i in range(12)])
    PersonTag.objects.bulk_create(
        [
            PersonTag(owner=owner, person=person, tag=kept[(i + n) % 12])
            for i, person in enumerate(people)
            for n in range(tags)
        ],
        batch_size=500,
    )


# --- Searching and filtering ----------------------------------------------------------------------


def test_people_are_found_by_their_address(alice: User, alice_client: Client) -> None:
    alice_client.post(reverse("person_new"), {"name": "Bob Brook", "source": "circle", "emails": "Bob@Example.org"})
    make_person(alice, "Cara Cole")
    assert names(alice_client, q="bob@example") == ["Bob Brook"]


def test_people_are_narrowed_to_an_organisation_whatever_case_and_accents(alice: User, alice_client: Client) -> None:
    make_person(alice, "Ann", organisation="Høyskolen i Oslo")
    make_person(alice, "Bea", organisation="Brook (Trust) Ltd.", headline="hoyskolen i oslo", notes="Høyskolen i Oslo")
    make_person(alice, "Høyskolen i Oslo")
    give_tag(make_person(alice, "Cara"), "høyskolen i oslo")
    assert names(alice_client, organisation="hoyskolen I OSLO") == ["Ann"]
    assert names(alice_client, organisation="høyskolen") == ["Ann"]
    assert names(alice_client, organisation="brook (trust) ltd.") == ["Bea"]
    assert names(alice_client, organisation="%") == names(alice_client, organisation=".*") == []


def test_people_are_narrowed_to_the_place_they_were_found_at(alice: User, charlie: User, alice_client: Client) -> None:
    place, other = make_place(alice), make_place(charlie)
    make_person(alice, "Ann", place=place)
    make_person(alice, "Bea")
    assert names(alice_client, place=place.pk) == ["Ann"]
    assert names(alice_client, place=other.pk) == []
    assert b"Register of the Research Society</option>" in alice_client.get(reverse("people")).content


def test_people_are_narrowed_by_how_one_stands_to_them(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    met = make_need(alice, "met", closed_on=dt.date(2026, 2, 2), closed_as="met")
    make_mentorship(make_person(alice, "Mentor"))
    ended = {"status": "ended", "ended_on": dt.date(2026, 2, 2), "ended_as": "complete"}
    make_mentorship(make_person(alice, "Old"), **ended)
    again = make_person(alice, "Again")
    make_mentorship(again, **ended)
    make_mentorship(again)
    make_approach(make_person(alice, "Target"))
    make_approach(make_person(alice, "Resting"), rest_until=dt.date(2030, 1, 1))
    make_could_help(make_person(alice, "Thought"), need)
    make_could_help(make_person(alice, "Dismissed"), need, state="dismissed")
    make_could_help(make_person(alice, "For something met"), met)
    assert names(alice_client, relation="mentor") == ["Again", "Mentor"]
    assert names(alice_client, relation="mentored") == ["Old"]
    assert names(alice_client, relation="approached") == ["Target"]
    assert names(alice_client, relation="thought") == ["Thought"]
    assert names(alice_client, relation="none") == ["Dismissed", "For something met", "Resting"]
    assert len(names(alice_client, relation="enemy")) == 8
    rows = {row["name"]: row["badge"] for row in alice_client.get(reverse("people")).context["rows"]}
    assert {name: badge for name, badge in rows.items() if badge} == {
        "Mentor": "Mentor",
        "Again": "Mentor",
        "Old": "Was a mentor",
        "Target": "Being approached",
        "Thought": "Thought of",
    }


def test_filters_add_up(alice: User, alice_client: Client) -> None:
    for name, source, organisation in [
        ("Ann A", "body", "Trust"),
        ("Ann B", "body", "Other"),
        ("Ann C", "friend", "Trust"),
    ]:
        make_person(alice, name, source=source, organisation=organisation)
    assert names(alice_client, q="ann", source="body", organisation="trust") == ["Ann A"]


@given(st.dictionaries(st.sampled_from([*Filters.__dataclass_fields__, "page"]), st.text(max_size=30)))
def test_filters_survive_any_address_and_say_themselves_again(asked: dict[str, str]) -> None:
    address = QueryDict(mutable=True)
    address.update(asked)
    filters = Filters.read(address)
    assert Filters.read(QueryDict(filters.query)) == filters
    assert filters.sort in SORTS


# --- Sorting --------------------------------------------------------------------------------------


def test_names_are_sorted_without_case_accents_or_the_databases_own_taste(alice: User, alice_client: Client) -> None:
    for name in [
        "Zoë",
        "anna",
        "Ann B",
        "Ånn A",
        "Østen",
        "Osten",
        "D'Arcy",
        "Darcy",
        "d’arcy",
        "de la Mare",
        "Delamare",
    ]:
        make_person(alice, name)
    wanted = ["Ånn A", "Ann B", "anna", "D'Arcy", "Darcy", "d’arcy", "de la Mare", "Delamare", "Østen", "Osten", "Zoë"]
    assert names(alice_client) == wanted


@pytest.mark.parametrize("typed", ["d'arcy", "D’Arcy", "D‘arcy"])
def test_either_apostrophe_finds_both(alice: User, alice_client: Client, typed: str) -> None:
    """Phones type the curly apostrophe, keyboards the straight one."""
    for name in ("Ann D'Arcy", "Bea D’Arcy", "Cleo Darcy"):
        make_person(alice, name)
    assert names(alice_client, q=typed) == ["Ann D'Arcy", "Bea D’Arcy"]


@given(st.text(), st.text(alphabet="'’.-\N{COMBINING ACUTE ACCENT}"))
def test_sort_keys_are_short_and_know_no_case_accents_or_signs(name: str, signs: str) -> None:
    assert len(sort_key(name)) <= 200
    assert sort_key(f"{fold(name)}a") == sort_key(f"{signs}{fold(name)}A{signs}")


def test_a_very_long_and_strange_name_still_sorts(alice: User, alice_client: Client) -> None:
    make_person(alice, "ﷺ" * 200, organisation="𝔘" * 200)
    make_person(alice, "Ann")
    assert len(names(alice_client)) == len(names(alice_client, sort="organisation")) == 2


def test_the_newest_come_first_by_choice(alice: User, alice_client: Client) -> None:
    now = timezone.now()
    for i, name in enumerate(["Ann", "Bea", "Cara"]):
        make_person(alice, name, created_at=now - dt.timedelta(days=i % 2))
    assert names(alice_client, sort="newest") == ["Cara", "Ann", "Bea"]
    assert "Added " in alice_client.get(reverse("people"), {"sort": "newest"}).content.decode()


def test_sorted_by_last_contact_those_never_met_come_last(alice: User, alice_client: Client) -> None:
    for name in ["Never B", "Never A"]:
        make_person(alice, name)
    ann, bea = make_person(alice, "Ann"), make_person(alice, "Bea")
    make_contact(ann, at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    make_contact(bea, at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    make_contact(bea, at=dt.datetime(2026, 2, 2, tzinfo=dt.UTC))
    assert names(alice_client, sort="contact") == ["Bea", "Ann", "Never A", "Never B"]
    page = alice_client.get(reverse("people"), {"sort": "contact"}).content.decode()
    assert "Last contact 2 March 2026" in page
    assert "No contact noted" in page


def test_sorted_by_organisation_those_without_one_come_last(alice: User, alice_client: Client) -> None:
    for name, organisation in [("Ann", ""), ("Bea", "zeal"), ("Cara", "Ärzte"), ("Dan", "Arzte"), ("Eve", "Brook")]:
        make_person(alice, name, organisation=organisation)
    assert names(alice_client, sort="organisation") == ["Cara", "Dan", "Eve", "Bea", "Ann"]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_any_order_show_everyone_once(alice: User, alice_client: Client, sort: str) -> None:
    now = timezone.now()
    for _ in range(A_PAGE + 5):
        make_contact(make_person(alice, "Same Name", organisation="Same", created_at=now), at=now)
    pages = [alice_client.get(reverse("people"), {"sort": sort, "page": n}).context["rows"] for n in (1, 2)]
    ids = [row["pk"] for page in pages for row in page]
    assert len(ids) == len(set(ids)) == A_PAGE + 5


# --- The page -------------------------------------------------------------------------------------


def test_paging_keeps_filters_and_order(alice: User, alice_client: Client) -> None:
    for i in range(A_PAGE + 1):
        make_person(alice, f"Person {i:02}", organisation="Brook & Co")
    page = alice_client.get(reverse("people"), {"organisation": "brook & co", "sort": "newest"}).content.decode()
    assert "?organisation=brook+%26+co&amp;sort=newest&amp;page=2" in page
    assert "51 people found" in page


def test_typing_is_answered_with_the_results_alone(bob: Person, alice_client: Client) -> None:
    response = alice_client.get(reverse("people"), {"q": "bob", "source": "", "sort": "name"}, headers=HTMX)
    page = response.content.decode()
    assert bob.name in page
    assert "<html" not in page
    assert "1 person found" in page
    assert response["HX-Push-Url"] == "/people/?q=bob"
    assert "HX-Request" in response["Vary"]


def test_going_back_in_the_browser_gets_the_whole_page(bob: Person, alice_client: Client) -> None:
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in alice_client.get(reverse("people"), headers=headers).content.decode()


def test_what_is_asked_for_is_shown_in_the_form(alice: User, alice_client: Client) -> None:
    tag = give_tag(make_person(alice, "Ann"), "leeds")
    page = alice_client.get(reverse("people"), {"tag": tag.pk, "relation": "mentor", "q": '"><b>'}).content.decode()
    assert f'<option value="{tag.pk}" selected>leeds</option>' in page
    assert '<option value="mentor" selected>' in page
    assert 'value="&quot;&gt;&lt;b&gt;"' in page
    assert '<details id="filters" open>' in page
    assert '<details id="filters">' in alice_client.get(reverse("people")).content.decode()


def test_suggestions_are_ones_own_words_the_most_used_first(alice: User, charlie: User, alice_client: Client) -> None:
    for name, organisation in [("Ann", "Trust"), ("Bea", "Trust"), ("Cara", "Ahead"), ("Dan", "")]:
        make_person(alice, name, organisation=organisation)
    give_tag(make_person(charlie, "Eve", organisation="Charlie's"), "charlie's")
    give_tag(Person.objects.get(name="Ann"), "<leeds>")
    assert known_words(alice, "organisation") == ["Trust", "Ahead"]
    page = alice_client.get(reverse("people_suggestions"), {"kind": "tag"}).content.decode()
    assert page.strip() == '<option value="&lt;leeds&gt;"></option>'


# --- Queries --------------------------------------------------------------------------------------


def test_list_takes_the_same_few_queries_for_ten_as_for_five_thousand(
    alice: User, charlie: User, alice_client: Client, charlie_client: Client
) -> None:
    many(alice, 10)
    many(charlie, 5_000)
    for query in (
        "",
        "q=leeds",
        "q=some&source=body&organisation=number 1&relation=none&sort=contact",
        "sort=organisation&page=2",
        "sort=newest&relation=mentor",
    ):
        address = f"{reverse('people')}?{query}"
        few, lots = queries_of(alice_client, address), queries_of(charlie_client, address)
        assert few == lots <= 6, query


def test_list_of_fifty_is_at_most_forty_kilobytes_with_tags(alice: User, alice_client: Client) -> None:
    many(alice, 60, tags=4)
    for i in range(60):
        make_place(alice, f"A register of mentors number {i}")
    for person in Person.objects.all()[:50]:
        make_mentorship(person)
    response = alice_client.get(reverse("people"), {"sort": "contact"})
    assert len(response.context["rows"]) == 50
    assert len(response.content) <= 40_000


def test_list_cuts_very_long_words_and_many_tags_short(alice: User, alice_client: Client) -> None:
    for _ in range(50):
        person = make_person(alice, "N" * 200, headline="H" * 300, organisation="O" * 200)
        PersonTag.objects.bulk_create(
            PersonTag(owner=alice, person=person, tag=tag)
            for tag in [Tag.objects.get_or_create(owner=alice, name=f"tag {i}")[0] for i in range(20)]
        )
    response = alice_client.get(reverse("people"))
    assert len(response.content) <= 40_000
    row = response.context["rows"][0]
    assert len(row["name"]) == 80
    assert row["tags"] == "tag 0, tag 1, tag 10, tag 11 +16"
