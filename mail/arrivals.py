"""Mail that comes in: a row first, then read by a worker, then handed to whoever knows what it means.

    received → applied, asks, nothing, twice; or aside, when it can't be read
               applied → wrong, when its user takes it back

Nothing here sends mail. Decision 33 says who may have something noted by a mail, and why.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import retention, row_security, stored_files
from accounts.encryption import Undecryptable
from accounts.jobs import JobFailed, Kind
from accounts.mailboxes import mailbox_key
from accounts.models import User
from accounts.registry import Registry
from mail import drops
from mail.connected.provider import Folder
from mail.incoming.known import Envelope, Known
from mail.incoming.limits import SetAside
from mail.incoming.reading import Understood, read
from mail.models import ConnectedMailbox, DropAddress, IncomingMail

log = logging.getLogger(__name__)

READ = "read"
State = IncomingMail.State


@dataclass(frozen=True)
class Meaning:
    """What mails mean: ``known(user)`` is what the reader is told, ``apply(mail, understood)`` notes it and sets the
    mail's ``state`` (and ``noted``), in the transaction in which the mail is read."""

    known: Callable[[User], Known]
    apply: Callable[[IncomingMail, Understood], None]


@dataclass(frozen=True)
class CalendarAnswers:
    """Answers to invitations: ``note(mail, understood)`` says whether it knew the invitation, and fills ``noted``;
    ``take_back(mail)`` undoes it."""

    note: Callable[[IncomingMail, Understood], bool]
    take_back: Callable[[IncomingMail], None]


# Whoever sends invitations.
calendar_answers: Registry[CalendarAnswers] = Registry("what an answer to an invitation by mail means")
# One app knows it.
meanings: Registry[Meaning] = Registry("what mail that comes in means")


def receive(*, recipients: Collection[str], sender: str, content: bytes, checks: str = "") -> list[IncomingMail]:
    """Keep this mail for each user to whom it came; returns only when it is on the disk. The same bytes count once.

    ``recipients`` are those of the envelope; addresses that are nobody's are left out. ``checks`` are what a provider
    found out of the sender (``mail.incoming.known.Envelope``).
    """
    for_drops: dict[DropAddress, list[str]] = {}
    for recipient in recipients:
        if (drop := drops.find(recipient)) is not None:
            for_drops.setdefault(drop, []).append(recipient.strip().lower())
    return [_keep(drop, to, sender, content, checks) for drop, to in for_drops.items()]


def _keep(drop: DropAddress, recipients: list[str], sender: str, content: bytes, checks: str) -> IncomingMail:
    came = {"drop": drop, "envelope_sender": sender[:320], "recipients": recipients[:20], "checks": checks[:500]}

    def keep() -> IncomingMail:
        with row_security.of_user(drop.owner_id):
            return _row(drop.owner, content, came)

    try:
        return keep()
    except IntegrityError:  # the same bytes at once, over another connection: now they are there
        return keep()


def keep_from(mailbox: ConnectedMailbox, *, folder: Folder, content: bytes) -> IncomingMail:
    """Keep a mail that was found in a connected mailbox. In a transaction of the user's, with the mailbox locked."""
    return _row(mailbox.owner, content, {"mailbox": mailbox, "folder": folder.value})


def _row(owner: User, content: bytes, values: dict[str, Any]) -> IncomingMail:
    digest = _digest(content)
    known = IncomingMail.objects.filter(owner=owner, digest=digest).first()
    if known is not None:
        return known
    file = stored_files.store(owner=owner, name="mail.eml", content=io.BytesIO(content))
    mail = IncomingMail(owner=owner, file=file, digest=digest, **values)
    mail.start(READ)
    mail.save()
    return mail


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- Reading, by a worker -------------------------------------------------------------------------


def _read(mail: IncomingMail) -> None:
    """The step of the job: all of one mail."""
    mail.finish()
    if mail.file is None:
        raise JobFailed("Its bytes are gone, so it can’t be read.")
    [meaning] = meanings.values()
    try:
        content = stored_files.opened(mail.file).read()
    except Undecryptable:
        raise JobFailed("It was encrypted with a key that is no longer there, so it can’t be read.") from None
    try:
        # Of a mail in a mailbox, its envelope is not known.
        sender = None if mail.mailbox_id else mail.envelope_sender
        envelope = Envelope(sender, tuple(mail.recipients), mail.checks)
        understood = read(content, meaning.known(mail.owner), envelope)
    except SetAside as aside:
        raise JobFailed(aside.reason) from None
    _describe(mail, understood)
    if _is_here_already(mail):
        mail.state = State.TWICE
    else:
        # What fails half-way is not half noted, and the mail is kept and asks.
        meaning.apply(mail, understood)
    if mail.state != State.ASKS:
        forget_bytes(mail)
    if mail.mailbox_id is not None and mail.state in (State.NOTHING, State.TWICE):
        # Nobody sent it here, so nothing of it stays but that it was seen.
        mail.sender = mail.sender_name = mail.subject = mail.words = mail.why = ""


def _describe(mail: IncomingMail, understood: Understood) -> None:
    mail.kind, mail.why = understood.kind.value, understood.why[:500]
    mail.sender, mail.sender_name = (understood.sender or "")[:320], understood.sender_name[:200]
    mail.message_id = _bare(understood.message_id)
    mail.subject = understood.subject[:300]
    mail.words = (understood.new_text or "").replace("\0", "")
    mail.sent_at = understood.written


def _bare(message_id: str | None) -> str:
    return (message_id or "").strip().strip("<>").lower()[:255]


def _is_here_already(mail: IncomingMail) -> bool:
    """The same mail on another way, such as by Bcc and by a rule: its Message-ID was noted, or asks already."""
    same = IncomingMail.objects.filter(owner=mail.owner_id, message_id=mail.message_id).exclude(pk=mail.pk)
    return bool(mail.message_id) and same.filter(state__in=(State.APPLIED, State.ASKS, State.WRONG)).exists()


def forget_bytes(mail: IncomingMail) -> None:
    """The caller saves the mail."""
    file, mail.file = mail.file, None
    if file is not None:
        file.delete()


def _given_up(mail: IncomingMail) -> None:
    mail.state = State.ASIDE


KIND: Kind = Kind(IncomingMail, _read, _given_up)


def old_mail() -> int:
    """Delete mails that were asked about, or couldn't be read, and that nobody wanted for long; and the traces of
    those that meant nothing."""
    before = timezone.now() - retention.LOG_KEPT
    old = IncomingMail.objects.filter(received_at__lt=before, work="").exclude(state__in=(State.APPLIED, State.WRONG))
    deleted = 0
    for pk, owner_id in old.values_list("pk", "owner_id")[: retention.BATCH]:
        with row_security.of_user(owner_id), transaction.atomic():
            mail = IncomingMail.objects.select_related("file").filter(pk=pk).first()
            if mail is not None:
                forget_bytes(mail)
                mail.delete()
                deleted += 1
    return deleted


def forget(*, owner: User, mailboxes: Collection[str], names: re.Pattern[str]) -> None:
    """Delete what came from these mailboxes (keys), or has one of these names in it."""
    mails = IncomingMail.objects.for_user(owner).select_related("file").defer("noted")
    for mail in mails.iterator(chunk_size=500):
        texts = (mail.subject, mail.words, mail.sender_name, mail.why, mail.trouble)
        if mailbox_key(mail.sender) in mailboxes or any(isinstance(one, str) and names.search(one) for one in texts):
            forget_bytes(mail)
            mail.delete()
