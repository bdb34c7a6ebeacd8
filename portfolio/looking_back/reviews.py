"""Reviews: save one with its notes, and show how the scales changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.private_notes import first_alike
from portfolio.looking_back.rhythm import reflected
from portfolio.looking_back.scales import OF_ONESELF, SATISFACTION, SCALES, TITLES, WORDS
from portfolio.looking_back.trends import Trend, trend
from portfolio.models import Mentorship, Review, ReviewNote

ONE_PRESS = dt.timedelta(minutes=1)
Change = ReviewNote.Change

Said = Mapping[str, tuple[str, str]]  # aspect → (easier, the same or harder; a sentence)


@transaction.atomic
def keep_review(*, review: Review, notes: Said) -> Review:
    """Save it with exactly these notes, except empty ones. Concurrent identical requests save one review."""
    # Lock the user, so that a concurrent second request finds what the first one created.
    owner = User.objects.select_for_update().get(pk=review.owner_id)
    row = review if review.pk else _pressed_before(review) or review
    if row is review:
        row.save()
        reflected(owner, row.on)
    told = {aspect: said for aspect, said in notes.items() if any(said)}
    row.notes.exclude(aspect__in=told).delete()
    for aspect, (change, words) in told.items():
        values = {"owner_id": row.owner_id, "change": change, "words": words}
        ReviewNote.objects.update_or_create(review=row, aspect=aspect, defaults=values)
    return row


def _pressed_before(new: Review) -> Review | None:
    same = {name: getattr(new, name) for name in ("owner_id", "mentorship_id", "on", "words", *SCALES)}
    lately = Review.objects.filter(created_at__gte=timezone.now() - ONE_PRESS)
    return cast("Review | None", first_alike(lately, **same))


def last_time(mentorship: Mentorship, *, before: dt.date, unless: int | None = None) -> Review | None:
    """The last review of this mentorship before one of that local date; None if there is none.

    ``unless`` is the id of the later review itself. Reviews of the same date are ordered by when they were written.
    """
    earlier = Q(on__lt=before) | (Q(on=before, pk__lt=unless) if unless else Q(on=before))
    rows = mentorship.reviews.filter(earlier)
    return (rows.exclude(pk=unless) if unless else rows).first()


# --- Queries --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """One scale over time, with its title."""

    scale: str
    title: str
    trend: Trend


@dataclass(frozen=True)
class Course:
    """How the scales changed over ``count`` reviews; ``latest`` is the local date of the last one."""

    moved: tuple[Moved, ...] = ()
    count: int = 0
    pk: int | None = None
    latest: dt.date | None = None
    name: str = ""


def course_of(user: User, mentorship: Mentorship | None = None) -> Course:
    """The scales over time, in one query: all five for one mentorship, else the four about the user.

    Never shows satisfaction with two mentorships together.
    """
    mine = Review.objects.for_user(user)
    scales: Sequence[str] = OF_ONESELF
    if mentorship:
        mine, scales = mine.filter(mentorship=mentorship), SCALES
    rows = list(mine.order_by("on", "pk").values("pk", "on", "mentorship__person__name", *scales))
    if not rows:
        return Course()
    last = rows[-1]
    # A review without any of these scales is not counted as a gap.
    telling = [row for row in rows if any(row[scale] for scale in scales)]
    name = last["mentorship__person__name"] or ""
    return Course(moved(telling, scales), len(rows), last["pk"], last["on"], name)


def moved(rows: Sequence[Mapping[str, object]], scales: Iterable[str]) -> tuple[Moved, ...]:
    """A trend for each scale, on one time axis; without scales that were never answered."""
    days: list[dt.date] = [row["on"] for row in rows]  # type: ignore[misc]
    drawn = [
        (scale, trend([(row["on"], row[scale]) for row in rows], WORDS[scale], span=days))  # type: ignore[misc]
        for scale in scales
    ]
    return tuple(Moved(scale, TITLES[scale], line) for scale, line in drawn if line)


def scales_in_words(review: Review) -> list[tuple[str, str]]:
    """(title, text) of each scale that was answered."""
    answered = [(scale, getattr(review, scale)) for scale in SCALES]
    return [(TITLES[scale], WORDS[scale][step]) for scale, step in answered if step]


@dataclass(frozen=True)
class LastLook:
    """The last review of one mentorship: what got easier and harder since the one before, and the satisfaction."""

    pk: int
    on: dt.date
    easier: tuple[str, ...]
    harder: tuple[str, ...]
    satisfaction: Trend | None


def last_look(mentorship: Mentorship) -> LastLook | None:
    """One query, for the mentorship's page; None before the first review."""
    rows = list(
        Review.objects.filter(mentorship=mentorship)
        .order_by("-on", "-pk", "notes__pk")
        .values_list("pk", "on", SATISFACTION, "notes__aspect", "notes__change")
    )
    if not rows:
        return None
    latest, on = rows[0][:2]
    by_review = {pk: (day, step) for pk, day, step, _, _ in reversed(rows)}

    def aspects(change: str) -> tuple[str, ...]:
        return tuple(ReviewNote.Aspect(a).label for pk, _, _, a, c in rows if pk == latest and c == change)

    return LastLook(
        latest, on, aspects(Change.EASIER), aspects(Change.HARDER), trend(by_review.values(), WORDS[SATISFACTION])
    )
