"""Files of the export and erasure, and empty lists for another user. (For access to pages see tests/test_access.py.)"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.models import Contact, Knows, Person
from tests.access_world import World, make_world
from tests.stored_data import kept_models

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(alice: User) -> World:
    return make_world(alice, "aliceonly")


@pytest.mark.parametrize("name", ["people", "needs", "briefs"])
def test_strangers_lists_are_empty(world: World, charlie_client: Client, name: str) -> None:
    assert b'class="empty"' in charlie_client.get(reverse(name)).content
    assert b"aliceonly" not in charlie_client.get(reverse(name), {"q": "only", "tag": str(world.tag.pk)}).content


def test_erasing_a_user_takes_everything_along(world: World, alice: User) -> None:
    alice.delete()
    assert Person.objects.count() == Contact.objects.count() == Knows.objects.count() == 0
    owned = [model for model in kept_models() if hasattr(model, "owner")]
    assert [model.__name__ for model in owned if model._default_manager.exists()] == []
