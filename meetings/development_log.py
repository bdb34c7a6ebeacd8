"""The hours of mentoring in a year, for an appraisal or a record of development: what was held, and what it served.

The UK's Concordat to support the career development of researchers (2019) asks for at least ten days of professional
development a year, pro rata. Whether and how mentoring counts there is for the reader's institution to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import User
from accounts.spreadsheets import Sheet
from accounts.words import duration
from meetings.models import Meeting
from portfolio.models import Contact, Support


class Year(StrEnum):
    """When a year begins."""

    CALENDAR = "calendar"
    ACADEMIC = "academic"
    FINANCIAL = "financial"

    @property
    def label(self) -> str:
        return {"calendar": "January to December", "academic": "August to July", "financial": "April to March"}[self]

    @property
    def first_month(self) -> int:
        return {"calendar": 1, "academic": 8, "financial": 4}[self]

    def of(self, day: dt.date) -> int:
        """The calendar year in which the year of this day begins."""
        return day.year - (day.month < self.first_month)

    def begins(self, year: int) -> dt.date:
        return dt.date(year, self.first_month, 1)

    def named(self, year: int) -> str:
        return str(year) if self is Year.CALENDAR else f"{year}/{(year + 1) % 100:02}"


@dataclass(frozen=True)
class Entry:
    """One conversation. ``on`` is the user's local date."""

    on: dt.date
    person_id: int
    person: str
    what: str
    minutes: int
    served: tuple[str, ...] = ()

    @property
    def length(self) -> str:
        return duration(self.minutes)


@dataclass(frozen=True)
class Log:
    """The entries of one year, the earliest first."""

    entries: list[Entry]

    @property
    def minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    @property
    def total(self) -> str:
        return duration(self.minutes)

    @property
    def days(self) -> int:
        """On how many days."""
        return len({entry.on for entry in self.entries})

    @property
    def people(self) -> list[tuple[str, int, str]]:
        """Each person with how often, and how long in all; whom most time was spent with first."""
        found: dict[int, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.person_id, []).append(entry)
        each = sorted(found.values(), key=lambda rows: (-sum(row.minutes for row in rows), rows[0].person))
        return [(rows[0].person, len(rows), duration(sum(row.minutes for row in rows))) for rows in each]


def entries(user: User) -> list[Entry]:
    """All conversations whose length is known, the earliest first. Four queries.

    A meeting that was held has left a contact of the same minute, which is not counted again.
    """
    supports = _supports(user)
    rows = Meeting.objects.for_user(user).filter(state=Meeting.State.HELD).select_related("person")
    meetings = list(rows.prefetch_related("items__need"))
    told = {(meeting.person_id, meeting.spoke_at) for meeting in meetings}
    found = []
    for meeting in meetings:
        on = user.local(meeting.spoke_at).date()
        needs = dict.fromkeys(item.need.words for item in meeting.items.all() if item.need)
        served = tuple(needs) or _served(supports, meeting.person_id, on)
        what = meeting.get_kind_display()
        found.append(Entry(on, meeting.person_id, meeting.person.name, what, meeting.minutes, served))
    contacts = Contact.objects.for_user(user).filter(minutes__gt=0).select_related("person")
    for contact in contacts.only("at", "kind", "minutes", "person__name"):
        if contact.kind == Contact.Kind.MEETING and (contact.person_id, contact.at) in told:
            continue
        on = user.local(contact.at).date()
        served = _served(supports, contact.person_id, on)
        what = contact.get_kind_display()
        found.append(Entry(on, contact.person_id, contact.person.name, what, contact.minutes or 0, served))
    return sorted(found, key=lambda entry: (entry.on, entry.person, entry.what))


def of_year(found: Iterable[Entry], kind: Year, year: int) -> Log:
    return Log([entry for entry in found if kind.of(entry.on) == year])


def years(found: Iterable[Entry], kind: Year, today: dt.date) -> list[int]:
    """The years that have entries, and the present one; the latest first."""
    return sorted({kind.of(entry.on) for entry in found} | {kind.of(today)}, reverse=True)


def _supports(user: User) -> list[Support]:
    rows = Support.objects.for_user(user).select_related("mentorship", "need")
    return list(rows.order_by("pk"))


def _served(supports: list[Support], person_id: int, on: dt.date) -> tuple[str, ...]:
    """What this mentor supported on that day: needs, or kinds of knowing."""
    return tuple(
        dict.fromkeys(
            support.need.words if support.need else support.get_competency_display()
            for support in supports
            if support.mentorship.person_id == person_id and support.since <= on <= (support.until or on)
        )
    )


SHEET: Sheet[Entry] = Sheet(
    "development-log",
    [
        ("Date", lambda entry, user: entry.on),
        ("With", lambda entry, user: entry.person),
        ("What", lambda entry, user: entry.what),
        ("Minutes", lambda entry, user: entry.minutes),
        ("What it served", lambda entry, user: "; ".join(entry.served)),
    ],
)
WITHOUT_NAMES: Sheet[Entry] = Sheet(SHEET.name, [column for column in SHEET.columns if column[0] != "With"])
