"""For the operator of the site: which mails are late, failed or uncertain, and the decisions only a person can take."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from mail.heartbeats import LATE_AFTER
from mail.models import OutgoingMail
from mail.services import wake_up

State = OutgoingMail.State
DECIDABLE = (State.FAILED, State.UNCERTAIN)
# What was written goes again as the same bytes, so it can't once they were dropped.
_CAN_GO_AGAIN = Q(content__isnull=False) | Q(frozen_at__isnull=True)


def waiting() -> QuerySet[OutgoingMail]:
    """What is still to go. Asked in two halves, as the indexes have it: as quick however much was sent."""
    in_hand = [state for state in OutgoingMail.OPEN if state != State.QUEUED]
    return OutgoingMail.objects.filter(Q(state=State.QUEUED) | Q(state__in=in_hand))


def late(now: dt.datetime) -> QuerySet[OutgoingMail]:
    """What should have gone five minutes ago, or was tried and waits to be tried again; oldest first."""
    return waiting().filter(Q(due_at__lt=now - LATE_AFTER) | Q(attempts__gt=0)).order_by("created_at", "pk")


def failed() -> QuerySet[OutgoingMail]:
    return _in_trouble(State.FAILED)


def uncertain() -> QuerySet[OutgoingMail]:
    return _in_trouble(State.UNCERTAIN)


def _in_trouble(state: str) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=state).order_by("-created_at", "-pk")


def can_retry(mail: OutgoingMail) -> bool:
    """What waits to be tried again can go now; what waits for its hour can't."""
    wanted = mail.state in DECIDABLE or (mail.state == State.QUEUED and mail.attempts > 0)
    return wanted and (mail.content is not None or mail.frozen_at is None)


def may_come_twice(mail: OutgoingMail) -> bool:
    """Whether sending it again may deliver it twice, so that a person has to confirm it."""
    return mail.state == State.UNCERTAIN


def retry(*, mail: OutgoingMail) -> bool:
    """Queue it again, due now and with all its tries: the same bytes under the same Message-ID. False if too late."""
    return bool(can_retry(mail) and _again(OutgoingMail.objects.filter(pk=mail.pk, state=mail.state)))


def retry_failed() -> int:
    """All that failed and can go again: for when a server was set up wrongly. How many."""
    return _again(OutgoingMail.objects.filter(state=State.FAILED))


def retry_late() -> int:
    """All that wait to be tried again, now, with all tries ahead: for when the server is back. How many."""
    return _again(OutgoingMail.objects.filter(state=State.QUEUED, attempts__gt=0))


def _again(mails: QuerySet[OutgoingMail]) -> int:
    count = mails.filter(_CAN_GO_AGAIN).update(state=State.QUEUED, attempts=0, due_at=timezone.now())
    if count:
        wake_up()
    return count


def set_aside(*, mail: OutgoingMail) -> bool:
    """Nothing more is done about it; its trouble stays in the row. False while a worker has it, or when sent."""
    settled = OutgoingMail.objects.filter(pk=mail.pk, state__in=(*DECIDABLE, State.QUEUED))
    return bool(settled.update(state=State.ASIDE))
