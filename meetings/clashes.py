"""What the user is told before a meeting takes a time that they have given to somebody else."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import User
from accounts.words import counted
from meetings import diary
from meetings.models import BusyTime, Meeting, OfferedTime
from portfolio.models import Person

MOST = 3  # that are named


@dataclass(frozen=True)
class Clash:
    """``words`` say with whom; ``key`` changes with what they are about, so that what is new is said, too."""

    words: str
    key: str


def find_clash(
    user: User, spans: Collection[diary.Span], *, besides: Meeting | None = None, person: Person | None = None
) -> Clash | None:
    """What these spans would clash with. ``besides`` is the meeting that is being moved; a meeting with ``person``
    that begins at the same time is the same wish sent twice. At most four queries.
    """
    but = besides.pk if besides else None
    begins = {one.starts for one in spans}
    taken = diary.taken(user.pk, spans, besides=but)
    meetings = [one for one in taken if not (person and one.person_id == person.pk and one.starts_at in begins)]
    offers = [
        one
        for one in diary.offered_to_others(user.pk, spans, besides=but)
        if not (person and one.meeting.person_id == person.pk)
        and not any(diary.span(other).meets(diary.span_of_offer(one)) for other in taken)  # gone already
    ]
    busy = diary.busy_times(user.pk, spans)
    if not (meetings or offers or busy):
        return None
    said = [f"You meet {one.person} {_when(user, one.starts_at)}." for one in meetings[:MOST]]
    if len(meetings) > MOST:
        said.append(f"And {counted(len(meetings) - MOST, 'more meeting', 'more meetings')} would overlap.")
    said += [
        f"You have offered {one.meeting.person} a time {_when(user, one.starts_at)}, which would be gone."
        for one in offers[:MOST]
    ]
    said += [busy_in_words(user, one) for one in busy[:MOST]]
    return Clash(" ".join(said), _key(meetings, offers, busy))


def find_busy(user: User, spans: Collection[diary.Span]) -> Clash | None:
    """What these spans would clash with in the user's own calendar."""
    busy = diary.busy_times(user.pk, spans)
    said = " ".join(busy_in_words(user, one) for one in busy[:MOST])
    return Clash(said, _key([], [], busy)) if busy else None


def busy_in_words(user: User, one: BusyTime) -> str:
    """ "Your calendar is busy on Tuesday 3 March at 10:00, until 11:00." """
    return f"Your calendar is busy {_when(user, one.starts_at)}, until {_until(user, one.starts_at, one.ends_at)}."


def _until(user: User, starts: dt.datetime, ends: dt.datetime) -> str:
    there = user.local(ends)
    same = there.date() == user.local(starts).date()
    return f"{there:%H:%M}" if same else f"{there:%H:%M} on {there:%A} {there.day} {there:%B}"


def _key(meetings: Collection[Meeting], offers: Collection[OfferedTime], busy: Collection[BusyTime]) -> str:
    parts = [
        [(one.pk, one.starts_at, one.minutes) for one in meetings],
        [(one.pk, one.starts_at) for one in offers],
        [(one.starts_at, one.ends_at) for one in busy],
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _when(user: User, at: dt.datetime) -> str:
    there = user.local(at)
    return f"on {there:%A} {there.day} {there:%B} at {there:%H:%M}"
