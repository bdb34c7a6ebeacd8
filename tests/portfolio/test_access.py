"""Every address of this floor: anonymous signs in first, a stranger finds nothing, a GET changes nothing."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.registry import export_all
from portfolio import urls
from portfolio.models import Contact, Knows, Person, Tag
from tests.factories import (
    make_brief,
    make_contact,
    make_could_help,
    make_knows,
    make_mentorship,
    make_need,
    make_person,
    make_support,
)

ROUTES = [pattern.name for pattern in urls.urlpatterns]
WITHOUT_ID = {"briefs", "brief_start", "needs", "need_new", "people", "person_new"}
POST_ONLY = {
    "brief_start",
    "brief_finish",
    "brief_need_add",
    "brief_needs_take",
    "need_close",
    "need_reopen",
    "could_help_dismiss",
    "could_help_restore",
    "contact_add",
    "contact_remove",
    "mentorship_pause",
    "mentorship_resume",
    "mentorship_reopen",
    "mentorship_friends",
    "mentorship_not_friends",
    "direction_share",
    "direction_unshare",
    "support_end",
    "support_restore",
}
PAGES_ONLY = {"brief", "need", "person", "mentorship"}
# Pages that say something else than 200 to alice, who has a running mentorship with bob.
SPECIAL = {"person_delete": 409, "mentorship_new": 302}


@pytest.fixture
def ids(alice: User, bob: Person) -> dict[str, int]:
    """One row of each kind, by the first part of the route's address."""
    cara = make_person(alice, "Cara Cole")
    need, mentorship = make_need(alice), make_mentorship(bob, direction_private="North")
    bob.tags.add(Tag.objects.create(owner=alice, name="leeds"), through_defaults={"owner": alice})
    return {
        "brief": make_brief(alice, need).pk,
        "needs": need.pk,
        "could-help": make_could_help(cara, need, why="a private thought").pk,
        "people": bob.pk,
        "contacts": make_contact(bob).pk,
        "knows": make_knows(bob, cara).pk,
        "mentorships": mentorship.pk,
        "supports": make_support(mentorship, need).pk,
    }


def address(name: str, ids: dict[str, int]) -> str:
    if name in WITHOUT_ID:
        return reverse(name)
    pattern = next(str(p.pattern) for p in urls.urlpatterns if p.name == name)
    args: list[object] = [ids[pattern.split("/")[0]]]
    return reverse(name, args=[*args, "why-now"] if name == "brief_step" else args)


def everything() -> str:
    models = apps.get_app_config("portfolio").get_models()
    return "".join(serialize("json", model._default_manager.order_by("pk")) for model in models)


@pytest.mark.parametrize("name", ROUTES)
def test_anonymous_is_sent_to_sign_in(ids: dict[str, int], name: str) -> None:
    before = everything()
    for method in ("get", "post"):
        response = getattr(Client(), method)(address(name, ids))
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in WITHOUT_ID])
def test_stranger_finds_nothing_and_changes_nothing(ids: dict[str, int], charlie_client: Client, name: str) -> None:
    before = everything()
    url = address(name, ids)
    data = {"as": "met", "name": "Mine now", "words": "mine", "competency": "how", "needs": [ids["needs"]]}
    assert charlie_client.post(url, data).status_code == (405 if name in PAGES_ONLY else 404)
    assert charlie_client.get(url).status_code == (405 if name in POST_ONLY else 404)
    assert everything() == before


@pytest.mark.parametrize("name", ["people", "needs", "briefs"])
def test_strangers_lists_are_empty(ids: dict[str, int], charlie_client: Client, name: str) -> None:
    assert b'class="empty"' in charlie_client.get(reverse(name)).content
    assert b"leeds" not in charlie_client.get(reverse(name), {"q": "bob", "tag": "1"}).content


@pytest.mark.parametrize("name", ROUTES)
def test_get_changes_nothing(ids: dict[str, int], alice_client: Client, name: str) -> None:
    before = everything()
    assert alice_client.get(address(name, ids)).status_code == (405 if name in POST_ONLY else SPECIAL.get(name, 200))
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in POST_ONLY])
def test_page_has_at_most_one_filled_button(ids: dict[str, int], alice_client: Client, name: str) -> None:
    page = alice_client.get(address(name, ids)).content.decode()
    assert page.count('class="button"') <= 1


def test_export_holds_everything_in_plain_values(ids: dict[str, int], alice: User, charlie: User) -> None:
    export = export_all(alice)["portfolio"]
    assert isinstance(export, dict)
    text = json.dumps(export, default=lambda value: value.isoformat())
    for words in ("Dr Bob Brook", "bob@example.org", "leeds", "be known to funders", "a private thought", "North"):
        assert words in text
    assert export["what they support"][0]["since"] == dt.date(2026, 1, 5)
    theirs = export_all(charlie)["portfolio"]
    assert isinstance(theirs, dict)
    assert not any(theirs.values())


def test_erasing_a_user_takes_everything_along(ids: dict[str, int], alice: User) -> None:
    alice.delete()
    assert Person.objects.count() == Contact.objects.count() == Knows.objects.count() == 0
