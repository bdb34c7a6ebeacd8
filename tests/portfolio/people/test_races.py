"""Concurrent requests, each in a separate thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from portfolio.models import Person
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_adding_somebody_twice_at_once_adds_them_once() -> None:
    alice = make_user("alice@example.org", name="Alice Ashe")
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(alice)
    start = threading.Barrier(len(clients))

    def press(client: Client) -> int:
        try:
            start.wait(timeout=20)
            return client.post(reverse("person_new"), {"name": "Bob Brook", "source": "circle"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        # The other requests show the existing person.
        assert sorted(pool.map(press, clients)) == [200, 200, 200, 302]
    assert Person.objects.filter(owner=alice).count() == 1
