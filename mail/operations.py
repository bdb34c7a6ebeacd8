"""For the operator: which mails are late, failed or uncertain, and the decisions that only a person can make."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from mail.heartbeats import LATE_AFTER
from mail.models import OutgoingMail
from mail.services import wake_up

State = OutgoingMail.State
DECIDABLE = (State.FAILED, State.UNCERTAIN)
# A retry sends the same bytes, so it is impossible after they were purged.
_CAN_GO_AGAIN = Q(content__isnull=False) | Q(frozen_at__isnull=True)


def _ours() -> QuerySet[OutgoingMail]:
    """What this site sends. Letters from users' own mailboxes are their writers' to decide about."""
    return OutgoingMail.objects.exclude(audience=OutgoingMail.Audience.OWN)


def waiting() -> QuerySet[OutgoingMail]:
    """Unfinished mail. Two conditions that match the indexes, so that it stays fast however much was sent."""
    in_hand = [state for state in OutgoingMail.OPEN if state != State.QUEUED]
    return _ours().filter(Q(state=State.QUEUED) | Q(state__in=in_hand))


def late(now: dt.datetime) -> QuerySet[OutgoingMail]:
    """Mails due more than five minutes ago, or waiting for another try; oldest first."""
    return waiting().filter(Q(due_at__lt=now - LATE_AFTER) | Q(attempts__gt=0)).order_by("created_at", "pk")


def failed() -> QuerySet[OutgoingMail]:
    return _in_trouble(State.FAILED)


def uncertain() -> QuerySet[OutgoingMail]:
    return _in_trouble(State.UNCERTAIN)


def _in_trouble(state: str) -> QuerySet[OutgoingMail]:
    return _ours().filter(state=state).order_by("-created_at", "-pk")


def can_retry(mail: OutgoingMail) -> bool:
    """Mail waiting for another try can be sent now; mail that is not due yet can't."""
    if mail.audience == OutgoingMail.Audience.OWN:
        return False
    wanted = mail.state in DECIDABLE or (mail.state == State.QUEUED and mail.attempts > 0)
    return wanted and (mail.content is not None or mail.frozen_at is None)


def may_come_twice(mail: OutgoingMail) -> bool:
    """Whether a retry may deliver it twice, so that the operator has to confirm it."""
    return mail.state == State.UNCERTAIN


def retry(*, mail: OutgoingMail) -> bool:
    """Queue it again, due now and with all tries left: same bytes, same Message-ID. False if too late."""
    return bool(can_retry(mail) and _again(_ours().filter(pk=mail.pk, state=mail.state)))


def retry_failed() -> int:
    """Retry all failed mails that still can be, say after fixing the server's settings. Returns the number."""
    return _again(_ours().filter(state=State.FAILED))


def retry_late() -> int:
    """Retry now all mails that wait for another try, with all tries left. Returns the number."""
    return _again(_ours().filter(state=State.QUEUED, attempts__gt=0))


def _again(mails: QuerySet[OutgoingMail]) -> int:
    count = mails.filter(_CAN_GO_AGAIN).update(state=State.QUEUED, attempts=0, due_at=timezone.now())
    if count:
        wake_up()
    return count


def set_aside(*, mail: OutgoingMail) -> bool:
    """Give up on the mail; its last error stays in the row. False while a worker holds it, or if it was sent."""
    settled = _ours().filter(pk=mail.pk, state__in=(*DECIDABLE, State.QUEUED))
    return bool(settled.update(state=State.ASIDE))
