"""One reminder after ten working days without an answer to a request for an introduction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from accounts.models import first_name
from accounts.ownership import OwnedQuerySet
from outreach.follow_ups.services import WAIT_WORKING_DAYS, silence
from outreach.models import Introduction, Message, Purpose
from portfolio.models import Contact
from reminders import services as reminders
from reminders.kinds import Item
from reminders.localtime import add_working_days, bank_holidays

KIND = "introduction_due"
State = Introduction.State


def due_on(introduction: Introduction) -> dt.date | None:
    """The local date of the reminder; None unless the introducer was asked and has not answered."""
    if introduction.state != State.ASKED or introduction.asked_on is None:
        return None
    user = introduction.owner
    return add_working_days(introduction.asked_on, WAIT_WORKING_DAYS, user.working_days, bank_holidays(user.country))


def heard() -> Exists:
    """Whether there was contact with the introducer after asking: on a later day, or after the message."""
    requests = Message.objects.filter(
        introduction=OuterRef(OuterRef("pk")), purpose=Purpose.INTRODUCTION, state=Message.State.SENT
    ).order_by("-at")
    later = Q(at__date__gt=OuterRef("asked_on")) | Q(at__gt=Subquery(requests.values("at")[:1]))
    return Exists(Contact.objects.filter(later, person=OuterRef("introducer")))


def settle(introduction: Introduction, *, without: Message | None = None) -> None:
    """Reschedule the reminder after any step. Never for a past day, nor after another message or contact.

    ``without`` is a message to ignore because it becomes a draft again.
    """
    written = introduction.messages.filter(purpose=Purpose.FOLLOW_UP, state=Message.State.SENT)
    again = (written.exclude(pk=without.pk) if without else written).exists()
    spoke = Introduction.objects.filter(heard(), pk=introduction.pk).exists()
    on = None if again or spoke else due_on(introduction)
    reminders.plan_ahead(owner=introduction.owner, kind=KIND, subject_id=introduction.pk, on=on)


def forget(introduction: Introduction) -> None:
    reminders.cancel(owner=introduction.owner, kind=KIND, subject_id=introduction.pk)


def still_waiting(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[Introduction]:
    """Introductions that still need a reminder: asked, no answer, and no other message or contact since."""
    again = Message.objects.filter(introduction=OuterRef("pk"), purpose=Purpose.FOLLOW_UP, state=Message.State.SENT)
    return Introduction.objects.filter(~Exists(again), ~heard(), owner__in=owners, pk__in=ids, state=State.ASKED)


def line(introducer: str, target: str, introduction_id: int) -> Item:
    """The line of a reminder mail about a request to this introducer."""
    return Item(
        title=f"Ask {introducer} about {target} once more?",
        words=f"{silence(WAIT_WORKING_DAYS)} One short line to {first_name(introducer)} is quite normal.",
        path=reverse("introduction", args=[introduction_id]),
        person=introducer,
        button="See where it stands",
    )
