from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from mail.models import Heartbeat

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


def test_healthz_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"up\n")


@pytest.mark.django_db
def test_readyz_is_ready_while_the_clock_ticks(client: Client) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")
    assert Session.objects.count() == 0


@pytest.mark.django_db
def test_readyz_says_when_the_clock_never_ticked(client: Client) -> None:
    Heartbeat.objects.create(name="something else", at=timezone.now())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"has not ticked yet" in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(5, 200), (5.1, 503)])
def test_readyz_says_when_the_clock_stopped(client: Client, minutes: float, status: int) -> None:
    with time_machine.travel(NOON, tick=False):
        Heartbeat.objects.create(name="sweep", at=NOON - dt.timedelta(minutes=minutes))
        assert client.get("/readyz").status_code == status


@pytest.mark.django_db
def test_readyz_says_when_the_database_is_gone(client: Client) -> None:
    def gone(*_: object) -> None:
        raise DatabaseError("gone")

    with connection.execute_wrapper(gone):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"the database can't be reached\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
