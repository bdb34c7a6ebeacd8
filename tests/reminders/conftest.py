from __future__ import annotations

from collections.abc import Iterator

import pytest

from reminders import kinds
from tests.reminders.kinds_for_tests import Matters


@pytest.fixture
def matters() -> Iterator[Matters]:
    before = dict(kinds._kinds)
    here = Matters()
    here.register()
    yield here
    kinds._kinds.clear()
    kinds._kinds.update(before)
