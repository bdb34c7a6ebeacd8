"""Reminds the user on the day an approach's rest ends; nothing else happens automatically."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.urls import reverse

from accounts.models import first_name
from accounts.ownership import OwnedQuerySet
from outreach.models import Approach
from reminders import services as reminders
from reminders.kinds import Item

KIND = "rest_over"


def settle(approach: Approach) -> None:
    """Reschedule the reminder after the rest began, ended or was undone. Never for a past day."""
    until = approach.rest_until if not approach.outcome else None
    reminders.plan_ahead(owner=approach.owner, kind=KIND, subject_id=approach.pk, on=until)


def still_waiting(owners: Collection[int], ids: Collection[int], today: dt.date) -> OwnedQuerySet[Approach]:
    """Approaches that still need a reminder: they rest, and the local date has come."""
    return Approach.objects.filter(owner__in=owners, pk__in=ids, outcome="", rest_until__lte=today)


def line(name: str, approach_id: int) -> Item:
    return Item(
        title=f"Think of {name} again?",
        words=f"You let it rest until about now. If {first_name(name)} still comes to mind, take it up again; if not, "
        "leave it in peace.",
        path=reverse("approach", args=[approach_id]),
        person=name,
        button="See where it stands",
    )
