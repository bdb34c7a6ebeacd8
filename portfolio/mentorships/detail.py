"""The data of one mentorship's page in three queries, which leaves queries for the panels of other apps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import CharField, DateField, IntegerField, Max, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.ownership import get_owned
from accounts.private_notes import NO_NOTE
from portfolio.mentorships import rhythm
from portfolio.mentorships.choices import PHASES
from portfolio.mentorships.programme import Progress, progress
from portfolio.models import (
    Competency,
    Contact,
    EvaluationDate,
    FormalTerms,
    Mentorship,
    MentorshipEvent,
    Person,
    Support,
    WhatCameOfIt,
)
from portfolio.overview.coverage import strongest
from portfolio.panels import something_planned

FIRST_DAY = dt.date(1900, 1, 1)
HELD_KINDS = (Contact.Kind.MEETING, Contact.Kind.CALL)


class Noted(NamedTuple):
    """One dated row that belongs to a mentorship.

    ============  ============  ===========  =============  ==========  ====================
    kind          on            until        number         target      what
    ============  ============  ===========  =============  ==========  ====================
    support       since         until        strength       the need    the competency
    event         on            –            –              –           what happened
    outcome       on            –            1 if expected  the need    the need's words
    evaluation    on            done on      –              –           –
    ============  ============  ===========  =============  ==========  ====================

    ``words`` is the text of the need or the evaluation, ``note`` that of the event or the outcome. ``target`` and
    ``what`` may be 0 and empty.
    """

    kind: str
    on: dt.date
    until: dt.date | None
    pk: int
    number: int
    target: int
    words: str
    note: str
    what: str

    @property
    def strength_words(self) -> str:
        return Support.Strength(self.number).label

    @property
    def competency_words(self) -> str:
        return Competency(self.what).label

    @property
    def event_words(self) -> str:
        return MentorshipEvent.What(self.what).label


@dataclass(frozen=True)
class MentorshipPage:
    """``supports`` are the current ones, or all for an ended mentorship, strongest first; ``outcomes`` newest first.

    ``planned``: a conversation is planned; ``last_on`` is the local date of the last contact.
    """

    mentorship: Mentorship
    person: Person
    terms: FormalTerms | None
    supports: list[Noted]
    past_supports: list[Noted]
    events: list[Noted]
    outcomes: list[Noted]
    evaluations: list[Noted]
    last_on: dt.date | None
    planned: bool
    progress: Progress
    today: dt.date

    @property
    def every(self) -> str:
        return rhythm.every(self.mentorship.rhythm_weeks) if self.mentorship.rhythm_weeks else ""

    @property
    def standing(self) -> str:
        """The state of the rhythm, as text."""
        due = rhythm.due_on(
            weeks=self.mentorship.rhythm_weeks,
            last_on=self.last_on,
            started_on=self.mentorship.started_on,
            active=self.mentorship.status == Mentorship.Status.ACTIVE,
        )
        if due is not None and self.planned:
            return "Your next conversation is planned."
        return rhythm.standing(due=due, last_on=self.last_on, today=self.today)

    @property
    def phase_help(self) -> str:
        return PHASES[Mentorship.Phase(self.mentorship.phase)] if self.mentorship.phase else ""

    @property
    def next_evaluation(self) -> Noted | None:
        return next((noted for noted in self.evaluations if noted.until is None), None)

    @property
    def stands_in_doubt(self) -> list[str]:
        """The labels of competencies it supports equally strongly, until the user chooses one."""
        tied = strongest((support.what, support.number) for support in self.supports)
        chosen = len(tied) < 2 or self.mentorship.shown_under in tied
        return [] if chosen else [Competency(one).label.lower() for one in tied]

    @property
    def needs(self) -> list[tuple[int, str]]:
        """The needs it supports or supported, without duplicates."""
        return list({s.target: s.words for s in (*self.supports, *self.past_supports) if s.target}.items())


def mentorship_for_page(user: User, pk: int) -> MentorshipPage:
    """Three queries. Http404 for a mentorship that is not this user's."""
    rows = Mentorship.objects.select_related("person", "formal_terms").annotate(
        planned=something_planned(timezone.now())
    )
    row: Mentorship = get_owned(rows, user, pk=pk)
    row.owner = user
    noted = _noted(row)
    ended = row.status == Mentorship.Status.ENDED
    supports = sorted(noted["support"], key=lambda support: (-support.number, support.pk))
    now = [support for support in supports if ended or support.until is None]
    events = sorted(noted["event"], key=lambda event: (event.on, event.pk))
    terms = getattr(row, "formal_terms", None)
    last_on, held = _contacts(row, user, until=_programme_ended_on(row, events))
    return MentorshipPage(
        mentorship=row,
        person=row.person,
        terms=terms,
        supports=now,
        past_supports=[support for support in supports if support not in now],
        events=events,
        outcomes=sorted(noted["outcome"], key=lambda outcome: (outcome.on, outcome.pk), reverse=True),
        evaluations=sorted(noted["evaluation"], key=lambda evaluation: evaluation.on),
        last_on=last_on,
        planned=row.planned,  # type: ignore[attr-defined]
        progress=progress(
            months=terms.months if terms else None,
            hours_a_month=terms.hours_a_month if terms else None,
            held=held,
            started_on=row.started_on,
            today=user.today(),
            running=row.in_programme,
        ),
        today=user.today(),
    )


def _noted(row: Mentorship) -> dict[str, list[Noted]]:
    """The dated rows by kind: one query instead of four."""

    def kind(name: str) -> Value:
        return Value(name, CharField())

    nothing, zero, no_day = Value("", CharField()), Value(0, IntegerField()), Cast(Value(None), DateField())
    need, need_words = Coalesce("need", zero), Coalesce("need__words", nothing)
    parts = [
        Support.objects.filter(mentorship=row).values_list(
            kind("support"), "since", "until", "pk", "strength", need, need_words, NO_NOTE, "competency"
        ),
        MentorshipEvent.objects.filter(mentorship=row).values_list(
            kind("event"), "on", no_day, "pk", zero, zero, nothing, "note", "what"
        ),
        WhatCameOfIt.objects.filter(mentorship=row).values_list(
            kind("outcome"), "on", no_day, "pk", Cast("expected", IntegerField()), need, nothing, "words", need_words
        ),
        EvaluationDate.objects.filter(terms__mentorship=row).values_list(
            kind("evaluation"), "on", "done_on", "pk", zero, zero, "words", NO_NOTE, nothing
        ),
    ]
    first, *others = [part.order_by() for part in parts]
    found: dict[str, list[Noted]] = {"support": [], "event": [], "outcome": [], "evaluation": []}
    for values in first.union(*others, all=True):
        found[values[0]].append(Noted(*values))
    return found


def _programme_ended_on(row: Mentorship, events: list[Noted]) -> dt.date | None:
    """The last local date on which conversations count towards the committed time; None if there is no end yet."""
    turned = [event.on for event in events if event.what == MentorshipEvent.What.TURNED_INFORMAL]
    return min((day for day in (*turned[-1:], row.ended_on) if day), default=None)


def _contacts(row: Mentorship, user: User, *, until: dt.date | None) -> tuple[dt.date | None, int]:
    """The local date of the last contact, and the minutes of meetings and calls up to ``until``."""
    within = Q(kind__in=HELD_KINDS, at__gte=_midnight(user, max(row.started_on, FIRST_DAY)))
    if until is not None:
        within &= Q(at__lt=_midnight(user, until + dt.timedelta(days=1)))
    facts = Contact.objects.filter(person_id=row.person_id).aggregate(
        last=Max("at"), held=Coalesce(Sum("minutes", filter=within), 0)
    )
    return (user.local(facts["last"]).date() if facts["last"] else None), facts["held"]


def _midnight(user: User, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), tzinfo=user.zone)
