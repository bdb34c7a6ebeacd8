"""Access checks that tests/test_access.py, which tests every route, doesn't cover."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings.models import Meeting
from portfolio.models import Person
from tests.factories import make_person


def test_nobody_plans_with_somebody_elses_person(charlie_client: Client, charlie: User, bob: Person) -> None:
    make_person(charlie, "Own person")
    assert charlie_client.get(reverse("meeting_new"), {"person": bob.pk}).status_code == 404
    answers = {"person": bob.pk, "kind": "regular", "day": "2020-03-10", "time": "14:00", "minutes": 60}
    response = charlie_client.post(reverse("meeting_new"), answers | {"zone": "Europe/London"})
    assert list(response.context["form"].errors) == ["person"]
    assert not Meeting.objects.exists()
