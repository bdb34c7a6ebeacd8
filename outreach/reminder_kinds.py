"""The reminders of outreach, and the actions offered in the mail."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, NamedTuple

from django.db.models import CharField, F, IntegerField, QuerySet, Value

from accounts.compiled_queries import compiled
from accounts.models import User
from accounts.private_notes import NO_NOTE, if_readable
from mail.models import ConnectedMailbox, DropAddress
from outreach.approaches import services as approaches
from outreach.drafts import own_mailbox
from outreach.errors import OutreachError
from outreach.follow_ups import introduction_reminder, rest_reminder, send_later
from outreach.follow_ups import services as follow_ups
from outreach.incoming import asking, mailboxes
from outreach.models import Approach, FollowUp, Introduction, Message
from reminders import kinds


def _they_replied(user: User, follow_up_id: int) -> str:
    """The action "they replied" in the mail; returns the confirmation."""
    nudges: QuerySet[FollowUp] = FollowUp.objects.for_user(user).select_related("approach__person", "approach__owner")
    follow_up = nudges.filter(pk=follow_up_id).first()
    if follow_up is None:
        return "That follow-up is no longer there. Nothing was changed."
    approach: Approach = follow_up.approach
    if follow_up.state != FollowUp.State.PLANNED:
        return f"That was noted already. No more follow-ups to {approach.person.name}."
    try:
        approaches.record_reply(approach=approach)
    except OutreachError as error:
        return str(error)
    return f"Good. {approach.person.name} replied; the follow-up is off."


class Waiting(NamedTuple):
    """The subject of a reminder as plain values. ``name`` is the recipient, ``target`` the id in its URL.

    A draft has a ``purpose``, and as JSON what was ``typed`` for its merge fields; an introduction is about ``whom``; a
    follow-up has the ``channel`` of the message it follows, and is due ``after`` that many working days. A drop address
    has ``after`` that many mails that ask.
    """

    kind: str
    pk: int
    owner: int
    name: str
    target: int
    purpose: str
    typed: str
    whom: str
    need: str | None
    channel: str | None
    after: int


def load(users: kinds.Users, wanted: kinds.Wanted) -> kinds.Told:
    """The outreach reminders that are still valid, as lines of a reminder mail; one query."""
    return _told(users, wanted, by=kinds.today(users))


def ahead(users: kinds.Users, wanted: kinds.Wanted) -> kinds.Told:
    """Like ``load``, but as if every due date had come."""
    return _told(users, wanted, by=kinds.SOME_DAY.date())


def _told(users: kinds.Users, wanted: kinds.Wanted, *, by: dt.date) -> kinds.Told:
    kinds_here = (
        *(follow_ups.KIND, send_later.KIND, rest_reminder.KIND, introduction_reminder.KIND),
        *(asking.KIND, asking.IN_MAILBOX, mailboxes.KIND, own_mailbox.KIND),
    )
    rows = _waiting([*users], by, *([*wanted.get(kind, ())] for kind in kinds_here))
    return kinds.told((row.kind, row.owner, row.pk, _item(row)) for row in map(Waiting._make, rows))


@compiled
def _waiting(
    owners: list[int],
    today: dt.date,
    follow_up_ids: list[int],
    draft_ids: list[int],
    resting_ids: list[int],
    asked_ids: list[int],
    drop_ids: list[int],
    mailbox_ids: list[int],
    unread_ids: list[int],
    unsent_ids: list[int],
) -> QuerySet[Any, Any]:
    nothing, nowhere = Value("", CharField()), Value(0, IntegerField())

    def kind(name: str) -> Value:
        return Value(name, CharField())

    parts = [
        follow_ups.still_waiting(owners, follow_up_ids).values_list(
            *(kind(follow_ups.KIND), "pk", "owner", "approach__person__name", "approach", nothing, NO_NOTE, nothing),
            *(nothing, "planned_by__message__channel", "after"),
        ),
        send_later.still_waiting(owners, draft_ids).values_list(
            *(kind(send_later.KIND), "pk", "owner", "person__name", F("pk"), "purpose"),
            *("field_values", nothing, "introduction__need__words", nothing, nowhere),
        ),
        rest_reminder.still_waiting(owners, resting_ids, today).values_list(
            *(kind(rest_reminder.KIND), "pk", "owner", "person__name", F("pk")),
            *(nothing, NO_NOTE, nothing, nothing, nothing, nowhere),
        ),
        introduction_reminder.still_waiting(owners, asked_ids).values_list(
            *(kind(introduction_reminder.KIND), "pk", "owner", "introducer__name", F("pk")),
            *(nothing, NO_NOTE, "target__name", nothing, nothing, nowhere),
        ),
        *(
            rows.values_list(
                *(kind(name), "pk", "owner", nothing, nowhere, nothing, NO_NOTE, nothing, nothing, nothing, "questions")
            )
            for name, rows in (
                (asking.KIND, asking.still_asking(owners, drop_ids)),
                (asking.IN_MAILBOX, asking.still_asking_in_mailbox(owners, mailbox_ids)),
            )
        ),
        mailboxes.still_unread(owners, unread_ids).values_list(
            *(
                kind(mailboxes.KIND),
                "pk",
                "owner",
                nothing,
                nowhere,
                nothing,
                NO_NOTE,
                nothing,
                nothing,
                nothing,
                nowhere,
            )
        ),
        own_mailbox.still_not_sent(owners, unsent_ids).values_list(
            *(kind(own_mailbox.KIND), "pk", "owner", "person__name", F("pk"), "state"),
            *(NO_NOTE, nothing, nothing, nothing, nowhere),
        ),
    ]
    first, *others = [part.order_by() for part in parts]
    return first.union(*others, all=True)


def _item(row: Waiting) -> kinds.Item:
    if row.kind == follow_ups.KIND:
        return follow_ups.line(row.name, row.target, after=row.after, channel=row.channel or "")
    if row.kind == send_later.KIND:
        typed = json.loads(if_readable(row.typed) or "{}")
        return send_later.line(row.name, row.pk, row.purpose, typed.get("who_to_meet", ""), row.need or "")
    if row.kind == rest_reminder.KIND:
        return rest_reminder.line(row.name, row.target)
    if row.kind in (asking.KIND, asking.IN_MAILBOX):
        return asking.line(row.after)
    if row.kind == mailboxes.KIND:
        return mailboxes.line()
    if row.kind == own_mailbox.KIND:
        return own_mailbox.line(row.name, row.pk, row.purpose)
    return introduction_reminder.line(row.name, row.whom, row.target)


def _take_up(user: User, approach_id: int) -> str:
    """The action "take it up again" in the mail."""
    found = Approach.objects.for_user(user).select_related("person", "owner").filter(pk=approach_id).first()
    if found is None:
        return "That approach is no longer there. Nothing was changed."
    if found.is_open:
        return f"{found.person.name} is on your way again already."
    try:
        approaches.take_up_again(approach=found)
    except OutreachError as error:
        return str(error)
    return f"Good. {found.person.name} is on your way again."


def register() -> None:
    kinds.register(
        kinds.Kind(
            name=follow_ups.KIND,
            about=FollowUp,
            switch="replies",
            load=load,
            acts=(kinds.Act("replied", "They replied", _they_replied),),
            order=20,
        )
    )
    kinds.register(
        kinds.Kind(name=introduction_reminder.KIND, about=Introduction, switch="replies", load=load, order=25)
    )
    kinds.register(
        kinds.Kind(
            name=rest_reminder.KIND,
            about=Approach,
            switch="gentle",
            load=load,
            ahead=ahead,
            acts=(kinds.Act("wake", "Take it up again", _take_up),),
            order=62,
        )
    )
    kinds.register(kinds.Kind(name=asking.KIND, about=DropAddress, switch="replies", load=load, at_once=True, order=30))
    kinds.register(
        kinds.Kind(name=asking.IN_MAILBOX, about=ConnectedMailbox, switch="replies", load=load, at_once=True, order=30)
    )
    kinds.register(kinds.Kind(name=mailboxes.KIND, about=ConnectedMailbox, switch="replies", load=load, order=45))
    kinds.register(
        kinds.Kind(
            name=own_mailbox.KIND, about=Message, switch="replies", load=load, at_once=True, may_wait=False, order=8
        )
    )
    kinds.register(
        kinds.Kind(name=send_later.KIND, about=Message, switch="replies", load=load, same_day=True, order=10)
    )
