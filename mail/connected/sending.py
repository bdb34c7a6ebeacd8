"""Letters that go from their writer's own mailbox, by the outbox: its rows, its claims, its states.

queued → … → sent, failed, expired; to a mentor never twice: what has no answer is uncertain, and a person decides
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import jobs
from accounts.models import User
from mail import engine
from mail.connected.provider import Mailbox, Trouble
from mail.models import ConnectedMailbox, OutgoingMail
from mail.smtp import Unreachable

State = OutgoingMail.State
WAITS = dt.timedelta(hours=4)  # then it is a draft again: nobody expects a letter to go next week
A_RUN = 10  # letters, each of which may take seconds


def of(user: User) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(owner=user, audience=OutgoingMail.Audience.OWN)


@transaction.atomic
def queue(*, purpose: str, subject_id: int, owner: User, recipient: str) -> OutgoingMail:
    """Hand it over. A try before that has ended is begun anew, with new words; one on its way is left alone."""
    now = timezone.now()
    mail, created = OutgoingMail.objects.select_for_update().get_or_create(
        purpose=purpose,
        subject_id=subject_id,
        defaults={
            "owner": owner,
            "recipient": recipient,
            "audience": OutgoingMail.Audience.OWN,
            "expires_at": now + WAITS,
        },
    )
    if not created and mail.state not in (*OutgoingMail.OPEN, State.UNCERTAIN, State.SENT):
        mail.state, mail.attempts, mail.last_error, mail.content = State.QUEUED, 0, "", None
        mail.recipient, mail.due_at, mail.expires_at, mail.message_id = recipient, now, now + WAITS, ""
        mail.save()
    hurry(owner)
    return mail


def hurry(owner: User) -> None:
    """Have the mailbox looked after now, before those that are only read."""
    now = timezone.now()
    ConnectedMailbox.objects.filter(owner=owner).exclude(work="").update(due_at=now - dt.timedelta(hours=1))
    jobs.wake_up()


@dataclass
class _Through:
    """A mailbox, as the outbox speaks to a mail server. ``last_id`` is the Message-ID that the last one went with."""

    mailbox: Mailbox
    last_id: str | None = None

    def connect(self) -> None:
        try:
            self.mailbox.connect_to_send()
        except Trouble as trouble:
            raise Unreachable(str(trouble)) from None

    def send(self, content: bytes, recipient: str) -> None:
        self.last_id = self.mailbox.send(content, recipient)


def is_due(owner: User) -> bool:
    return engine.due_from_own(owner.pk, timezone.now()).exists()


def send_waiting(owner: User, mailbox: Mailbox, *, enough: Callable[[], bool]) -> dict[int, str]:
    """Send what waits and is due; returns the Message-IDs that the provider gave instead of ours, by the mail's id."""
    other_ids: dict[int, str] = {}
    for _ in range(A_RUN):
        token = None if enough() else engine.claim(1, own_of=owner.pk)
        if token is None:
            break
        through = _Through(mailbox)
        ids = list(OutgoingMail.objects.filter(claim_token=token).values_list("pk", flat=True))
        went = engine.send_batch(token, through, ours=False)  # type: ignore[arg-type]  # speaks as one
        if went != [engine.Went.SENT]:
            break
        if through.last_id:
            other_ids[ids[0]] = through.last_id
        _keep_copy(ids[0], mailbox)
    return other_ids


def _keep_copy(pk: int, mailbox: Mailbox) -> None:
    """Among what was sent. It went in any case, so a copy that can't be kept is no trouble."""
    mail = OutgoingMail.objects.filter(pk=pk, content__isnull=False).first()
    if mail is not None and mail.content is not None:
        with contextlib.suppress(Trouble):
            mailbox.keep_copy(bytes(mail.content), mail.message_id)


def give_up(owner: User, why: str) -> None:
    """Nothing that waits can go: the password is wrong, or the mailbox is disconnected."""
    waiting = of(owner).filter(state__in=(State.QUEUED, State.CLAIMED, State.FROZEN))
    waiting.update(state=State.FAILED, last_error=why[:500], content=None, claim_token=None, lease_until=None)


def put_off(owner: User, wait: dt.timedelta) -> None:
    """What is due waits: the server takes nothing just now."""
    now = timezone.now()
    engine.due_from_own(owner.pk, now).update(due_at=now + wait)


def forget_old(owner: User) -> None:
    """What has waited too long for a server that was away."""
    late = of(owner).filter(state=State.QUEUED, expires_at__lte=timezone.now())
    late.update(state=State.EXPIRED, content=None)


def next_due(owner: User) -> dt.datetime | None:
    """When something is to be done for a letter (UTC): it is due, or its worker died and the claim is over."""
    rows = of(owner).filter(state__in=OutgoingMail.OPEN).values_list("due_at", "lease_until")
    soon = timezone.now() + dt.timedelta(minutes=1)  # until the outbox has taken back a claim that is over
    return min((max(lease, soon) if lease else due_at for due_at, lease in rows), default=None)
