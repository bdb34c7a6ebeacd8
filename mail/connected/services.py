"""Connect the user's own mailbox, look into it now, and forget it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from accounts import jobs
from accounts.models import User
from mail.connected import oauth, permission, sending
from mail.connected.letters import letters
from mail.connected.opening import address_of
from mail.models import ConnectedMailbox, IncomingMail

READ = "read"
DISCONNECTED = "Your mailbox was disconnected before it went."


def of(user: User) -> ConnectedMailbox | None:
    return ConnectedMailbox.objects.for_user(user).first()


@transaction.atomic
def connect(*, owner: User, address: str, host: str, **values: Any) -> ConnectedMailbox:
    """Read this mailbox from now on, and send letters from it, in place of one that was connected before.

    The same one with another password goes on where it was.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    before = of(owner)
    if before is not None and (before.host != host or before.address.lower() != address.lower()):
        disconnect(owner=owner)
        before = None
    mailbox = before or ConnectedMailbox(owner=owner)
    fresh = {"read_at": None, "failures": 0, "cannot_send": "", "tested_at": None}
    for name, value in {"address": address, "host": host, **fresh, **values}.items():
        setattr(mailbox, name, value)
    mailbox.start(READ)
    mailbox.save()
    return mailbox


def connect_by_permission(*, owner: User, asked: oauth.Provider, tokens: oauth.Tokens) -> ConnectedMailbox:
    """The same, for a mailbox that its provider lets us into. Raises :class:`Trouble` if it doesn't say whose it is."""
    return connect(
        owner=owner,
        address=address_of(asked, tokens),
        host=urlsplit(asked.api_url).hostname or "",
        provider=asked.key,
        **permission.values(tokens),
    )


@transaction.atomic
def disconnect(*, owner: User) -> None:
    """Forget how to get in, and what still asks. What was noted stays; a worker at it finds nothing to keep it in.

    What was being handed over at this moment may have gone, and is left as it is.
    """
    sending.give_up(owner, DISCONNECTED)
    for mail in IncomingMail.objects.for_user(owner).filter(mailbox__isnull=False, state=IncomingMail.State.ASKS):
        if mail.file is not None:
            mail.file.delete()
        mail.delete()
    for mailbox in ConnectedMailbox.objects.for_user(owner):
        permission.give_back(mailbox)
        mailbox.delete()
    for one in letters.values():
        one.settle(owner)


@transaction.atomic
def read_now(*, mailbox: ConnectedMailbox) -> bool:
    """Look into it without waiting for its time. False if that was done less than a minute ago."""
    if not mailbox.may_be_read_now:
        return False
    rows = ConnectedMailbox.objects.filter(pk=mailbox.pk, lease_until__isnull=True).exclude(work="")
    rows.update(due_at=timezone.now())
    jobs.wake_up()
    return True
