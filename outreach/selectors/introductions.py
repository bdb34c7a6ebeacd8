"""Queries introductions for a page: all rows at once, each with what decides its next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from outreach.approaches.next_step import OutreachStep
from outreach.follow_ups import introduction_reminder
from outreach.follow_ups.services import WAIT_WORKING_DAYS
from outreach.introductions.next_step import Situation, next_step
from outreach.models import Approach, Introduction, Message, Purpose
from portfolio.models import Contact, Mentorship
from reminders.localtime import add_working_days, bank_holidays
from reminders.models import Reminder

State = Introduction.State
THANKS = (Purpose.THANK_YOU, Purpose.GRACEFUL_DECLINE)
# Introductions made longer ago need no step.
URGENT_FOR = dt.timedelta(days=60)


@dataclass(frozen=True)
class IntroductionRow:
    """An introduction with its next step."""

    introduction: Introduction
    step: OutreachStep
    draft_id: int | None
    approach_id: int | None


def with_situation(user: User | int) -> QuerySet[Introduction]:
    """The user's introductions with everything that decides their next step, in one query."""
    messages = Message.objects.filter(introduction=OuterRef("pk"))
    drafts = messages.filter(state=Message.State.DRAFT).order_by("-created_at", "-pk")
    sent = messages.filter(state=Message.State.SENT).order_by("-at")
    asked = sent.exclude(purpose__in=THANKS)
    return (
        Introduction.objects.filter(owner=user)
        .select_related("target", "introducer", "need")
        .annotate(
            draft_id=Subquery(drafts.values("pk")[:1]),
            drafting=Coalesce(Subquery(drafts.values("purpose")[:1]), Value("")),
            last_asked_at=Subquery(asked.values("at")[:1]),
            thanked=Exists(sent.filter(purpose__in=THANKS)),
            remind_on=Subquery(
                Reminder.objects.filter(
                    kind=introduction_reminder.KIND, subject_id=OuterRef("pk"), state=Reminder.State.PLANNED
                ).values("wall_date")[:1]
            ),
            heard=introduction_reminder.heard(),
            asked_again=Exists(sent.filter(purpose=Purpose.FOLLOW_UP)),
            approach_id=Subquery(Approach.objects.open().filter(person=OuterRef("target")).values("pk")[:1]),
            written_to=ExpressionWrapper(in_touch(), BooleanField()),
        )
    )


def in_touch() -> Q:
    """Whether the user has been in touch with the target since it was made: a message, a contact or a mentorship."""
    written = Message.objects.filter(
        person=OuterRef("target"), state=Message.State.SENT, at__date__gte=OuterRef("closed_on")
    )
    spoken = Contact.objects.filter(person=OuterRef("target"), at__date__gte=OuterRef("closed_on"))
    mentor = Mentorship.objects.filter(person=OuterRef("target")).running()
    return Q(Exists(written)) | Q(Exists(spoken)) | Q(Exists(mentor))


def silent_since(user: User) -> dt.date:
    """The last local date that is at least ten working days ago."""
    free, today = bank_holidays(user.country), user.today()
    day = today - dt.timedelta(days=WAIT_WORKING_DAYS)
    while add_working_days(day, WAIT_WORKING_DAYS, user.working_days, free) > today:
        day -= dt.timedelta(days=1)
    return day


def urgent(user: User) -> Q:
    """Introductions that need a step today: no answer for long, agreed, or made but not followed up."""
    return wanting(*urgent_since(user))


def urgent_since(user: User) -> tuple[dt.date, dt.datetime, dt.date]:
    """The arguments of :func:`wanting`: asked by this date, no message since this instant, made since this date."""
    since = silent_since(user)
    return since, _morning_after(since, user), user.today() - URGENT_FOR


def wanting(since: dt.date, after: dt.datetime, made_since: dt.date) -> Q:
    again = Q(purpose=Purpose.FOLLOW_UP) | Q(at__gte=after)
    asked_again = Message.objects.filter(again, introduction=OuterRef("pk"), state=Message.State.SENT)
    approach = Approach.objects.open().filter(person=OuterRef("target"))
    return (
        Q(state=State.ASKED, asked_on__lte=since) & ~Exists(asked_again) & ~introduction_reminder.heard()
        | Q(state=State.AGREED)
        | Q(state=State.MADE, closed_on__gte=made_since) & ~Exists(approach) & ~in_touch()
    )


def _morning_after(day: dt.date, user: User) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), tzinfo=user.zone)


def row(introduction: Any, since: dt.date | None = None) -> IntroductionRow:
    """From a row of :func:`with_situation`; ``since`` is :func:`silent_since`, if already computed."""
    owner = introduction.owner
    asked_on = introduction.asked_on
    if introduction.last_asked_at and asked_on:
        asked_on = max(asked_on, owner.local(introduction.last_asked_at).date())
    waits = introduction.state == State.ASKED and not introduction.heard
    overdue = waits and asked_on is not None and asked_on <= (since or silent_since(owner))
    now = Situation(
        target=introduction.target.first_name,
        introducer=introduction.introducer.first_name,
        state=introduction.state,
        drafting=introduction.drafting,
        overdue=overdue,
        asked_again=introduction.asked_again,
        remind_on=introduction.remind_on,
        thanked=introduction.thanked,
        written_to=introduction.written_to,
        approach=introduction.approach_id is not None,
    )
    return IntroductionRow(introduction, next_step(now), introduction.draft_id, introduction.approach_id)


def rows(introductions: Iterable[Introduction], user: User) -> list[IntroductionRow]:
    since = silent_since(user)
    found = list(introductions)
    for introduction in found:
        introduction.owner = user
    return [row(introduction, since) for introduction in found]
