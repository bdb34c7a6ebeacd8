"""The migration plans new kinds of reminders for existing future meetings."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.models import User
from meetings.models import Meeting
from meetings.scheduling import remind_of_meeting
from portfolio.models import Person
from reminders.models import Reminder
from tests.factories import make_meeting, make_person, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)  # a Wednesday
FIELDS = ("kind", "subject_id", "occurrence", "wished_on", "wall_date", "wall_time", "zone", "due_at", "state")


def migrate() -> None:
    module = import_module("meetings.migrations.0007_reminders_of_meetings_planned_before")
    module.plan_what_is_ahead(apps, connection.schema_editor())


def rows() -> list[dict[str, object]]:
    kinds = Reminder.objects.filter(kind__in=("empty_agenda", "after_meeting"))
    return list(kinds.order_by("kind", "subject_id").values(*FIELDS))


def planned(person: Person) -> list[Meeting]:
    soon = [dt.timedelta(hours=3), dt.timedelta(days=2), dt.timedelta(days=5, hours=11), dt.timedelta(days=19)]
    return [make_meeting(person, starts_at=NOW + ahead) for ahead in soon]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"time_zone": "Pacific/Auckland", "country": "NZ", "reminder_time": dt.time(7, 30)},
        {"time_zone": "America/St_Johns", "country": "CA", "working_days": "26", "weekly_mail": True},
    ],
)
def test_they_get_what_they_would_get_planned_today(fields: dict[str, object]) -> None:
    owner = make_user("dana@example.org", **fields)
    meetings = planned(make_person(owner))
    for meeting in meetings:
        remind_of_meeting(meeting)
    expected = rows()
    assert expected
    Reminder.objects.all().delete()
    migrate()
    assert rows() == expected
    migrate()
    assert rows() == expected


@time_machine.travel(NOW, tick=False)
def test_nothing_of_the_past_and_nothing_that_is_off(bob: Person) -> None:
    make_meeting(bob, starts_at=NOW - dt.timedelta(hours=1))
    make_meeting(bob, starts_at=NOW + dt.timedelta(days=2), state="cancelled")
    make_meeting(bob, starts_at=NOW + dt.timedelta(days=2), state="held", held_at=timezone.now())
    migrate()
    assert rows() == []


@time_machine.travel(NOW, tick=False)
def test_what_is_there_already_stays(bob: Person, alice: User) -> None:
    meeting = make_meeting(bob, starts_at=NOW + dt.timedelta(days=9))
    remind_of_meeting(meeting)
    Reminder.objects.filter(kind="empty_agenda").update(state=Reminder.State.LET_GO)
    migrate()
    assert [row["state"] for row in rows()] == ["planned", "let_go"]
