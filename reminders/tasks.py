"""The only task that beat starts. It carries no data: due reminders are in the database."""

from __future__ import annotations

from celery import shared_task
from celery.signals import after_task_publish
from django.conf import settings
from django.utils import timezone

from accounts import jobs, leaving, retention, security_log, workers
from accounts.export import making, restoring
from mail import engine, heartbeats
from mail.services import beat, purge, wake_up
from mail.tasks import deliver
from reminders.sweep import gather

HELPING_HANDS = 3


SWEEP = "reminders.tasks.sweep"


@after_task_publish.connect(sender=SWEEP)
def _beat_lives(**news: object) -> None:
    """Store beat's heartbeat when it publishes the sweep, so it shows that beat and the broker work."""
    heartbeats.record(heartbeats.BEAT)


@shared_task(name=SWEEP)
def sweep() -> None:
    """Gather due reminders and send them. With a backlog, start delivery on more workers."""
    beat(heartbeats.SWEEP)
    gather()
    purge()
    security_log.purge()
    leaving.erase_due()
    retention.apply_hourly()
    making.delete_old()
    restoring.delete_old()
    heartbeats.forget_gone()
    if jobs.any_waiting():
        workers.wake_up(jobs.TASK)
    batches = -(-engine.due(timezone.now()).count() // engine.BATCH)
    if batches > 1:
        wake_up(times=min(batches - 1, HELPING_HANDS))
    deliver(seconds=float(settings.SWEEP_SECONDS))
