from __future__ import annotations

import datetime as dt
import threading
from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from mail import heartbeats
from mail.models import Heartbeat
from reminders import tasks

pytestmark = pytest.mark.django_db(transaction=True)


def heard(name: str, minutes: float) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now() - dt.timedelta(minutes=minutes)})


@pytest.mark.parametrize(
    ("hearts", "status", "words"),
    [
        ({"sweep": 1, "beat": 1, "worker a": 1}, 200, "ready"),
        ({"sweep": 1, "beat": 1, "worker a": 6, "worker b": 1}, 200, "ready\nworker a was last heard of at"),
        ({"sweep": 6, "beat": 6, "worker a": 1}, 503, "the clock stands still: beat was last heard of at"),
        ({"sweep": 6, "beat": 1, "worker a": 6}, 503, "no worker is running: worker a was last heard of at"),
        ({"sweep": 6, "beat": 1, "worker a": 1}, 503, "the clock last ticked at"),
        ({"sweep": 1, "beat": 1}, 200, "ready"),
        ({"sweep": 1, "worker a": 1}, 200, "ready"),
        ({"beat": 1, "worker a": 1}, 503, "the clock has not ticked yet"),
        ({"sweep": 1, "beat": 1, "worker a": -6, "worker b": 1}, 200, "ready\nworker a was last heard of at"),
        ({"sweep": 1, "beat": 1, "worker a": -6}, 503, "no worker is running: worker a was last heard of at"),
        ({"sweep": -6, "beat": -4, "worker a": 1}, 503, "the clock last ticked at"),
        ({"sweep": 1, "beat": -6, "worker a": 1}, 503, "the clock stands still: beat was last heard of at"),
        ({"sweep": 1, "beat": 1, "worker a": 6, "worker b": 7}, 503, "no worker is running: worker a was last"),
    ],
)
def test_readyz_says_which_part_is_late(client: Client, hearts: dict[str, float], status: int, words: str) -> None:
    for name, minutes in hearts.items():
        heard(name, minutes)
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.content.decode().startswith(words)


def test_a_worker_gone_for_a_day_is_forgotten(client: Client) -> None:
    heard("sweep", 1)
    heard("worker a", 60 * 25)
    assert client.get("/readyz").content == b"ready\n"
    heard("beat", 60 * 25)
    heard("worker of a clock set wrongly", -60 * 25)
    heard("worker b", 60 * 23)
    heard("worker c", -60 * 23)
    heartbeats.forget_gone()
    names = Heartbeat.objects.order_by("name").values_list("name", flat=True)
    assert list(names) == ["beat", "sweep", "worker b", "worker c"]


def test_beat_leaves_a_sign_when_it_fires_the_sweep() -> None:
    tasks._beat_lives()
    assert Heartbeat.objects.filter(name="beat").exists()


def test_a_worker_signs_while_it_lives_and_leaves_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats._ended, "is_set", iter([False, True]).__next__)
    monkeypatch.setattr(heartbeats._ended, "wait", lambda seconds: None)
    signed: list[str] = []
    monkeypatch.setattr(heartbeats, "record", signed.append)
    heartbeats._begin(sender=SimpleNamespace(hostname="one@host"))
    for _ in range(100):
        if signed:
            break
        heartbeats._ended.wait(0.01)
        __import__("time").sleep(0.01)
    assert signed == ["worker one@host"]
    heard("worker one@host", 0)
    heartbeats._leave(sender=SimpleNamespace(hostname="one@host"))
    assert not Heartbeat.objects.exists()


def test_a_worker_that_is_asked_to_end_signs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a last heartbeat might be stored after it was removed."""
    monkeypatch.setattr(heartbeats, "_ended", threading.Event())
    heartbeats._end()
    assert heartbeats._ended.is_set()


def test_a_worker_may_have_a_long_name() -> None:
    heartbeats.record(heartbeats.name_of("celery@" + "x" * 300))
    (heart,) = Heartbeat.objects.all()
    assert (len(heart.name), heart.name.startswith("worker celery@xxx")) == (120, True)


def test_a_database_that_is_away_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(name: str) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(heartbeats, "beat", away)
    heartbeats.record("beat")
    assert "no sign of life of beat" in caplog.text
