"""What the migration makes of invitations that were sent before an organizer was kept."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import AddressChange, User
from meetings.models import Invitation, Meeting
from portfolio.models import Person
from tests.factories import make_meeting

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.clock(NOW)]
DAY = dt.timedelta(days=1)
remember_the_first = import_module("meetings.migrations.0010_organizer_for_life").remember_the_first


def invited(person: Person, *, at: dt.datetime, whom: str = "mentor") -> Meeting:
    meeting = make_meeting(person)
    common = {"owner": person.owner, "meeting": meeting, "whom": whom, "address": "bob@example.org"}
    Invitation.objects.create(**common, method="REQUEST", sequence=0, created_at=at)
    Invitation.objects.create(**common, method="REQUEST", sequence=1, created_at=NOW)
    return meeting


def test_the_main_address_of_then_is_the_organizer(alice: User, bob: Person) -> None:
    before, after = invited(bob, at=NOW - 9 * DAY), invited(bob, at=NOW - DAY)
    mine = invited(bob, at=NOW - 9 * DAY, whom="me")
    old = [["other@example.org", True, False], ["old@example.org", True, True]]
    AddressChange.objects.create(owner=alice, at=NOW - 5 * DAY, before=old, after=[["alice@example.org", True, True]])
    remember_the_first(apps, None)
    for meeting, organizer in [(before, "old@example.org"), (after, "alice@example.org"), (mine, "")]:
        meeting.refresh_from_db()
        assert meeting.organizer == organizer
