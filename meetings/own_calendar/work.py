"""What a worker does with the user's own calendar: fetch it, read it, keep when it is busy.

Fetching and reading are outside any transaction (``accounts.jobs.Kind.outside``); what came of them is kept in one. A
calendar that can't be read is tried again later and later, up to every six hours; what was read before stays.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast

from django.utils import timezone

from accounts import outbound
from accounts.addresses import confirmed, stored
from accounts.private_notes import Unreadable
from meetings.locking import lock_diary
from meetings.models import BusyTime, OwnCalendar
from meetings.own_calendar import caldav, talks
from meetings.own_calendar.reading import NoCalendar, Reading, read
from meetings.own_calendar.services import READ
from meetings.scheduling import forget_unread, remind_of_unread

DAY = dt.timedelta(days=1)
EVERY = dt.timedelta(hours=1)
SPREAD = dt.timedelta(minutes=15)  # so that those connected at once aren't read at once for ever
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=10), dt.timedelta(hours=6)
# No one offers what is further off. A calendar that says "unchanged" is read whole once a day all the same, since the
# months move on.
AHEAD = dt.timedelta(days=200)
WHOLE_AFTER = dt.timedelta(days=1)
SECONDS = 12.0  # many times what a calendar needs, and much less than a lease


@dataclass(frozen=True)
class Brought:
    """What came of fetching: what was read, or that nothing has changed, or ``trouble`` for the user.

    ``talks_since`` is from when on it says whom they meet (UTC); None if that wasn't asked for.
    """

    reading: Reading | None = None
    talks_since: dt.datetime | None = None
    etag: str = ""
    last_modified: str = ""
    trouble: str = ""
    calendars: list[dict[str, object]] | None = None


def fetch(calendar: OwnCalendar) -> Brought:
    """No error says anything of the address, and none of it is logged."""
    if any(isinstance(one, Unreadable) for one in (calendar.address, calendar.username, calendar.password)):
        return Brought(trouble="Its address can’t be decrypted at present. Connect it again, or wait.")
    now = timezone.now()
    since = _talks_since(calendar, now)
    try:
        brought = _from_account(calendar, now, since) if calendar.username else _from_address(calendar)
        if isinstance(brought, Brought):
            return brought
        content, etag, last_modified, calendars = brought
        owner = calendar.owner
        own = {address.lower() for address in confirmed(stored(owner))}
        reading = read(content, first=now - DAY, last=now + AHEAD, zone=owner.zone, own=own, talks_since=since)
    except (outbound.Refused, outbound.Unreachable, NoCalendar) as trouble:
        return Brought(trouble=str(trouble))
    return Brought(reading, since, etag[:200], last_modified[:100], calendars=calendars)


Fetched = tuple[bytes, str, str, list[dict[str, object]] | None]


def _from_address(calendar: OwnCalendar) -> Brought | Fetched:
    answer = outbound.fetch(calendar.address, headers=_conditions(calendar), seconds=SECONDS)
    if answer.status == 304:
        return Brought()
    if answer.status != 200:
        return Brought(trouble=_refusal(answer.status))
    return answer.body, answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), None


def _from_account(calendar: OwnCalendar, now: dt.datetime, since: dt.datetime | None) -> Brought | Fetched:
    account = caldav.Account(calendar.address, calendar.username, calendar.password)
    shelves = account.shelves()
    calendars = caldav.chosen(shelves, calendar.calendars)
    wanted = [str(one["url"]) for one in calendars if one["read"]]
    version = caldav.version([one for one in shelves if one.url in wanted])
    if version and version == calendar.etag and _conditions(calendar):
        return Brought(calendars=calendars)
    first = min(now - DAY, since or now)
    return account.events(wanted, first, now + AHEAD), version, "", calendars


def _talks_since(calendar: OwnCalendar, now: dt.datetime) -> dt.datetime | None:
    """From before it could last be read, so that what was moved or cancelled meanwhile is noticed before it counts."""
    if not calendar.with_talks:
        return None
    return max(now - talks.LONGEST_BACK, (calendar.read_at or now) - talks.LOOK_BACK)


def _conditions(calendar: OwnCalendar) -> dict[str, str]:
    if calendar.whole_at is None or calendar.whole_at < timezone.now() - WHOLE_AFTER:
        return {}
    found = {"If-None-Match": calendar.etag, "If-Modified-Since": calendar.last_modified}
    return {name: value for name, value in found.items() if value.isascii() and value.isprintable() and value}


def _refusal(status: int) -> str:
    if status in {401, 403, 404, 410}:
        return "There is no calendar at that address any more. Make a new secret address there, and connect it here."
    return "The calendar’s server has a problem. We’ll try again."


def step(calendar: OwnCalendar) -> None:
    brought = cast(Brought, calendar.brought)
    now = timezone.now()
    if brought.trouble:
        _failed(calendar, brought.trouble)
        return
    if brought.calendars is not None:
        calendar.calendars = brought.calendars
    if brought.reading is not None:
        calendar.etag, calendar.last_modified, calendar.whole_at = brought.etag, brought.last_modified, now
        calendar.skipped = brought.reading.skipped
        _keep(calendar, brought.reading)
    if calendar.with_talks:
        lock_diary(calendar.owner_id)
        if brought.reading is not None and brought.talks_since is not None:
            talks.keep(calendar.owner, brought.reading.talks, brought.talks_since)
        talks.settle(calendar.owner)
    calendar.start(READ, due_at=now + EVERY + SPREAD * (calendar.pk * 7919 % 100) / 100)
    if calendar.failing_since is not None:
        forget_unread(calendar)
    calendar.read_at, calendar.failing_since, calendar.failures = now, None, 0


def _failed(calendar: OwnCalendar, trouble: str) -> None:
    now = timezone.now()
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(calendar.failures, 10))
    calendar.start(READ, due_at=now + wait)
    calendar.trouble = trouble[:500]
    calendar.failures = min(calendar.failures + 1, 1000)
    if calendar.failing_since is None:
        calendar.failing_since = now
        remind_of_unread(calendar)


def given_up(calendar: OwnCalendar) -> None:
    """Something of ours went wrong several times. It isn't given up, only tried less often."""
    _failed(calendar, "")
    calendar.due_at = timezone.now() + LONGEST_WAIT


def _keep(calendar: OwnCalendar, reading: Reading) -> None:
    """Write only what is new, and delete only what is gone: most hours that is nothing."""
    found = {(one.starts, one.ends) for one in reading.busy}
    rows = {(row.starts_at, row.ends_at): row.pk for row in calendar.busy_times.all()}
    calendar.busy_times.filter(pk__in=[pk for span, pk in rows.items() if span not in found]).delete()
    BusyTime.objects.bulk_create(
        [
            BusyTime(owner_id=calendar.owner_id, calendar=calendar, starts_at=starts, ends_at=ends)
            for starts, ends in sorted(found - rows.keys())
        ],
        batch_size=500,
    )
