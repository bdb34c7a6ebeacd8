"""The Today page: everything due in one list, with one next step on top."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.models import User
from mail.heartbeats import LATE_AFTER
from mail.models import Heartbeat, OutgoingMail
from meetings.models import Meeting
from meetings.selectors import planned_meetings
from outreach.models import Approach, Introduction
from outreach.selectors import approaches as approach_selectors
from outreach.selectors import introductions as introduction_selectors
from portfolio.models import Brief, Mentorship, Need, Person
from portfolio.needs.briefs import STEPS, first_unanswered
from portfolio.needs.candidates import who_could_help
from portfolio.needs.gap import gap_words
from portfolio.overview.selectors import open_gaps
from reminders.kinds import Act, get
from reminders.models import Reminder
from reminders.sample_mail import PURPOSE as TEST
from reminders.services import pending
from reminders.sweep import PURPOSE as DIGEST

# Mail that is unsent for longer than this counts as late.
MAIL_LATE = dt.timedelta(hours=1)
# The most lines on the page; others appear as these are done.
LINES_SHOWN, MEETINGS_SHOWN = 15, 5


@dataclass(frozen=True)
class TodayLine:
    """One thing to do. Lines with a ``reminder`` can be snoozed; ``acts`` are its one-click actions."""

    title: str
    words: str
    url: str
    button: str = "Open"
    reminder: Reminder | None = None
    acts: tuple[Act, ...] = ()
    can_wait: bool = True

    @property
    def short_title(self) -> str:
        """The title, truncated for the list below the next step."""
        return _short(self.title, 120)

    @property
    def short_words(self) -> str:
        return _short(self.words, 200)


def _short(words: str, most: int) -> str:
    # Django's truncatechars examines every character, and titles are nearly always short.
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


@dataclass(frozen=True)
class Today:
    """``more`` is the number of lines due beyond those in ``due``."""

    next: TodayLine
    due: list[TodayLine]
    coming: list[Meeting]
    clock_late: bool
    mail_failed: bool = False  # the last reminder mail failed
    more: int = 0
    more_coming: bool = False
    calm: bool = False  # nothing is due: the next step is a suggestion
    steps: list[tuple[str, bool]] = field(default_factory=list)
    brief_waits: bool = False  # the brief is unfinished, and not already the next step
    nobody_yet: bool = False  # nothing is due, and the user has no people


def today(user: User) -> Today:
    """Everything the Today page shows: at most ten queries, including session and user."""
    meetings = planned_meetings(user, days=7)
    now = timezone.now()
    introductions = _urgent_introductions(user)
    lines = _lines(user, [meeting for meeting in meetings if meeting.ends_at <= now], introductions)
    offer = not lines
    status = _status_from_introductions(introductions) if introductions else _status(user, beginning=offer)
    if offer:
        lines = [_beginning(user, status)]
    coming = [meeting for meeting in meetings if meeting.ends_at > now]
    return Today(
        next=lines[0],
        due=lines[1:LINES_SHOWN],
        more=len(lines[LINES_SHOWN:]),
        coming=coming[:MEETINGS_SHOWN],
        more_coming=len(coming) > MEETINGS_SHOWN,
        clock_late=status.mail_late or _late(status.sweep_at, since=user.date_joined),
        mail_failed=status.last_mail == OutgoingMail.State.FAILED,
        calm=offer,
        steps=[
            ("Write your brief", status.has_brief),
            ("Name what you need", status.has_needs),
            ("Add the people you know", status.has_people),
            ("Shortlist and write to somebody", status.has_approach),
            ("Open your first mentorship", status.has_mentor),
        ],
        brief_waits=status.brief_waits and not (offer and not status.has_brief),
        nobody_yet=offer and not status.has_people,
    )


@dataclass(frozen=True)
class Status:
    """The last sweep (UTC), whether a reminder mail is late, and the state of the last one. The onboarding fields are
    only fetched if nothing is due; ``gap`` is the heaviest open need without a mentor, as values of its columns."""

    sweep_at: dt.datetime | None
    mail_late: bool = False
    last_mail: str | None = None
    has_brief: bool = False
    brief_waits: bool = False
    has_needs: bool = False
    has_people: bool = False
    has_approach: bool = False
    has_mentor: bool = False
    gap: dict[str, Any] | None = None


def _asked(owner: str, late_since: dt.datetime) -> dict[str, Subquery]:
    """Annotations that the page always needs; ``owner`` is the query's path to the user."""
    mine = OutgoingMail.objects.filter(owner=OuterRef(owner))
    late = mine.filter(purpose=DIGEST, state__in=OutgoingMail.OPEN, created_at__lt=late_since)
    settled = mine.filter(purpose__in=(DIGEST, TEST), state__in=(OutgoingMail.State.SENT, OutgoingMail.State.FAILED))
    return {
        "mail_late": Exists(late),
        "last_mail": Subquery(settled.order_by("-created_at").values("state")[:1]),
        "sweep_at": Subquery(Heartbeat.objects.filter(name="sweep").values("at")[:1]),
        "brief_waits": Exists(Brief.objects.filter(owner=OuterRef(owner), finished_at__isnull=True)),
    }


def _status_from_introductions(introductions: list[Introduction]) -> Status:
    """The status from annotated introductions, if there are any. Saves a query, to stay within ten on a full day."""
    first: Any = introductions[0]
    asked = {name: getattr(first, name) for name in ("sweep_at", "mail_late", "last_mail", "brief_waits")}
    return Status(**asked)


def _status(user: User, *, beginning: bool) -> Status:
    """One query, with fewer fields unless the onboarding status is needed."""
    ask = _onboarding_status if beginning else _daily_status
    [row] = ask(user.pk, _late_since())
    return Status(**row)


@compiled
def _daily_status(user: int, late_since: dt.datetime) -> QuerySet[Any, Any]:
    return User.objects.filter(pk=user).values(**_asked("pk", late_since))


@compiled
def _onboarding_status(user: int, late_since: dt.datetime) -> QuerySet[Any, Any]:
    own = {"owner": OuterRef("pk")}
    return User.objects.filter(pk=user).values(
        **_asked("pk", late_since),
        has_brief=Exists(Brief.objects.filter(**own, finished_at__isnull=False)),
        has_needs=Exists(Need.objects.filter(**own)),
        has_people=Exists(Person.objects.filter(**own)),
        has_approach=Exists(Approach.objects.filter(**own)),
        has_mentor=Exists(Mentorship.objects.filter(**own)),
        gap=Subquery(open_gaps(OuterRef("pk")).values(columns=JSONObject(pk="pk", words="words", sector="sector"))[:1]),
    )


def _late_since() -> dt.datetime:
    return timezone.now() - MAIL_LATE


def _late(sweep_at: dt.datetime | None, *, since: dt.datetime) -> bool:
    """Whether sweeps are late. Before the first sweep, count from when the user joined."""
    return abs(timezone.now() - (sweep_at or since)) > LATE_AFTER


def _lines(user: User, to_record: list[Meeting], introductions: list[Introduction]) -> list[TodayLine]:
    """Everything due, without duplicates: reminders, meetings to record, steps of approaches, then of introductions."""
    tomorrow = user.today() + dt.timedelta(days=1)
    end_of_day = dt.datetime.combine(tomorrow, dt.time(0), tzinfo=user.zone)
    # Shortly before midnight, include the next hour.
    until = max(end_of_day, timezone.now() + dt.timedelta(hours=1))
    lines = [
        TodayLine(item.title, item.words, item.path, item.button, reminder, kind.acts, kind.put_off)
        for reminder, item in pending(user, until)
        for kind in [get(reminder.kind)]
    ]
    reminded = {line.url for line in lines}  # such as a reminder about an unrecorded meeting
    lines += [
        TodayLine(
            f"You met {meeting.person.name}: how did it go?",
            "A minute is enough: what came out of it, and what you’ll do.",
            meeting.get_absolute_url(),
            "Note it",
        )
        for meeting in to_record
        if meeting.get_absolute_url() not in reminded
    ]
    seen = {line.url for line in lines}
    for row in approach_selectors.open_rows(user):
        if not row.step.urgent:
            continue
        url = row.approach.get_absolute_url()
        draft = reverse("message", args=[row.draft_id]) if row.draft_id else url
        if not {url, draft} & seen:
            title = row.step.title if row.approach.person.first_name in row.step.title else _named(row)
            lines.append(TodayLine(title, row.step.words, draft if row.step.action == "finish" else url))
    return lines + _introduction_lines(user, introductions, seen)


def _urgent_introductions(user: User) -> list[Introduction]:
    """Introductions that need a step today, annotated with the page's status. One query."""
    return _introductions(user.pk, *introduction_selectors.urgent_since(user), _late_since())


@compiled
def _introductions(
    owner: int, since: dt.date, after: dt.datetime, made_since: dt.date, late_since: dt.datetime
) -> QuerySet[Introduction]:
    found = introduction_selectors.with_situation(owner).filter(
        introduction_selectors.wanting(since, after, made_since)
    )
    return found.annotate(**_asked("owner", late_since))[:50]


def _introduction_lines(user: User, introductions: list[Introduction], seen: set[str]) -> list[TodayLine]:
    lines = []
    for row in introduction_selectors.rows(introductions, user):
        url = row.introduction.get_absolute_url()
        draft = reverse("message", args=[row.draft_id]) if row.draft_id else url
        if not {url, draft} & seen:
            lines.append(TodayLine(row.step.title, row.step.words, draft if row.step.action == "finish" else url))
    return lines


def _named(row: approach_selectors.ApproachRow) -> str:
    return f"{row.step.title} ({row.approach.person.name})"


def _beginning(user: User, status: Status) -> TodayLine:
    """The next step if nothing is due."""
    if not status.has_brief and status.brief_waits:
        return _unfinished_brief(user)
    if not status.has_brief:
        return TodayLine(
            "What are you looking for?",
            "Six short questions, one a page. They make everything after them easier, and you can stop at any time.",
            reverse("briefs"),
            "Write your brief",
        )
    if not status.has_needs:
        return TodayLine(
            "Name what you need",
            "Who should support you in knowing why, knowing how, knowing whom? One sentence each is enough.",
            reverse("need_new"),
            "Add a need",
        )
    if not status.has_people:
        return TodayLine(
            "Who do you know?",
            "Former bosses and teachers, colleagues elsewhere, friends of friends. Three names are a good start.",
            reverse("walk"),
            "Think of some names",
        )
    return _gap(user, Need(**status.gap) if status.gap else None)


def _unfinished_brief(user: User) -> TodayLine:
    brief = Brief.objects.for_user(user).filter(finished_at__isnull=True)[0]
    step = first_unanswered(brief)
    return TodayLine(
        "Go on with your brief",
        f"You stopped at “{step.question}” ({STEPS.index(step) + 1} of {len(STEPS)}). Everything so far is kept.",
        reverse("brief_step", args=[brief.pk, step.slug]),
        "Go on",
    )


def _gap(user: User, need: Need | None) -> TodayLine:
    if need is None:
        return TodayLine(
            "Nothing due today. Enjoy it.", "Every need has somebody.", reverse("portfolio"), "See the portfolio"
        )
    words = gap_words(who_could_help(user, need), nobody="Who might help?")
    return TodayLine(f"Nobody yet for “{need.words}”", words, need.get_absolute_url(), "Look at this need")
