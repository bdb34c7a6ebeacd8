"""What outreach reminds of, and what can be done about it straight from the mail."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from outreach import followups, send_later, services
from outreach.errors import OutreachError
from outreach.models import Approach, FollowUp
from reminders import kinds


def _they_replied(user: User, follow_up_id: int) -> str:
    """The act behind "they replied" in the mail; returns what to say."""
    follow_ups: QuerySet[FollowUp] = FollowUp.objects.for_user(user).select_related(
        "approach__person", "approach__owner"
    )
    follow_up = follow_ups.filter(pk=follow_up_id).first()
    if follow_up is None:
        return "That follow-up is no longer there. Nothing was changed."
    approach: Approach = follow_up.approach
    if follow_up.state != FollowUp.State.PLANNED:
        return f"That was noted already. No more follow-ups to {approach.person.name}."
    try:
        services.record_reply(approach=approach)
    except OutreachError as error:
        return str(error)
    return f"Good. {approach.person.name} replied; the follow-up is off."


def register() -> None:
    kinds.register(
        kinds.Kind(
            name=followups.KIND,
            switch="replies",
            load=followups.load,
            acts=(kinds.Act("replied", "They replied", _they_replied),),
            order=20,
        )
    )
    kinds.register(kinds.Kind(name=send_later.KIND, switch="replies", load=send_later.load, same_day=True, order=10))
