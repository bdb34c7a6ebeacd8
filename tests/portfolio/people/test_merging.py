"""Merging two records of one person without losing related rows."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings.models import Action, Meeting, MentorWord, Series
from outreach.models import Approach, Introduction, Message
from portfolio.mentorships.scheduling import remind_of_mentorship
from portfolio.models import (
    Contact,
    ContactImport,
    CouldHelp,
    ImportedContact,
    ImportRow,
    Knows,
    Mentorship,
    NewPost,
    Person,
    PersonEmail,
    PersonLink,
    PersonPhone,
    PersonTag,
    ReflectionLink,
    Tag,
)
from portfolio.people.merging import FACTS, CannotMerge, merge, obstacles, what_moves
from portfolio.people.references import pointing_at
from reminders.models import Reminder
from tests import stored_data
from tests.factories import (
    make_action,
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
    make_share_link,
    make_talk,
    make_user,
    make_word,
)
from tests.portfolio.helpers import queries_of
from tests.portfolio.people.test_directory import give_tag
from tests.races import at_once

ON = dt.date(2026, 3, 2)
ENDED: dict[str, Any] = {"status": "ended", "ended_on": ON, "ended_as": "complete"}


def unite(kept: Person, other: Person, **choices: str) -> Person:
    merge(kept=kept, other=other, choices=choices, on=ON)
    return Person.objects.get(pk=kept.pk)


@pytest.fixture
def bert(alice: User) -> Person:
    """The other record of Bob."""
    return make_person(alice, "Bob Brook", email="bert@example.org")


def hang_everything_on(person: Person) -> None:
    owner = person.owner
    friend = make_person(owner, f"Friend of {person.pk}")
    make_knows(person, friend, note="ward")
    make_knows(friend, person, note="lab")
    PersonLink.objects.create(owner=owner, person=person, url="https://example.org/b")
    give_tag(person, "leeds")
    make_contact(person, note="met")
    make_could_help(person, make_need(owner, f"need of {person.pk}"), why="chairs it")
    ReflectionLink.objects.create(owner=owner, reflection=make_reflection(owner), person=person)
    make_mentorship(person, **ENDED)
    make_message(make_approach(person, outcome="declined", ended_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC)))
    make_introduction(person, friend)
    make_introduction(friend, person)
    make_action(make_meeting(person, series=Series.objects.create(owner=owner, person=person, weeks=6)))
    make_talk(person, dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), key="the same meeting, with both of them")
    PersonPhone.objects.create(owner=owner, person=person, number="01632 960961")
    file = ContactImport.objects.create(owner=owner, name="contacts.csv")
    ImportRow.objects.create(owner=owner, batch=file, number=1, line=2, outcome="same", person=person)
    ImportedContact.objects.create(owner=owner, batch=file, person=person, contact={"name": person.name})
    NewPost.objects.create(owner=owner, batch=file, person=person)
    make_word(make_share_link(person, revoked_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC)))


# --- What moves -----------------------------------------------------------------------------------


def test_everything_over_all_floors_moves(bob: Person, bert: Person) -> None:
    hang_everything_on(bert)
    counts = {(kind, field.name): kind._base_manager.count() for kind, field in pointing_at(Person)}
    assert all(counts.values()), f"Hang something of each kind: {counts}"
    unite(bob, bert)
    assert not Person.objects.filter(pk=bert.pk).exists()
    for kind, field in pointing_at(Person):
        assert kind._base_manager.count() == counts[kind, field.name], kind
        assert kind._base_manager.filter(**{field.name: bob}).exists(), (kind, field)


def test_two_full_records_become_one(bob: Person, bert: Person) -> None:
    hang_everything_on(bob)
    hang_everything_on(bert)
    unite(bob, bert)
    assert (Contact.objects.count(), Mentorship.objects.count(), Approach.objects.count()) == (2, 2, 2)
    assert (Meeting.objects.count(), Action.objects.count(), Message.objects.count()) == (2, 2, 2)
    assert (Knows.objects.count(), Introduction.objects.count(), CouldHelp.objects.count()) == (4, 4, 2)
    assert MentorWord.objects.count() == 2
    assert (PersonTag.objects.count(), PersonLink.objects.count(), PersonEmail.objects.count()) == (1, 1, 2)
    assert stored_data.crossings() == []


def test_two_running_private_pages_wait_until_one_is_switched_off(bob: Person, bert: Person) -> None:
    for person in (bob, bert):
        make_share_link(person)
    (obstacle,) = obstacles(bob, bert)
    assert "private page" in obstacle.words


def test_the_walk_also_finds_what_only_ties_two_things_together() -> None:
    found = {(kind.__name__, field.name) for kind, field in pointing_at(Person)}
    assert {("PersonTag", "person"), ("Knows", "knower"), ("Knows", "known"), ("ReflectionLink", "person")} <= found
    assert {("Approach", "person"), ("Meeting", "person"), ("Introduction", "introducer")} <= found


def test_what_moves_is_said_in_words(bob: Person, bert: Person) -> None:
    make_contact(bert)
    make_contact(bert)
    make_approach(bert)
    make_knows(bert, make_person(bob.owner, "Cara"))
    assert sorted(what_moves(bert)) == ["1 approach", "1 e-mail address", "1 path for an introduction", "2 contacts"]


# --- Facts and notes ------------------------------------------------------------------------------


def test_facts_are_chosen_and_what_is_let_go_is_noted(alice: User, bob: Person, bert: Person) -> None:
    place = make_place(alice, "The Register")
    Person.objects.filter(pk=bert.pk).update(
        headline="Chair", organisation="Other Trust", sector="health", source="body", source_detail="met", place=place
    )
    bert.refresh_from_db()
    row = unite(bob, bert, headline="other", organisation="kept", source="other")
    assert (row.name, row.headline, row.organisation, row.sector) == ("Dr Bob Brook", "Chair", "Brook Trust", "health")
    assert (row.source, row.source_detail, row.place) == ("body", "met", place)
    assert row.notes == (
        "Merged with Bob Brook on 2 March 2026. Before: name “Bob Brook”; role “Director”; "
        "organisation “Other Trust”; how you know them “Immediate professional circle”."
    )
    assert "other trust" in row.search_text


def test_notes_of_both_stay_and_the_earlier_day_counts(bob: Person, bert: Person) -> None:
    early = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    Person.objects.filter(pk=bob.pk).update(notes="First")
    Person.objects.filter(pk=bert.pk).update(notes="Second", created_at=early)
    row = unite(bob, bert, name="other")
    assert row.notes.split("\n\n")[:2] == ["First", "Second"]
    assert (row.name, row.created_at) == ("Bob Brook", early)
    assert row.search_text.startswith("bob brook\n")


def test_long_notes_of_both_stay_and_can_still_be_edited(bob: Person, bert: Person, alice_client: Client) -> None:
    Person.objects.filter(pk=bob.pk).update(notes="a" * 20_000)
    Person.objects.filter(pk=bert.pk).update(notes="b" * 20_000)
    row = unite(bob, bert)
    assert len(row.notes) > 40_000
    data = {"name": "Bob", "source": "circle", "notes": row.notes, "emails": "bob@example.org"}
    assert alice_client.post(reverse("person_edit", args=[bob.pk]), data).status_code == 302


# --- Colliding rows -------------------------------------------------------------------------------


def test_addresses_of_both_stay_once_and_the_first_stays_first(alice: User, bob: Person, bert: Person) -> None:
    PersonEmail.objects.create(owner=alice, person=bert, address="BOB@example.org", position=1)
    row = unite(bert, bob)
    assert [email.address for email in row.emails.all()] == ["bert@example.org", "BOB@example.org"]
    assert row.email == "bert@example.org"
    assert "bert@example.org" in row.search_text


def test_a_thought_both_had_is_joined_and_the_stronger_one_wins(alice: User, bob: Person, bert: Person) -> None:
    need = make_need(alice)
    make_could_help(bob, need, why="chairs the panel", state="dismissed")
    make_could_help(bert, need, why="knows the field")
    unite(bob, bert)
    idea = CouldHelp.objects.get()
    assert (idea.person, idea.why, idea.state) == (bob, "chairs the panel; knows the field", "thought_of")


def test_words_too_long_to_be_joined_go_to_the_notes(alice: User, bob: Person, bert: Person) -> None:
    need = make_need(alice)
    make_could_help(bob, need, why="a" * 200)
    make_could_help(bert, need, why="b" * 200)
    row = unite(bob, bert)
    assert CouldHelp.objects.get().why == "a" * 200
    assert f"Why: {'b' * 200}" in row.notes


def test_paths_are_joined_and_the_one_between_the_two_goes(alice: User, bob: Person, bert: Person) -> None:
    cara = make_person(alice, "Cara")
    make_knows(bob, cara, note="ward")
    make_knows(bert, cara, note="choir")
    make_knows(cara, bert)
    make_knows(bob, bert)
    make_knows(bert, bob)
    unite(bob, bert)
    assert sorted((row.knower.name, row.known.name, row.note) for row in Knows.objects.all()) == [
        ("Cara", "Dr Bob Brook", ""),
        ("Dr Bob Brook", "Cara", "ward; choir"),
    ]


def test_a_tag_and_a_mention_of_both_stay_once(alice: User, bob: Person, bert: Person) -> None:
    reflection = make_reflection(alice)
    for person in (bob, bert):
        give_tag(person, "leeds")
        ReflectionLink.objects.create(owner=alice, reflection=reflection, person=person)
    give_tag(bert, "york")
    row = unite(bob, bert)
    assert [tag.name for tag in row.tags.all()] == ["leeds", "york"]
    assert ReflectionLink.objects.get().person == bob
    assert "york" in row.search_text
    assert Tag.objects.count() == 2


# --- Obstacles ------------------------------------------------------------------------------------


def mentorships(bob: Person, bert: Person) -> list[models.Model]:
    return [make_mentorship(bob), make_mentorship(bert, status="paused")]


def approaches(bob: Person, bert: Person) -> list[models.Model]:
    return [make_approach(bob), make_approach(bert)]


def introductions_to(bob: Person, bert: Person) -> list[models.Model]:
    cara = make_person(bob.owner, "Cara")
    return [make_introduction(bob, cara), make_introduction(bert, cara, state="asked")]


def introductions_by(bob: Person, bert: Person) -> list[models.Model]:
    cara = make_person(bob.owner, "Cara")
    return [make_introduction(cara, bob), make_introduction(cara, bert)]


def one_between_them(bob: Person, bert: Person) -> list[models.Model]:
    return [make_introduction(bob, bert)]


@pytest.mark.parametrize(
    "collide", [mentorships, approaches, introductions_to, introductions_by, one_between_them], ids=lambda f: f.__name__
)
def test_running_things_that_collide_stop_it_with_a_word_what_to_end(
    bob: Person, bert: Person, alice_client: Client, collide: Any
) -> None:
    rows = collide(bob, bert)
    make_contact(bert)
    before = stored_data.snapshot()
    assert [obstacle.rows for obstacle in obstacles(bob, bert)] == [rows]
    address = reverse("person_merge", args=[bob.pk])
    shown = alice_client.get(address, {"other": bert.pk}).content.decode()
    answer = alice_client.post(address, {"other": bert.pk})
    assert answer.status_code == 409
    for page in (shown, answer.content.decode()):
        assert str(rows[0]) in page
        assert "Nothing was merged" in page
        assert ">Merge them</button>" not in page
    with pytest.raises(CannotMerge):
        unite(bob, bert)
    assert stored_data.changed(before, stored_data.snapshot()) == []


def test_things_that_may_stand_side_by_side_do(alice: User, bob: Person, bert: Person) -> None:
    cara, dan = make_person(alice, "Cara"), make_person(alice, "Dan")
    make_mentorship(bob)
    make_mentorship(bert, **ENDED)
    make_approach(bob, rest_until=dt.date(2030, 1, 1))
    make_approach(bert)
    make_introduction(bob, cara)
    make_introduction(bert, dan)
    make_introduction(bert, cara, state="made", closed_on=ON)
    assert obstacles(bob, bert) == []
    unite(bob, bert)
    assert Introduction.objects.filter(target=bob).count() == 3


def test_a_person_is_not_merged_with_themselves(bob: Person, alice_client: Client) -> None:
    before = stored_data.snapshot()
    address = reverse("person_merge", args=[bob.pk])
    for ask in (alice_client.get, alice_client.post):
        answer = ask(address, {"other": bob.pk})
        page = alice_client.get(answer["Location"]).content.decode()
        assert "That is one and the same record. Choose two different ones." in page
    with pytest.raises(CannotMerge, match="one and the same"):
        unite(bob, bob)
    assert stored_data.changed(before, stored_data.snapshot()) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_person_is_not_merged_with_a_strangers(bob: Person, charlie: User, alice_client: Client, method: str) -> None:
    dora = make_person(charlie, "Dora Secret")
    before = stored_data.snapshot()
    for other in (str(dora.pk), "0", "x", "\0", "9" * 40):
        answer = getattr(alice_client, method)(reverse("person_merge", args=[bob.pk]), {"other": other})
        page = alice_client.get(answer["Location"]).content.decode()
        assert "not among your people" in page
        assert "Dora" not in page
    with pytest.raises(CannotMerge, match="not among your people"):
        unite(bob, dora)
    assert stored_data.changed(before, stored_data.snapshot()) == []
    assert getattr(alice_client, method)(reverse("person_merge", args=[dora.pk])).status_code == 404


def test_a_second_press_finds_it_done(bob: Person, bert: Person, alice_client: Client) -> None:
    address = reverse("person_merge", args=[bob.pk])
    assert alice_client.post(address, {"other": bert.pk}).url == bob.get_absolute_url()
    answer = alice_client.post(address, {"other": bert.pk})
    assert answer.status_code == 302
    assert "not any more" in alice_client.get(answer["Location"]).content.decode()
    assert Person.objects.get() == bob


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_make_one_of_them_and_lose_nothing() -> None:
    alice = make_user("alice@example.org")
    one, two = make_person(alice, "One", email="1@example.org"), make_person(alice, "Two", email="2@example.org")

    def press(kept: Person, other: Person) -> bool:
        try:
            merge(kept=kept, other=other, choices={}, on=ON)
        except CannotMerge:
            return False
        return True

    assert sorted(at_once(partial(press, one, two), partial(press, two, one))) == [False, True]
    assert Person.objects.count() == 1
    assert PersonEmail.objects.count() == 2


# --- The pages ------------------------------------------------------------------------------------


def test_the_other_record_is_offered_or_searched_for(
    alice: User, bob: Person, bert: Person, alice_client: Client
) -> None:
    make_person(alice, "Brook's neighbour", notes="Bob Brook")
    make_person(alice, "Same Address", email="BOB@example.org")
    make_person(alice, "Cara Cole")
    address = reverse("person_merge", args=[bob.pk])
    assert f'href="{address}"' in alice_client.get(bob.get_absolute_url()).content.decode()
    offered = alice_client.get(address)
    assert {person.name for person in offered.context["found"]} == {"Bob Brook", "Brook's neighbour", "Same Address"}
    found = alice_client.get(address, {"q": "cole"})
    assert [person.name for person in found.context["found"]] == ["Cara Cole"]
    assert "Nobody matches" in alice_client.get(address, {"q": "nobody"}).content.decode()


def test_both_are_shown_side_by_side_with_what_differs(bob: Person, bert: Person, alice_client: Client) -> None:
    Person.objects.filter(pk=bert.pk).update(headline="<b>Chair</b> {{ x }}", organisation="Brook Trust")
    make_contact(bert)
    address = reverse("person_merge", args=[bob.pk])
    response = alice_client.get(address, {"other": bert.pk})
    page = response.content.decode()
    assert list(response.context["form"].fields) == ["name", "headline"]
    assert "&lt;b&gt;Chair&lt;/b&gt; {{ x }}" in page
    assert "<li>1 contact</li>" in page
    assert f"{reverse('person_merge', args=[bert.pk])}?other={bob.pk}" in page
    assert alice_client.get(address, {"other": bert.pk, "headline": "other"}).status_code == 200
    assert Person.objects.count() == 2


@pytest.mark.parametrize("fact", FACTS)
def test_a_choice_that_is_none_is_said(bob: Person, bert: Person, alice_client: Client, fact: str) -> None:
    different = {"name": "X", "headline": "X", "organisation": "X", "sector": "X", "source": "body", "time_zone": "UTC"}
    Person.objects.filter(pk=bob.pk).update(sector="S", time_zone="Europe/Oslo")
    Person.objects.filter(pk=bert.pk).update(**different)
    response = alice_client.post(reverse("person_merge", args=[bob.pk]), {"other": bert.pk, fact: "\0nonsense"})
    assert response.context["form"].errors.keys() == {fact}
    assert Person.objects.count() == 2


def test_merge_page_takes_few_queries_however_much_hangs_on_them(
    bob: Person, bert: Person, alice_client: Client
) -> None:
    address = f"{reverse('person_merge', args=[bob.pk])}?other={bert.pk}"
    few = queries_of(alice_client, address)
    hang_everything_on(bert)
    for _ in range(20):
        make_contact(bert)
        make_mentorship(bert, **ENDED)
        make_introduction(make_person(bert.owner, "Friend"), bert)
    assert queries_of(alice_client, address) == few


def test_the_first_address_stays_first_also_where_the_other_record_is_older(bob: Person, bert: Person) -> None:
    PersonEmail.objects.filter(person=bob).delete()
    PersonEmail.objects.create(owner=bob.owner, person=bob, address="old@example.org")
    PersonEmail.objects.filter(person=bert).delete()
    PersonEmail.objects.create(owner=bob.owner, person=bert, address="new@example.org")
    assert [email.address for email in unite(bert, bob).emails.all()] == ["new@example.org", "old@example.org"]


def test_the_same_notes_stand_once(bob: Person, bert: Person) -> None:
    Person.objects.filter(pk__in=[bob.pk, bert.pk]).update(notes="Met in Leeds.", headline="")
    assert unite(bob, bert).notes.count("Met in Leeds.") == 1


@time_machine.travel("2026-03-02 10:00Z", tick=False)
def test_a_contact_that_moves_sets_the_clock_anew(bob: Person, bert: Person) -> None:
    mentorship = make_mentorship(bob, rhythm_weeks=6)
    remind_of_mentorship(mentorship)
    make_contact(bert, at=dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
    unite(bob, bert)
    assert Reminder.objects.get(kind="keep_in_touch", state="planned").wall_date == dt.date(2026, 4, 13)
