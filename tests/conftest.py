"""Fixtures: alice owns the data, bob is a person she knows (no account), charlie is another signed-in user."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts import leaving, retention, row_security
from accounts.models import User
from accounts.policies import Role
from mail import batch_render, engine
from portfolio.models import Person
from reminders import sweep
from tests import migrated, quick_flush, recent_sign_in
from tests.factories import make_person, make_user
from tests.smtp_server import SmtpServer

# Collect garbage rarely: tests make millions of short-lived objects, and looking for cycles took a twelfth of the time.
gc.set_threshold(50_000, 20, 100)
# No deadline for Hypothesis, because a busy machine must not fail a test.
hypothesis.settings.register_profile("suite", deadline=None)
# `make mutants` needs to know only whether a test fails, and the same result each time.
MUTANTS = bool(os.environ.get("MUTANTS"))
_NOTICED = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=50, phases=_NOTICED)
hypothesis.settings.load_profile("mutants" if MUTANTS else "suite")


# With `--dist loadfile`, the slowest files start first, so that all processes end at about the same time.
LONGEST = ["test_sweep.py", "test_pages.py", "test_main_job.py", "test_full_account.py", "test_without_javascript.py"]
LONGEST += ["test_chaos.py", "test_install.py", "test_compose.py", "test_up.py"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    deselect_without_database(config, items)
    other = "sqlite" if os.environ.get("TEST_DATABASE_URL") else "postgresql"
    deselect(config, items, [item for item in items if item.get_closest_marker(other)])


def deselect(config: pytest.Config, items: list[pytest.Item], unwanted: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if item not in set(unwanted)]


def deselect_without_database(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database, run only tests that use a database; the others need to run only once."""
    if not os.environ.get("ONLY_WITH_DATABASE"):
        return
    deselect(config, items, [item for item in items if not asks_a_database(item)])


def asks_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if MUTANTS:  # each is tested in a fork of this process, several at the same time
        connection.settings_dict["TEST"]["NAME"] += f".{os.getpid()}"
    migrated.begin_with_a_copy()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        quick_flush.install()


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Coordinates]:
    """Stands still at the instant of ``pytest.mark.clock`` until a test moves it; with ``tick=True`` it goes on."""
    marker = request.node.get_closest_marker("clock")
    with time_machine.travel(*marker.args, **{"tick": False, **marker.kwargs}) as clock:
        yield clock


@pytest.fixture(autouse=True)
def _clock_is_set(request: pytest.FixtureRequest) -> None:
    """Before anything of the test is made, also where it never asks for its clock."""
    if request.node.get_closest_marker("clock"):
        request.getfixturevalue("clock")


@pytest.fixture(scope="session", autouse=True)
def _force_login_is_recent() -> None:
    recent_sign_in.from_force_login()


@pytest.fixture(scope="session", autouse=True)
def _work_is_done_with_the_workers_role() -> Iterator[None]:
    """On PostgreSQL, what workers do sees and changes only what their role may, as it does in production."""

    def with_its_role(work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def working(*args: Any, **options: Any) -> Any:
            if connection.vendor != "postgresql" or not connection.in_atomic_block:
                return work(*args, **options)
            with row_security._acting(Role.WORKER, None):
                return work(*args, **options)

        return working

    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (sweep, "gather_for"),
            (leaving, "erase_due"),
            (retention, "apply"),
            (engine, "_write"),
            (batch_render, "write_together"),
        ):
            patch.setattr(module, name, with_its_role(getattr(module, name)))
        yield


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
    """Restore the app's mail backend, which Django's test runner replaces."""
    settings.EMAIL_BACKEND = "mail.backends.OutboxBackend"


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    """A real SMTP server, with settings that use it and short timeouts."""
    with SmtpServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.host, server.port, 3 if MUTANTS else 1
        yield server
        server.release()
