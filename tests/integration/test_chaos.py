"""A short chaos run: PostgreSQL with Redis, or SQLite with the embedded broker. The full one: ``make chaos``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from chaos.load import Plan
from chaos.run import run
from tests.servers import RedisServer, current_database_url, environment, find_redis

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redis() -> Iterator[RedisServer | None]:
    with ExitStack() as stack:
        if connection.vendor == "sqlite":
            yield None
        elif find_redis() is None:
            pytest.skip("redis-server is not installed")
        else:
            yield stack.enter_context(RedisServer())


def test_a_small_storm_loses_nothing(transactional_db: None, tmp_path: Path, redis: RedisServer | None) -> None:
    def env(port: int) -> dict[str, str]:
        broker = redis.url if redis else ""
        return environment(tmp_path, database_url=current_database_url(), broker_url=broker, EMAIL_PORT=str(port))

    plan = Plan(one=200, five=10, mentors=80, gone=2, kills=8, seconds=15, workers=2, hang_up=0.05)
    said: list[str] = []
    verdict = run(plan, env, tmp_path, redis, said.append)
    assert verdict.faults == [], "\n".join([*said, *verdict.lines()])
    assert verdict.wished == 252
    assert sum(verdict.kills.values()) >= 8
    assert verdict.mentor_mails == 80
    # Otherwise the hard case was not tested: mails that were accepted without an answer.
    assert verdict.mentor_uncertain > 0
    assert verdict.answers_lost > 0
    assert verdict.refused_and_shown == 2
