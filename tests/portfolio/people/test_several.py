"""Bulk actions on people, and their undo."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from meetings.models import Action
from outreach.models import Approach
from portfolio.models import (
    Contact,
    CouldHelp,
    Knows,
    Person,
    PersonEmail,
    PersonLink,
    PersonTag,
    PlaceToLook,
    Reflection,
    ReflectionLink,
    Tag,
    Undoable,
)
from portfolio.people.deletion import delete_people
from portfolio.people.tagging import rename_tag
from portfolio.people.undo import UndoneAlready, undo
from tests import stored_data
from tests.factories import (
    make_approach,
    make_contact,
    make_could_help,
    make_introduction,
    make_knows,
    make_meeting,
    make_mentorship,
    make_message,
    make_need,
    make_person,
    make_place,
    make_reflection,
)
from tests.portfolio.people.test_directory import give_tag, names

BULK = "people_bulk"


def press(client: Client, act: str, *people: Person, **more: object) -> str:
    """POST a bulk action; returns the message."""
    data = {"act": act, "person": [person.pk for person in people], **more}
    response = client.post(reverse(BULK), data)
    assert response.status_code == 302
    return said(client, response.url)


def said(client: Client, address: str) -> str:
    return " ".join(str(message) for message in client.get(address).context["messages"])


def undo_last(client: Client) -> str:
    response = client.post(reverse("people_undo", args=[Undoable.objects.latest("pk").pk]))
    return said(client, response.url)


def full_person(owner: User, name: str = "Ann Abel") -> Person:
    """A person with one of every row that is deleted with them."""
    person = make_person(
        owner, name, email=f"{name.split()[0].lower()}@example.org", place=make_place(owner), notes="# Ünïcode\n\u202e🜁"
    )
    PersonLink.objects.create(owner=owner, person=person, url="https://example.org/ann")
    other = make_person(owner, f"Friend of {name}")
    make_knows(person, other, note="same ward")
    make_knows(other, person)
    make_contact(person, note="met", at=dt.datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=dt.UTC), minutes=20)
    make_could_help(person, make_need(owner), why="chairs it")
    reflection = make_reflection(owner)
    ReflectionLink.objects.create(owner=owner, reflection=reflection, person=person)
    give_tag(person, "leeds")
    return person


def everything() -> stored_data.Snapshot:
    kept = stored_data.snapshot()
    del kept["portfolio.Undoable"]
    return kept


# --- Tags -----------------------------------------------------------------------------------------


def test_several_get_a_tag_and_are_found_by_it(alice: User, alice_client: Client) -> None:
    ann, bea, cara = (make_person(alice, name) for name in ("Ann", "Bea", "Cara"))
    give_tag(cara, "Léeds")
    assert press(alice_client, "tag", ann, bea, cara, tag_name="  léeds ") == "2 people now carry “léeds”."
    assert Tag.objects.get().name == "Léeds"
    assert names(alice_client, q="leeds") == ["Ann", "Bea", "Cara"]
    assert undo_last(alice_client) == "Taken back: “Léeds” is off 2 people again."
    assert names(alice_client, q="leeds") == names(alice_client, tag=Tag.objects.get().pk) == ["Cara"]


def test_a_new_tag_goes_again_when_it_is_taken_back(alice: User, bob: Person, alice_client: Client) -> None:
    press(alice_client, "tag", bob, tag_name="leeds")
    undo_last(alice_client)
    assert Tag.objects.count() == 0
    assert names(alice_client, q="leeds") == []


def test_several_lose_a_tag_and_get_it_back(alice: User, alice_client: Client) -> None:
    ann, bea = make_person(alice, "Ann"), make_person(alice, "Bea")
    tag = give_tag(ann, "leeds")
    assert press(alice_client, "untag", ann, bea, tag_name="LEEDS") == "“LEEDS” is off 1 person."
    assert (Tag.objects.count(), names(alice_client, q="leeds")) == (0, [])
    assert undo_last(alice_client) == "Taken back: 1 person carries “leeds” again."
    assert (Tag.objects.get().pk, names(alice_client, q="leeds")) == (tag.pk, ["Ann"])


def test_a_tag_comes_back_under_the_name_it_has_now(alice: User, alice_client: Client) -> None:
    ann, bea = make_person(alice, "Ann"), make_person(alice, "Bea")
    give_tag(ann, "leeds")
    press(alice_client, "untag", ann, tag_name="leeds")
    give_tag(bea, "Leeds")
    undo_last(alice_client)
    assert [tag.name for tag in ann.tags.all()] == ["Leeds"]
    assert Tag.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "tag_name", "words"),
    [
        ("tag", "", "The tag was not changed: write which tag."),
        ("tag", "a,b", "The tag was not changed: a tag has no comma in it."),
        ("tag", "x" * 51, "The tag was not changed: ensure this value has at most 50"),
        ("tag", "a\0", "The tag was not changed: null characters are not allowed."),
        ("tag", "leeds", "All of them carry “leeds” already."),
        ("untag", "york", "None of them carries “york”."),
        ("dance", "leeds", "Choose what to do with them."),
    ],
)
def test_a_press_that_cannot_be_meant_changes_nothing(
    bob: Person, alice_client: Client, act: str, tag_name: str, words: str
) -> None:
    give_tag(bob, "leeds")
    before = stored_data.snapshot()
    assert press(alice_client, act, bob, tag_name=tag_name).startswith(words)
    assert stored_data.changed(before, stored_data.snapshot()) == []


def test_a_tag_is_renamed_for_all_who_carry_it(alice: User, bob: Person, alice_client: Client) -> None:
    tag = give_tag(bob, "leeds")
    address = reverse("tag_edit", args=[tag.pk])
    page = alice_client.get(reverse("people"), {"tag": tag.pk}).content.decode()
    assert f'href="{address}"' in page
    assert alice_client.get(address).status_code == 200
    alice_client.post(address, {"name": "  york   minster"})
    assert (names(alice_client, q="york minster"), names(alice_client, q="leeds")) == ([bob.name], [])


@pytest.mark.parametrize("name", ["YORK", "", "x" * 51, "a, b", "\0"])
def test_a_tag_keeps_its_name_if_the_new_one_will_not_do(bob: Person, alice_client: Client, name: str) -> None:
    tag = give_tag(bob, "leeds")
    give_tag(bob, "york")
    response = alice_client.post(reverse("tag_edit", args=[tag.pk]), {"name": name})
    assert response.context["form"].errors.keys() == {"name"}
    tag.refresh_from_db()
    assert tag.name == "leeds"


# --- Deleting -------------------------------------------------------------------------------------


def test_deleted_people_come_back_whole(alice: User, alice_client: Client) -> None:
    ann, bea = full_person(alice), full_person(alice, "Bea Best")
    make_knows(ann, bea)
    before = everything()
    words = press(alice_client, "delete", ann, bea)
    assert words == "Ann Abel and Bea Best are gone from your people."
    for kind in (PersonEmail, PersonLink, Knows, Contact, CouldHelp, ReflectionLink, PersonTag):
        assert kind.objects.count() == 0
    assert (Person.objects.count(), PlaceToLook.objects.count(), Reflection.objects.count()) == (2, 2, 2)
    assert Tag.objects.count() == 0  # nobody has it any more
    assert undo_last(alice_client) == "2 people back, with everything that hung on them."
    assert stored_data.changed(before, everything()) == []
    assert names(alice_client, q="leeds unicode") == ["Ann Abel", "Bea Best"]


def test_an_undo_works_once(alice: User, bob: Person, alice_client: Client) -> None:
    press(alice_client, "delete", bob)
    undo_last(alice_client)
    assert undo_last(alice_client) == "That was taken back already."
    assert Person.objects.get() == bob
    with pytest.raises(UndoneAlready):
        undo(owner=alice, undoable=Undoable.objects.get())


def test_an_undo_brings_back_what_it_can(alice: User, alice_client: Client) -> None:
    """Meanwhile the place, the need and the other person were deleted, and the tag has another id."""
    ann = full_person(alice)
    press(alice_client, "delete", ann)
    Person.objects.filter(name__startswith="Friend").delete()
    PlaceToLook.objects.all().delete()
    Reflection.objects.all().delete()
    give_tag(make_person(alice, "Bea"), "LEEDS")
    words = undo_last(alice_client)
    assert (
        words
        == "1 person back, with everything that hung on them. Not so what tied them to someone who has gone since."
    )
    ann.refresh_from_db()
    assert (ann.place, Knows.objects.count(), ReflectionLink.objects.count()) == (None, 0, 0)
    assert [tag.name for tag in ann.tags.all()] == ["LEEDS"]
    assert ann.contacts.get().minutes == 20


def test_a_column_that_is_gone_by_then_does_not_stop_an_undo(bob: Person, alice: User) -> None:
    delete_people(owner=alice, ids=[bob.pk])
    kept = Undoable.objects.get()
    what = json.loads(kept.rows)
    what["tables"]["portfolio.Person"]["fields"].append("star_sign")
    what["tables"]["portfolio.Person"]["rows"][0].append("Leo")
    Undoable.objects.update(rows=json.dumps(what))
    undo(owner=alice, undoable=kept)
    assert Person.objects.get().name == bob.name


def test_whom_a_story_holds_is_kept_and_named(alice: User, alice_client: Client) -> None:
    approached, met, mentor, doer, target, introducer, free = (
        make_person(alice, name) for name in ("Approached", "Met", "Mentor", "Doer", "Target", "Introducer", "Free")
    )
    make_message(make_approach(approached))
    make_meeting(met)
    make_mentorship(mentor)
    meeting = make_meeting(make_person(alice, "Other"))
    Action.objects.create(owner=alice, meeting=meeting, person=doer, words="Read it")
    make_introduction(target, introducer)
    make_contact(approached)
    before = {person.pk for person in Person.objects.all()} - {free.pk}
    words = press(alice_client, "delete", approached, met, mentor, doer, target, introducer, free)
    assert words.startswith("Free is gone from your people. Approached, Doer, Introducer and 3 others are kept")
    assert {person.pk for person in Person.objects.all()} == before
    assert (Approach.objects.count(), Contact.objects.count()) == (1, 1)


def test_only_kept_people_leave_nothing_to_undo(alice: User, bob: Person, alice_client: Client) -> None:
    make_approach(bob)
    assert "Dr Bob Brook is kept" in press(alice_client, "delete", bob)
    assert (Undoable.objects.count(), Person.objects.count()) == (0, 1)


def test_all_that_match_are_meant_beyond_the_page(alice: User, alice_client: Client) -> None:
    for i in range(60):
        make_person(alice, f"Ann {i:02}", source="body")
    make_person(alice, "Bea")
    page = alice_client.get(reverse("people"), {"source": "body"})
    assert 'name="filters" value="source=body"' in page.content.decode()
    words = press(alice_client, "delete", all="1", filters="source=body")
    assert words == "Ann 00, Ann 01, Ann 02 and 57 others are gone from your people."
    assert Person.objects.get().name == "Bea"
    undo_last(alice_client)
    assert Person.objects.count() == 61


def test_the_way_back_keeps_the_filters(bob: Person, alice_client: Client) -> None:
    data = {"act": "tag", "tag_name": "leeds", "person": bob.pk, "filters": "q=bob&sort=newest&page=9&evil=//x"}
    assert alice_client.post(reverse(BULK), data).url == "/people/?q=bob&sort=newest"


@pytest.mark.parametrize("filters", ["tag=9999999", "q=nobody", "place=1"])
def test_nobody_matching_means_nobody(bob: Person, alice_client: Client, filters: str) -> None:
    assert press(alice_client, "delete", all="1", filters=filters).startswith("Nobody was ticked")
    assert Person.objects.count() == 1


def test_nobody_ticked_or_a_stranger_ticked_changes_nothing(bob: Person, charlie: User, alice_client: Client) -> None:
    dora = make_person(charlie, "Dora")
    for people in ([], [dora]):
        for act in ("delete", "tag", "untag", "merge"):
            assert press(alice_client, act, *people, tag_name="x").startswith("Nobody was ticked")
    assert Person.objects.count() == 2
    data = {"act": "delete", "person": ["\0", "-1", "x", "9" * 40, str(2**63)]}
    assert alice_client.post(reverse(BULK), data).status_code == 302


def test_what_was_undoable_is_forgotten_after_thirty_days(alice: User, charlie: User, alice_client: Client) -> None:
    old, recent = timezone.now() - dt.timedelta(days=31), timezone.now() - dt.timedelta(days=29)
    for at, owner in ((old, alice), (recent, alice), (old, charlie)):
        Undoable.objects.create(owner=owner, kind="deleted", rows="{}", at=at)
    press(alice_client, "delete", make_person(alice))
    assert sorted(Undoable.objects.filter(owner=alice).values_list("at", flat=True))[0] == recent
    assert Undoable.objects.filter(owner=charlie).count() == 1


def test_two_are_chosen_to_be_merged(alice: User, alice_client: Client) -> None:
    ann, bea, cara = (make_person(alice, name) for name in ("Ann", "Bea", "Cara"))
    response = alice_client.post(reverse(BULK), {"act": "merge", "person": [bea.pk, ann.pk]})
    assert response.url == f"{reverse('person_merge', args=[ann.pk])}?other={bea.pk}"
    assert press(alice_client, "merge", ann, bea, cara).startswith("Tick exactly two")
    assert press(alice_client, "merge", ann).startswith("Tick exactly two")


def test_more_than_one_statement_takes_are_deleted_and_come_back(alice: User) -> None:
    Person.objects.bulk_create([Person(owner=alice, name=f"Person {i}") for i in range(1_200)])
    ids = list(Person.objects.values_list("pk", flat=True))
    done = delete_people(owner=alice, ids=ids)
    assert (Person.objects.count(), len(done.names)) == (0, 1_200)
    assert done.undoable
    assert undo(owner=alice, undoable=done.undoable).startswith("1,200 people back")
    assert sorted(Person.objects.values_list("pk", flat=True)) == sorted(ids)


def test_whoever_comes_back_is_found_by_the_name_a_tag_has_now(alice: User, alice_client: Client) -> None:
    ann, bea = make_person(alice, "Ann"), make_person(alice, "Bea")
    give_tag(ann, "leeds")
    tag = give_tag(bea, "leeds")
    press(alice_client, "delete", ann)
    rename_tag(tag=tag, name="york")
    undo_last(alice_client)
    assert (names(alice_client, q="york"), names(alice_client, q="leeds")) == (["Ann", "Bea"], [])
