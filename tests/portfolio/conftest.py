from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from portfolio import panels


@pytest.fixture
def ground_floor_alone() -> Iterator[None]:
    """Hide what apps above add to the portfolio app's pages."""
    with ExitStack() as stack:
        for registry in (panels.person_panels, panels.mentorship_panels, panels.person_steps, panels.mentorship_steps):
            stack.enter_context(registry.restored_after(empty=True))
        yield
