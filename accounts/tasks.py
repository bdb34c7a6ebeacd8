"""The Celery task that does what users asked for in the background: see ``accounts.jobs``."""

from __future__ import annotations

import threading

from celery import shared_task
from celery.signals import worker_shutting_down

from accounts import jobs

_stopping = threading.Event()


@worker_shutting_down.connect
def _stop(**news: object) -> None:
    """A worker that is asked to stop finishes the current step; the next worker goes on after it."""
    _stopping.set()


@shared_task(name=jobs.TASK)
def run_jobs(seconds: float = 50) -> None:
    """Work for about ``seconds`` at most."""
    jobs.run(seconds=seconds, stop=_stopping.is_set)
