from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http_server import Inside


@pytest.fixture
def server(settings) -> Iterator[Inside]:
    """Where the user's calendar lies: on this machine, as the operator allows."""
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    inside = Inside()
    yield inside
    inside.close()
