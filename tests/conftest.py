"""Three people: alice owns, bob is someone she knows (no account), charlie is a signed-in stranger."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import Client

from accounts.models import User
from portfolio.models import Person
from tests import migrated
from tests.factories import make_person, make_user
from tests.smtp_server import SmtpServer

# No test is about speed: a machine that is busy with something else is no fault of ours.
hypothesis.settings.register_profile("suite", deadline=None)
# `make mutants` wants to know whether a mutant is noticed, and not why; and it wants the same answer tomorrow.
MUTANTS = bool(os.environ.get("MUTANTS"))
_NOTICED = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=50, phases=_NOTICED)
hypothesis.settings.load_profile("mutants" if MUTANTS else "suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database only what asks a database: to the rest, pytest-django refuses any, so once is enough."""
    if not os.environ.get("ONLY_WITH_DATABASE"):
        return
    without = [item for item in items if not asks_a_database(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in set(without)]


def asks_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if MUTANTS:  # each is met in a fork of one process, several at once
        connection.settings_dict["TEST"]["NAME"] += f".{os.getpid()}"
    migrated.begin_with_a_copy()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Where a test really commits, Django empties the tables behind it, and then makes every content type and
    permission anew, which takes longer than most tests. Nothing here asks for either.
    """
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


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


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    """A real server, and our settings pointing at it, with little patience."""
    with SmtpServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.host, server.port, 3 if MUTANTS else 1
        yield server
        server.release()
