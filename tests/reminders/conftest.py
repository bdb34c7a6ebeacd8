from __future__ import annotations

from collections.abc import Iterator

import pytest

from reminders import kinds
from tests.reminders.kinds_for_tests import Matters


@pytest.fixture
def matters() -> Iterator[Matters]:
    here = Matters()
    with kinds.kinds.restored_after(empty=True):
        here.register()
        yield here
