"""The Celery tasks that send mail. They carry no data: the rows are in the database."""

from __future__ import annotations

import threading

from celery import shared_task
from celery.signals import worker_shutting_down

from mail import engine, heartbeats  # noqa: F401 - its signal handlers run when a worker starts and stops

_stopping = threading.Event()


@worker_shutting_down.connect
def _stop(**news: object) -> None:
    """A worker that is asked to stop finishes the current message and queues the rest again."""
    _stopping.set()


@shared_task
def deliver(seconds: float = 50) -> None:
    """Send due mails, for about ``seconds`` at most."""
    engine.deliver(seconds=seconds, stop=_stopping.is_set)
