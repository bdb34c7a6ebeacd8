"""The Celery app: the clock and the hands. The queue is the database (see ``mail``)."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

TRANSPORT_ALIASES["filesystem"] = "mentoring.embedded:Transport"

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
