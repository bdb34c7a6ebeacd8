"""Reading approaches for a page: all rows at once, then plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.compiled_queries import prepared
from accounts.models import User
from outreach.approaches.next_step import OutreachStep, Situation, next_step
from outreach.approaches.track_record import Tried
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, ApproachEvent, FollowUp, Introduction, Message, Purpose
from outreach.models.approaches import ApproachQuerySet
from portfolio.models import Person
from portfolio.text.words import how_long
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
    """The user's approaches, each with whom it is to: what :func:`rows` wants."""
    return Approach.objects.for_user(user).select_related("person", "owner")


class Fact(NamedTuple):
    """One thing of an approach that may decide its next step.

    ``what`` is the kind of an event, the state of a message or a follow-up; ``purpose`` that of the message, if any;
    ``at`` is UTC; ``channel`` is an event's; a local date ``due`` and the working days ``after`` are a follow-up's.
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
    """The open approaches with their next steps, two hundred at most: two queries."""
    approaches = _open(user.pk)
    for approach in approaches:
        approach.owner = user
    return rows(approaches)


@prepared
def _open(owner: int) -> QuerySet[Approach]:
    return Approach.objects.filter(owner=owner).open().select_related("person")[:200]


def _facts(approaches: list[int]) -> dict[int, list[Fact]]:
    """All that decides the next steps of these approaches, by approach, oldest first: one query."""
    found: dict[int, list[Fact]] = {}
    for row in _deciding(approaches):
        fact = Fact(*row)
        found.setdefault(fact.approach, []).append(fact)
    for facts in found.values():
        facts.sort(key=lambda fact: fact.pk)  # ids rise
    return found


@prepared
def _deciding(approaches: list[int]) -> QuerySet[Any, Any]:
    """Three plain parts and no letter: a third of the work that an annotation for each question would be."""

    def source(name: str) -> Value:
        return Value(name, CharField())

    nothing, zero = Value("", CharField()), Value(0, IntegerField())
    # A snooze moves the reminder, not the plan; the page says when the reminder really comes.
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
    """Where an approach stands, from its facts, oldest first."""
    drafts, written, nudges, events = _sorted(facts)
    asked = _last(fact for fact in events if fact.what == EventKind.SENT and fact.purpose in follow_ups.AWAITS_ANSWER)
    replied = _last(fact for fact in events if fact.what == EventKind.REPLIED)
    talk = _last(fact for fact in events if fact.what in TALKS)
    held = [fact for fact in events if fact.what == EventKind.HELD]
    thanked = max((fact.at for fact in written if fact.purpose in THANKS), default=None)
    waits = asked if _after(asked, _last(held)) else None
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
        replied=_after(replied, waits) if waits else approach.replied_at is not None,
        follow_up_due=_due(nudges),
        waited=next((fact.after for fact in nudges if fact.what == FollowUp.State.PLANNED), 0),
        follow_up_written=any(
            fact.what == FollowUp.State.DONE and (waits is None or fact.at >= waits.at) for fact in nudges
        ),
        planned=talk is not None and talk.what == EventKind.PLANNED,
        held=min(len(held), 2),
        thanked=thanked is not None and (not held or thanked >= held[-1].at),
    )


def _channel(events: list[Fact], waits: Fact | None) -> str:
    """How the question was put, or how it was followed up last."""
    put = [fact for fact in events if fact.purpose == Purpose.FOLLOW_UP and fact.what == EventKind.SENT]
    last = put[-1] if put and _after(put[-1], waits) else waits
    return (last.channel or "") if waits and last else ""


def _sorted(facts: list[Fact]) -> tuple[list[Fact], list[Fact], list[Fact], list[Fact]]:
    """Drafts, other messages, follow-ups, events."""
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
    """Whether one event was noted after the other."""
    return one is not None and (other is None or one.pk > other.pk)


def _due(nudges: list[Fact]) -> dt.date | None:
    return next((fact.due for fact in nudges if fact.what == FollowUp.State.PLANNED), None)


def situation_of(approach: Approach) -> Situation:
    """Where one approach stands. One query."""
    return situation(approach, _facts([approach.pk]).get(approach.pk, []))


def row(approach: Approach) -> ApproachRow:
    """One query."""
    return rows([approach])[0]


def rows(approaches: Iterable[Approach]) -> list[ApproachRow]:
    """Each approach with its next step: one query however many there are, beside the one that reads them."""
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
    """Those written to that answered, or have had three weeks to. One query."""
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
