"""The same names in several concurrent requests."""

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


def test_names_kept_twice_at_once_are_there_once() -> None:
    alice = make_user("alice@example.org", name="Alice Ashe")
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(alice)
    start = threading.Barrier(len(clients))

    def press(client: Client) -> int:
        try:
            start.wait(timeout=20)
            sent = {"name": ["Ann", "Bob"], "email": ["", ""], "detail": ["", ""], "need": ["", ""], "why": ["", ""]}
            return client.post(reverse("walk_source", args=["circle"]), sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        assert set(pool.map(press, clients)) == {302}
    assert sorted(Person.objects.filter(owner=alice).values_list("name", flat=True)) == ["Ann", "Bob"]
