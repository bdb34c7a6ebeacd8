"""A note to users who make many first approaches in one day. It never prevents sending."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from accounts.words import number
from outreach.models import Message, Purpose
from reminders.localtime import instant

PLENTY = 5  # first approaches per day
MIDNIGHT = dt.time(0)


def sent_on(user: User, day: dt.date) -> int:
    """How many first approaches were sent on this local date of the user."""
    begins, ends = (instant(d, MIDNIGHT, user.zone) for d in (day, day + dt.timedelta(days=1)))
    first = Message.objects.for_user(user).filter(purpose=Purpose.FIRST_APPROACH, state=Message.State.SENT)
    return first.filter(at__gte=begins, at__lt=ends).count()


def word_before(message: Message) -> str:
    """The note on a draft that would be today's sixth first approach or a later one; else empty."""
    if message.purpose != Purpose.FIRST_APPROACH:
        return ""
    count = sent_on(message.owner, message.owner.today())
    if count < PLENTY:
        return ""
    plenty = f"You have written to {number(count)} people for the first time today, and that is plenty."
    return f"{plenty} A letter written fresh in the morning reads like it. It can wait until tomorrow, or go now."


def word_after(message: Message) -> str:
    """The note when the sixth first approach of a day, or a later one, is marked as sent; else empty."""
    if message.purpose != Purpose.FIRST_APPROACH or message.at is None:
        return ""
    count = sent_on(message.owner, message.owner.local(message.at).date())
    if count <= PLENTY:
        return ""
    return f"That makes {number(count)} first letters in one day. Well done; the next ones will keep until tomorrow."
