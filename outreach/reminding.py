"""What outreach reminds of, and what can be done about it straight from the mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import CharField, IntegerField, QuerySet, Value
from django.db.models.fields.json import KT

from accounts.models import User
from accounts.prepared import prepared
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


class Waiting(NamedTuple):
    """A follow-up or a draft; ``approach`` is 0 for a draft, ``purpose`` and what follows are empty for a follow-up."""

    kind: str
    pk: int
    name: str
    approach: int
    purpose: str
    whom: str | None
    need: str | None


def load(user: User, wanted: kinds.Wanted) -> kinds.Told:
    """What of outreach still waits, as lines of a reminder mail; one query."""
    rows = _waiting(user.pk, [*wanted.get(followups.KIND, ())], [*wanted.get(send_later.KIND, ())])
    return kinds.told(_lines(Waiting(*row) for row in rows))


@prepared
def _waiting(owner: int, follow_up_ids: list[int], draft_ids: list[int]) -> QuerySet[Any, Any]:
    nothing, nowhere = Value("", CharField()), Value(0, IntegerField())
    follow_ups = followups.still_waiting(owner, follow_up_ids).values_list(
        Value(followups.KIND, CharField()), "pk", "approach__person__name", "approach", nothing, nothing, nothing
    )
    drafts = send_later.still_waiting(owner, draft_ids).values_list(
        Value(send_later.KIND, CharField()),
        "pk",
        "person__name",
        nowhere,
        "purpose",
        KT("field_values__who_to_meet"),
        "introduction__need__words",
    )
    return follow_ups.order_by().union(drafts.order_by(), all=True)


def _lines(rows: Iterator[Waiting]) -> Iterator[tuple[str, int, kinds.Item]]:
    for row in rows:
        if row.kind == followups.KIND:
            yield row.kind, row.pk, followups.line(row.name, row.approach)
        else:
            yield row.kind, row.pk, send_later.line(row.name, row.pk, row.purpose, row.whom or "", row.need or "")


def register() -> None:
    kinds.register(
        kinds.Kind(
            name=followups.KIND,
            switch="replies",
            load=load,
            acts=(kinds.Act("replied", "They replied", _they_replied),),
            order=20,
        )
    )
    kinds.register(kinds.Kind(name=send_later.KIND, switch="replies", load=load, same_day=True, order=10))
