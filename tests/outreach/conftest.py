from __future__ import annotations

import pytest

from outreach.models import Approach
from portfolio.models import Person
from tests.factories import make_approach, make_person


@pytest.fixture
def approach(bob: Person) -> Approach:
    return make_approach(bob)


@pytest.fixture
def callum(bob: Person) -> Person:
    return make_person(bob.owner, "Callum Reith")
