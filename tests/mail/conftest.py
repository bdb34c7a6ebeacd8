from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from mail import purposes
from tests.servers import SmtpServer


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpServer]:
    """A real server, and our settings pointing at it, with little patience."""
    with SmtpServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.host, server.port, 1
        yield server
        server.release()


@pytest.fixture(autouse=True)
def _purposes_as_before() -> Iterator[None]:
    with purposes.purposes.restored_after():
        yield
