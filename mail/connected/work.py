"""What a worker does with a connected mailbox: send what waits, see what is new, fetch what belongs to a letter.

All of that is outside any transaction (``accounts.jobs.Kind.outside``); what came of it is kept in one, together with
the bookmark: so a mail is either kept, or looked at again. Headers are looked at and forgotten.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.conf import settings
from django.utils import timezone

from accounts import row_security
from accounts.jobs import Kind
from mail import arrivals
from mail.connected import sending
from mail.connected.letters import Letters, letters
from mail.connected.opening import opened
from mail.connected.provider import Folder, Header, Mailbox, SignInAgain, Slow, Trouble
from mail.connected.services import READ
from mail.connected.wanted import Wanted, is_wanted
from mail.incoming.limits import MEGABYTE, SetAside
from mail.models import ConnectedMailbox, OutgoingMail

WHILE_WAITING = dt.timedelta(minutes=10)  # for an answer
OTHERWISE = dt.timedelta(hours=2)
SPREAD = 0.25  # of these, so that those connected at once aren't read at once for ever
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=5), dt.timedelta(hours=6)
SIGN_IN_TRIES = 3  # wrong passwords lock accounts, and a server may err once
SECONDS = 40.0  # of one round, within the lease of a job
MOST_AT_ONCE, MOST_BYTES = 8, 10 * MEGABYTE  # bodies of a round, after which no further one is begun
FETCH_TRIES = 3  # of one mail


@dataclass
class Brought:
    """What came of one round. ``trouble`` is for the user; with ``sign_in`` only they can mend it."""

    mails: list[tuple[Folder, bytes]] = field(default_factory=list)
    bookmark: dict[str, Any] | None = None
    more: bool = False
    trouble: str = ""
    sign_in: bool = False
    unreachable: bool = False
    wait: int | None = None  # seconds, if it says so
    cannot_send: str | None = None  # None: it was not tried
    send_refused: bool = False  # for good
    other_ids: Mapping[int, str] = field(default_factory=dict)


def go_round(mailbox: ConnectedMailbox) -> Brought:
    """No error says anything of the password, and none of what is read is logged."""
    brought, end = Brought(), time.monotonic() + SECONDS
    session: Mailbox | None = None
    try:
        session = opened(mailbox)
        _send(mailbox, session, brought, end)
        # Only now: a letter that went without an answer may stand among what was sent, and tells so there.
        with row_security.of_user(mailbox.owner_id):
            wanted = _letters().wanted(mailbox.owner)
        _read(mailbox, session, wanted, brought, end)
    except SignInAgain as trouble:
        brought.trouble, brought.sign_in = str(trouble), True
    except Slow as trouble:
        brought.trouble, brought.wait = str(trouble), trouble.seconds
    except Trouble as trouble:
        brought.trouble, brought.unreachable = str(trouble), True
    finally:
        if session is not None:
            session.close()
    return brought


def _letters() -> Letters:
    [found] = letters.values()
    return found


def _send(mailbox: ConnectedMailbox, session: Mailbox, brought: Brought, end: float) -> None:
    """That letters can't go doesn't keep mails from being read."""
    if not sending.is_due(mailbox.owner) and not _is_to_be_tested(mailbox):
        return
    try:
        session.connect_to_send()
        brought.other_ids = sending.send_waiting(mailbox.owner, session, enough=lambda: time.monotonic() > end - 20)
        brought.cannot_send = ""
    except Trouble as trouble:
        brought.cannot_send, brought.send_refused = str(trouble), isinstance(trouble, SignInAgain)


def _is_to_be_tested(mailbox: ConnectedMailbox) -> bool:
    """Whether letters can go: at the beginning, and now and then while they can't."""
    tested_at = mailbox.tested_at
    return tested_at is None or (bool(mailbox.cannot_send) and tested_at < timezone.now() - OTHERWISE)


def _read(mailbox: ConnectedMailbox, session: Mailbox, wanted: Wanted, brought: Brought, end: float) -> None:
    """Fetch what was found wanted before; else see what is new.

    ``bookmark`` is the provider's, and what is left: folder, key, and how often that broke the session.
    """
    at, left = mailbox.bookmark.get("at", {}), list(mailbox.bookmark.get("left", []))
    if not left:
        look = session.look(at)
        at, brought.more = look.bookmark, look.more
        left = [[header.folder.value, header.key, 0] for header in look.headers if _is_wanted(header, wanted)]
    taken = 0
    try:
        while left and taken < MOST_BYTES and len(brought.mails) < MOST_AT_ONCE and time.monotonic() < end:
            folder, key, tries = left.pop(0)
            try:
                content = session.fetch(key)
            except Trouble:
                # It may be this mail: the others go first next time, and it doesn't hold them up for ever.
                left += [[folder, key, tries + 1]] if tries + 1 < FETCH_TRIES else []
                raise
            if content is not None:
                taken += len(content)
                brought.mails.append((Folder(folder), content))
    finally:
        brought.bookmark, brought.more = {"at": at, "left": left}, brought.more or bool(left)


def _is_wanted(header: Header, wanted: Wanted) -> bool:
    try:
        return is_wanted(header, wanted)
    except SetAside:
        return False


# --- The step, in a transaction of the user's -----------------------------------------------------


def step(mailbox: ConnectedMailbox) -> None:
    brought = cast(Brought, mailbox.brought)
    known = _letters()
    for pk, message_id in brought.other_ids.items():
        OutgoingMail.objects.filter(pk=pk, owner=mailbox.owner).update(message_id=message_id[:255])
    for folder, content in brought.mails:
        arrivals.keep_from(mailbox, folder=folder, content=content)
    if brought.bookmark is not None:
        mailbox.bookmark = brought.bookmark
    if brought.cannot_send is not None:
        mailbox.cannot_send, mailbox.tested_at = brought.cannot_send[:500], timezone.now()
    if brought.send_refused:
        sending.give_up(mailbox.owner, brought.cannot_send or "")
    elif brought.cannot_send:
        sending.put_off(mailbox.owner, WHILE_WAITING)
    sending.forget_old(mailbox.owner)
    known.settle(mailbox.owner)  # first, since the answer to a letter that has just gone is waited for
    if brought.sign_in and (mailbox.read_at is None or mailbox.failures + 1 >= SIGN_IN_TRIES):
        _needs_its_user(mailbox, brought.trouble)
    elif brought.trouble:
        _failed(mailbox, brought)
    else:
        _worked(mailbox, brought, waits=not known.wanted(mailbox.owner).nothing)


def _worked(mailbox: ConnectedMailbox, brought: Brought, *, waits: bool) -> None:
    now = timezone.now()
    every = WHILE_WAITING if waits else OTHERWISE
    due_at = now if brought.more else now + every * (1 + SPREAD * (mailbox.pk * 7919 % 100) / 100)
    letter_due = sending.next_due(mailbox.owner)
    mailbox.start(READ, due_at=min(due_at, max(letter_due, now)) if letter_due else due_at)
    if mailbox.failing_since is not None:
        _letters().read_again(mailbox)
    mailbox.read_at, mailbox.failing_since, mailbox.failures = now, None, 0


def _failed(mailbox: ConnectedMailbox, brought: Brought) -> None:
    now = timezone.now()
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(mailbox.failures, 10))
    if brought.wait is not None:
        wait = min(LONGEST_WAIT, max(dt.timedelta(seconds=brought.wait), dt.timedelta(minutes=1)))
    mailbox.start(READ, due_at=now + wait)
    mailbox.trouble = brought.trouble[:500]
    mailbox.failures = min(mailbox.failures + 1, 1000)
    if mailbox.failing_since is None:
        mailbox.failing_since = now
        _letters().unread(mailbox)
    if brought.unreachable:
        _let_others_wait(mailbox, wait)


def _let_others_wait(mailbox: ConnectedMailbox, wait: dt.timedelta) -> None:
    """A host that doesn't answer, and that nobody could read lately, is left alone by all: one tries for them."""
    now = timezone.now()
    same = ConnectedMailbox.objects.filter(host=mailbox.host).exclude(pk=mailbox.pk)
    if not same.filter(read_at__gte=now - WHILE_WAITING).exists():
        same.filter(due_at__lt=now + wait, lease_until__isnull=True).exclude(work="").update(due_at=now + wait)


def _needs_its_user(mailbox: ConnectedMailbox, trouble: str) -> None:
    mailbox.finish()
    mailbox.trouble = trouble[:500]
    mailbox.failing_since = mailbox.failing_since or timezone.now()
    sending.give_up(mailbox.owner, trouble)
    _letters().settle(mailbox.owner)
    _letters().unread(mailbox)


def given_up(mailbox: ConnectedMailbox) -> None:
    """Something of ours went wrong several times. It isn't given up, only tried less often."""
    _failed(mailbox, Brought(trouble="Something went wrong on our side. We’ll try again."))
    mailbox.due_at = timezone.now() + LONGEST_WAIT


KIND: Kind = Kind(ConnectedMailbox, step, given_up, outside=go_round, at_once=settings.MAILBOXES_AT_ONCE, group="host")
