"""The Celery app: the clock and the hands. The queue is the database (see ``mail``)."""

import gc
import os

from celery import Celery
from celery.signals import worker_ready
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

TRANSPORT_ALIASES["filesystem"] = "mentoring.development.filesystem_broker:Transport"

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _keep_what_is_loaded(**news: object) -> None:
    """The collector need not look through all that was imported, over and over: 6 % of a busy worker's time."""
    gc.collect()
    gc.freeze()
