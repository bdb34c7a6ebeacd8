"""Follow-ups: reminders to write again, planned in working days, and stopped by any answer or contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.urls import reverse

from accounts.models import User, first_name
from accounts.ownership import OwnedQuerySet
from accounts.words import counted, listed, number
from outreach.models import Approach, ApproachEvent, Channel, FollowUp, Purpose
from portfolio.models import Contact
from reminders import services as reminders
from reminders.kinds import Item
from reminders.localtime import add_working_days, bank_holidays

KIND = "follow_up_due"
WAIT_WORKING_DAYS = 10
# Messages with these purposes expect an answer, so they start the plan.
AWAITS_ANSWER = {Purpose.FIRST_APPROACH, Purpose.FOLLOW_UP_CONVERSATION, Purpose.MENTORING_REQUEST}
PLAN_CHANGED = "You changed the plan"
IN_TOUCH = "You were in touch"
# The events that decide whose turn it is.
TURNS = (
    ApproachEvent.Kind.SENT,
    ApproachEvent.Kind.REPLIED,
    ApproachEvent.Kind.PLANNED,
    ApproachEvent.Kind.HELD,
)


def in_words(waits: Sequence[int]) -> str:
    """The plan of an approach in words; ``waits`` are working days."""
    if not waits:
        return "No follow-up."
    what = counted(len(waits), "follow-up", "follow-ups").capitalize()
    return f"{what}, after {listed([number(days) for days in waits])} working days; then let it rest."


def plan(
    *,
    approach: Approach,
    sent_on: dt.date,
    planned_by: ApproachEvent | None = None,
    turn: int = 1,
    late: bool = False,
) -> FollowUp | None:
    """Plan the next follow-up, counted in working days from the local date ``sent_on``.

    None if the plan has no such ``turn``, or another follow-up is waiting. ``late``: planned afterwards, so that no
    reminder is sent for a past day.
    """
    numbers = list(approach.follow_ups.values_list("number", "state"))
    if turn > approach.nudges or any(state == FollowUp.State.PLANNED for _, state in numbers):
        return None
    after = approach.waits[turn - 1]
    follow_up = FollowUp.objects.create(
        owner=approach.owner,
        approach=approach,
        number=max((number for number, _ in numbers), default=0) + 1,
        turn=turn,
        after=after,
        due_on=_due(approach.owner, sent_on, after),
        planned_by=planned_by,
    )
    remind(follow_up, late=late)
    return follow_up


def _due(user: User, sent_on: dt.date, after: int) -> dt.date:
    return add_working_days(sent_on, after, user.working_days, bank_holidays(user.country))


def remind(follow_up: FollowUp, *, late: bool = False) -> None:
    plan = reminders.plan_ahead if late else reminders.plan
    plan(owner=follow_up.owner, kind=KIND, subject_id=follow_up.pk, on=follow_up.due_on)


def put_off(follow_up: FollowUp, *, until: dt.date) -> None:
    """Due on ``until``, or the next working day of the user; nothing else of the plan changes."""
    user = follow_up.owner
    follow_up.due_on = add_working_days(until - dt.timedelta(days=1), 1, user.working_days, bank_holidays(user.country))
    follow_up.save(update_fields=["due_on"])
    remind(follow_up)


def replan(approach: Approach) -> FollowUp | None:
    """After a change of the plan, move, stop or add the waiting follow-up; returns the one that is now waiting.

    Sends no reminder for a past day: the approach's page already shows that it is due.
    """
    waiting = approach.follow_ups.filter(state=FollowUp.State.PLANNED).select_related("planned_by", "owner").first()
    if waiting is None:
        return _what_is_left(approach)
    if waiting.turn > approach.nudges:
        stop(approach=approach, because=PLAN_CHANGED)
        return None
    after = approach.waits[waiting.turn - 1]
    if after != waiting.after:
        followed = waiting.planned_by.at if waiting.planned_by else waiting.created_at
        waiting.after = after
        waiting.due_on = _due(approach.owner, approach.owner.local(followed).date(), after)
        waiting.save(update_fields=["after", "due_on"])
        remind(waiting, late=True)
    return waiting


def _what_is_left(approach: Approach) -> FollowUp | None:
    """Plan the next follow-up to the latest question if that is unanswered and the plan has another one."""
    turns = list(approach.events.filter(kind__in=TURNS).select_related("message"))
    if not approach.is_open or not turns:
        return None
    last, purposes = turns[-1], [event.message.purpose if event.message else "" for event in turns]
    asks = last.kind == ApproachEvent.Kind.SENT and purposes[-1] in {*AWAITS_ANSWER, Purpose.FOLLOW_UP}
    if not asks or Contact.objects.filter(person_id=approach.person_id, at__gte=last.at).exists():
        return None
    question = max((place for place, purpose in enumerate(purposes) if purpose in AWAITS_ANSWER), default=0)
    turn = 1 + purposes[question:].count(Purpose.FOLLOW_UP)
    sent_on = approach.owner.local(last.at).date()
    return plan(approach=approach, sent_on=sent_on, planned_by=last, turn=turn, late=True)


def close(*, approach: Approach, state: FollowUp.State, because: str, event: ApproachEvent | None) -> FollowUp | None:
    """Close the waiting follow-up and return it: it was written, or an answer or contact made it unnecessary."""
    follow_up = approach.follow_ups.filter(state=FollowUp.State.PLANNED).first()
    if follow_up is not None:
        follow_up.state, follow_up.stopped_because, follow_up.closed_by = state, because, event
        follow_up.save(update_fields=["state", "stopped_because", "closed_by"])
        reminders.cancel(owner=follow_up.owner, kind=KIND, subject_id=follow_up.pk)
    return follow_up


def stop(*, approach: Approach, because: str, event: ApproachEvent | None = None) -> None:
    close(approach=approach, state=FollowUp.State.STOPPED, because=because, event=event)


def take_back(event: ApproachEvent) -> None:
    """Undo what an event did to follow-ups: deletes those it planned, and reopens those it closed."""
    for follow_up in FollowUp.objects.filter(planned_by=event):
        reminders.cancel(owner=follow_up.owner, kind=KIND, subject_id=follow_up.pk)
        follow_up.delete()
    for follow_up in FollowUp.objects.filter(closed_by=event).select_related("owner"):
        follow_up.state, follow_up.stopped_because, follow_up.closed_by = FollowUp.State.PLANNED, "", None
        follow_up.save(update_fields=["state", "stopped_because", "closed_by"])
        remind(follow_up)


def wait_again(approach: Approach) -> None:
    """Reopen the latest follow-up after the contact that stopped it was removed, unless there is another answer."""
    last = approach.follow_ups.select_related("planned_by", "owner").last()
    if last is None or (last.state, last.stopped_because) != (FollowUp.State.STOPPED, IN_TOUCH) or last.closed_by_id:
        return
    since = last.planned_by.at if last.planned_by else last.created_at
    signs = (ApproachEvent.Kind.REPLIED, ApproachEvent.Kind.PLANNED, ApproachEvent.Kind.HELD)
    in_touch = Contact.objects.filter(person_id=approach.person_id, at__gte=since).exists()
    if in_touch or approach.events.filter(kind__in=signs, created_at__gte=last.created_at).exists():
        return
    last.state, last.stopped_because = FollowUp.State.PLANNED, ""
    last.save(update_fields=["state", "stopped_because"])
    remind(last, late=True)


def still_waiting(owners: Collection[int], ids: Collection[int]) -> OwnedQuerySet[FollowUp]:
    """Follow-ups that still need a reminder."""
    return FollowUp.objects.filter(
        owner__in=owners,
        pk__in=ids,
        state=FollowUp.State.PLANNED,
        approach__outcome="",
        approach__rest_until__isnull=True,
    )


def line(name: str, approach_id: int, *, after: int, channel: str) -> Item:
    """The line of a reminder mail about a follow-up; ``channel`` is that of the message it follows."""
    if channel == Channel.LINKEDIN_NOTE:
        title, words = f"Try another way to reach {name}?", unaccepted(first_name(name))
    else:
        title, words = f"Write to {name} once more?", f"{silence(after)} One short, kind follow-up is quite normal."
    return Item(
        title=title,
        words=words,
        path=reverse("approach", args=[approach_id]),
        person=name,
        button="See where it stands",
    )


def silence(after: int) -> str:
    """The sentence about ``after`` working days without a reply."""
    return f"No reply after {counted(after, 'working day', 'working days')}. That’s usually about their diary, not you."


def unaccepted(name: str) -> str:
    """The sentence about a connection note that was not accepted: LinkedIn allows no messages before that."""
    return (
        f"{name} hasn’t accepted your note so far, and LinkedIn carries nothing more until then. A short e-mail is a "
        "good second way; so is somebody who knows you both."
    )
