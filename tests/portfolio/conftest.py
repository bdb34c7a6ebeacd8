from __future__ import annotations

import pytest

from portfolio import panels


@pytest.fixture
def ground_floor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This floor's pages as they are when no floor above adds to them."""
    for name in ("person_panels", "mentorship_panels", "person_steps", "mentorship_steps"):
        monkeypatch.setattr(panels, name, panels.Registry())
