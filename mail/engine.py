"""How a mail gets from its database row to the mail server.

    queued → claimed → frozen → sending → sent
       ↑________|_________|________|        or failed, uncertain, expired, cancelled, stopped

A worker that claims a row writes a token and a lease into it, and every later step is an update that requires that
token. So two workers never hold the same mail, and the mails of a worker that died become free when its lease expires.
See ``docs/decisions/0002-outbox.md`` for what this guarantees and what it can't.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import row_security
from mail import purposes, stop_links, suppression
from mail.batch_render import BatchRenderer, unwrite
from mail.models import OutgoingMail, SuppressedAddress
from mail.rendering import render_into
from mail.retry_schedule import WRITING_TRIES, server_rest, wait_after
from mail.smtp import Dropped, MailServer, NoSuchAddress, NotNow, Refused, Trouble, Unclear, Unreachable, clean
from mail.sql import mark_sent_and_start_next

log = logging.getLogger(__name__)

BATCH = 50
LOOK_FOR_SIGN_INS = 1.0  # seconds; sign-in mail may wait this long behind a batch, plus one SMTP session
State, Audience = OutgoingMail.State, OutgoingMail.Audience
IN_HAND = (State.CLAIMED, State.FROZEN, State.SENDING)
UNCLAIMED: dict[str, Any] = {"claim_token": None, "lease_until": None}


class Went(Enum):
    """The result of sending one mail of a batch."""

    SENT = "sent"
    ASIDE = "not sent, and the next one may go"
    LOST = "the connection broke over it, before the server could have it"
    SERVER_GONE = "the mail server is gone"


def lease() -> dt.timedelta:
    """How long a claim holds. It must be longer than one SMTP session with a reconnection can last: some 18 steps of
    ``EMAIL_TIMEOUT`` seconds each."""
    return dt.timedelta(seconds=settings.MAIL_LEASE_SECONDS)


def deliver(*, seconds: float = 50, stop: Callable[[], bool] = lambda: False) -> int:
    """Send due mails until none is left, time is up or ``stop()`` is true. Returns how many were accepted."""
    end = time.monotonic() + seconds

    def enough() -> bool:
        return stop() or time.monotonic() >= end

    take_back_lapsed()
    sent = 0
    ahead = BatchRenderer()
    with MailServer() as server:
        while not enough():
            token = claim()
            if token is None:
                break
            went = send_batch(token, server, enough, ahead)
            sent += went.count(Went.SENT)
            if _is_gone(went):
                break
    return sent


def due(now: dt.datetime) -> QuerySet[OutgoingMail]:
    """Mails of this site that can be claimed at this instant (UTC), sign-in mail first."""
    waiting = OutgoingMail.objects.filter(state=State.QUEUED, due_at__lte=now).exclude(audience=Audience.OWN)
    return waiting.order_by("priority", "due_at", "pk")


def due_from_own(owner_id: int, now: dt.datetime) -> QuerySet[OutgoingMail]:
    """Those of one user that go from their own mailbox (``mail.connected.sending``)."""
    waiting = OutgoingMail.objects.filter(owner=owner_id, audience=Audience.OWN, state=State.QUEUED, due_at__lte=now)
    return waiting.order_by("due_at", "pk")


def take_back_lapsed() -> None:
    """Release the claims whose lease expired because their worker died.

    A mail that was not yet being sent is queued again. One that was being sent may have arrived: mail to the user is
    sent again with the same bytes, mail to a mentor becomes uncertain. The mail that the worker was processing loses
    one try, so that a mail that crashes every worker fails in the end and meanwhile does not block the others.
    """
    now = timezone.now()
    lapsed = OutgoingMail.objects.filter(state__in=IN_HAND, lease_until__lt=now).order_by("priority", "due_at", "pk")
    if not lapsed.exists():
        return
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            # A mail that is still being rendered is locked: skip it instead of waiting.
            lapsed = lapsed.select_for_update(skip_locked=True)
        rows = list(lapsed.defer("content"))
        travelling = {row.claim_token: row for row in rows if row.state == State.SENDING}
        at_hand = {row.claim_token: row for row in reversed(rows)} | travelling
        for row in rows:
            mine = OutgoingMail.objects.filter(pk=row.pk)
            if at_hand[row.claim_token] is not row:
                mine.update(state=State.QUEUED, **UNCLAIMED)
            elif row.state == State.SENDING and row.audience != Audience.USER:
                mine.update(
                    state=State.UNCERTAIN, last_error="The worker stopped while it handed this over.", **UNCLAIMED
                )
            else:
                if row.state == State.SENDING:
                    mine.update(may_be_there=True)
                wait = wait_after(row.attempts + 1) if row.attempts else dt.timedelta()
                _wait_or_fail(mine, row.pk, row.attempts + 1, wait, "The worker stopped while it was at this mail.")


def claim(size: int = BATCH, *, only_sign_in: bool = False, own_of: int | None = None) -> uuid.UUID | None:
    """Claim up to ``size`` due mails; returns their token, or None if nothing is due.

    ``own_of`` is the id of a user: then those that go from their own mailbox.
    """
    now, token = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        candidates = due(now) if own_of is None else due_from_own(own_of, now)
        if only_sign_in:
            candidates = candidates.filter(priority=OutgoingMail.Priority.SIGN_IN)
        if connection.features.has_select_for_update_skip_locked:
            candidates = candidates.select_for_update(skip_locked=True)
        ids = list(candidates.values_list("pk", flat=True)[:size])
        taken = OutgoingMail.objects.filter(pk__in=ids, state=State.QUEUED).update(
            state=State.CLAIMED, claim_token=token, lease_until=now + lease()
        )
    return token if taken else None


def send_batch(
    token: uuid.UUID,
    server: MailServer,
    enough: Callable[[], bool] = lambda: False,
    ahead: BatchRenderer | None = None,
    *,
    ours: bool = True,
) -> list[Went]:
    """Send the mails that bear ``token`` one by one over one connection; ``ahead`` renders several at once.

    If time is up or the server is gone, the rest is queued again. Waiting sign-in mail is sent in between, unless the
    server is not ``ours``.
    """
    return _Batch(token, server, enough, ahead or BatchRenderer(), ours=ours).send()


def _send_a_sign_in(server: MailServer) -> list[Went]:
    urgent = claim(1, only_sign_in=True)
    return send_batch(urgent, server) if urgent else []


def _is_gone(went: list[Went]) -> bool:
    """Whether the server is gone: it can't be reached, or the last two mails broke the connection.

    A single broken connection may be due to that mail, such as an address the server can't handle.
    """
    return went[-1:] == [Went.SERVER_GONE] or went[-2:] == [Went.LOST, Went.LOST]


def extend(token: uuid.UUID) -> None:
    """Renew the lease on the mails of this batch that still bear our token."""
    OutgoingMail.objects.filter(claim_token=token, state__in=IN_HAND).update(lease_until=timezone.now() + lease())


class _Batch:
    """The mails of one token. ``begun`` was marked as being sent by the update that marked the mail before it."""

    def __init__(
        self, token: uuid.UUID, server: MailServer, enough: Callable[[], bool], ahead: BatchRenderer, *, ours: bool
    ) -> None:
        self.token, self.server, self.enough, self.ahead, self.ours = token, server, enough, ahead, ours
        self.begun: OutgoingMail | None = None
        self._extended = self._looked = time.monotonic()
        self._signing_in = False  # whether the current mail is one to sign in with
        ahead.begin()

    def send(self) -> list[Went]:
        rows = OutgoingMail.objects.filter(claim_token=self.token, state=State.CLAIMED)
        todo = list(rows.order_by("priority", "due_at", "pk").values_list("pk", "priority"))
        ids = [pk for pk, _ in todo]
        went: list[Went] = []
        for at, (_, priority) in enumerate(todo):
            self._signing_in = priority == OutgoingMail.Priority.SIGN_IN
            if self.begun is None:
                if self.enough():
                    self._put_back(timezone.now())
                    break
                went += self._see_to_others()
            if not _is_gone(went):
                went.append(self._send_one(ids[at:]))
            if _is_gone(went):
                self._put_back(timezone.now() + server_rest())
                break
        return went

    def _see_to_others(self) -> list[Went]:
        """Between two mails: send waiting sign-in mail first, and renew the lease on the rest of the batch."""
        went = []
        if self._is_time_to_look():
            went = _send_a_sign_in(self.server)
            self._looked = time.monotonic()
        if self._is_time_to_extend():
            extend(self.token)
            self._extended = time.monotonic()
        return went

    def _is_time_to_look(self) -> bool:
        return self.ours and not self._signing_in and time.monotonic() - self._looked > LOOK_FOR_SIGN_INS

    def _is_time_to_extend(self) -> bool:
        return time.monotonic() - self._extended > lease().total_seconds() / 3

    def _put_back(self, due_at: dt.datetime) -> None:
        self.ahead.give_back(self.token)
        mine = OutgoingMail.objects.filter(claim_token=self.token, state__in=(State.CLAIMED, State.FROZEN))
        mine.update(state=State.QUEUED, due_at=due_at, **UNCLAIMED)

    def _send_one(self, ids: Sequence[int]) -> Went:
        """Connect, freeze, send and mark the first of these mails. Its failure does not stop the others."""
        mail, self.begun = self.begun, None
        if mail is None:
            mail, trouble = self._begin(ids)
            if mail is None:
                return trouble
        went = _hand_over(mail, self.server)
        if went is Went.SENT:
            self._mark_sent(mail, ids[1:])
        return went

    def _begin(self, ids: Sequence[int]) -> tuple[OutgoingMail | None, Went]:
        """The first of these mails, rendered and marked as being sent; or None and the reason."""
        pk = ids[0]
        try:
            self.server.connect()
        except Unreachable as trouble:
            _try_later(_mine(pk, self.token), pk, str(trouble))
            return None, Went.SERVER_GONE
        try:
            mail = self.ahead.take(pk, self.token, ids) or freeze(pk, self.token)
        except Exception as error:
            log.exception("mail %s could not be written", pk)
            _try_writing_later(_mine(pk, self.token), pk, error)
            return None, Went.ASIDE
        return (mail if mail and self._mark(begins=pk) else None), Went.ASIDE

    def _mark_sent(self, mail: OutgoingMail, rest: Sequence[int]) -> None:
        """Mark the mail as sent, before anything else is done.

        If nothing has to happen in between, the same statement marks the next mail as being sent.
        """
        following = self.ahead.waiting.get(rest[0]) if rest else None
        if following and (self.enough() or self._is_time_to_look() or self._is_time_to_extend()):
            following = None
        marked = self._mark(accepted=mail.pk, begins=following.pk if following else None)
        if following and following.pk in marked:
            self.begun = self.ahead.waiting.pop(following.pk)
        if mail.pk not in marked:
            _mark_given_up(mail)

    def _mark(self, *, accepted: int | None = None, begins: int | None = None) -> set[int]:
        now = timezone.now()
        # The mail that is sent next gets a full lease.
        return mark_sent_and_start_next(
            self.token, accepted=accepted, begins=begins, now=now, lease_until=now + lease()
        )


def _mine(pk: int, token: uuid.UUID | None) -> QuerySet[OutgoingMail]:
    """This mail if it still bears the token. Call only where needed: building the queryset takes time."""
    return OutgoingMail.objects.filter(pk=pk, claim_token=token)


def _hand_over(mail: OutgoingMail, server: MailServer) -> Went:
    """Send by SMTP, outside any transaction. Marks a failure; the caller must mark an accepted mail at once."""
    assert mail.content is not None
    try:
        server.send(bytes(mail.content), mail.recipient)
    except Trouble as trouble:
        return _was_not_sent(mail, trouble)
    return Went.SENT


def _was_not_sent(mail: OutgoingMail, trouble: Trouble) -> Went:
    mine, said = _mine(mail.pk, mail.claim_token), str(trouble)
    match trouble:
        case Refused():
            log.warning("mail %s was refused: %s", mail.pk, said)
            with transaction.atomic():
                mine.update(state=State.FAILED, attempts=F("attempts") + 1, last_error=said, **UNCLAIMED)
                if isinstance(trouble, NoSuchAddress) and mail.audience == Audience.MENTOR:
                    suppression.suppress(address=mail.recipient, reason=SuppressedAddress.Reason.BOUNCED, note=said)
            return Went.ASIDE
        case Unclear() if mail.audience != Audience.USER:
            log.warning("mail %s may or may not have been sent: %s", mail.pk, said)
            mine.update(state=State.UNCERTAIN, attempts=F("attempts") + 1, last_error=said, **UNCLAIMED)
            return Went.SERVER_GONE
        case Unclear():
            mine.update(may_be_there=True)
            _try_later(mine, mail.pk, said)
            return Went.SERVER_GONE
    _try_anew_later(mine, mail, said)
    if isinstance(trouble, NotNow):
        return Went.ASIDE
    return Went.LOST if isinstance(trouble, Dropped) else Went.SERVER_GONE


def _mark_given_up(mail: OutgoingMail) -> None:
    """The lease ran out while the server was slow to accept the mail: mark it as sent unless another worker has it."""
    given_up = OutgoingMail.objects.filter(pk=mail.pk, state__in=(State.QUEUED, State.UNCERTAIN))
    if not given_up.update(state=State.SENT, sent_at=timezone.now(), last_error=""):
        log.warning("mail %s was accepted after its lease had gone to another worker", mail.pk)


def freeze(pk: int, token: uuid.UUID) -> OutgoingMail | None:
    """Check that the mail is still wanted, render it and store the bytes in one transaction.

    Returns None if it no longer bears ``token``, is outdated, or the address takes no mail from here by now. Bytes
    stored by an earlier try stay unchanged.
    """
    with transaction.atomic():
        held = OutgoingMail.objects.select_for_update().filter(pk=pk, claim_token=token, state=State.CLAIMED)
        mail = held.first()
        if mail is None:
            return None
        stopped = suppression.find(mail.recipient) if mail.audience != Audience.USER else None
        if stopped or not _write(mail):
            mail.state = State.STOPPED if stopped else State.EXPIRED
            mail.last_error = suppression.why(stopped) if stopped else mail.last_error
            mail.claim_token = mail.lease_until = None
            mail.save(update_fields=["state", "last_error", "claim_token", "lease_until"])
            return None
        mail.state = State.FROZEN
        mail.frozen_at = mail.frozen_at or timezone.now()
        mail.save(update_fields=["state", "frozen_at", "content", "message_id", "subject", "recipient"])
        return mail


def _write(mail: OutgoingMail) -> bool:
    """Fill in the bytes. False if the mail is no longer wanted."""
    if mail.expires_at is not None and mail.expires_at <= timezone.now():
        return False
    purpose = purposes.find(mail.purpose)
    if mail.content is not None:
        with _as_its_writer(mail):
            return purpose is None or purpose.still_wanted is None or purpose.still_wanted(mail)
    if purpose is None:
        raise LookupError(f"Nobody has registered how to write mail for {mail.purpose!r}.")
    with _as_its_writer(mail):
        message = purpose.prepare(mail)
    if message is None:
        return False
    if mail.audience == Audience.MENTOR:
        message.extra_headers = {**message.extra_headers, **stop_links.headers_for(mail)}
    render_into(mail, message)
    return True


def _as_its_writer(mail: OutgoingMail) -> AbstractContextManager[None]:
    """A letter of one's own is made of what only its writer's requests may see."""
    if mail.audience == Audience.OWN and mail.owner_id is not None:
        return row_security.of_user(mail.owner_id)
    return nullcontext()


def _try_later(mine: QuerySet[OutgoingMail], pk: int, said: str) -> None:
    """Queue it again after a growing wait, or mark it as failed after about a day."""
    attempts = mine.values_list("attempts", flat=True).first()
    if attempts is None:
        return
    _wait_or_fail(mine, pk, attempts + 1, wait_after(attempts + 1), said)


def _try_anew_later(mine: QuerySet[OutgoingMail], mail: OutgoingMail, said: str) -> None:
    """Retry a mail that can't have arrived; if its purpose has bulk rendering, it is rendered again then."""
    if mail.claim_token is not None and wait_after(mail.attempts + 1) is not None:
        try:
            with transaction.atomic():
                unwrite([mail.pk], mail.claim_token)
        except Exception:
            log.exception("mail %s waits as it was written", mail.pk)
    _try_later(mine, mail.pk, said)


def _try_writing_later(mine: QuerySet[OutgoingMail], pk: int, error: Exception) -> None:
    attempts = mine.values_list("attempts", flat=True).first()
    if attempts is None:
        return
    wait = wait_after(attempts + 1) if attempts + 1 < WRITING_TRIES else None
    said = clean(f"This mail could not be written ({type(error).__name__}: {error})")
    _wait_or_fail(mine, pk, attempts + 1, wait, said)


def _wait_or_fail(mine: QuerySet[OutgoingMail], pk: int, attempts: int, wait: dt.timedelta | None, said: str) -> None:
    if wait is None:
        log.error("mail %s is given up after %s tries: %s", pk, attempts, said)
        mine.update(state=State.FAILED, attempts=attempts, last_error=said, **UNCLAIMED)
        return
    log.warning("mail %s waits %s: %s", pk, wait, said)
    again = timezone.now() + wait
    mine.update(state=State.QUEUED, attempts=attempts, due_at=again, last_error=said, **UNCLAIMED)
