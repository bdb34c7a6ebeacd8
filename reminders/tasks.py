"""The clock's one task. It carries nothing; whatever is due is in the database."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from mail import engine
from mail.services import beat, purge, wake_up
from mail.tasks import deliver
from reminders.sweep import gather

HELPING_HANDS = 3


@shared_task(name="reminders.tasks.sweep")
def sweep() -> None:
    """Gather what is due and send it. A backlog calls a few more workers to help."""
    beat("sweep")
    gather()
    purge()
    batches = -(-engine.due(timezone.now()).count() // engine.BATCH)
    if batches > 1:
        wake_up(times=min(batches - 1, HELPING_HANDS))
    deliver(seconds=float(settings.SWEEP_SECONDS))
