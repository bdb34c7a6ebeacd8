"""Heartbeats: beat and every worker store one regularly, to show which of them has stopped."""

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
EVERY = 60.0  # seconds between two heartbeats of a worker
# A process without a heartbeat for this long is late, and so is a mail this long after it was due.
LATE_AFTER = dt.timedelta(minutes=5)
FORGOTTEN = dt.timedelta(days=1)  # a worker without a heartbeat for this long is no longer reported
_ended = threading.Event()


@dataclass(frozen=True)
class HeartbeatStatus:
    """Beat or a worker: its last heartbeat (UTC), and whether that is too long ago.

    A heartbeat in the future counts as late: the clock was changed, and a dead process would seem alive until then.
    """

    name: str
    at: dt.datetime
    late: bool

    @property
    def words(self) -> str:
        return f"{self.name} was last heard of at {self.at:%Y-%m-%d %H:%M:%S} UTC"


def statuses() -> list[HeartbeatStatus]:
    """Every process that has ever stored a heartbeat, except workers gone for longer than ``FORGOTTEN``. One query."""
    now = timezone.now()
    hearts = Heartbeat.objects.filter(at__gt=now - FORGOTTEN) | Heartbeat.objects.exclude(name__startswith=WORKER)
    return [
        HeartbeatStatus(heart.name, heart.at, abs(now - heart.at) > LATE_AFTER) for heart in hearts.order_by("name")
    ]


def is_stalled() -> bool:
    """Whether beat's last heartbeat is too long ago or missing, so that mail queued now will wait."""
    return not any(pulse.name == SWEEP and not pulse.late for pulse in statuses())


def forget_gone() -> None:
    now = timezone.now()
    workers = Heartbeat.objects.filter(name__startswith=WORKER)
    workers.exclude(at__gt=now - FORGOTTEN, at__lt=now + FORGOTTEN).delete()


def record(name: str) -> None:
    """Store a heartbeat from the heartbeat thread; an unreachable database must not end that thread."""
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
    """A worker that shuts down normally removes its heartbeat, so that it is not reported as late."""
    try:
        Heartbeat.objects.filter(name=name_of(str(sender.hostname))).delete()
    except DatabaseError as error:
        log.warning("the sign of life of a worker that ended stays: %s", error)
