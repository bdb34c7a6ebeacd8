"""Outcomes, giving back, the one-click rhythm, and the state of a mentorship."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.models import Mentorship, Person, Undoable, WhatCameOfIt
from portfolio.overview.coverage import strongest
from portfolio.people.deletion import delete_people
from portfolio.people.undo import UndoneAlready, delete_row, put_back_row, undo
from tests.factories import make_mentorship, make_need, make_outcome, make_person, make_support

NOW = time_machine.travel("2026-06-01 10:00Z", tick=False)


def outcome(**fields: object) -> dict[str, object]:
    return {f"outcome-{name}": value for name, value in {"words": "A talk", "on": "2026-05-05", **fields}.items()}


@NOW
def test_outcome_is_added_in_place_and_twice_is_once(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship, need = make_mentorship(bob), make_need(alice)
    url = reverse("outcome_add", args=[mentorship.pk])
    for _ in range(2):
        response = alice_client.post(url, outcome(words=" A   talk ", need=need.pk, expected="on"))
        assert response.url == f"{mentorship.get_absolute_url()}#outcomes"
    kept = WhatCameOfIt.objects.get()
    assert (kept.words, kept.on, kept.expected, kept.need) == ("A talk", dt.date(2026, 5, 5), True, need)
    text = alice_client.get(mentorship.get_absolute_url()).content.decode()
    assert "hoped for" in text
    assert "be known to funders</a>" in text


@NOW
def test_outcome_may_come_after_the_ending_never_before_the_beginning(bob: Person, alice_client: Client) -> None:
    ended = make_mentorship(bob, status="ended", ended_as="complete", ended_on=dt.date(2026, 2, 2))
    assert alice_client.post(reverse("outcome_add", args=[ended.pk]), outcome()).status_code == 302


@NOW
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("on", "2026-01-04"),
        ("on", "2026-06-02"),
        ("words", ""),
        ("words", "  "),
        ("words", "x" * 501),
        ("words", "\0"),
        ("need", "9" * 30),
    ],
)
def test_outcome_says_what_is_wrong_on_the_same_page(bob: Person, alice_client: Client, field: str, value: str) -> None:
    mentorship = make_mentorship(bob)
    response = alice_client.post(reverse("outcome_add", args=[mentorship.pk]), outcome(**{field: value}))
    assert response.status_code == 422
    assert response.context["outcome_form"].errors.keys() == {field}
    assert '<details class="add" open>' in response.content.decode()
    assert not WhatCameOfIt.objects.exists()


def test_outcome_refuses_a_strangers_need(bob: Person, charlie: User, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    response = alice_client.post(
        reverse("outcome_add", args=[mentorship.pk]), outcome(on="2026-01-05", need=make_need(charlie).pk)
    )
    assert response.context["outcome_form"].errors.keys() == {"need"}


@NOW
def test_outcome_is_changed_and_deleted_with_undo(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship, need = make_mentorship(bob), make_need(alice)
    kept = make_outcome(mentorship, "🜁 A talk\u202e", need=need)
    data = {"words": "A chair", "on": "2026-03-03", "need": ""}
    alice_client.post(reverse("outcome_edit", args=[kept.pk]), data)
    kept.refresh_from_db()
    assert (kept.words, kept.on, kept.need) == ("A chair", dt.date(2026, 3, 3), None)
    response = alice_client.post(reverse("outcome_delete", args=[kept.pk]), follow=True)
    assert not WhatCameOfIt.objects.exists()
    *_, message = response.context["messages"]
    for words in ("Back where it was.", "There was nothing to put back"):
        back = alice_client.post(message.extra_tags, follow=True)
        assert words in back.content.decode()
    assert WhatCameOfIt.objects.get() == kept
    assert WhatCameOfIt.objects.get().words == "A chair"


@NOW
def test_put_back_lets_go_of_a_need_that_is_gone(alice: User, bob: Person) -> None:
    mentorship, need = make_mentorship(bob), make_need(alice)
    kept = delete_row(make_outcome(mentorship, need=need))
    need.delete()
    back = put_back_row(kept)
    assert isinstance(back, WhatCameOfIt)
    assert back.need is None


@NOW
def test_put_back_without_its_mentorship_changes_nothing(bob: Person) -> None:
    mentorship = make_mentorship(bob)
    kept = delete_row(make_outcome(mentorship))
    mentorship.delete()
    assert put_back_row(kept) is None


def test_put_back_takes_no_row_of_somebody_else(bob: Person, charlie: User) -> None:
    kept = delete_row(make_outcome(make_mentorship(bob)))
    assert put_back_row(Undoable.objects.create(owner=charlie, kind="row", rows=kept.rows)) is None
    assert not WhatCameOfIt.objects.exists()


def test_one_row_and_many_people_each_come_back_by_their_own_undo(alice: User, bob: Person) -> None:
    row = delete_row(make_outcome(make_mentorship(bob)))
    people = delete_people(owner=alice, ids=[make_person(alice, "Gone").pk]).undoable
    assert people
    with pytest.raises(UndoneAlready):
        undo(owner=alice, undoable=row)
    assert put_back_row(people) is None
    assert (Person.objects.count(), WhatCameOfIt.objects.count()) == (1, 0)
    undo(owner=alice, undoable=people)
    put_back_row(row)
    assert (Person.objects.count(), WhatCameOfIt.objects.count()) == (2, 1)


def test_what_was_kept_aside_goes_after_a_month_and_not_before(alice: User, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    with time_machine.travel("2026-06-01 10:00Z"):
        people = delete_people(owner=alice, ids=[make_person(alice, "Gone").pk]).undoable
        delete_row(make_outcome(mentorship))
    with time_machine.travel("2026-06-30 10:00Z"):
        delete_row(make_outcome(mentorship))
    assert people
    assert (Undoable.objects.count(), Undoable.objects.filter(pk=people.pk).exists()) == (3, True)
    with time_machine.travel("2026-07-02 10:00Z"):
        delete_row(make_outcome(mentorship))
    assert Undoable.objects.count() == 2


@NOW
def test_giving_back_is_written_in_place(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    url = reverse("giving_back", args=[mentorship.pk])
    assert "Mentors rarely ask" in alice_client.get(mentorship.get_absolute_url()).content.decode()
    wrong = alice_client.post(url, {"giving_back": "x" * 2001})
    assert wrong.status_code == 422
    assert "x" * 2001 in wrong.content.decode()
    alice_client.post(url, {"giving_back": "News from my field"})
    assert "<p>News from my field</p>" in alice_client.get(mentorship.get_absolute_url()).content.decode()


@NOW
def test_six_weeks_are_offered_in_one_press_with_their_source(bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    text = alice_client.get(mentorship.get_absolute_url()).content.decode()
    assert "Every six weeks or so</button>" in text
    assert "Clutterbuck (2012)" in text
    url = reverse("mentorship_rhythm", args=[mentorship.pk])
    alice_client.post(url, {"weeks": "6"})
    text = alice_client.get(mentorship.get_absolute_url()).content.decode()
    assert "You mean to speak every six weeks or so. About due: you haven’t noted a conversation yet." in text
    assert f'action="{url}"' in text  # the undo
    for nonsense in ("0", "105", "\0", "9" * 30):
        alice_client.post(url, {"weeks": nonsense})
    assert Mentorship.objects.get().rhythm_weeks == 6
    alice_client.post(url)
    assert Mentorship.objects.get().rhythm_weeks is None


def test_strongest_is_one_or_several_on_a_tie() -> None:
    assert strongest([]) == []
    assert strongest([("how", 1), ("why", 2), ("how", 2), ("whom", 1)]) == ["why", "how"]
    assert strongest([("whom", 3), ("why", 2)]) == ["whom"]


@NOW
def test_where_they_stand_is_asked_on_a_tie_only(alice: User, bob: Person, alice_client: Client) -> None:
    mentorship = make_mentorship(bob)
    make_support(mentorship, competency="how", strength=2)
    url = reverse("mentorship_edit", args=[mentorship.pk])
    data = {"origin": "grew", "closeness": "1", "started_on": "2026-01-05", "shown_under": "why"}
    assert "shown_under" not in alice_client.get(url).context["form"].fields
    alice_client.post(url, data)
    assert Mentorship.objects.get().shown_under == ""
    make_support(mentorship, competency="why", strength=2)
    assert "Choose where they stand" in alice_client.get(mentorship.get_absolute_url()).content.decode()
    asked = alice_client.get(url).content.decode()
    assert "Where should Bob stand in the constellation?" in asked
    assert alice_client.post(url, data | {"shown_under": "whom"}).context["form"].errors.keys() == {"shown_under"}
    alice_client.post(url, data)
    assert Mentorship.objects.get().shown_under == "why"
    assert "Choose where they stand" not in alice_client.get(mentorship.get_absolute_url()).content.decode()
