from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from tests.access import sweep
from tests.access_world import World


@pytest.fixture
def charlies(db: None) -> World:
    return sweep.thief()


@pytest.fixture
def alices(charlies: World) -> World:
    return sweep.victim(charlies)


@pytest.fixture
def now() -> Iterator[None]:
    """The time it is, standing still: pages that tell it stay the same."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False):
        yield
