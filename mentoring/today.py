"""Today: what is due, in one list, with one clear next step on top."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from mail.models import Heartbeat
from meetings.models import Meeting
from meetings.reading import planned_meetings
from outreach import introduction_reading, reading
from outreach.models import Approach, Introduction
from portfolio.models import Brief, Mentorship, Need, Person
from portfolio.reading import first_gap
from portfolio.who_could_help import worth_a_thought
from reminders.kinds import Act, get
from reminders.models import Reminder
from reminders.services import pending

CLOCK_LATE = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Line:
    """One thing to do. ``reminder`` lines can be put off; ``acts`` are what can be done about it in one press."""

    title: str
    words: str
    url: str
    button: str = "Open"
    reminder: Reminder | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Today:
    next: Line
    due: list[Line]
    coming: list[Meeting]
    clock_late: bool
    calm: bool = False  # nothing is due: the next step is an offer
    steps: list[tuple[str, bool]] = field(default_factory=list)


def today(user: User) -> Today:
    """Everything the Today page shows: at most ten queries with session and user."""
    status = _status(user)
    meetings = planned_meetings(user, days=7)
    now = timezone.now()
    lines = _lines(user, [meeting for meeting in meetings if meeting.ends_at <= now], status)
    offer = not lines
    if offer:
        lines = [_beginning(user, status)]
    return Today(
        next=lines[0],
        due=lines[1:],
        coming=[meeting for meeting in meetings if meeting.ends_at > now],
        clock_late=_late(status.sweep_at),
        calm=offer,
        steps=[
            ("Write your brief", status.has_brief),
            ("Name what you need", status.has_needs),
            ("Add the people you know", status.has_people),
            ("Shortlist and write to somebody", status.has_approach),
            ("Open your first mentorship", status.has_mentor),
        ],
    )


@dataclass(frozen=True)
class Status:
    """How far somebody has come, and when the clock last ticked (UTC)."""

    sweep_at: dt.datetime | None
    has_brief: bool
    has_needs: bool
    has_people: bool
    has_approach: bool
    has_mentor: bool
    has_introduction: bool  # one that wants a step today


def _status(user: User) -> Status:
    own = {"owner": OuterRef("pk")}
    row = (
        User.objects.filter(pk=user.pk)
        .annotate(
            sweep_at=Subquery(Heartbeat.objects.filter(name="sweep").values("at")[:1]),
            has_brief=Exists(Brief.objects.filter(**own, finished_at__isnull=False)),
            has_needs=Exists(Need.objects.filter(**own)),
            has_people=Exists(Person.objects.filter(**own)),
            has_approach=Exists(Approach.objects.filter(**own)),
            has_mentor=Exists(Mentorship.objects.filter(**own)),
            has_introduction=Exists(Introduction.objects.filter(introduction_reading.urgent(user), **own)),
        )
        .values(*(field.name for field in fields(Status)))
        .get()
    )
    return Status(**row)


def _late(sweep_at: dt.datetime | None) -> bool:
    return sweep_at is None or timezone.now() - sweep_at > CLOCK_LATE


def _lines(user: User, to_record: list[Meeting], status: Status) -> list[Line]:
    """What is due, most important first: reminders, meetings to record, steps of approaches and of introductions;
    nothing twice."""
    tomorrow = user.today() + dt.timedelta(days=1)
    end_of_day = dt.datetime.combine(tomorrow, dt.time(0), tzinfo=user.zone)
    # Shortly before midnight, the next hour belongs to today as well.
    until = max(end_of_day, timezone.now() + dt.timedelta(hours=1))
    lines = [
        Line(item.title, item.words, item.path, item.button, reminder, get(reminder.kind).acts)
        for reminder, item in pending(user, until)
    ]
    lines += [
        Line(
            f"You met {meeting.person.name}: how did it go?",
            "A minute is enough: what came out of it, and what you'll do.",
            meeting.get_absolute_url(),
            "Note it",
        )
        for meeting in to_record
    ]
    seen = {line.url for line in lines}
    for row in reading.rows(reading.with_situation(user).open()[:200]):
        url = row.approach.get_absolute_url()
        draft = reverse("message", args=[row.draft_id]) if row.draft_id else url
        if row.step.urgent and not {url, draft} & seen:
            title = row.step.title if row.approach.person.first_name in row.step.title else _named(row)
            lines.append(Line(title, row.step.words, draft if row.step.action == "finish" else url))
    # A query only where the first one has seen that there is something.
    return lines + _introductions(user, seen) if status.has_introduction else lines


def _introductions(user: User, seen: set[str]) -> list[Line]:
    found = introduction_reading.with_situation(user).filter(introduction_reading.urgent(user))[:50]
    rows = introduction_reading.rows(found, user)
    lines = []
    for row in rows:
        url = row.introduction.get_absolute_url()
        draft = reverse("message", args=[row.draft_id]) if row.draft_id else url
        if not {url, draft} & seen:
            lines.append(Line(row.step.title, row.step.words, draft if row.step.action == "finish" else url))
    return lines


def _named(row: reading.Row) -> str:
    return f"{row.step.title} ({row.approach.person.name})"


def _beginning(user: User, status: Status) -> Line:
    """Nothing is due: the next step of the method."""
    if not status.has_brief:
        return Line(
            "What are you looking for?",
            "Six short questions, one a page. They make everything after them easier, and you can stop at any time.",
            reverse("briefs"),
            "Write your brief",
        )
    if not status.has_needs:
        return Line(
            "Name what you need",
            "Who should support you in knowing why, knowing how, knowing whom? One sentence each is enough.",
            reverse("need_new"),
            "Add a need",
        )
    if not status.has_people:
        return Line(
            "Who do you know?",
            "Former bosses and teachers, colleagues elsewhere, friends of friends. Three names are a good start.",
            reverse("person_new"),
            "Add somebody",
        )
    return _gap(user, first_gap(user))


def _gap(user: User, need: Need | None) -> Line:
    if need is None:
        return Line(
            "Nothing due today. Enjoy it.", "Every need has somebody.", reverse("portfolio"), "See the portfolio"
        )
    people: int = need.thoughts  # type: ignore[attr-defined]
    could = "Who might help?"
    if people:
        could = "One person you know could help." if people == 1 else f"{people} people you know could help."
    elif one := worth_a_thought(user, need):
        could = f"{one.name} may be worth a thought: {one.reasons[0].words}."
    return Line(f"Nobody yet for “{need.words}”", could, need.get_absolute_url(), "Look at this need")
