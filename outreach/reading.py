"""Reading approaches for a page: all rows at once, then plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from outreach import followups
from outreach.models import Approach, ApproachEvent, FollowUp, Introduction, Message, Purpose
from outreach.models.approaches import ApproachQuerySet
from outreach.next_steps import Situation, Step, next_step
from outreach.oneself import Tried
from outreach.services import AWAITS_ANSWER
from portfolio.models import Person
from reminders.models import Reminder

Kind = ApproachEvent.Kind
TALKS = [Kind.PLANNED, Kind.CALLED_OFF, Kind.HELD]
TIME_TO_ANSWER = dt.timedelta(days=21)
THANKS = {Purpose.THANK_YOU, Purpose.GRACEFUL_DECLINE}


@dataclass(frozen=True)
class Row:
    """An approach with its next step."""

    approach: Approach
    step: Step
    draft_id: int | None
    follow_up_due: dt.date | None

    @property
    def follow_up_ahead(self) -> bool:
        return self.follow_up_due is not None and self.follow_up_due > self.approach.owner.today()

    @property
    def days(self) -> int:
        """Local days since it came to this stage."""
        owner = self.approach.owner
        return (owner.today() - owner.local(self.approach.stage_since).date()).days


def with_situation(user: User) -> ApproachQuerySet:
    """The user's approaches, each with all that decides its next step, in one query however many there are."""
    messages = Message.objects.filter(approach=OuterRef("pk"))
    drafts = messages.filter(state=Message.State.DRAFT).order_by("-created_at", "-pk")
    written = messages.exclude(state=Message.State.DRAFT)
    thanks = written.filter(purpose__in=THANKS).order_by("-at")
    events = ApproachEvent.objects.filter(approach=OuterRef("pk")).order_by("-created_at", "-pk")
    asked = events.filter(kind=Kind.SENT, message__purpose__in=AWAITS_ANSWER)
    replied = events.filter(kind=Kind.REPLIED)
    held = events.filter(kind=Kind.HELD)
    follow_ups = FollowUp.objects.filter(approach=OuterRef("pk"))
    # A snooze moves the reminder, not the plan; the page says when the reminder really comes.
    reminders = Reminder.objects.filter(
        kind=followups.KIND, subject_id=OuterRef("pk"), state=Reminder.State.PLANNED
    ).values("wall_date")
    due = Coalesce(Subquery(reminders[:1]), F("due_on"))
    return (
        Approach.objects.for_user(user)
        .select_related("person", "owner")
        .annotate(
            draft_id=Subquery(drafts.values("pk")[:1]),
            has_written=Exists(written),
            due_on=Subquery(follow_ups.filter(state=FollowUp.State.PLANNED).values(on=due)[:1]),
            followed_up=Exists(follow_ups.filter(state=FollowUp.State.DONE)),
            last_talk=Subquery(events.filter(kind__in=TALKS).values("kind")[:1]),
            asked_in=Subquery(asked.values("pk")[:1]),
            asked_for=Subquery(asked.values("message__purpose")[:1]),
            replied_in=Subquery(replied.values("pk")[:1]),
            held_in=Subquery(held.values("pk")[:1]),
            held_at=Subquery(held.values("at")[:1]),
            held_before=Exists(held.values("pk")[1:2]),
            thanked_at=Subquery(thanks.values("at")[:1]),
            last_sent_at=Subquery(written.filter(state=Message.State.SENT).order_by("-at").values("at")[:1]),
            introduced=Exists(Introduction.objects.filter(target=OuterRef("person"), state=Introduction.State.MADE)),
        )
    )


def situation(approach: Any) -> Situation:
    """Where an approach stands, from a row of :func:`with_situation`."""
    held_at, thanked_at = approach.held_at, approach.thanked_at
    asked = _after(approach.asked_in, approach.held_in)
    replied = _after(approach.replied_in, approach.asked_in) if asked else approach.replied_at is not None
    return Situation(
        first_name=approach.person.first_name,
        stage=approach.stage,
        today=approach.owner.today(),
        outcome=approach.outcome,
        rest_until=approach.rest_until,
        drafting=approach.draft_id is not None,
        written=approach.has_written or approach.replied_at is not None,
        asked=approach.asked_for if asked else "",
        replied=replied,
        follow_up_due=approach.due_on,
        follow_up_written=approach.followed_up,
        planned=approach.last_talk == Kind.PLANNED,
        held=0 if held_at is None else 2 if approach.held_before else 1,
        thanked=thanked_at is not None and (held_at is None or thanked_at >= held_at),
    )


def _after(one: int | None, other: int | None) -> bool:
    """Whether one event was noted after the other: their ids rise."""
    return one is not None and (other is None or one > other)


def row(approach: Any) -> Row:
    return Row(approach, next_step(situation(approach)), approach.draft_id, approach.due_on)


def tried(rows: Iterable[Row]) -> list[Tried]:
    """Those written to that answered, or have had three weeks to."""
    patient = timezone.now() - TIME_TO_ANSWER
    found = []
    for one in rows:
        approach: Any = one.approach
        answered = approach.replied_at is not None
        if approach.last_sent_at and (answered or approach.last_sent_at <= patient):
            circle = approach.person.source == Person.Source.CIRCLE
            found.append(Tried(answered, approach.introduced, approach.followed_up, circle))
    return found


def rows(approaches: Iterable[Approach]) -> list[Row]:
    return [row(approach) for approach in approaches]


@dataclass(frozen=True)
class ThreadItem:
    """One line of the thread: an event, with the message it brought, if any."""

    at: dt.datetime
    event: ApproachEvent | None
    message: Message | None

    @property
    def kind(self) -> str:
        return self.message.state if self.message else "event"


def thread(approach: Approach) -> list[ThreadItem]:
    """Events and messages of an approach, oldest first; a message stands with the event it made."""
    messages = {m.pk: m for m in Message.objects.filter(approach=approach).exclude(state=Message.State.DRAFT)}
    items = [ThreadItem(e.at, e, messages.pop(e.message_id or 0, None)) for e in approach.events.all()]
    items += [ThreadItem(m.at, None, m) for m in messages.values() if m.at]
    return sorted(items, key=lambda item: item.at)
