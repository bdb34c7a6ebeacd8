from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings.models import AgendaItem, Meeting
from tests.factories import make_item, make_need


def point(**fields) -> dict[str, object]:
    values = {"words": "Ask about funding", "minutes": "10", "raised_by": "me", "need": "", **fields}
    return {f"item-{name}": value for name, value in values.items()}


def test_add_returns_to_the_point(alice_client: Client, meeting: Meeting) -> None:
    response = alice_client.post(reverse("item_add", args=[meeting.pk]), point())
    item = AgendaItem.objects.get()
    assert response.url == f"/meetings/{meeting.pk}/#item-{item.pk}"
    assert (item.owner, item.words, item.minutes) == (meeting.owner, "Ask about funding", 10)


def test_a_point_is_kept_to_oneself_from_the_start(alice_client: Client, meeting: Meeting) -> None:
    alice_client.post(reverse("item_add", args=[meeting.pk]), point(private="on"))
    assert AgendaItem.objects.get().private
    assert "Keep this point to myself" in alice_client.get(meeting.get_absolute_url()).content.decode()


def test_add_twice_makes_one(alice_client: Client, meeting: Meeting) -> None:
    for _ in range(2):
        alice_client.post(reverse("item_add", args=[meeting.pk]), point())
    assert meeting.items.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("words", ""),
        ("words", "   "),
        ("words", "x" * 301),
        ("words", "a\0b"),
        ("minutes", "0"),
        ("minutes", "481"),
        ("minutes", "9" * 30),
        ("raised_by", "nobody"),
        ("need", "9" * 30),
        ("need", "\0"),
    ],
)
def test_add_with_bad_values_shows_the_page_with_the_error(
    alice_client: Client, meeting: Meeting, field: str, value: str
) -> None:
    response = alice_client.post(reverse("item_add", args=[meeting.pk]), point(**{field: value}))
    assert response.status_code == 422
    assert list(response.context["item_form"].errors) == [field]
    assert not AgendaItem.objects.exists()


def test_add_and_edit_take_only_ones_own_open_needs(alice_client: Client, meeting: Meeting, charlie: User) -> None:
    theirs = make_need(charlie)
    response = alice_client.post(reverse("item_add", args=[meeting.pk]), point(need=theirs.pk))
    assert list(response.context["item_form"].errors) == ["need"]
    item = make_item(meeting)
    answers = {"words": "x", "raised_by": "me", "need": theirs.pk}
    response = alice_client.post(reverse("item_edit", args=[item.pk]), answers)
    assert list(response.context["form"].errors) == ["need"]


def test_edit_keeps_a_need_that_was_closed_since(alice_client: Client, meeting: Meeting) -> None:
    need = make_need(meeting.owner, closed_on="2026-01-01", closed_as="met")
    item = make_item(meeting, need=need)
    answers = {"words": "new words", "minutes": "5", "raised_by": "mentor", "need": need.pk, "outcome": "agreed"}
    assert alice_client.post(reverse("item_edit", args=[item.pk]), answers).status_code == 302
    item.refresh_from_db()
    assert (item.words, item.raised_by, item.need, item.outcome) == ("new words", "mentor", need, "agreed")


@pytest.mark.parametrize(
    ("name", "state"),
    [("item_talked", "done"), ("item_park", "parked"), ("item_drop", "dropped"), ("item_reopen", "open")],
)
def test_mark_sets_the_state_and_keeps_the_outcome(
    alice_client: Client, meeting: Meeting, name: str, state: str
) -> None:
    item = make_item(meeting)
    alice_client.post(reverse(name, args=[item.pk]), {"outcome": "she will ask"})
    item.refresh_from_db()
    assert (item.state, item.outcome) == (state, "she will ask")
    alice_client.post(reverse(name, args=[item.pk]))
    item.refresh_from_db()
    assert item.outcome == "she will ask"


def test_mark_with_an_endless_outcome_changes_nothing(alice_client: Client, meeting: Meeting) -> None:
    item = make_item(meeting)
    for words in ("x" * 2001, "a\0b"):
        response = alice_client.post(reverse("item_talked", args=[item.pk]), {"outcome": words}, follow=True)
        assert "Nothing was changed." in response.content.decode()
    item.refresh_from_db()
    assert (item.state, item.outcome) == ("open", "")


def test_up_and_down_return_to_the_point(alice_client: Client, meeting: Meeting) -> None:
    first, second = make_item(meeting, "a", position=0), make_item(meeting, "b", position=1)
    response = alice_client.post(reverse("item_up", args=[second.pk]))
    assert response.url.endswith(f"#item-{second.pk}")
    assert list(meeting.items.all()) == [second, first]
    alice_client.post(reverse("item_down", args=[second.pk]))
    assert list(meeting.items.all()) == [first, second]
