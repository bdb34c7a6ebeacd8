from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from portfolio.models import Contact, CouldHelp, Knows, Person, Tag, Undoable
from portfolio.text.normalise import fold
from tests.factories import (
    make_approach,
    make_contact,
    make_could_help,
    make_knows,
    make_mentorship,
    make_need,
    make_person,
    make_user,
)
from tests.portfolio.helpers import queries_of
from tests.portfolio.people.test_directory import names

NEW = {"name": "Åsa Østergård", "source": "body"}


# --- folding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Åsa  ØSTERGÅRD", "asa ostergard"),
        ("Łukasz Weiß", "lukasz weiss"),
        ("İpek", "ipek"),
        ("Zoe\u0308", "zoe"),
        ("a\0b", "a b"),
        ("", ""),
    ],
)
def test_fold_takes_case_and_accents_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_settled_after_one_time_and_the_same_for_upper_case(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(text.upper().lower())


# --- the list --------------------------------------------------------------------------------------


def test_people_are_found_by_each_part_whatever_case_and_accent(alice: User, alice_client: Client) -> None:
    asa = make_person(alice, "Åsa Østergård", headline="Professor", organisation="Høyskolen", notes="Met in Malmö")
    tag = Tag.objects.create(owner=alice, name="Fürsorge")
    asa.tags.add(tag, through_defaults={"owner": alice})
    asa.save(update_fields=["name"])
    make_person(alice, "Bob Brook", notes="100% certain")
    for words in ("asa", "ØSTERGÅRD", "prof", "hoyskolen", "fursorge", "malmo", "malmö asa"):
        assert names(alice_client, q=words) == ["Åsa Østergård"], words
    assert names(alice_client, q="100%") == ["Bob Brook"]
    assert names(alice_client, q="%") == ["Bob Brook"]
    assert names(alice_client, q="asa brook") == []
    assert names(alice_client) == ["Åsa Østergård", "Bob Brook"]


def test_people_are_filtered_by_source_and_tag(alice: User, alice_client: Client, charlie: User) -> None:
    make_person(alice, "Ann", source="body")
    bea = make_person(alice, "Bea", source="friend")
    tag = Tag.objects.create(owner=alice, name="leeds")
    bea.tags.add(tag, through_defaults={"owner": alice})
    assert names(alice_client, source="body") == ["Ann"]
    assert names(alice_client, tag=str(tag.pk)) == ["Bea"]
    assert names(alice_client, source="nonsense", tag="x") == ["Ann", "Bea"]


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"},
        {"q": "x" * 5000},
        {"tag": "9" * 40},
        {"tag": str(2**63)},
        {"tag": "²"},
        {"page": "-1"},
        {"page": "9" * 30},
        {"source": "\0"},
    ],
)
def test_people_list_survives_strange_addresses(alice_client: Client, bob: Person, query: dict[str, str]) -> None:
    assert alice_client.get(reverse("people"), query).status_code == 200


def test_people_list_shows_fifty_a_page_and_keeps_the_filter(alice: User, alice_client: Client) -> None:
    for i in range(51):
        make_person(alice, f"Person {i:02}", source="body")
    first = alice_client.get(reverse("people"), {"source": "body"})
    assert len(first.context["page"].object_list) == 50
    assert "?source=body&amp;page=2" in first.content.decode()
    assert names(alice_client, source="body", page="2") == ["Person 50"]


def test_people_list_teaches_when_empty(alice_client: Client) -> None:
    page = alice_client.get(reverse("people")).content.decode()
    assert "Start with those you know already" in page
    assert page.count(f'href="{reverse("person_new")}"') == 1


def test_people_list_takes_six_queries_at_most_for_one_and_thirty(alice: User, alice_client: Client) -> None:
    def grow(start: int, end: int) -> None:
        for i in range(start, end):
            person = make_person(alice, f"Person {i}")
            tag = Tag.objects.create(owner=alice, name=f"tag {i}")
            person.tags.add(tag, through_defaults={"owner": alice})
            make_mentorship(person)

    grow(0, 1)
    one = queries_of(alice_client, reverse("people"))
    grow(1, 30)
    assert queries_of(alice_client, reverse("people")) == one <= 6


def test_people_list_of_fifty_is_below_forty_kilobytes(alice: User, alice_client: Client) -> None:
    for i in range(60):
        make_person(alice, f"Dr Someone Longname {i}", headline="Director of research", organisation="A long trust")
    assert len(alice_client.get(reverse("people")).content) <= 40_000


# --- adding and changing ---------------------------------------------------------------------------


def test_person_new_keeps_all_of_it(alice: User, alice_client: Client) -> None:
    response = alice_client.post(
        reverse("person_new"),
        NEW
        | {
            "headline": "Professor",
            "emails": "asa@example.org\r\n\r\nASA@example.org\nother@example.org",
            "links": "www.example.org/asa\nhttps://example.org/b",
            "tags": "care,  Care , leeds   met",
            "notes": "One\nTwo",
            "time_zone": "Europe/Oslo",
            "source_detail": "met in Leeds",
        },
    )
    person = Person.objects.get(owner=alice)
    assert response.url == person.get_absolute_url()
    assert [e.address for e in person.emails.all()] == ["asa@example.org", "other@example.org"]
    assert [link.url for link in person.links.all()] == ["https://www.example.org/asa", "https://example.org/b"]
    assert [tag.name for tag in person.tags.all()] == ["care", "leeds met"]
    assert (person.notes, person.time_zone, person.source) == ("One\nTwo", "Europe/Oslo", "body")
    assert person.search_text.startswith("asa ostergard\n")
    assert "leeds met" in person.search_text


def test_person_new_from_a_need_notes_the_thought_and_goes_back(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    page = alice_client.get(reverse("person_new"), {"need": need.pk})
    assert page.context["form"].initial["need"] == need.pk
    response = alice_client.post(reverse("person_new"), NEW | {"need": need.pk, "why": "chairs the panel"})
    assert response.url == need.get_absolute_url()
    idea = CouldHelp.objects.get()
    assert (idea.owner, idea.person.name, idea.need, idea.why) == (alice, "Åsa Østergård", need, "chairs the panel")


def test_person_new_adds_another_with_the_same_source_and_need(alice: User, alice_client: Client) -> None:
    need = make_need(alice)
    response = alice_client.post(reverse("person_new"), NEW | {"need": need.pk, "another": "1"})
    assert response.url == f"{reverse('person_new')}?source=body&need={need.pk}"


def test_person_new_refuses_a_strangers_need(alice_client: Client, alice: User, charlie: User) -> None:
    make_need(alice)
    response = alice_client.post(reverse("person_new"), NEW | {"need": make_need(charlie).pk})
    assert response.context["form"].errors.keys() == {"need"}
    assert Person.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "Bo\0b"),
        ("emails", "not an address"),
        ("emails", "\n".join(f"a{i}@example.org" for i in range(11))),
        ("emails", "a@example.org\nBcc: evil@example.org"),
        ("links", "javascript:alert(1)"),
        ("links", "ftp://example.org"),
        ("links", "https://example.org/" + "x" * 500),
        ("tags", "x" * 51),
        ("tags", "a\0b"),
        ("notes", "x" * 20_001),
        ("notes", "\0"),
        ("time_zone", "Mars/Olympus"),
        ("source", "enemy"),
        ("headline", "x" * 301),
        ("need", "0"),
        ("need", "9" * 30),
        ("need", "\0"),
    ],
)
def test_person_new_says_what_is_wrong_and_keeps_what_was_typed(
    alice: User, alice_client: Client, field: str, value: str
) -> None:
    make_need(alice)
    response = alice_client.post(reverse("person_new"), NEW | {"sector": "kept words"} | {field: value})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert b"kept words" in response.content
    shown = response.content.decode()
    assert ("<details open>" in shown) == (field in {"links", "tags", "notes", "time_zone"})
    assert f'href="#id_{field}"' in shown
    assert Person.objects.count() == 0


@pytest.mark.parametrize("again", [{"name": "åsa  ostergard"}, {"name": "Other", "emails": "ASA@example.org"}])
def test_person_new_asks_gently_about_a_twin_and_saves_anyway(
    alice: User, alice_client: Client, again: dict[str, str]
) -> None:
    make_person(alice, "Åsa Østergård", email="asa@example.org")
    response = alice_client.post(reverse("person_new"), NEW | again)
    assert [twin.name for twin in response.context["twins"]] == ["Åsa Østergård"]
    assert Person.objects.count() == 1
    alice_client.post(reverse("person_new"), NEW | again | {"anyway": "1"})
    assert Person.objects.count() == 2


def test_person_new_knows_no_twin_among_a_strangers_people(charlie: User, alice_client: Client) -> None:
    make_person(charlie, "Åsa Østergård", email="asa@example.org")
    alice_client.post(reverse("person_new"), NEW | {"emails": "asa@example.org"})
    assert Person.objects.count() == 2


def test_person_edit_keeps_rows_that_stay_and_drops_the_rest(alice: User, bob: Person, alice_client: Client) -> None:
    kept = bob.emails.get()
    for tags in ("old, both", "both, new"):
        response = alice_client.post(
            reverse("person_edit", args=[bob.pk]),
            {"name": "Bob B", "source": "other", "emails": "new@example.org\nBOB@example.org", "tags": tags},
        )
        assert response.url == bob.get_absolute_url()
    bob.refresh_from_db()
    assert (bob.name, bob.source, bob.headline) == ("Bob B", "other", "")
    assert [e.address for e in bob.emails.all()] == ["new@example.org", "BOB@example.org"]
    assert bob.emails.last().pk == kept.pk
    assert [tag.name for tag in bob.tags.all()] == ["both", "new"]
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["both", "new"]
    assert names(alice_client, q="new") == ["Bob B"]
    assert names(alice_client, q="old") == []


def test_person_edit_form_shows_what_is_there(bob: Person, alice_client: Client) -> None:
    page = alice_client.get(reverse("person_edit", args=[bob.pk])).content.decode()
    assert "bob@example.org</textarea>" in page.replace("\n", "")


# --- deleting --------------------------------------------------------------------------------------


def test_person_delete_is_one_press_that_can_be_undone(bob: Person, alice_client: Client) -> None:
    url = reverse("person_delete", args=[bob.pk])
    make_contact(bob, note="at the conference")
    assert alice_client.get(url).status_code == 405
    assert alice_client.post(url).url == reverse("people")
    assert Person.objects.count() == Contact.objects.count() == 0
    page = alice_client.get(reverse("people")).content.decode()
    undo = reverse("people_undo", args=[Undoable.objects.get().pk])
    assert f'action="{undo}"' in page
    assert alice_client.post(url).status_code == 404
    alice_client.post(undo)
    assert Person.objects.get() == bob
    assert Contact.objects.get().note == "at the conference"


def test_person_delete_is_refused_kindly_with_what_hangs_on_them(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    approach = make_approach(bob)
    make_contact(bob)
    response = alice_client.post(reverse("person_delete", args=[bob.pk]))
    assert response.status_code == 409
    assert sorted(words for words, _ in response.context["holding"]) == [str(approach), str(mentorship)]
    assert mentorship.get_absolute_url() in response.content.decode()
    assert b"Nothing was deleted" in response.content
    assert Person.objects.count() == Contact.objects.count() == 1


# --- one person ------------------------------------------------------------------------------------


def test_person_page_shows_facts_paths_thoughts_and_notes(alice: User, bob: Person, alice_client: Client) -> None:
    cara, dan = make_person(alice, "Cara Cole"), make_person(alice, "Dan Dove")
    make_knows(bob, cara, note="same ward")
    make_knows(dan, bob)
    make_could_help(bob, make_need(alice), why="sits on the panel")
    make_contact(bob, note="at the conference")
    bob.notes = "First line\n<b>second</b>"
    bob.save(update_fields=["notes"])
    page = alice_client.get(bob.get_absolute_url()).content.decode()
    for words in ("Cara Cole", "same ward", "Dan Dove", "be known to funders", "sits on the panel", "bob@example.org"):
        assert words in page
    assert "First line<br>\n&lt;b&gt;second&lt;/b&gt;" in page
    assert "Only you can see this" in page


def test_person_page_takes_at_most_ten_queries_for_one_and_thirty(
    alice: User, bob: Person, alice_client: Client
) -> None:
    def grow(start: int, end: int) -> None:
        for i in range(start, end):
            make_knows(bob, make_person(alice, f"Known {i}"))
            make_knows(make_person(alice, f"Knower {i}"), bob)
            make_could_help(bob, make_need(alice, f"need {i}"))
            make_contact(bob)
            bob.tags.add(Tag.objects.create(owner=alice, name=f"tag {i}"), through_defaults={"owner": alice})

    grow(0, 1)
    make_mentorship(bob)
    one = queries_of(alice_client, bob.get_absolute_url())
    grow(1, 30)
    assert queries_of(alice_client, bob.get_absolute_url()) == one <= 10


@pytest.mark.usefixtures("ground_floor_alone")
def test_person_page_leads_on_step_by_step(alice: User, bob: Person, alice_client: Client) -> None:
    def step() -> str:
        return str(alice_client.get(bob.get_absolute_url()).context["next_step"].url)

    assert step() == reverse("person_could_help", args=[bob.pk])
    make_could_help(bob, make_need(alice))
    assert step() == reverse("approach_open")
    mentorship = make_mentorship(bob)
    assert step() == mentorship.get_absolute_url()


@pytest.mark.parametrize("pk", ["0", str(2**63), "9" * 25])
def test_person_page_of_an_impossible_id_is_not_found(alice_client: Client, pk: str) -> None:
    assert alice_client.get(f"/people/{pk}/").status_code == 404
    assert alice_client.get(f"/people/{2**63 - 1}/").status_code == 404


# --- contacts and paths ----------------------------------------------------------------------------


@time_machine.travel("2026-03-02 10:00Z", tick=False)
def test_we_spoke_is_one_press_and_a_second_press_changes_nothing(bob: Person, alice_client: Client) -> None:
    url = reverse("contact_add", args=[bob.pk])
    for _ in range(2):
        assert alice_client.post(url).url == bob.get_absolute_url()
    contact = Contact.objects.get()
    assert (contact.at, contact.kind) == (dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC), "other")
    page = alice_client.get(bob.get_absolute_url()).content.decode()
    assert reverse("contact_remove", args=[contact.pk]) in page
    assert "<span>You spoke</span>" in page
    alice_client.post(reverse("contact_remove", args=[contact.pk]))
    assert Contact.objects.count() == 0


@time_machine.travel("2026-03-02 10:00Z", tick=False)
def test_contact_on_another_day_is_kept_at_noon_there(db: None) -> None:
    user = make_user("kiri@example.org", time_zone="Pacific/Auckland")
    person = make_person(user)
    client = Client()
    client.force_login(user)
    client.post(reverse("contact_add", args=[person.pk]), {"on": "2026-02-20", "kind": "call", "note": "long talk"})
    contact = Contact.objects.get()
    assert contact.at == dt.datetime(2026, 2, 19, 23, tzinfo=dt.UTC)
    assert (contact.kind, contact.note) == ("call", "long talk")


@time_machine.travel("2026-03-02 10:00Z", tick=False)
@pytest.mark.parametrize(
    ("field", "value"),
    [("on", "2026-03-03"), ("on", "0001-01-01"), ("on", "soon"), ("kind", "x"), ("note", "x" * 501), ("note", "\0")],
)
def test_contact_says_what_is_wrong(bob: Person, alice_client: Client, field: str, value: str) -> None:
    response = alice_client.post(reverse("contact_add", args=[bob.pk]), {field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Contact.objects.count() == 0


@pytest.mark.parametrize("way", ["knows", "known_by"])
def test_knows_add_keeps_the_path_once_and_remove_asks(
    alice: User, bob: Person, alice_client: Client, way: str
) -> None:
    cara = make_person(alice, "Cara Cole")
    for note in ("old", "new"):
        response = alice_client.post(reverse("knows_add", args=[bob.pk]), {"way": way, "other": cara.pk, "note": note})
        assert response.url == bob.get_absolute_url()
    knows = Knows.objects.get()
    assert (knows.knower, knows.known) == ((bob, cara) if way == "knows" else (cara, bob))
    assert (knows.note, knows.owner) == ("new", alice)
    url = reverse("knows_remove", args=[knows.pk])
    assert alice_client.get(url).status_code == 200
    assert Knows.objects.count() == 1
    alice_client.post(url)
    assert (Knows.objects.count(), Person.objects.count()) == (0, 2)


def test_knows_add_refuses_oneself_and_a_strangers_person(bob: Person, charlie: User, alice_client: Client) -> None:
    for other in (bob, make_person(charlie, "Not hers")):
        response = alice_client.post(reverse("knows_add", args=[bob.pk]), {"way": "knows", "other": other.pk})
        assert response.context["form"].errors.keys() == {"other"}
    assert Knows.objects.count() == 0


def test_paths_card_says_each_knower_once(alice: User, bob: Person, alice_client: Client) -> None:
    cara, dan = make_person(alice, "Dr Cara Cole"), make_person(alice, "Dan Dale")
    make_knows(cara, bob, note="same ward")
    make_knows(dan, cara)
    make_mentorship(cara)
    card = (
        alice_client.get(bob.get_absolute_url()).content.decode().partition('id="paths"')[2].partition("</section>")[0]
    )
    assert card.count(f'<a class="row-title" href="{cara.get_absolute_url()}">Dr Cara Cole</a>') == 1
    assert "<span>Your mentor</span> <span>same ward</span>" in card
    assert "Ask Cara to introduce you<" in card
    assert "Ways to" not in card
    assert card.count(f'value="{cara.pk}"') == 2  # in the form of Bob's page, and in the chain through Dan
    assert "Ask Dan to introduce you to Cara" in card


def test_page_folds_away_what_is_many(alice: User, bob: Person, alice_client: Client) -> None:
    for number in range(8):
        make_knows(make_person(alice, f"Knower {number}"), bob)
        make_could_help(bob, make_need(alice, f"need {number}"))
    page = alice_client.get(bob.get_absolute_url()).content.decode()
    assert page.count("<summary>2 more</summary>") == 2
    assert [page.count(f">Knower {number}</a>") for number in range(8)] == [1] * 8
