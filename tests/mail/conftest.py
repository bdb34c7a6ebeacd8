from __future__ import annotations

from collections.abc import Iterator

import pytest

from mail import purposes


@pytest.fixture(autouse=True)
def _purposes_as_before() -> Iterator[None]:
    with purposes.purposes.restored_after():
        yield
