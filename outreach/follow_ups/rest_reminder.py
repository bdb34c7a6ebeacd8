"""Left to rest until some day: the user is reminded then, gently, and nothing happens by itself."""

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
    """Plan the reminder anew after its rest began, ended or was taken back. Never for a day that is past."""
    until = approach.rest_until if not approach.outcome else None
    reminders.plan_ahead(owner=approach.owner, kind=KIND, subject_id=approach.pk, on=until)


def still_waiting(owners: Collection[int], ids: Collection[int], today: dt.date) -> OwnedQuerySet[Approach]:
    """The approaches of which a reminder is still true: they rest, and the day (local) has come."""
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
