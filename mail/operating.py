"""For whoever runs this site: what is late, failed or uncertain, and what a person decides about it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from mail.models import OutgoingMail
from mail.services import wake_up

LATE = dt.timedelta(minutes=5)
State = OutgoingMail.State
DECIDABLE = (State.FAILED, State.UNCERTAIN)


def late(now: dt.datetime) -> QuerySet[OutgoingMail]:
    """What should have gone five minutes ago, or was tried and waits to be tried again; oldest first."""
    waiting = OutgoingMail.objects.filter(state__in=OutgoingMail.OPEN)
    return waiting.filter(Q(due_at__lt=now - LATE) | Q(attempts__gt=0)).order_by("created_at", "pk")


def failed() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=State.FAILED).order_by("-created_at", "-pk")


def uncertain() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=State.UNCERTAIN).order_by("-created_at", "-pk")


def can_retry(mail: OutgoingMail) -> bool:
    """What was written goes again as the same bytes, so it can't once they were dropped."""
    return mail.state in DECIDABLE and (mail.content is not None or mail.frozen_at is None)


def retry(*, mail: OutgoingMail) -> bool:
    """Back into the queue, now, with all tries ahead: the same bytes under the same Message-ID. False if too late."""
    if not can_retry(mail):
        return False
    closed = OutgoingMail.objects.filter(pk=mail.pk, state=mail.state)
    again = bool(closed.update(state=State.QUEUED, attempts=0, due_at=timezone.now()))
    if again:
        wake_up()
    return again


def set_aside(*, mail: OutgoingMail) -> bool:
    """Nothing more is done about it; its trouble stays in the row. False while a worker has it, or when sent."""
    settled = OutgoingMail.objects.filter(pk=mail.pk, state__in=(*DECIDABLE, State.QUEUED))
    return bool(settled.update(state=State.ASIDE))
