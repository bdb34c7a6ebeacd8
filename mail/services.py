"""The outbox's interface for other apps."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import workers
from accounts.mailboxes import mailbox_key
from accounts.models import User
from mail.models import Heartbeat, OutgoingMail

KEEP_CONTENT = dt.timedelta(days=7)


def queue(
    *,
    purpose: str,
    subject_id: int | None,
    owner: User | None,
    recipient: str,
    audience: str,
    due_at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
    wake: bool = True,
) -> OutgoingMail:
    """Put a mail into the outbox, once per purpose and subject; another call returns the existing row.

    Times are UTC; ``due_at`` empty means now. With ``wake=False`` the caller has to wake the workers.
    """
    values = {
        "owner": owner,
        "recipient": recipient,
        "audience": audience,
        "due_at": due_at or timezone.now(),
        "expires_at": expires_at,
    }
    if subject_id is None:
        mail, created = OutgoingMail.objects.create(purpose=purpose, **values), True
    else:
        mail, created = OutgoingMail.objects.get_or_create(purpose=purpose, subject_id=subject_id, defaults=values)
    if created and wake:
        transaction.on_commit(wake_up)
    return mail


def queue_all(*, purpose: str, audience: str, subjects: Collection[tuple[int, User]]) -> None:
    """Like :func:`queue` for many mails, each to its owner, in one query and without waking the workers."""
    rows = [
        OutgoingMail(purpose=purpose, subject_id=pk, owner=owner, recipient=owner.email, audience=audience)
        for pk, owner in subjects
    ]
    OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True)


def cancel(mail: OutgoingMail) -> bool:
    """Cancel a mail. False if it is too late: it is being sent, sent, or closed."""
    S = OutgoingMail.State
    still_here = OutgoingMail.objects.filter(pk=mail.pk, state__in=(S.QUEUED, S.CLAIMED, S.FROZEN))
    return bool(still_here.update(state=S.CANCELLED, claim_token=None, lease_until=None))


def cancel_all(*, owner: User) -> None:
    """Cancel what waits to be sent for this user, to them and to others, but for the mail about signing in."""
    S = OutgoingMail.State
    still_here = OutgoingMail.objects.filter(owner=owner, state__in=(S.QUEUED, S.CLAIMED, S.FROZEN))
    usual = still_here.exclude(priority=OutgoingMail.Priority.SIGN_IN)
    usual.update(state=S.CANCELLED, claim_token=None, lease_until=None)


def forget_ownerless(*, addresses: Collection[str]) -> None:
    """Delete the mail to these addresses (in lower case) that belongs to nobody, such as mail to sign up with."""
    nobodys = OutgoingMail.objects.filter(owner__isnull=True)
    nobodys.annotate(lower=Lower("recipient")).filter(lower__in=addresses).delete()


def forget_mail_to(*, owner: User, mailboxes: Collection[str], really: bool = True) -> int:
    """Delete what was sent, or waits to be sent, for this user to these mailboxes (keys); returns how many mails."""
    mentors = OutgoingMail.objects.filter(owner=owner).exclude(audience=OutgoingMail.Audience.USER)
    ids = [pk for pk, recipient in mentors.values_list("pk", "recipient") if mailbox_key(recipient) in mailboxes]
    for start in range(0, len(ids) if really else 0, 500):
        OutgoingMail.objects.filter(pk__in=ids[start : start + 500]).delete()
    return len(ids)


def forget_mail_about(*, owner: User, names: re.Pattern[str]) -> None:
    """Empty the owner's mails whose subject, or the server's answer, has one of these names."""
    rows = OutgoingMail.objects.filter(owner=owner).values_list("pk", "subject", "last_error")
    ids = [pk for pk, *texts in rows.iterator(chunk_size=2_000) if any(names.search(text) for text in texts)]
    for start in range(0, len(ids), 500):
        empty(OutgoingMail.objects.filter(pk__in=ids[start : start + 500]))


def empty(mails: QuerySet[OutgoingMail]) -> None:
    """Take the words out of these mails, so that only the fact stays; what isn't sent yet is cancelled.

    One that is being handed over at this moment keeps its bytes until :func:`purge`.
    """
    S = OutgoingMail.State
    written = mails.filter(state__in=(S.QUEUED, S.CLAIMED, S.FROZEN), content__isnull=False)
    written.update(state=S.CANCELLED, claim_token=None, lease_until=None)
    mails.exclude(state__in=OutgoingMail.OPEN).update(content=None, subject="", last_error="")


def wake_up(times: int = 1) -> None:
    """Tell the workers that there is mail. Only saves time: the sweep finds the row anyway. Never raises."""
    workers.wake_up("mail.tasks.deliver", times=times)


def beat(name: str) -> None:
    """Store the heartbeat of beat or a worker."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def purge(*, limit: int = 500) -> int:
    """Delete the bytes of mails that were closed some days ago; returns how many. The rows stay as a log."""
    old = timezone.now() - KEEP_CONTENT
    closed = OutgoingMail.objects.exclude(state__in=OutgoingMail.OPEN)
    ids = closed.filter(content__isnull=False, due_at__lt=old).values_list("pk", flat=True)[:limit]
    return OutgoingMail.objects.filter(pk__in=list(ids)).update(content=None)
