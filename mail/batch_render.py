"""Renders several mails of a batch in one transaction, shortly before they are sent one by one.

Rendering one mail takes about ten queries; rendering twenty together takes hardly more. The guarantees are the same:
each mail is locked, checked again, rendered and stored before it is sent. If one mail fails, each is rendered on its
own, so it does not stop the others. If the server is slow, fewer are rendered together, so that none waits long.
"""

from __future__ import annotations

import itertools
import logging
import time
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from mail import purposes
from mail.models import OutgoingMail
from mail.rendering import render_into
from mail.sql import bulk_freeze

log = logging.getLogger(__name__)

State = OutgoingMail.State
FIRST, MOST = 5, 50
QUICK = 3.0  # seconds in which mails rendered together should be sent; otherwise fewer are rendered next time


class BatchRenderer:
    """The mails of a batch that are rendered and not yet sent, and how many to render next."""

    def __init__(self) -> None:
        self.size = FIRST
        self.waiting: dict[int, OutgoingMail] = {}
        self._seen: set[int] = set()
        self._since: float | None = None

    def begin(self) -> None:
        """Start a new batch: forget which mails were seen before, since they may be in it again."""
        self._seen.clear()

    def take(self, pk: int, token: uuid.UUID, rest: Sequence[int]) -> OutgoingMail | None:
        """The rendered mail; ``rest`` are the ids, this one first, that may be rendered together.

        None if it was not rendered here: only one mail left, slow server, purpose without bulk rendering, or expired.
        """
        if pk not in self._seen and len(rest) > 1:
            self._adapt()
            if self.size > 1:
                self._write(rest[: self.size], token)
        return self.waiting.pop(pk, None)

    def give_back(self, token: uuid.UUID) -> None:
        """Undo the rendering of the mails that this batch won't send."""
        ids, self.waiting = list(self.waiting), {}
        if not ids:
            return
        try:
            with transaction.atomic():
                unwrite(ids, token)
        except Exception:
            log.exception("mails that did not travel keep what was written")

    def _adapt(self) -> None:
        if self._since is not None:
            took, self._since = time.monotonic() - self._since, None
            self.size = min(MOST, self.size * 4) if took < QUICK else max(1, self.size // 4)

    def _write(self, ids: Sequence[int], token: uuid.UUID) -> None:
        self._seen.update(ids)
        try:
            with transaction.atomic():
                self.waiting |= write_together(ids, token)
        except Exception:
            log.exception("these mails are written one by one: %s", list(ids))
            self.size = 1
            return
        self._since = time.monotonic()


def write_together(ids: Sequence[int], token: uuid.UUID) -> dict[int, OutgoingMail]:
    """Render and freeze the mails that bear ``token`` and have a purpose with bulk rendering; outdated ones expire.

    Call it in a transaction. Mail to a mentor is always rendered alone, where it is looked at whether they stopped it.
    """
    now = timezone.now()
    rows = OutgoingMail.objects.select_for_update().filter(pk__in=ids, claim_token=token, state=State.CLAIMED)
    held = list(rows.filter(content__isnull=True, audience=OutgoingMail.Audience.USER).order_by("purpose", "pk"))
    expired, written = [], []
    for name, group in itertools.groupby(held, key=lambda mail: mail.purpose):
        purpose = purposes.find(name)
        if purpose is None or purpose.together is None:
            continue
        mails = list(group)
        messages = purpose.together.prepare([mail for mail in mails if not mail.expires_at or mail.expires_at > now])
        for mail in mails:
            if mail.pk not in messages:
                expired.append(mail.pk)
                continue
            render_into(mail, messages[mail.pk])
            mail.state, mail.frozen_at = State.FROZEN, now
            written.append(mail)
    if expired:
        gone = {"state": State.EXPIRED, "claim_token": None, "lease_until": None}
        OutgoingMail.objects.filter(pk__in=expired).update(**gone)
    if written:
        bulk_freeze(written)
    return {mail.pk: mail for mail in written}


def unwrite(ids: Sequence[int], token: uuid.UUID) -> None:
    """Undo the rendering of mails that bear ``token``, can't have been delivered, and have bulk rendering."""
    rows = OutgoingMail.objects.select_for_update().filter(pk__in=ids, claim_token=token, may_be_there=False)
    mails = rows.filter(state__in=(State.FROZEN, State.SENDING)).order_by("purpose", "pk").defer("content")
    clean = {"state": State.CLAIMED, "frozen_at": None, "content": None, "message_id": "", "subject": ""}
    for name, group in itertools.groupby(mails, key=lambda mail: mail.purpose):
        purpose = purposes.find(name)
        if purpose is not None and purpose.together is not None:
            several = list(group)
            purpose.together.unwrite(several)
            OutgoingMail.objects.filter(pk__in=[mail.pk for mail in several]).update(**clean)
