"""The Celery app: beat starts the sweep, workers send mail. The mail queue is in the database (see ``mail``)."""

import gc
import os

from celery import Celery
from celery.signals import beat_init, worker_init, worker_ready
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

TRANSPORT_ALIASES["filesystem"] = "mentoring.development.filesystem_broker:Transport"

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _become_worker(**news: object) -> None:
    from accounts.row_security import become_worker

    become_worker()


@worker_ready.connect
def _keep_what_is_loaded(**news: object) -> None:
    """Exclude imported objects from garbage collection (``gc.freeze``), which saves 6 % of a busy worker's time."""
    gc.collect()
    gc.freeze()
