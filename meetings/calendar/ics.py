"""Calendar entries as text/calendar (RFC 5545), using ``icalendar``. Pure functions from plain values to bytes.

The time zone rules are computed here from the tz database, because they must be exact: an observance begins at the
wall clock time that was valid before it (RFC 5545, 3.6.5).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
    vUTCOffset,
)

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
Status = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED"]
PRODUCT = "-//Mentorfolio//Meetings//EN"
A_YEAR = dt.timedelta(days=400)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Somebody:
    """An organizer or attendee. ``sent_by`` is the address that sends on behalf of an organizer."""

    email: str
    name: str = ""
    status: Status = "NEEDS-ACTION"
    sent_by: str = ""


@dataclass(frozen=True)
class CalendarEntry:
    """A meeting: ``starts`` and ``changed`` are UTC instants, ``zone`` is the zone of its local times."""

    uid: str
    summary: str
    starts: dt.datetime
    minutes: int
    changed: dt.datetime
    zone: ZoneInfo | None = None
    sequence: int = 0
    place: str = ""
    words: str = ""
    url: str = ""
    cancelled: bool = False
    organizer: Somebody | None = None
    attendees: tuple[Somebody, ...] = ()

    @property
    def ends(self) -> dt.datetime:
        return self.starts + dt.timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class WholeDay:
    """An all-day entry on a local date."""

    uid: str
    summary: str
    on: dt.date
    changed: dt.datetime
    url: str = ""


def calendar(entries: Iterable[CalendarEntry | WholeDay], *, method: Method | None = None, name: str = "") -> bytes:
    """The complete calendar, with lines folded and ended as the RFC requires."""
    cal = Calendar()
    cal.add("version", "2.0")
    cal.add("prodid", PRODUCT)
    cal.add("calscale", "GREGORIAN")
    if method:
        cal.add("method", method)
    if name:
        cal.add("x-wr-calname", clean(name))
    events: list[Event] = []
    zones: dict[ZoneInfo, tuple[dt.datetime, dt.datetime]] = {}
    for entry in entries:
        events.append(_meeting(entry) if isinstance(entry, CalendarEntry) else _day(entry))
        if isinstance(entry, CalendarEntry) and (zone := _told_in(entry)) is not None:
            first, last = zones.get(zone, (entry.starts, entry.ends))
            zones[zone] = min(first, entry.starts), max(last, entry.ends)
    for zone, (first, last) in zones.items():
        cal.add_component(timezone(zone, first, last))
    for event in events:
        cal.add_component(event)
    written: bytes = cal.to_ical()
    return written


def clean(text: str) -> str:
    """Remove control characters, which calendars may not contain, and turn line separators into \\n."""
    lines = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n")
    return "".join(letter for letter in lines if letter in "\n\t" or unicodedata.category(letter) != "Cc")


def _meeting(entry: CalendarEntry) -> Event:
    event = _event(entry.uid, entry.summary, entry.changed, entry.url)
    zone = _told_in(entry) or dt.UTC
    event.add("dtstart", entry.starts.astimezone(zone))
    event.add("dtend", entry.ends.astimezone(zone))
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.place:
        event.add("location", clean(entry.place))
    if entry.words:
        event.add("description", clean(entry.words))
    if entry.organizer:
        event.add("organizer", _organizer(entry.organizer))
    for one in entry.attendees:
        event.add("attendee", _attendee(one), encode=False)
    return event


def _day(entry: WholeDay) -> Event:
    event = _event(entry.uid, entry.summary, entry.changed, entry.url)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + DAY)
    event.add("transp", "TRANSPARENT")
    return event


def _event(uid: str, summary: str, changed: dt.datetime, url: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", changed.astimezone(dt.UTC))
    event.add("summary", " ".join(clean(summary).split()))
    if url:
        event.add("url", url)
    return event


def _person(one: Somebody) -> vCalAddress:
    address = vCalAddress(f"mailto:{one.email}")
    if name := " ".join(clean(one.name).replace('"', "’").split()):
        address.params["CN"] = vText(name)
    return address


def _organizer(one: Somebody) -> vCalAddress:
    address = _person(one)
    if one.sent_by:
        address.params["SENT-BY"] = f"mailto:{one.sent_by}"
    return address


def _attendee(one: Somebody) -> vCalAddress:
    address = _person(one)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText(one.status)
    address.params["RSVP"] = vText("TRUE" if one.status == "NEEDS-ACTION" else "FALSE")
    return address


# --- Time zones -----------------------------------------------------------------------------------


def _told_in(entry: CalendarEntry) -> ZoneInfo | None:
    """The entry's zone; None, for UTC, if it has none or if its wall time occurs twice that night."""
    if entry.zone is None or entry.zone.key == "UTC":
        return None
    for at in (entry.starts, entry.ends):
        wall = at.astimezone(entry.zone).replace(tzinfo=None)
        offsets = {wall.replace(tzinfo=entry.zone, fold=fold).utcoffset() for fold in (0, 1)}
        if len(offsets) > 1:
            return None
    return entry.zone


def timezone(zone: ZoneInfo, first: dt.datetime, last: dt.datetime) -> Timezone:
    """The rules of ``zone`` from before ``first`` until a year after ``last``, with each clock change listed."""
    changes = transitions(zone, first - A_YEAR, last + A_YEAR)
    before = [at for at in changes if at <= first]
    rules = Timezone()
    rules.add("tzid", zone.key)
    if not before:
        begins = first - A_YEAR
        rules.add_component(_observance(zone, begins, begins))
    for at in [*before[-1:], *(at for at in changes if at > first)]:
        rules.add_component(_observance(zone, at, at - dt.timedelta(seconds=1)))
    return rules


def transitions(zone: ZoneInfo, first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """The UTC instants at which the clocks of ``zone`` change between these two."""
    found, at = [], first.replace(minute=0, second=0, microsecond=0)
    while at < last:
        following = at + DAY
        if _state(zone, at) != _state(zone, following):
            low, high = at, following
            while high - low > dt.timedelta(seconds=1):
                middle = low + dt.timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if _state(zone, middle) == _state(zone, at) else (low, middle)
            found.append(high)
        at = following
    return found


def _state(zone: ZoneInfo, at: dt.datetime) -> tuple[dt.timedelta | None, str | None]:
    there = at.astimezone(zone)
    return there.utcoffset(), there.tzname()


def _observance(zone: ZoneInfo, at: dt.datetime, before: dt.datetime) -> Component:
    after, earlier = at.astimezone(zone), before.astimezone(zone)
    was, is_now = earlier.utcoffset() or dt.timedelta(), after.utcoffset() or dt.timedelta()
    # Whether the clocks go forward, not the tz database's DST flag, which is inverted for Ireland.
    rule = TimezoneDaylight() if is_now > was else TimezoneStandard()
    rule.add("dtstart", (at.astimezone(dt.UTC) + was).replace(tzinfo=None))
    rule.add("tzoffsetfrom", vUTCOffset(was))
    rule.add("tzoffsetto", vUTCOffset(is_now))
    rule.add("tzname", after.tzname() or zone.key)
    return rule


# --- Without a file -------------------------------------------------------------------------------


def google(entry: CalendarEntry) -> str:
    """The URL where Google Calendar offers to add this entry."""
    times = f"{entry.starts:%Y%m%dT%H%M%SZ}/{entry.ends:%Y%m%dT%H%M%SZ}"
    fields = {"text": entry.summary, "dates": times, "details": entry.words, "location": entry.place}
    return f"https://calendar.google.com/calendar/render?action=TEMPLATE&{_query(fields)}"


def outlook(entry: CalendarEntry) -> str:
    """The URL where Outlook on the web offers to add this entry."""
    fields = {
        "subject": entry.summary,
        "startdt": f"{entry.starts:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{entry.ends:%Y-%m-%dT%H:%M:%SZ}",
        "body": entry.words,
        "location": entry.place,
    }
    return f"https://outlook.office.com/calendar/0/action/compose?rru=addevent&{_query(fields)}"


def _query(fields: dict[str, str]) -> str:
    """A space as %20: Outlook shows a plus as a plus."""
    return urlencode({name: value for name, value in fields.items() if value}, quote_via=quote, safe="")
