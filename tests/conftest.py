"""Three people: alice owns, bob is someone she knows (no account), charlie is a signed-in stranger."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from django.test import Client

from accounts.models import User
from portfolio.models import Person
from tests.factories import make_person, make_user

# No test is about speed: a machine that is busy with something else is no fault of ours.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice@example.org", name="Alice Ashe")


@pytest.fixture
def charlie(db: None) -> User:
    return make_user("charlie@example.org", name="Charlie Crane")


@pytest.fixture
def bob(alice: User) -> Person:
    return make_person(alice, "Dr Bob Brook", email="bob@example.org", headline="Director", organisation="Brook Trust")


@pytest.fixture
def alice_client(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def charlie_client(charlie: User) -> Client:
    client = Client()
    client.force_login(charlie)
    return client


@pytest.fixture(autouse=True)
def _real_outbox(settings: Any) -> None:
    """Django's test runner swaps the mail backend; ours is the thing to test."""
    settings.EMAIL_BACKEND = "mail.backends.OutboxBackend"
