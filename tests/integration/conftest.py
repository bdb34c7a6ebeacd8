"""Real processes around the test database: SQLite with the embedded broker, or PostgreSQL with Redis.

The runner runs this folder once for each pair. Tests with their own servers are marked ``standalone`` and run only
once.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from mail.models import Heartbeat
from outreach.models import FollowUp
from tests.factories import make_approach, make_follow_up, make_person, make_user
from tests.servers import RedisServer, SmtpServer, current_database_url, environment, find_redis, wait_until


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not os.environ.get("TEST_DATABASE_URL"):
        return
    twice = [item for item in items if item.get_closest_marker("standalone")]
    config.hook.pytest_deselected(items=twice)
    items[:] = [item for item in items if item not in twice]


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def service_env(transactional_db: None, tmp_path: Path, smtp: SmtpServer) -> Iterator[dict[str, str]]:
    """The environment for a worker, beat and web process that use this test's database and mail server."""
    if connection.vendor == "sqlite":
        yield environment(tmp_path, database_url=current_database_url(), smtp=smtp)
        return
    if find_redis() is None:
        pytest.skip("redis-server is not installed")
    with RedisServer() as redis:
        yield environment(tmp_path, database_url=current_database_url(), broker_url=redis.url, smtp=smtp)


@pytest.fixture
def wanderer(transactional_db: None) -> User:
    """A user who works every day, in a country without known holidays, with a UTC offset of a quarter hour."""
    return make_user(
        "wanda@example.org", name="Wanda Wills", time_zone="Asia/Kathmandu", country="XX", working_days="1234567"
    )


@pytest.fixture
def follow_up(wanderer: User) -> FollowUp:
    bob = make_person(wanderer, "Dr Bob Brook", email="bob@example.org")
    return make_follow_up(make_approach(bob, stage="approached"))


def sweeps_go_on(seconds: float) -> None:
    """Wait for more sweeps, so that any duplicate would have been sent."""
    later = Heartbeat.objects.get(name="sweep").at + dt.timedelta(seconds=seconds)
    wait_until(lambda: Heartbeat.objects.filter(name="sweep", at__gte=later).exists(), 40, what="more sweeps")
