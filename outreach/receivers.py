from __future__ import annotations

from typing import Any

from django.db import transaction

from outreach import followups
from outreach.history import locked
from outreach.models import Approach, FollowUp, Message
from portfolio.models import Contact


@transaction.atomic
def sign_of_life(sender: Any, contact: Contact, **news: Any) -> None:
    """You were in touch with them, at or after your last message: no nudge is needed."""
    waiting = Approach.objects.filter(
        person_id=contact.person_id, pk__in=FollowUp.objects.filter(state=FollowUp.State.PLANNED).values("approach")
    )
    for approach in waiting:
        approach = locked(approach)
        sent = approach.messages.filter(state=Message.State.SENT).order_by("at").last()
        if sent is None or sent.at is None or contact.at >= sent.at:
            followups.stop(approach=approach, because="You were in touch")
