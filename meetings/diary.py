"""When a user's time is taken, so that no two people get the same one.

A planned meeting takes its time, from its start to its end. It doesn't while times are on offer for it, of which it
gets another, and once the person said that they can't then. What a diary says is only safe to act on under
``locking.lock_diary``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from meetings.models import BusyTime, Meeting, MeetingQuerySet, OfferedTime

LONGEST = dt.timedelta(days=1)  # of a meeting


@dataclass(frozen=True)
class Span:
    """From one UTC instant until just before another."""

    starts: dt.datetime
    ends: dt.datetime

    @classmethod
    def lasting(cls, starts: dt.datetime, minutes: int) -> Span:
        return cls(starts, starts + dt.timedelta(minutes=minutes))

    def meets(self, other: Span) -> bool:
        return self.starts < other.ends and other.starts < self.ends


def span(meeting: Meeting) -> Span:
    return Span(meeting.starts_at, meeting.ends_at)


def on_offer(meeting: Meeting) -> QuerySet[OfferedTime]:
    """The offered times that are still ahead, also those that another meeting has taken meanwhile."""
    return meeting.offers.filter(starts_at__gt=timezone.now())


def takes_its_time() -> MeetingQuerySet:
    """The planned meetings that nobody else can get the time of."""
    open_offers = OfferedTime.objects.filter(meeting=OuterRef("pk"), starts_at__gt=timezone.now())
    return Meeting.objects.planned().exclude(answer=Meeting.Answer.NO).exclude(Exists(open_offers))


def taken(owner_id: int, spans: Collection[Span], *, besides: int | None) -> list[Meeting]:
    """The meetings that take any of these spans, the first first; ``besides`` is the id of one that may. One query."""
    if not spans:
        return []
    rows = takes_its_time().filter(owner_id=owner_id).exclude(pk=besides or 0)
    rows = rows.filter(starts_at__lt=max(one.ends for one in spans))
    rows = rows.filter(starts_at__gt=min(one.starts for one in spans) - LONGEST).select_related("person")
    return [row for row in rows if any(one.meets(span(row)) for one in spans)]


def offered_to_others(owner_id: int, spans: Collection[Span], *, besides: int | None) -> list[OfferedTime]:
    """Times within these spans that somebody can still choose for another meeting, the first first. One query."""
    if not spans:
        return []
    offers = OfferedTime.objects.filter(owner_id=owner_id, starts_at__gt=timezone.now()).exclude(meeting=besides)
    offers = offers.filter(meeting__state=Meeting.State.PLANNED, starts_at__lt=max(one.ends for one in spans))
    offers = offers.filter(starts_at__gt=min(one.starts for one in spans) - LONGEST)
    found = offers.select_related("meeting__person")
    return [one for one in found if any(each.meets(span_of_offer(one)) for each in spans)]


def span_of_offer(offer: OfferedTime) -> Span:
    return Span.lasting(offer.starts_at, offer.meeting.minutes)


def busy_times(owner_id: int, spans: Collection[Span]) -> list[BusyTime]:
    """When the user's own calendar is busy within these spans, the first first. At most two queries.

    Without what lies within a meeting that is planned here: that is most likely the same, and known anyway.
    """
    if not spans:
        return []
    first, last = min(one.starts for one in spans), max(one.ends for one in spans)
    rows = BusyTime.objects.filter(owner_id=owner_id, starts_at__lt=last, ends_at__gt=first)
    found = [row for row in rows if any(one.meets(Span(row.starts_at, row.ends_at)) for one in spans)]
    if not found:
        return []
    planned = Meeting.objects.planned().filter(owner_id=owner_id, starts_at__lt=last, starts_at__gt=first - LONGEST)
    known = [span(one) for one in planned]
    return [row for row in found if not any(k.starts <= row.starts_at and row.ends_at <= k.ends for k in known)]


@dataclass(frozen=True)
class Choice:
    """The times on offer for a meeting: those that are ``free``, and those that are ``gone``, each to what meeting."""

    free: list[OfferedTime]
    gone: list[tuple[OfferedTime, Meeting]]

    def __bool__(self) -> bool:
        return bool(self.free or self.gone)


def choice(meeting: Meeting) -> Choice:
    """What can be chosen for this meeting now. Two queries at most."""
    offers = list(on_offer(meeting))
    spans = [Span.lasting(one.starts_at, meeting.minutes) for one in offers]
    others = taken(meeting.owner_id, spans, besides=meeting.pk)
    found = Choice([], [])
    for offer, wanted in zip(offers, spans, strict=True):
        other = next((one for one in others if wanted.meets(span(one))), None)
        if other is None:
            found.free.append(offer)
        else:
            found.gone.append((offer, other))
    return found
