"""How many mails a user, and the whole site, may cause to other people. A day is a UTC day, whatever the user's zone.

People written to for the first time are counted in rows that outlive the account; mails to one person are counted in
the outbox. Call these with the user's row locked, so that two tabs don't both take the last place.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.mailboxes import mailbox_key
from accounts.models import User
from accounts.words import counted, number
from mail.models import OutgoingMail, SendingDay

DAY = dt.timedelta(days=1)
FIRST_WEEK = dt.timedelta(days=7)
KEPT = dt.timedelta(days=7)
SITE = ""
State = OutgoingMail.State
# Never begun to travel, so they take no place.
_NOT_SENT = (State.EXPIRED, State.CANCELLED, State.STOPPED)


class AtTheLimit(Exception):
    """No more today; ``str()`` says so to the user, with the time from which it can go."""


def day_begins(now: dt.datetime) -> dt.datetime:
    return now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def is_new(*, owner: User, address: str) -> bool:
    """Whether nothing was queued to this mailbox for this user, as far as mail is kept (``accounts.retention``)."""
    theirs = OutgoingMail.objects.filter(owner=owner, audience=OutgoingMail.Audience.MENTOR)
    known = theirs.exclude(state=State.STOPPED).values_list("recipient", flat=True).distinct().iterator()
    key = mailbox_key(address)
    return not any(mailbox_key(recipient) == key for recipient in known)


def count_new_recipient(*, owner: User) -> None:
    """Take one of today's places for new people. Raises :class:`AtTheLimit`, in a transaction to be rolled back."""
    now = timezone.now()
    first_week = now - owner.date_joined < FIRST_WEEK
    most = settings.MAIL_NEW_RECIPIENTS_FIRST_WEEK if first_week else settings.MAIL_NEW_RECIPIENTS
    tomorrow = when_for(owner, day_begins(now) + DAY)
    if not _take(_digest(owner), now, most):
        people = counted(most, "new person", "new people")
        raise AtTheLimit(
            f"Today’s invitations to {people} are used up"
            f"{', the limit in your first week here' if first_week else ''}. This one can go from {tomorrow}."
        )
    if not _take(SITE, now, settings.MAIL_NEW_RECIPIENTS_SITE):
        raise AtTheLimit(
            f"Very many invitations went out from this site today, so new ones have to wait. "
            f"This one can go from {tomorrow}."
        )


def next_free(*, owner: User, address: str) -> dt.datetime:
    """When (UTC) the next mail to this person may go: now, or when the first day begins that still has room."""
    now = timezone.now()
    today, key = day_begins(now), mailbox_key(address)
    waiting = OutgoingMail.objects.filter(owner=owner, audience=OutgoingMail.Audience.MENTOR, due_at__gte=today)
    rows = waiting.exclude(state__in=_NOT_SENT).values_list("recipient", "due_at")
    taken = [day_begins(due_at) for recipient, due_at in rows if mailbox_key(recipient) == key]
    day = today
    while taken.count(day) >= settings.MAIL_A_RECIPIENT:
        day += DAY
    return now if day == today else day


def when_for(owner: User, at: dt.datetime) -> str:
    """ "Saturday at 01:00": an instant as the user's local time."""
    there = owner.local(at)
    return f"{there:%A} {there.day} {there:%B} at {there:%H:%M}"


def three_a_day() -> str:
    """ "three emails a day"."""
    most = settings.MAIL_A_RECIPIENT
    return f"{number(most)} {'email' if most == 1 else 'emails'} a day"


def days_of(owner: User) -> QuerySet[SendingDay]:
    """For the user's export: on which of the last days how many new people were written to."""
    return SendingDay.objects.filter(sender=_digest(owner))


def _digest(owner: User) -> str:
    return salted_hmac("mail.sending_limits", mailbox_key(owner.email), algorithm="sha256").hexdigest()


def _take(sender: str, now: dt.datetime, most: int) -> bool:
    """Count one more in a single statement that asks for room, so that it holds without any other lock."""
    day = day_begins(now).date()
    row, new = SendingDay.objects.get_or_create(sender=sender, day=day)
    if new and sender == SITE:  # by one only: two that delete at the same time might wait for each other
        SendingDay.objects.filter(day__lt=day - KEPT).delete()
    return bool(SendingDay.objects.filter(pk=row.pk, count__lt=most).update(count=F("count") + 1))
