"""The same press twice at the very same moment, on a real database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from meetings import services
from meetings.models import AgendaItem, Meeting
from portfolio.models import Contact, Person
from tests.factories import make_item, make_meeting

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(press: Callable[[], object]) -> list[object]:
    def pressed(_: int) -> object:
        try:
            return press()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(pressed, range(4)))


def test_four_holds_at_once_note_one_contact(bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(hours=1))
    assert sorted(at_once(lambda: services.hold_meeting(meeting=meeting))) == [False, False, False, True]
    assert Contact.objects.count() == 1


def test_four_plans_at_once_carry_each_point_over_once(bob: Person) -> None:
    over = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(days=3), state="cancelled")
    make_item(over, "still open")
    wish = {
        "owner": bob.owner,
        "person": bob,
        "kind": "regular",
        "starts_local": dt.datetime.now().replace(microsecond=0) + dt.timedelta(days=3),
        "zone": "Europe/London",
    }
    assert len({meeting.pk for meeting in at_once(lambda: services.plan_meeting(**wish))}) == 1
    assert Meeting.objects.planned().count() == 1
    assert AgendaItem.objects.filter(words="still open", state="open").count() == 1
