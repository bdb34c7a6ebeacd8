"""The Celery tasks that send mail. They carry no data: the rows are in the database."""

from __future__ import annotations

import threading

from celery import shared_task
from celery.signals import worker_shutting_down

from mail import engine, heartbeats  # noqa: F401 - whose signals begin and end with the worker

_stopping = threading.Event()


@worker_shutting_down.connect
def _stop(**news: object) -> None:
    """A worker that is asked to end finishes the one message it is at and puts the rest back."""
    _stopping.set()


@shared_task
def deliver(seconds: float = 50) -> None:
    """Send what is due, for about this long at most."""
    engine.deliver(seconds=seconds, stop=_stopping.is_set)
