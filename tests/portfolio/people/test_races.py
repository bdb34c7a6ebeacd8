"""Concurrent requests, each in a separate thread."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.models import Person
from tests.factories import make_user
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def four_presses(user: User, address: str, sent: dict[str, object]) -> list[int]:
    """Send one form from four browsers of this user at once; returns the status codes, sorted."""
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(user)
    answers = at_once(*[partial(client.post, address, sent) for client in clients])
    return sorted(answer.status_code for answer in answers)


def test_adding_somebody_twice_at_once_adds_them_once() -> None:
    alice = make_user("alice@example.org", name="Alice Ashe")
    # The other requests show the existing person.
    assert four_presses(alice, reverse("person_new"), {"name": "Bob Brook", "source": "circle"}) == [200, 200, 200, 302]
    assert Person.objects.filter(owner=alice).count() == 1


def test_names_kept_twice_at_once_are_there_once() -> None:
    alice = make_user("alice@example.org", name="Alice Ashe")
    sent = {"name": ["Ann", "Bob"], "email": ["", ""], "detail": ["", ""], "need": ["", ""], "why": ["", ""]}
    assert four_presses(alice, reverse("walk_source", args=["circle"]), sent) == [302] * 4
    assert sorted(Person.objects.filter(owner=alice).values_list("name", flat=True)) == ["Ann", "Bob"]
