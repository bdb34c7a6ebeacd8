"""What a calendar file says of some months: pure functions from bytes to plain values, bounded in time and memory.

Whoever wrote the file may be careless or hostile. So events that end before the months, and don't come back, are left
out before anything is parsed; rules that come back every second are not followed; an event that can't be read is left
out, and so is the rest when there is too much.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

MOST_EVENTS = 5_000  # in the file, of those that may concern us; and of the times they come to
SECONDS = 10.0  # for all of it
LONGEST_RULE = 10_000  # times a rule may come back before the months that are asked for
MOST_TALKS = 2_000
LONGEST_ADDRESS = 254
MOST_OTHERS = 3  # people besides the user; with more of them, who spoke with whom is anybody's guess
# Shorter is a note to oneself, longer a course or a conference.
SHORTEST_TALK, LONGEST_TALK = dt.timedelta(minutes=5), dt.timedelta(hours=8)
DAY = dt.timedelta(days=1)
A_BIT = 2 * DAY  # more than any two time zones differ
OURS = "@mentorfolio"  # at the end of the UIDs of our own invitations
_EVENT = re.compile(rb"BEGIN:VEVENT\r?\n.*?\nEND:VEVENT[ \t]*(?:\r?\n|$)", re.DOTALL | re.IGNORECASE)
_COMES_BACK = re.compile(rb"^(RRULE|RDATE|RECURRENCE-ID)[;:]", re.MULTILINE | re.IGNORECASE)
_DATE = re.compile(rb"^(DTSTART|DTEND)[^:\r\n]*:(\d{8})", re.MULTILINE | re.IGNORECASE)
_UNTIL = re.compile(rb"^RRULE[^\r\n]*UNTIL=(\d{8})", re.MULTILINE | re.IGNORECASE)
_RULES = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}  # how many days apart at least


class NoCalendar(Exception):
    """The text says to the user why nothing can be read."""


@dataclass(frozen=True)
class Busy:
    """From one UTC instant until another."""

    starts: dt.datetime
    ends: dt.datetime


@dataclass(frozen=True)
class Talk:
    """A meeting with a few others, by their ``addresses`` in small letters; it has none of its words.

    ``key`` says which event it is, and which time of one that comes back; ``series`` only which event. ``off`` is one
    that was cancelled or that the user declined.
    """

    key: str
    series: str
    starts: dt.datetime
    ends: dt.datetime
    addresses: tuple[str, ...] = ()
    off: bool = False


@dataclass(frozen=True)
class Reading:
    """``busy`` are in order and apart from each other; ``skipped`` counts events that couldn't be read."""

    busy: list[Busy]
    skipped: int = 0
    talks: list[Talk] = field(default_factory=list)


def read(
    content: bytes,
    *,
    first: dt.datetime,
    last: dt.datetime,
    zone: ZoneInfo,
    own: Collection[str] = (),
    talks_since: dt.datetime | None = None,
) -> Reading:
    """When the calendar is busy between these UTC instants, and with ``talks_since``, whom the user meets from then on.

    ``zone`` is that of times without one, and of whole days; ``own`` are the user's addresses in small letters, to
    tell what they have declined. Raises :class:`NoCalendar`.
    """
    end = time.monotonic() + SECONDS
    unfolded = re.sub(rb"\r?\n[ \t]", b"", content.removeprefix(b"\xef\xbb\xbf"))
    if not re.match(rb"\s*BEGIN:VCALENDAR", unfolded, re.IGNORECASE):
        raise NoCalendar(
            "What it shows is no calendar. Use the secret address in iCal format, not that of the calendar’s page."
        )
    since = min(first, talks_since or first)
    events, skipped = _events(unfolded, since, last)
    spans: list[Busy] = []
    talks: list[Talk] = []
    for uid, together in _by_uid(events):
        if time.monotonic() > end or len(spans) > MOST_EVENTS:
            raise NoCalendar("There is more in this calendar than we can read. A smaller one will do.")
        comes_back = any(name in one for one in together for name in ("rrule", "rdate", "recurrence-id"))
        try:
            for event in _times(together, since, last):
                starts, ends = _instant(event.start, zone), _instant(event.end, zone)
                keeps_busy = _keeps_busy(event, own)
                if keeps_busy and max(starts, first) < min(ends, last):
                    spans.append(Busy(max(starts, first), min(ends, last)))
                if talks_since and uid and ends > talks_since and len(talks) < MOST_TALKS:
                    key = _digest(uid, _which(event, zone) if comes_back else "")
                    if _is_off(event, own):
                        talks.append(Talk(key, _digest(uid), starts, ends, off=True))
                    elif keeps_busy and (addresses := _others(event, ends - starts, own)):
                        talks.append(Talk(key, _digest(uid), starts, ends, addresses))
        except Exception:  # whatever a library makes of nonsense
            skipped += 1
    return Reading(_merged(spans), skipped, talks)


_ZONE = re.compile(rb"BEGIN:VTIMEZONE\r?\n.*?\nEND:VTIMEZONE[ \t]*(?:\r?\n|$)", re.DOTALL | re.IGNORECASE)


def joined(calendars: Iterable[bytes]) -> bytes:
    """The events of many calendar files as one, each time zone once."""
    zones: dict[bytes, None] = {}
    events: list[bytes] = []
    for content in calendars:
        zones.update(dict.fromkeys(one.strip() for one in _ZONE.findall(content)))
        events += (one.strip() for one in _EVENT.findall(content))
    return b"\r\n".join([b"BEGIN:VCALENDAR", *zones, *events, b"END:VCALENDAR", b""])


def _events(content: bytes, first: dt.datetime, last: dt.datetime) -> tuple[list[Event], int]:
    """Those that may concern us, and how many of them can't be read."""
    since, until = (first - A_BIT).strftime("%Y%m%d").encode(), (last + A_BIT).strftime("%Y%m%d").encode()
    blocks = [one for one in _EVENT.findall(content) if _may_concern(one, since, until)]
    if len(blocks) > MOST_EVENTS:
        raise NoCalendar("There is more in this calendar than we can read. A smaller one will do.")
    # Time zones and all else that is no event.
    frame = _EVENT.sub(b"", content)
    head, _, tail = frame.rpartition(b"END:VCALENDAR")
    if not head:
        head, tail = frame, b""
    try:
        return _parsed(head + b"".join(blocks) + b"END:VCALENDAR" + tail), 0
    except Exception:
        found, skipped = [], 0
        for block in blocks:
            try:
                found += _parsed(head + block + b"END:VCALENDAR\r\n")
            except Exception:
                skipped += 1
        return found, skipped


def _may_concern(block: bytes, since: bytes, until: bytes) -> bool:
    dates = [date for _, date in _DATE.findall(block)]
    if not dates or min(dates) > until:
        return False
    if _COMES_BACK.search(block):
        over = _UNTIL.search(block)
        return over is None or over[1] >= since
    # Without an end it may last as long as DURATION says, which is no longer than some weeks.
    return max(dates) >= since or b"\nDURATION" in block.upper()


def _parsed(content: bytes) -> list[Event]:
    return [one for one in Calendar.from_ical(content).walk("VEVENT") if isinstance(one, Event)]


def _by_uid(events: Iterable[Event]) -> Iterator[tuple[str, list[Event]]]:
    """An event with those that change one of its times, by its UID; that is empty for one that has none."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        uid = str(event.get("uid", ""))
        if uid:
            found[uid].append(event)
        else:
            yield "", [event]
    yield from ((uid, group) for uid, group in found.items() if not uid.endswith(OURS))


def _times(events: list[Event], first: dt.datetime, last: dt.datetime) -> Iterator[Event]:
    for event in events:
        _bound(event, first, last)
    calendar = Calendar()
    calendar.subcomponents = list(events)
    found = recurring_ical_events.of(calendar, skip_bad_series=False).between(first - DAY, last + DAY)
    yield from (one for one in found if isinstance(one, Event))


def _bound(event: Event, first: dt.datetime, last: dt.datetime) -> None:
    """Let its rule end with the months that are asked for, so that none is followed to the end of time."""
    rules = event.get("rrule", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        often = str((rule.get("FREQ") or [""])[0]).upper()
        if often not in _RULES:
            raise ValueError("a rule that comes back within a day")
        start = event.start
        begins = start.date() if isinstance(start, dt.datetime) else start
        if (first.date() - begins).days / _RULES[often] > LONGEST_RULE:
            raise ValueError("a rule that began too long ago")
        count = rule.get("COUNT")
        if count and int(count[0]) > LONGEST_RULE:
            raise ValueError("a rule that comes back too often")
        if not count:
            over = last + A_BIT
            day = isinstance(start, dt.date) and not isinstance(start, dt.datetime)
            floating = isinstance(start, dt.datetime) and start.tzinfo is None
            ours = over.date() if day else over.replace(tzinfo=None) if floating else over
            until = (rule.get("UNTIL") or [ours])[0]
            rule["UNTIL"] = [ours if _day(until) > _day(ours) else until]


def _day(at: dt.date) -> dt.date:
    return at.date() if isinstance(at, dt.datetime) else at


def _keeps_busy(event: Event, own: Collection[str]) -> bool:
    if str(event.get("transp", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("x-microsoft-cdo-busystatus", "")).upper() in {"FREE", "WORKINGELSEWHERE"}:
        return False
    return not _is_off(event, own)


def _is_off(event: Event, own: Collection[str]) -> bool:
    if str(event.get("status", "")).upper() == "CANCELLED":
        return True
    return any(address in own and _has_declined(one) for address, one in _attendees(event))


def _attendees(event: Event, name: str = "attendee") -> list[tuple[str, Any]]:
    found = event.get(name, [])
    return [(str(one).lower().removeprefix("mailto:"), one) for one in (found if isinstance(found, list) else [found])]


def _has_declined(attendee: Any) -> bool:
    return str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"


def _others(event: Event, length: dt.timedelta, own: Collection[str]) -> tuple[str, ...]:
    """Whom the user meets there; empty if that can't be said, since it is a whole day, or a crowd."""
    whole_day = not isinstance(event.start, dt.datetime)
    if whole_day or not SHORTEST_TALK <= length <= LONGEST_TALK:
        return ()
    found = dict.fromkeys(address for address, _ in _attendees(event, "organizer"))
    for address, one in _attendees(event):
        what = str(one.params.get("CUTYPE", "")).upper()
        if what == "GROUP":
            return ()
        if _has_declined(one) or what in {"ROOM", "RESOURCE"}:
            found.pop(address, None)
        else:
            found[address] = None
    others = tuple(one for one in found if one not in own and "@" in one and len(one) <= LONGEST_ADDRESS)
    return others if len(others) <= MOST_OTHERS else ()


def _which(event: Event, zone: ZoneInfo) -> str:
    """Which time of many: when it was to begin before it was moved."""
    original = event.get("recurrence-id")
    return _instant(original.dt if original else event.start, zone).isoformat()


def _digest(uid: str, which: str = "") -> str:
    return hashlib.sha256(f"{uid}\n{which}".encode()).hexdigest()


def _instant(at: dt.date, zone: ZoneInfo) -> dt.datetime:
    """A day begins at midnight, and a time without a zone is meant, in ``zone``."""
    if not isinstance(at, dt.datetime):
        at = dt.datetime.combine(at, dt.time(), tzinfo=zone)
    elif at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return at.astimezone(dt.UTC)


def _merged(spans: Iterable[Busy]) -> list[Busy]:
    merged: list[Busy] = []
    for one in sorted(spans, key=lambda one: (one.starts, one.ends)):
        if merged and one.starts <= merged[-1].ends:
            merged[-1] = Busy(merged[-1].starts, max(merged[-1].ends, one.ends))
        else:
            merged.append(one)
    return merged
