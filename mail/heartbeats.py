"""Signs of life: every beat and every worker leaves one, so that it can be told which of them is late."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from dataclasses import dataclass
from typing import Any

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.db import DatabaseError, connection
from django.utils import timezone

from mail.models import Heartbeat
from mail.services import beat

log = logging.getLogger(__name__)

SWEEP, BEAT, WORKER = "sweep", "beat", "worker "
EVERY = 60.0  # seconds between two signs of a worker
SILENCE = dt.timedelta(minutes=5)
FORGOTTEN = dt.timedelta(days=1)  # a worker that has been gone so long is not missed any more
_ended = threading.Event()


@dataclass(frozen=True)
class HeartbeatStatus:
    """A part of the clockwork, when it was last heard of (UTC), and whether that is too long ago.

    A sign from a time to come is none either: somebody set a clock, and who died since would seem alive till then.
    """

    name: str
    at: dt.datetime
    late: bool

    @property
    def words(self) -> str:
        return f"{self.name} was last heard of at {self.at:%Y-%m-%d %H:%M:%S} UTC"


def statuses() -> list[HeartbeatStatus]:
    """All parts that have ever given a sign, but for workers gone for good. One query."""
    now = timezone.now()
    hearts = Heartbeat.objects.filter(at__gt=now - FORGOTTEN) | Heartbeat.objects.exclude(name__startswith=WORKER)
    return [HeartbeatStatus(heart.name, heart.at, abs(now - heart.at) > SILENCE) for heart in hearts.order_by("name")]


def is_stalled() -> bool:
    """Whether the clock has not ticked for too long, or never has: what is queued now will wait."""
    return not any(pulse.name == SWEEP and not pulse.late for pulse in statuses())


def forget_gone() -> None:
    now = timezone.now()
    workers = Heartbeat.objects.filter(name__startswith=WORKER)
    workers.exclude(at__gt=now - FORGOTTEN, at__lt=now + FORGOTTEN).delete()


def record(name: str) -> None:
    """Leave a sign from a thread of our own; a database that is away is no reason to end."""
    try:
        beat(name)
    except DatabaseError as error:
        log.warning("no sign of life of %s could be left: %s", name, error)
    finally:
        connection.close()


def name_of(hostname: str) -> str:
    return f"{WORKER}{hostname}"[:120]


@worker_ready.connect
def _begin(sender: Any, **news: object) -> None:
    name = name_of(str(sender.hostname))

    def live() -> None:
        while not _ended.is_set():
            record(name)
            _ended.wait(EVERY)

    threading.Thread(target=live, daemon=True, name="pulse").start()


@worker_shutting_down.connect
def _end(**news: object) -> None:
    _ended.set()


@worker_shutdown.connect
def _leave(sender: Any, **news: object) -> None:
    """Who goes in order is not missed."""
    try:
        Heartbeat.objects.filter(name=name_of(str(sender.hostname))).delete()
    except DatabaseError as error:
        log.warning("the sign of life of a worker that ended stays: %s", error)
