"""Queries approaches for a page: all rows at once, then plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.models import User
from accounts.words import how_long
from outreach.approaches.next_step import OutreachStep, Situation, next_step
from outreach.approaches.track_record import Tried
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, ApproachEvent, FollowUp, Introduction, Message, Purpose
from outreach.models.approaches import ApproachQuerySet
from portfolio.models import Person
from reminders.models import Reminder

EventKind = ApproachEvent.Kind
TALKS = [EventKind.PLANNED, EventKind.CALLED_OFF, EventKind.HELD]
DECIDING = [*TALKS, EventKind.SENT, EventKind.REPLIED]
EVENT, MESSAGE, FOLLOW_UP = "event", "message", "follow_up"
TIME_TO_ANSWER = dt.timedelta(days=21)
GOOD_ENDINGS = {Approach.Outcome.ACCEPTED, Approach.Outcome.ENOUGH}
THANKS = {Purpose.THANK_YOU, Purpose.GRACEFUL_DECLINE}


@dataclass(frozen=True)
class ApproachRow:
    """An approach with its next step."""

    approach: Approach
    step: OutreachStep
    draft_id: int | None
    follow_up_due: dt.date | None

    @property
    def follow_up_ahead(self) -> bool:
        return self.follow_up_due is not None and self.follow_up_due > self.approach.owner.today()

    @property
    def age(self) -> str:
        """How long it has been at this stage, in local days: "since today", "for nine days"."""
        owner = self.approach.owner
        days = (owner.today() - owner.local(self.approach.stage_since).date()).days
        return f"for {how_long(days)}" if days > 0 else "since today"

    @property
    def ended_well(self) -> bool:
        return self.approach.outcome in GOOD_ENDINGS


def with_situation(user: User) -> ApproachQuerySet:
    """The user's approaches with their people, as :func:`rows` expects."""
    return Approach.objects.for_user(user).select_related("person", "owner")


class Fact(NamedTuple):
    """One row of an approach that may affect its next step.

    ``what`` is the kind of an event, or the state of a message or follow-up; ``purpose`` is the message's, if any;
    ``at`` is UTC; only events have a ``channel``; only follow-ups have ``due`` (local date) and ``after`` (working
    days).
    """

    approach: int
    source: str
    what: str
    pk: int
    at: dt.datetime
    purpose: str | None
    due: dt.date | None
    channel: str | None
    after: int


def open_rows(user: User) -> list[ApproachRow]:
    """The open approaches with their next steps, at most two hundred: two queries."""
    approaches = _open(user.pk)
    for approach in approaches:
        approach.owner = user
    return rows(approaches)


@compiled
def _open(owner: int) -> QuerySet[Approach]:
    return Approach.objects.filter(owner=owner).open().select_related("person")[:200]


def _facts(approaches: list[int]) -> dict[int, list[Fact]]:
    """The facts that decide the next steps, by approach, oldest first: one query."""
    found: dict[int, list[Fact]] = {}
    for row in _deciding(approaches):
        fact = Fact(*row)
        found.setdefault(fact.approach, []).append(fact)
    for facts in found.values():
        facts.sort(key=lambda fact: fact.pk)  # ids are in chronological order
    return found


@compiled
def _deciding(approaches: list[int]) -> QuerySet[Any, Any]:
    """A compiled union of three plain queries: a third of the cost of separate annotations."""

    def source(name: str) -> Value:
        return Value(name, CharField())

    nothing, zero = Value("", CharField()), Value(0, IntegerField())
    # A snooze moves the reminder, not the plan; the page shows the reminder's date.
    reminders = Reminder.objects.filter(
        kind=follow_ups.KIND, subject_id=OuterRef("pk"), state=Reminder.State.PLANNED
    ).values("wall_date")
    due = Coalesce(Subquery(reminders[:1]), F("due_on"))
    nudges = FollowUp.objects.exclude(state=FollowUp.State.STOPPED).values_list(
        "approach", source(FOLLOW_UP), "state", "pk", "created_at", nothing, due, nothing, "after"
    )
    messages = Message.objects.values_list(
        "approach",
        source(MESSAGE),
        "state",
        "pk",
        Coalesce("at", "created_at"),
        "purpose",
        Value(None, DateField()),
        nothing,
        zero,
    )
    events = ApproachEvent.objects.filter(kind__in=DECIDING).values_list(
        *("approach", source(EVENT), "kind", "pk", "at", "message__purpose"),
        *(Value(None, DateField()), "message__channel", zero),
    )
    first, *others = [part.filter(approach__in=approaches).order_by() for part in (nudges, messages, events)]
    return first.union(*others, all=True)


def situation(approach: Approach, facts: list[Fact]) -> Situation:
    """The situation of an approach from its facts, oldest first."""
    drafts, written, nudges, events = _sorted(facts)
    talk = _last(fact for fact in events if fact.what in TALKS)
    held = [fact for fact in events if fact.what == EventKind.HELD]
    waits = _waiting_question(events, held)
    return Situation(
        first_name=approach.person.first_name,
        stage=approach.stage,
        today=approach.owner.today(),
        outcome=approach.outcome,
        rest_until=approach.rest_until,
        drafting=bool(drafts),
        written=bool(written) or approach.replied_at is not None,
        asked=(waits.purpose or "") if waits else "",
        channel=_channel(events, waits),
        replied=_replied_to(waits, events) if waits else approach.replied_at is not None,
        follow_up_due=_due(nudges),
        waited=next((fact.after for fact in nudges if fact.what == FollowUp.State.PLANNED), 0),
        follow_up_written=_followed_up(nudges, waits),
        planned=talk is not None and talk.what == EventKind.PLANNED,
        held=min(len(held), 2),
        thanked=_thanked(written, held),
    )


def _waiting_question(events: list[Fact], held: list[Fact]) -> Fact | None:
    """The last sent message that expects an answer, unless a conversation was held after it."""
    asked = _last(fact for fact in events if fact.what == EventKind.SENT and fact.purpose in follow_ups.AWAITS_ANSWER)
    return asked if _after(asked, _last(held)) else None


def _replied_to(question: Fact, events: list[Fact]) -> bool:
    return _after(_last(fact for fact in events if fact.what == EventKind.REPLIED), question)


def _followed_up(nudges: list[Fact], waits: Fact | None) -> bool:
    """Whether a follow-up was written (since the unanswered question, if there is one)."""
    return any(fact.what == FollowUp.State.DONE and (waits is None or fact.at >= waits.at) for fact in nudges)


def _thanked(written: list[Fact], held: list[Fact]) -> bool:
    """Whether they were thanked (since the last conversation, if there was one)."""
    thanked = max((fact.at for fact in written if fact.purpose in THANKS), default=None)
    return thanked is not None and (not held or thanked >= held[-1].at)


def _channel(events: list[Fact], waits: Fact | None) -> str:
    """The channel of the question or of the last follow-up to it."""
    put = [fact for fact in events if fact.purpose == Purpose.FOLLOW_UP and fact.what == EventKind.SENT]
    last = put[-1] if put and _after(put[-1], waits) else waits
    return (last.channel or "") if waits and last else ""


def _sorted(facts: list[Fact]) -> tuple[list[Fact], list[Fact], list[Fact], list[Fact]]:
    """Split facts into drafts, other messages, follow-ups and events."""
    messages = [fact for fact in facts if fact.source == MESSAGE]
    return (
        [fact for fact in messages if fact.what == Message.State.DRAFT],
        [fact for fact in messages if fact.what != Message.State.DRAFT],
        [fact for fact in facts if fact.source == FOLLOW_UP],
        [fact for fact in facts if fact.source == EVENT],
    )


def _last(facts: Iterable[Fact]) -> Fact | None:
    return next(reversed([*facts]), None)


def _after(one: Fact | None, other: Fact | None) -> bool:
    """Whether the first event was recorded after the second."""
    return one is not None and (other is None or one.pk > other.pk)


def _due(nudges: list[Fact]) -> dt.date | None:
    return next((fact.due for fact in nudges if fact.what == FollowUp.State.PLANNED), None)


def situation_of(approach: Approach) -> Situation:
    """The situation of one approach. One query."""
    return situation(approach, _facts([approach.pk]).get(approach.pk, []))


def row(approach: Approach) -> ApproachRow:
    """The approach with its next step. One query."""
    return rows([approach])[0]


def rows(approaches: Iterable[Approach]) -> list[ApproachRow]:
    """Each approach with its next step: one query in all, besides the one that fetches the approaches."""
    approaches = list(approaches)
    facts = _facts([approach.pk for approach in approaches])
    return [_row(approach, facts.get(approach.pk, [])) for approach in approaches]


def _row(approach: Approach, facts: list[Fact]) -> ApproachRow:
    drafts, _, nudges, _ = _sorted(facts)
    draft = _last(drafts)
    return ApproachRow(
        approach,
        next_step(situation(approach, facts)),
        draft.pk if draft else None,
        _due(nudges),
    )


def tried(user: User) -> list[Tried]:
    """Approaches with a message that was answered, or is three weeks old. One query."""
    patient = timezone.now() - TIME_TO_ANSWER
    sent = Message.objects.filter(approach=OuterRef("pk"), state=Message.State.SENT).order_by("-at")
    made = Introduction.objects.filter(target=OuterRef("person"), state=Introduction.State.MADE)
    written_again = FollowUp.objects.filter(approach=OuterRef("pk"), state=FollowUp.State.DONE)
    rows = (
        Approach.objects.for_user(user)
        .annotate(last=Subquery(sent.values("at")[:1]), introduced=Exists(made), again=Exists(written_again))
        .filter(Q(replied_at__isnull=False) | Q(last__lte=patient), last__isnull=False)
        .order_by("pk")
        .values_list("replied_at", "introduced", "again", "person__source")
    )
    return [
        Tried(replied_at is not None, introduced, again, source == Person.Source.CIRCLE)
        for replied_at, introduced, again, source in rows
    ]


@dataclass(frozen=True)
class ThreadItem:
    """One line of the history: an event with its message, if any."""

    at: dt.datetime
    event: ApproachEvent | None
    message: Message | None

    @property
    def kind(self) -> str:
        return self.message.state if self.message else "event"


def thread(approach: Approach) -> list[ThreadItem]:
    """Events and messages of an approach, oldest first; a message is shown with its event."""
    messages = {m.pk: m for m in Message.objects.filter(approach=approach).exclude(state=Message.State.DRAFT)}
    items = [ThreadItem(e.at, e, messages.pop(e.message_id or 0, None)) for e in approach.events.all()]
    items += [ThreadItem(m.at, None, m) for m in messages.values() if m.at]
    return sorted(items, key=lambda item: item.at)
