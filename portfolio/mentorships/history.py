"""The dates of a mentorship and their corrections: nothing may be before its start or after its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from portfolio.errors import EndsBeforeStart
from portfolio.mentorships import scheduling
from portfolio.models import EvaluationDate, Mentorship, MentorshipEvent, Support, WhatCameOfIt

What = MentorshipEvent.What


class Happened(NamedTuple):
    """An event as a plain value."""

    pk: int
    what: str
    on: dt.date


class Limit(NamedTuple):
    """The earliest or latest local date allowed, and a sentence that says why."""

    on: dt.date
    why: str


@dataclass(frozen=True)
class Room:
    """The range of dates that is allowed for something."""

    first: Limit | None
    last: Limit

    def refusal(self, on: dt.date) -> str:
        """Why the date is not allowed; empty if it is."""
        if self.first and on < self.first.on:
            return f"{self.first.why} Choose that day or a later one."
        if on > self.last.on:
            return f"{self.last.why} Choose that day or an earlier one."
        return ""


def day(on: dt.date) -> str:
    return f"{on:%-d %B} {on.year}"


def room_for(
    what: str,
    events: Iterable[Happened],
    *,
    started_on: dt.date,
    ended_on: dt.date | None,
    today: dt.date,
    pk: int | None = None,
    things: Iterable[Limit] = (),
) -> Room:
    """The dates allowed for an event of this kind, given the others; ``pk`` is its id if it exists already.

    The start must precede everything else, including ``things`` (other dated rows); the end must follow everything
    except friendship. A pause must end before the next one starts.
    """
    others = [event for event in events if event.pk != pk]
    now = Limit(today, "That day is still to come: today is the latest.")
    ending = [Limit(ended_on, f"It ended on {day(ended_on)}.")] if ended_on else []
    if what == What.OPENED:
        inside = [_noted(event) for event in others if event.what != What.OPENED]
        return Room(None, min([now, *ending, *things, *inside]))
    beginning = Limit(started_on, f"It began on {day(started_on)}.")
    if what == What.ENDED:
        inside = [_noted(event) for event in others if event.what not in _OUTSIDE]
        return Room(max([beginning, *inside]), now)
    if what == What.BECAME_FRIENDS:
        return Room(beginning, now)
    before, after = _neighbours(what, others, pk)
    return Room(max([beginning, *before]), min([now, *ending, *after]))


_PAIR = {What.PAUSED, What.RESUMED}
_OUTSIDE = {What.OPENED, What.ENDED, What.BECAME_FRIENDS}


def _noted(event: Happened) -> Limit:
    return Limit(event.on, f"You noted “{What(event.what).label}” on {day(event.on)}.")


def _neighbours(what: str, events: Iterable[Happened], pk: int | None) -> tuple[list[Limit], list[Limit]]:
    """The previous and the next pause or resumption."""
    if what not in _PAIR:
        return [], []
    pair = sorted(event for event in events if event.what in _PAIR)
    before = [event for event in pair if pk is None or event.pk < pk]
    after = [event for event in pair if pk is not None and event.pk > pk]
    return [_noted(event) for event in before[-1:]], [_noted(event) for event in after[:1]]


def room_in(mentorship: Mentorship, what: str, *, today: dt.date, pk: int | None = None) -> Room:
    """The same, with the data fetched from the database."""
    return room_for(
        what,
        [Happened(*row) for row in mentorship.events.order_by("pk").values_list("pk", "what", "on")],
        started_on=mentorship.started_on,
        ended_on=mentorship.ended_on,
        today=today,
        pk=pk,
        things=_things(mentorship) if what == What.OPENED else (),
    )


def _things(mentorship: Mentorship) -> Iterator[Limit]:
    """Other dated rows of a mentorship, the first of each kind."""
    ended = Support.objects.filter(mentorship=mentorship, until__isnull=False).order_by("until").first()
    if ended and ended.until:
        yield Limit(ended.until, f"Something they helped with ended on {day(ended.until)}.")
    outcome = WhatCameOfIt.objects.filter(mentorship=mentorship).order_by("on").first()
    if outcome:
        yield Limit(outcome.on, f"Something came of it on {day(outcome.on)}.")
    evaluation = EvaluationDate.objects.filter(terms__mentorship=mentorship).order_by("on").first()
    if evaluation:
        yield Limit(evaluation.on, f"There is an evaluation on {day(evaluation.on)}.")
    if mentorship.agreement_review_on:
        on = mentorship.agreement_review_on
        yield Limit(on, f"You meant to look at your agreement again on {day(on)}.")


@transaction.atomic
def move_beginning(*, mentorship: Mentorship, on: dt.date) -> None:
    """Change the start date, also of supports that started on the same day.

    Raises :class:`EndsBeforeStart` if something in it is dated before the new start.
    """
    refusal = room_in(mentorship, What.OPENED, today=on).refusal(on)
    if refusal:
        raise EndsBeforeStart(refusal)
    before, mentorship.started_on = mentorship.started_on, on
    mentorship.save(update_fields=["started_on"])
    mentorship.events.filter(what=What.OPENED).update(on=on)
    mentorship.supports.filter(since=before).update(since=on)
    mentorship.supports.filter(since__lt=on).update(since=on)
    scheduling.remind_to_keep_in_touch(mentorship)


@transaction.atomic
def move_ending(*, mentorship: Mentorship, on: dt.date) -> None:
    """Change the end date, also of supports that lasted until the old one."""
    before, mentorship.ended_on = mentorship.ended_on, on
    mentorship.save(update_fields=["ended_on"])
    mentorship.events.filter(what=What.ENDED).update(on=on)
    for support in mentorship.supports.filter(until=before):
        support.until = max(on, support.since)
        support.save(update_fields=["until"])


@transaction.atomic
def correct_event(*, event: MentorshipEvent, on: dt.date, note: str) -> None:
    """Change an event's local date and note, and the mentorship's fields derived from it.

    The caller must have checked the date with :func:`room_in`.
    """
    moved = on != event.on
    event.on, event.note = on, note
    event.save(update_fields=["on", "note"])
    if not moved:
        return
    mentorship = event.mentorship
    if event.what == What.OPENED:
        move_beginning(mentorship=mentorship, on=on)
    elif event.what == What.ENDED:
        move_ending(mentorship=mentorship, on=on)
    elif event.what == What.BECAME_FRIENDS:
        mentorship.friends_since = on
        mentorship.save(update_fields=["friends_since"])
