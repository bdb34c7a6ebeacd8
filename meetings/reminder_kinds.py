"""The reminders of meetings: their texts, and the actions offered in the mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Exists, F, OuterRef, PositiveSmallIntegerField, QuerySet, Subquery, Value
from django.db.models import When as IfSo
from django.urls import reverse
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.models import User, first_name
from accounts.private_notes import NO_NOTE
from meetings.actions import finish_action
from meetings.before import in_mail
from meetings.models import Action, AgendaItem, CalendarTalk, Impression, Meeting, MentorWord, OwnCalendar, ShareLink
from meetings.own_calendar import telling
from meetings.scheduling import (
    ACTION_DUE,
    AFTER_MEETING,
    CALENDAR_ASKS,
    CALENDAR_GONE,
    CALENDAR_NOTED,
    CALENDAR_UNREAD,
    EMPTY_AGENDA,
    MEETING_TODAY,
    MENTOR_WROTE,
)
from reminders import services as reminders
from reminders.kinds import SOME_DAY, Act, Item, Kind, Told, Users, Wanted, register, told

ANOTHER = "another"
TOLD_FOR = dt.timedelta(days=7)  # on Today, unless it is seen to


class Due(NamedTuple):
    """A meeting, or an action with its meeting, to which ``starts_at``, ``minutes`` and ``meeting`` belong.

    ``words`` are the meeting's purpose, and for a past meeting ``ANOTHER`` if another one is planned; ``note`` is the
    action's text. Only meetings have ``of_kind`` and ``place``. For a private page, ``note`` is the latest message and
    ``meeting`` is the person's id. For a talk from the calendar, ``of_kind`` is its news.
    """

    kind: str
    pk: int
    owner: int
    name: str
    words: str
    note: str
    of_kind: str
    place: str
    starts_at: dt.datetime
    minutes: int
    meeting: int


def load(users: Users, wanted: Wanted) -> Told:
    """Meetings that are planned, under way or not written up, and the user's open actions; one query."""
    return _told(users, wanted, over_by=timezone.now())


def ahead(users: Users, wanted: Wanted) -> Told:
    """Like ``load``, but ahead of the day: a planned meeting counts as one to write up afterwards."""
    return _told(users, wanted, over_by=SOME_DAY)


def _told(users: Users, wanted: Wanted, *, over_by: dt.datetime) -> Told:
    now = timezone.now()
    names = (MEETING_TODAY, EMPTY_AGENDA, AFTER_MEETING, ACTION_DUE, MENTOR_WROTE, CALENDAR_UNREAD)
    talks = (CALENDAR_ASKS, CALENDAR_NOTED, CALENDAR_GONE)
    ids = ([*wanted.get(kind, ())] for kind in (*names, *talks))
    rows = _due([*users], now - dt.timedelta(days=1), now, over_by, now - TOLD_FOR, *ids)
    return told(_lines(users, map(Due._make, rows), now, over_by))


@compiled
def _due(
    owners: list[int],
    after: dt.datetime,
    now: dt.datetime,
    over_by: dt.datetime,
    told_after: dt.datetime,
    meeting_ids: list[int],
    empty_ids: list[int],
    over_ids: list[int],
    action_ids: list[int],
    link_ids: list[int],
    calendar_ids: list[int],
    asks_ids: list[int],
    noted_ids: list[int],
    gone_ids: list[int],
) -> QuerySet[Any, Any]:
    nothing = Value("", CharField())
    talks = CalendarTalk.objects.filter(owner__in=owners)
    mine = Meeting.objects.filter(owner__in=owners)
    planned = mine.planned().filter(pk__in=meeting_ids, starts_at__gt=after)
    actions = Action.objects.filter(owner__in=owners, pk__in=action_ids, whose=Action.Whose.MINE, done_at__isnull=True)
    about = ("owner", "person__name", "purpose", NO_NOTE, "kind", "place", "starts_at", "minutes", F("pk"))
    parts: list[QuerySet[Any, Any]] = [
        planned.values_list(Value(MEETING_TODAY, CharField()), "pk", *about),
        _with_nothing_on(mine.planned().filter(pk__in=empty_ids, starts_at__gt=now)).values_list(
            Value(EMPTY_AGENDA, CharField()), "pk", *about
        ),
        _not_written_up(mine.filter(pk__in=over_ids, starts_at__lt=over_by), now),
        actions.values_list(
            Value(ACTION_DUE, CharField()),
            "pk",
            "owner",
            "person__name",
            nothing,
            "words",
            nothing,
            nothing,
            "meeting__starts_at",
            "meeting__minutes",
            "meeting",
        ),
        _left_words(owners, link_ids),
        _not_read(owners, calendar_ids),
        _in_calendar(CALENDAR_ASKS, talks.filter(pk__in=asks_ids, state=CalendarTalk.State.ASKS)),
        _in_calendar(CALENDAR_NOTED, talks.filter(pk__in=noted_ids, news__in=telling.NOTED, news_at__gt=told_after)),
        _in_calendar(CALENDAR_GONE, talks.filter(pk__in=gone_ids, news__in=telling.GONE, ends_at__gt=now)),
    ]
    first, *others = [part.order_by() for part in parts]
    return first.union(*others, all=True)


def _with_nothing_on(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Meetings with an empty agenda, ignoring points that were dropped or carried over."""
    on_it = (AgendaItem.State.OPEN, AgendaItem.State.DONE)
    return meetings.filter(~Exists(AgendaItem.objects.filter(meeting=OuterRef("pk"), state__in=on_it)))


def _not_written_up(meetings: QuerySet[Meeting], now: dt.datetime) -> QuerySet[Any, Any]:
    """Meetings without notes, outcomes, actions or impression; and whether another is planned."""
    meetings = meetings.exclude(state=Meeting.State.CANCELLED).filter(private_notes="", shared_notes="")
    here = {"meeting": OuterRef("pk")}
    settled = AgendaItem.objects.filter(**here, state=AgendaItem.State.DONE)
    kept = (settled, Action.objects.filter(**here), Impression.objects.filter(**here))
    for rows in kept:
        meetings = meetings.filter(~Exists(rows))
    another = Exists(Meeting.objects.planned().filter(person=OuterRef("person"), starts_at__gt=now))
    return meetings.values_list(
        Value(AFTER_MEETING, CharField()),
        "pk",
        "owner",
        "person__name",
        Case(IfSo(another, then=Value(ANOTHER)), default=Value(""), output_field=CharField()),
        NO_NOTE,
        "kind",
        "place",
        "starts_at",
        "minutes",
        F("pk"),
    )


def _left_words(owners: list[int], link_ids: list[int]) -> QuerySet[Any, Any]:
    """Private pages from which a mentor sent something the user has not read."""
    unseen = MentorWord.objects.filter(link=OuterRef("pk"), seen_at__isnull=True).order_by("-at", "-pk")
    links = ShareLink.objects.filter(owner__in=owners, pk__in=link_ids)
    nothing = Value("", CharField())
    return (
        links.annotate(left=Subquery(unseen.values("words")[:1]))
        .filter(left__isnull=False)
        .order_by()
        .values_list(
            Value(MENTOR_WROTE, CharField()),
            "pk",
            "owner",
            "person__name",
            nothing,
            "left",
            nothing,
            nothing,
            "created_at",
            Value(0, PositiveSmallIntegerField()),
            "person",
        )
    )


def _not_read(owners: list[int], calendar_ids: list[int]) -> QuerySet[Any, Any]:
    nothing = Value("", CharField())
    failing = OwnCalendar.objects.filter(owner__in=owners, pk__in=calendar_ids, failing_since__isnull=False)
    return failing.order_by().values_list(
        Value(CALENDAR_UNREAD, CharField()),
        "pk",
        "owner",
        nothing,
        nothing,
        "trouble",
        nothing,
        nothing,
        "failing_since",
        Value(0, PositiveSmallIntegerField()),
        F("pk"),
    )


def _in_calendar(kind: str, talks: QuerySet[CalendarTalk]) -> QuerySet[Any, Any]:
    nothing = Value("", CharField())
    return talks.order_by().values_list(
        Value(kind, CharField()),
        "pk",
        "owner",
        "person__name",
        nothing,
        NO_NOTE,
        "news",
        nothing,
        "starts_at",
        Value(0, PositiveSmallIntegerField()),
        F("pk"),
    )


def _lines(
    users: Users, rows: Iterator[Due], now: dt.datetime, over_by: dt.datetime
) -> Iterator[tuple[str, int, int, Item]]:
    for row in rows:
        if item := _item(users[row.owner], row, now, over_by):
            yield row.kind, row.owner, row.pk, item


def _item(user: User, row: Due, now: dt.datetime, over_by: dt.datetime) -> Item | None:
    over = row.starts_at + dt.timedelta(minutes=row.minutes)
    if row.kind == ACTION_DUE:
        return _action(row)
    if row.kind == MENTOR_WROTE:
        return _wrote(row)
    if row.kind == CALENDAR_UNREAD:
        return _unread(row)
    if row.kind in (CALENDAR_ASKS, CALENDAR_NOTED, CALENDAR_GONE):
        return telling.line(user, row.kind, row.pk, name=row.name, news=row.of_kind, starts_at=row.starts_at)
    if row.kind == AFTER_MEETING:
        return _afterwards(row) if over <= over_by else None
    if row.kind == EMPTY_AGENDA:
        # On the day itself, the reminder "meeting today" is enough.
        return _empty(user, row) if user.local(row.starts_at).date() > user.today() else None
    return _meeting(user, row) if over > now else None


def _meeting(user: User, row: Due) -> Item:
    day = _day(user, row.starts_at)
    parts = [f"{Meeting.Kind(row.of_kind).label}, {row.minutes} minutes."]
    if row.place:
        parts.append(f"Where: {row.place}.")
    if row.words:
        parts.append(f"What for: {row.words}.")
    return Item(
        title=f"{day[0].upper()}{day[1:]} at {user.local(row.starts_at):%H:%M}: {row.name}",
        words=" ".join([*parts, "Your agenda is one press away."]),
        path=reverse("meeting_before", args=[row.pk]),
        person=row.name,
        button="Prepare for the talk",
    )


def _day(user: User, instant: dt.datetime) -> str:
    """ "today", "tomorrow", else the date in the user's time zone."""
    day = user.local(instant).date()
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((day - user.today()).days, f"on {day:%A %-d %B}")


def _empty(user: User, row: Due) -> Item:
    return Item(
        title=f"You meet {row.name} {_day(user, row.starts_at)}: what about?",
        words="Nothing is on the agenda yet. Two or three points are enough, and they needn’t be clever.",
        path=reverse("meeting", args=[row.pk]),
        person=row.name,
        button="Write the agenda",
    )


def _afterwards(row: Due) -> Item:
    """A title that fits before and after the meeting, because it also appears in the list of coming reminders."""
    date = "" if row.words == ANOTHER else " If you’d like to go on, suggest the next date."
    return Item(
        title=f"Note what came of meeting {row.name}",
        words=f"While it is fresh: a line or two is enough. And a word of thanks to {first_name(row.name)}, "
        f"if you haven’t sent one.{date}",
        path=reverse("meeting", args=[row.pk]),
        person=row.name,
        button="Note it",
    )


def _action(row: Due) -> Item:
    return Item(
        title=row.note,
        words=f"You said so when you met {row.name}.",
        path=f"{reverse('meeting', args=[row.meeting])}#action-{row.pk}",
        person=row.name,
        button="See it in its meeting",
    )


def _wrote(row: Due) -> Item:
    words = row.note if len(row.note) <= 200 else f"{row.note[:199].rstrip()}…"
    return Item(
        title=f"{row.name} left you a word",
        words=f"“{words}”",
        path=f"{reverse('share', args=[row.meeting])}#words",
        person=row.name,
        button="Read it",
    )


def _unread(row: Due) -> Item:
    return Item(
        title="Your own calendar can’t be read",
        words=f"{row.note} We’ll keep trying; meanwhile we can’t warn you of new clashes.".strip(),
        path=reverse("own_calendar"),
        button="Look at the connection",
    )


def _done(user: User, pk: int) -> str:
    action = Action.objects.for_user(user).filter(pk=pk).first()
    if action is None:
        return "This has been deleted in the meantime. There is nothing left to do."
    finish_action(action=action)
    return f"Done: {action.words}"


def _nothing_to_note(user: User, pk: int) -> str:
    reminders.let_go(owner=user, kind=AFTER_MEETING, subject_id=pk)
    return "Good. There need not be something to write down."


def register_kinds() -> None:
    register(
        Kind(
            name=MEETING_TODAY,
            about=Meeting,
            switch="meetings",
            load=load,
            in_mail=in_mail,
            same_day=True,
            order=10,
            put_off=False,
        )
    )
    register(
        Kind(name=MENTOR_WROTE, about=ShareLink, switch="replies", load=load, order=15, may_wait=False, at_once=True)
    )
    register(
        Kind(name=EMPTY_AGENDA, about=Meeting, switch="meetings", load=load, order=12, may_wait=False, put_off=False)
    )
    nothing = Act(name="nothing", label="Nothing to note", run=_nothing_to_note)
    register(
        Kind(
            name=AFTER_MEETING,
            about=Meeting,
            switch="meetings",
            load=load,
            ahead=ahead,
            acts=(nothing,),
            order=35,
            may_wait=False,
        )
    )
    register(Kind(name=CALENDAR_UNREAD, about=OwnCalendar, switch="meetings", load=load, order=45))
    talk: dict[str, Any] = {"about": CalendarTalk, "switch": "meetings", "load": load, "at_once": True}
    register(Kind(name=CALENDAR_ASKS, acts=telling.ANSWERS, order=16, **talk))
    register(Kind(name=CALENDAR_GONE, order=13, may_wait=False, **talk))
    register(Kind(name=CALENDAR_NOTED, acts=telling.TAKE_BACK, order=46, put_off=False, **talk))
    done = Act(name="done", label="Done", run=_done)
    register(Kind(name=ACTION_DUE, about=Action, switch="gentle", load=load, acts=(done,), order=40))
