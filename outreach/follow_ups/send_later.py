"""Send it later: the user is reminded, at an hour of their own, to send a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import first_name
from accounts.ownership import OwnedQuerySet
from outreach.models import Message, Purpose
from reminders import services as reminders
from reminders.kinds import Item

KIND = "send_now"


@transaction.atomic
def remind_to_send(*, message: Message, at: dt.datetime) -> None:
    """Remind the user at ``at`` (an instant; kept as their local wall time) to send this draft, the same day."""
    message.send_at = at
    message.save(update_fields=["send_at"])
    _plan(message, at)


def _plan(message: Message, at: dt.datetime) -> None:
    local = message.owner.local(at)
    reminders.plan(
        owner=message.owner,
        kind=KIND,
        subject_id=message.pk,
        on=local.date(),
        at=local.time().replace(tzinfo=None),
    )


def stop(message: Message) -> None:
    """It was sent, or is gone: no reminder."""
    reminders.cancel(owner=message.owner, kind=KIND, subject_id=message.pk)


def take_back(message: Message) -> None:
    """It was not sent after all: a reminder that is still ahead stands again."""
    if message.send_at and message.send_at > timezone.now():
        _plan(message, message.send_at)


def still_waiting(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[Message]:
    """The drafts of which a reminder is still true."""
    return Message.objects.filter(owner__in=owners, pk__in=ids, state=Message.State.DRAFT, send_at__isnull=False)


def line(name: str, message_id: int, purpose: str, whom: str, need: str = "") -> Item:
    """A draft to the person of this name, as a line of a reminder mail. ``whom`` an introduction is about, for what."""
    asks = purpose == Purpose.INTRODUCTION and whom
    what_for = f"It is for “{need}”." if asks and need else "You wanted to send it about now."
    return Item(
        title=f"Ask {first_name(name)} to introduce you to {whom}" if asks else f"Send your message to {name}",
        words=f"{what_for} The draft is ready: one last look, and off it goes.",
        path=reverse("message", args=[message_id]),
        person=name,
        button="Open the draft",
    )
