"""Simulates a year of twelve users in twelve zones, and compares each mail's local time with the requested one."""

from __future__ import annotations

import datetime as dt
import heapq
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
import time_machine
from django.db.models import Min
from pytest_django import Settings

from accounts.models import User
from accounts.signals import profile_changed
from mail import engine
from mail.models import OutgoingMail
from reminders.localtime import bank_holidays
from reminders.models import Reminder
from reminders.services import cancel, plan, snooze
from reminders.sweep import gather
from tests.factories import make_user
from tests.reminders.kinds_for_tests import Matters
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)
BEGIN = dt.datetime(2027, 7, 1, tzinfo=dt.UTC)
END = dt.datetime(2028, 7, 1, tzinfo=dt.UTC)  # includes 29 February
A_YEAR = (END - BEGIN).days
PEOPLE = [
    # zone, country, hour, working days, weekday of a weekly mail, zone moved to
    ("Europe/London", "GB", "09:00", "12345", None, None),
    ("Europe/Berlin", "DE", "02:30", "1234567", None, None),
    ("America/New_York", "US", "02:30", "1234567", None, None),
    ("America/St_Johns", "CA", "07:15", "12345", 1, None),
    ("America/Santiago", "CL", "00:00", "1234567", None, None),
    ("Asia/Kathmandu", "NP", "09:00", "71234", None, None),
    ("Asia/Kolkata", "IN", "18:45", "123456", 6, None),
    ("Australia/Lord_Howe", "AU", "02:15", "1234567", None, None),
    ("Pacific/Auckland", "NZ", "09:00", "12345", 3, None),
    ("Pacific/Apia", "WS", "08:00", "12345", None, "America/Los_Angeles"),
    ("Pacific/Kiritimati", "KI", "23:30", "12345", None, "Pacific/Honolulu"),
    ("Africa/Casablanca", "MA", "03:00", "12345", None, "Europe/Dublin"),
]


@dataclass
class Wish:
    """A requested reminder. ``at`` is only for same-day kinds; ``since`` is when it was requested (UTC)."""

    user: User
    kind: str
    on: dt.date
    at: dt.time | None
    since: dt.datetime
    tellings: int = 0
    wanted: int = 1
    cancelled: bool = False
    moved: bool = False
    put_off: bool = False  # then it is due in the morning, even for a same-day kind

    @property
    def own_hour(self) -> dt.time | None:
        return None if self.put_off else self.at


@dataclass
class Year:
    """The simulation: the clock, requested reminders, times away, and future events."""

    clock: time_machine.Coordinates
    smtp: SmtpServer
    dice: random.Random = field(default_factory=lambda: random.Random(2028))
    wishes: dict[int, Wish] = field(default_factory=dict)
    away: dict[int, set[dt.date]] = field(default_factory=dict)
    events: list[tuple[dt.datetime, int, Callable[[], None]]] = field(default_factory=list)
    read: int = 0
    mails: int = 0
    faults: list[str] = field(default_factory=list)

    def later(self, at: dt.datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self.events, (at, len(self.events) + 1_000_000 * len(self.wishes), what))

    def run(self) -> None:
        """Run all events; due reminders count as events."""
        while True:
            due = Reminder.objects.planned().aggregate(first=Min("due_at"))["first"]
            at = min([moment for moment in (due, self.events[0][0] if self.events else None) if moment], default=END)
            if at >= END:
                return
            self.clock.move_to(at)
            while self.events and self.events[0][0] <= at:
                heapq.heappop(self.events)[2]()
            gather()
            engine.deliver()
            self.look_at_the_mail(at)

    # --- Actions of users -------------------------------------------------------------------------

    def wish(self, number: int, user_id: int, on: dt.date, kind: str, at: dt.time | None) -> None:
        user, now = User.objects.get(pk=user_id), self.clock_now()
        self.wishes[number] = Wish(user, kind, on, at, now)
        plan(owner=user, kind=kind, subject_id=number, on=on, at=at)

    def take_back(self, number: int) -> None:
        wish = self.wishes[number]
        cancel(owner=wish.user, kind=wish.kind, subject_id=number)
        wish.cancelled = True

    def put_off(self, number: int, days: int) -> None:
        wish, reminder = self.wishes[number], Reminder.objects.get(subject_id=number)
        if wish.cancelled or reminder.state == Reminder.State.PLANNED:
            return
        user = User.objects.get(pk=wish.user.pk)
        wish.on, wish.since, wish.wanted = user.today() + dt.timedelta(days=days), self.clock_now(), wish.wanted + 1
        wish.put_off = True
        snooze(reminder, on=wish.on)

    def go_away(self, user_id: int, days: int) -> None:
        user = User.objects.get(pk=user_id)
        today = user.today()
        user.away_until = today + dt.timedelta(days=days)
        past = {day for day in self.away.get(user_id, ()) if day < today}  # a new time away replaces the current one
        self.away[user_id] = past | {today + DAY * n for n in range(days + 1)}
        user.save(update_fields=["away_until"])
        profile_changed.send(sender=User, user=user)

    def move(self, user_id: int, zone: str) -> None:
        user = User.objects.get(pk=user_id)
        user.time_zone = zone
        user.save(update_fields=["time_zone"])
        for wish in self.wishes.values():
            wish.moved = wish.moved or wish.user.pk == user_id
        profile_changed.send(sender=User, user=user)

    # --- Mails to users ---------------------------------------------------------------------------

    def clock_now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def look_at_the_mail(self, at: dt.datetime) -> None:
        fresh, self.read = self.smtp.mails[self.read :], len(self.smtp.mails)
        for mail in fresh:
            self.mails += 1
            user = User.objects.get(email=mail.recipients[0])
            numbers = [int(found) for found in re.findall(r"Write to Bob (\d+)\r?\n", mail.text)]
            if not numbers:
                self.faults.append(f"{user.email} {at}: a mail about nothing")
            for number in dict.fromkeys(numbers):
                self.look_at(self.wishes[number], number, user, user.local(at))

    def look_at(self, wish: Wish, number: int, user: User, local: dt.datetime) -> None:
        wish.tellings += 1
        what = f"{number} ({wish.kind}) of {user.time_zone}, wished for {wish.on} {wish.at or ''}, came {local}"
        day = local.date()
        if user.pk != wish.user.pk:
            self.faults.append(f"somebody else's: {what}")
        if wish.cancelled:
            self.faults.append(f"after it was cancelled: {what}")
        if day in self.away.get(user.pk, ()):
            self.faults.append(f"while away: {what}")
        if wish.tellings > wish.wanted:
            self.faults.append(f"once too often: {what}")
        hour = wish.own_hour or user.reminder_time
        if not shows(local, day, hour):
            self.faults.append(f"at the wrong hour: {what}")
        if day < wish.on:
            self.faults.append(f"too early: {what}")
        if wish.moved:
            return
        if wish.own_hour:
            if day != wish.on and not {wish.on, day - DAY} & self.away.get(user.pk, set()):
                self.faults.append(f"not on its day: {what}")
            return
        is_a_morning = self.is_worked if wish.kind == "now" else self.is_a_morning
        if not is_a_morning(user, day):
            self.faults.append(f"not on a morning for mail: {what}")
        first = max(wish.on, user.local(wish.since).date() + DAY)
        earlier = [first + DAY * n for n in range((day - first).days)]
        if missed := [str(other) for other in earlier if is_a_morning(user, other)]:
            self.faults.append(f"later than it could, {missed}: {what}")

    def is_a_morning(self, user: User, day: dt.date) -> bool:
        if not self.is_worked(user, day):
            return False
        if not user.weekly_mail:
            return True
        # The chosen weekday, or later with only days off since then.
        since = (day.isoweekday() - user.weekly_on) % 7
        before = [day - DAY * n for n in range(1, since + 1)]
        back = bool({day - DAY} & self.away.get(user.pk, set()))
        return back or not any(self.is_worked(user, other) for other in before)

    def is_worked(self, user: User, day: dt.date) -> bool:
        off = bank_holidays(user.country)(day) or day in self.away.get(user.pk, ())
        return str(day.isoweekday()) in user.working_days and not off


def shows(local: dt.datetime, day: dt.date, hour: dt.time) -> bool:
    """Whether the local time is the requested one, or later by the gap if that was skipped."""
    naive = local.replace(tzinfo=None)
    wish = dt.datetime.combine(day, hour)
    skipped = wish.replace(tzinfo=local.tzinfo, fold=1).utcoffset() - wish.replace(tzinfo=local.tzinfo).utcoffset()  # type: ignore[operator]
    return naive == wish + max(skipped, dt.timedelta()) and local.fold == 0


@pytest.fixture
def year(settings: Settings, matters: Matters) -> Iterator[Year]:
    matters.true = set(range(1, 100_000))
    with time_machine.travel(BEGIN, tick=False) as clock, SmtpServer() as smtp:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = smtp.host, smtp.port, 5
        yield Year(clock, smtp)


def fill(year: Year) -> None:
    """Schedule random events with a fixed seed."""
    dice, number = year.dice, 0
    for index, (zone, country, hour, days, weekly, moves_to) in enumerate(PEOPLE):
        user = make_user(
            f"user{index}@example.org",
            time_zone=zone,
            country=country,
            reminder_time=dt.time.fromisoformat(hour),
            working_days="".join(sorted(days)),
            weekly_mail=weekly is not None,
            weekly_on=weekly or 1,
        )
        for _ in range(32):
            number += 1
            since = BEGIN + dt.timedelta(days=dice.randrange(A_YEAR - 40), minutes=dice.randrange(24 * 60))
            kind = dice.choice(["nudge", "nudge", "gentle", "now"])
            on = user.local(since).date() + dt.timedelta(days=dice.randrange(1, 25))
            at = dt.time(dice.randrange(24), dice.choice([0, 15, 30, 45])) if kind == "now" else None
            year.later(since, partial(year.wish, number, user.pk, on, kind, at))
            after = since + dt.timedelta(days=dice.randrange(1, 30))
            if dice.random() < 0.2:
                year.later(after, partial(year.take_back, number))
            elif dice.random() < 0.2:
                year.later(after, partial(year.put_off, number, dice.randrange(1, 10)))
        for _ in range(2):
            leaves = BEGIN + dt.timedelta(days=dice.randrange(A_YEAR - 40), hours=dice.randrange(24))
            year.later(leaves, partial(year.go_away, user.pk, dice.randrange(2, 20)))
        if moves_to:
            year.later(
                BEGIN + dt.timedelta(days=dice.randrange(100, 200)), lambda u=user.pk, z=moves_to: year.move(u, z)
            )  # type: ignore[misc]


def test_a_year_of_mails_comes_as_wished(year: Year) -> None:
    fill(year)
    year.run()
    assert year.faults == []
    settled = END - dt.timedelta(days=15)  # everything requested by then is due, even after time away and a week's wait
    lost = [
        (number, wish)
        for number, wish in year.wishes.items()
        if not wish.cancelled and wish.on < settled.date() and wish.tellings != wish.wanted
    ]
    assert lost == []
    sent = OutgoingMail.objects.filter(state="sent").values_list("message_id", flat=True)
    assert len(set(sent)) == len(sent) == year.mails == len(year.smtp.mails)
    assert year.mails > 250
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"sent"}


def test_the_eye_that_looks_at_the_year_sees_faults(year: Year) -> None:
    """Checks that the simulation detects faults."""
    user = make_user(reminder_time=dt.time(9))
    year.wish(1, user.pk, dt.date(2027, 7, 5), "nudge", None)
    wish = year.wishes[1]
    year.away[user.pk] = {dt.date(2027, 7, 10)}
    wish.cancelled = True
    year.look_at(wish, 1, user, dt.datetime(2027, 7, 10, 9, 1, tzinfo=user.zone))
    year.look_at(wish, 1, user, dt.datetime(2027, 7, 2, 9, 0, tzinfo=user.zone))
    said = {fault.partition(":")[0].partition(",")[0] for fault in year.faults}
    assert said == {
        "after it was cancelled",
        "while away",
        "at the wrong hour",
        "not on a morning for mail",
        "later than it could",
        "once too often",
        "too early",
    }
