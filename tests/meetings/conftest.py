from __future__ import annotations

import pytest

from meetings.models import Meeting, ShareLink
from portfolio.models import Person
from tests.factories import make_meeting, make_share_link


@pytest.fixture
def meeting(bob: Person) -> Meeting:
    """In a day from now."""
    return make_meeting(bob)


@pytest.fixture
def link(bob: Person) -> ShareLink:
    return make_share_link(bob)
