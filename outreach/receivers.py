from __future__ import annotations

from typing import Any

from django.db import transaction

from outreach.approaches.events import lock_approach
from outreach.follow_ups import introduction_reminder
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, FollowUp, Introduction, Message
from portfolio.models import Contact


@transaction.atomic
def sign_of_life(sender: Any, contact: Contact, **news: Any) -> None:
    """After a contact that is not older than the last message, stop the follow-up and introduction reminders."""
    waiting = Approach.objects.filter(
        person_id=contact.person_id, pk__in=FollowUp.objects.filter(state=FollowUp.State.PLANNED).values("approach")
    )
    for approach in waiting:
        approach = lock_approach(approach)
        sent = approach.messages.filter(state=Message.State.SENT).order_by("at").last()
        if sent is None or sent.at is None or contact.at >= sent.at:
            follow_ups.stop(approach=approach, because=follow_ups.IN_TOUCH)
    _settle_introductions(contact.person_id)


@transaction.atomic
def no_sign_of_life(sender: Any, person_id: int, **news: Any) -> None:
    """After a contact was removed, plan the follow-up and reminders that it had stopped again."""
    stopped = FollowUp.objects.filter(state=FollowUp.State.STOPPED, stopped_because=follow_ups.IN_TOUCH)
    for approach in Approach.objects.open().filter(person_id=person_id, pk__in=stopped.values("approach")):
        follow_ups.wait_again(lock_approach(approach))
    _settle_introductions(person_id)


def _settle_introductions(introducer: int) -> None:
    asked = Introduction.objects.filter(introducer=introducer, state=Introduction.State.ASKED)
    for introduction in asked.select_related("owner"):
        introduction_reminder.settle(introduction)
