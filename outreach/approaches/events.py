"""The history of an approach: every change is recorded with the previous values, and the latest can be undone."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from outreach.errors import OutreachError
from outreach.follow_ups import rest_reminder, send_later
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, ApproachEvent, Message
from portfolio.models import Contact
from portfolio.people.contacts import forget_contacts

REPLY_NOTE = "They replied"
STATE = ["stage", "outcome", "replied_at", "rest_until", "stage_since", "ended_at"]


def lock_approach(approach: Approach) -> Approach:
    """The approach's current row, locked until the transaction ends (SQLite has only one writer anyway)."""
    return Approach.objects.select_for_update(of=("self",)).select_related("person", "owner").get(pk=approach.pk)


def change(
    approach: Approach,
    kind: ApproachEvent.Kind,
    what: str,
    *,
    at: dt.datetime | None = None,
    stage: Approach.Stage | None = None,
    outcome: Approach.Outcome | None = None,
    replied_at: dt.datetime | None = None,
    rest_until: dt.date | None = None,
    reopen: bool = False,
    message: Message | None = None,
) -> ApproachEvent:
    """Make one change and record it as an event. ``at`` (UTC) is when it happened, default now.

    ``reopen`` clears outcome and rest. Call it in a transaction, with the result of :func:`lock_approach`.
    """
    now = timezone.now()
    event = ApproachEvent.objects.create(
        owner_id=approach.owner_id,
        approach=approach,
        kind=kind,
        at=at or now,
        what=what[:300],
        message=message,
        stage=stage or approach.stage,
        stage_before=approach.stage,
        outcome_before=approach.outcome,
        replied_before=approach.replied_at,
        rest_before=approach.rest_until,
        since_before=approach.stage_since,
        ended_before=approach.ended_at,
    )
    if stage and stage != approach.stage:
        approach.stage, approach.stage_since = stage, now
    if reopen:
        approach.outcome, approach.ended_at, approach.rest_until = "", None, None
    if outcome is not None:
        approach.outcome, approach.ended_at = outcome, now
    if rest_until is not None:
        approach.rest_until = rest_until
    if replied_at is not None and approach.replied_at is None:
        approach.replied_at = replied_at
    approach.save(update_fields=STATE)
    _settle_rest(approach, (event.rest_before, event.outcome_before))
    return event


def _settle_rest(approach: Approach, before: tuple[dt.date | None, str]) -> None:
    """Schedule or cancel the reminder of its rest, if the rest changed."""
    now = (approach.rest_until, approach.outcome)
    if now != before and (now[0] or before[0]):
        rest_reminder.settle(approach)


def latest(approach: Approach) -> ApproachEvent | None:
    """The latest event, from prefetched rows if there are any."""
    return next(reversed(approach.events.all()), None)


def undo(event: ApproachEvent) -> str:
    """Undo the latest change and return its description.

    Raises :class:`OutreachError` for an older change, and if the undo would leave two open approaches to one person.
    """
    try:
        with transaction.atomic():
            return _undo(lock_approach(event.approach), event)
    except IntegrityError:
        raise OutreachError(
            f"There is a newer open approach to {event.approach.person.name}, so this one can’t be open again. "
            "Nothing was changed."
        ) from None


def _undo(approach: Approach, event: ApproachEvent) -> str:
    if latest(approach) != event or event.kind == ApproachEvent.Kind.OPENED:
        raise OutreachError("Something happened after that, so it can’t be undone any more. Nothing was changed.")
    if approach.outcome == Approach.Outcome.ACCEPTED:
        raise OutreachError("This has become a mentorship. Nothing was changed; you can end it on its own page.")
    before = (approach.rest_until, approach.outcome)
    approach.stage = event.stage_before
    approach.outcome = event.outcome_before
    approach.replied_at = event.replied_before
    approach.rest_until = event.rest_before
    approach.ended_at = event.ended_before
    approach.stage_since = event.since_before or approach.stage_since
    approach.save(update_fields=STATE)
    _settle_rest(approach, before)
    follow_ups.take_back(event)
    if event.kind == ApproachEvent.Kind.REPLIED:
        then = Contact.objects.filter(person_id=approach.person_id, at=event.at)
        forget_contacts(then.filter(pk__in=[contact.pk for contact in then if contact.note == REPLY_NOTE]))
    message = event.message
    what = event.what
    event.delete()
    if message is not None and message.state == Message.State.RECEIVED:
        message.delete()
    elif message is not None:
        message.back_to_draft()
        send_later.take_back(message)
    return what
