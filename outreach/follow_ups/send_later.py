""" "Send later": reminds the user to send a draft at a time they chose."""

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
    """Remind the user to send this draft at ``at`` (an instant; stored as their local wall time)."""
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
    """Cancel the reminder, because the draft was sent or deleted."""
    reminders.cancel(owner=message.owner, kind=KIND, subject_id=message.pk)


def take_back(message: Message) -> None:
    """Restore a reminder that is still ahead, because the message was not sent after all."""
    if message.send_at and message.send_at > timezone.now():
        _plan(message, message.send_at)


def still_waiting(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[Message]:
    """Drafts that still need a reminder."""
    return Message.objects.filter(owner__in=owners, pk__in=ids, state=Message.State.DRAFT, send_at__isnull=False)


def line(name: str, message_id: int, purpose: str, whom: str, need: str = "") -> Item:
    """The line of a reminder mail about a draft to this person. ``whom`` is the person an introduction is about."""
    asks = purpose == Purpose.INTRODUCTION and whom
    what_for = f"It is for “{need}”." if asks and need else "You wanted to send it about now."
    return Item(
        title=f"Ask {first_name(name)} to introduce you to {whom}" if asks else f"Send your message to {name}",
        words=f"{what_for} The draft is ready: one last look, and off it goes.",
        path=reverse("message", args=[message_id]),
        person=name,
        button="Open the draft",
    )
