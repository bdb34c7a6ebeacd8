"""Nobody but the owner reaches a meeting, and no GET changes anything."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings import urls
from meetings.models import Action, AgendaItem, Meeting
from portfolio.models import Person
from tests.factories import make_action, make_item, make_meeting, make_person

OF_ITEM = {"item_edit", "item_up", "item_down", "item_talked", "item_park", "item_drop", "item_reopen"}
OF_ACTION = {"action_edit", "action_done", "action_undone", "action_delete"}
LISTS = {"meetings", "meeting_new"}
NAMES = [pattern.name for pattern in urls.urlpatterns]
OF_ROWS = [name for name in NAMES if name not in LISTS]


@pytest.fixture
def rows(bob: Person) -> dict[str, int]:
    meeting = make_meeting(bob)
    item, action = make_item(meeting), make_action(meeting)
    return {name: item.pk if name in OF_ITEM else action.pk if name in OF_ACTION else meeting.pk for name in OF_ROWS}


def snapshot() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Meeting, AgendaItem, Action)]


@pytest.mark.parametrize("name", OF_ROWS)
def test_a_stranger_finds_nothing_and_changes_nothing(charlie_client: Client, rows: dict[str, int], name: str) -> None:
    before = snapshot()
    address = reverse(name, args=[rows[name]])
    assert charlie_client.post(address, {"words": "mine now", "item-words": "x"}).status_code in {404, 405}
    assert charlie_client.get(address).status_code in {404, 405}
    assert snapshot() == before


@pytest.mark.parametrize("name", NAMES)
def test_who_is_signed_out_is_asked_to_sign_in(client: Client, rows: dict[str, int], name: str) -> None:
    address = reverse(name, args=[rows[name]] if name in rows else [])
    for response in (client.get(address), client.post(address)):
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", NAMES)
def test_no_get_changes_anything(alice_client: Client, rows: dict[str, int], name: str) -> None:
    before = snapshot()
    assert alice_client.get(reverse(name, args=[rows[name]] if name in rows else [])).status_code in {200, 405}
    assert snapshot() == before


@pytest.mark.parametrize("name", OF_ROWS)
@pytest.mark.parametrize("pk", [2**63 - 1, 2**63, 10**30])
def test_a_huge_id_is_not_found(alice_client: Client, bob: Person, name: str, pk: int) -> None:
    address = reverse(name, args=[1]).replace("/1/", f"/{pk}/")
    assert (alice_client.get if name == "meeting" else alice_client.post)(address).status_code == 404


def test_nobody_plans_with_somebody_elses_person(charlie_client: Client, charlie: User, bob: Person) -> None:
    make_person(charlie, "Own person")
    assert charlie_client.get(reverse("meeting_new"), {"person": bob.pk}).status_code == 404
    answers = {"person": bob.pk, "kind": "regular", "day": "2020-03-10", "time": "14:00", "minutes": 60}
    response = charlie_client.post(reverse("meeting_new"), answers | {"zone": "Europe/London"})
    assert list(response.context["form"].errors) == ["person"]
    assert not Meeting.objects.exists()
