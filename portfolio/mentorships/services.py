"""Changes to mentorships that touch more than one row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from portfolio.errors import AlreadyMentor, EndsBeforeStart, NotYours
from portfolio.mentorships import scheduling
from portfolio.models import FormalTerms, Mentorship, MentorshipEvent, Need, Person, Support

What = MentorshipEvent.What
Status = Mentorship.Status


@transaction.atomic
def open_mentorship(
    *,
    person: Person,
    origin: str,
    on: dt.date,
    form: str = Mentorship.Form.INFORMAL,
    needs: Iterable[Need] = (),
    competency: str | None = None,
    note: str = "",
    rhythm_weeks: int | None = None,
) -> Mentorship:
    """Open a mentorship ``on`` a local date, with a support for each need; a formal one gets empty terms.

    ``competency`` adds support without a need. Raises :class:`AlreadyMentor` if one is running with this person (even
    if two requests race) and :class:`NotYours` for a need of another user.
    """
    needs = list(dict.fromkeys(needs))
    if any(need.owner_id != person.owner_id for need in needs):
        raise NotYours("One of these needs is not yours, so nothing was saved.")
    try:
        with transaction.atomic():
            mentorship = Mentorship.objects.create(
                owner_id=person.owner_id,
                person=person,
                origin=origin,
                form=form,
                started_on=on,
                rhythm_weeks=rhythm_weeks,
            )
    except IntegrityError as error:
        if not Mentorship.objects.filter(person=person).running().exists():
            raise
        raise AlreadyMentor(f"{person.name} is your mentor already. Nothing was changed.") from error
    if form == Mentorship.Form.FORMAL:
        FormalTerms.objects.create(owner_id=person.owner_id, mentorship=mentorship)
    _note(mentorship, What.OPENED, on, note)
    for need in needs:
        add_support(mentorship=mentorship, competency=need.competency, need=need, since=on)
    if competency:
        add_support(mentorship=mentorship, competency=competency, since=on)
    scheduling.remind_to_keep_in_touch(mentorship)
    return mentorship


def add_support(
    *,
    mentorship: Mentorship,
    competency: str,
    since: dt.date,
    need: Need | None = None,
    strength: int = Support.Strength.GOOD,
) -> Support:
    """Add a support from a local date on. If the need is already supported, only the strength changes."""
    if need is None:
        return Support.objects.create(
            owner_id=mentorship.owner_id,
            mentorship=mentorship,
            competency=competency,
            strength=strength,
            since=since,
        )
    support, _ = Support.objects.update_or_create(
        owner_id=mentorship.owner_id,
        mentorship=mentorship,
        need=need,
        until=None,
        defaults={"strength": strength},
        create_defaults={"competency": competency, "strength": strength, "since": since},
    )
    return support


def end_support(*, support: Support, on: dt.date) -> None:
    """End a support on a local date."""
    support.until = max(on, support.since)
    support.save(update_fields=["until"])


def take_up_support(*, support: Support) -> None:
    """Undo :func:`end_support`, unless the need is supported again."""
    again = Support.objects.filter(mentorship=support.mentorship_id, need=support.need_id, until__isnull=True)
    if support.need_id is None or not again.exists():
        support.until = None
        support.save(update_fields=["until"])


def _note(mentorship: Mentorship, what: str, on: dt.date, note: str = "") -> None:
    MentorshipEvent.objects.create(
        owner_id=mentorship.owner_id, mentorship=mentorship, what=what, on=on, note=note.replace("\0", "")[:300]
    )


def _move(mentorship: Mentorship, expected: str, **to: object) -> bool:
    """Change the status if it is still the expected one, so a repeated request does nothing; reschedule reminders."""
    moved = Mentorship.objects.filter(pk=mentorship.pk, status=expected).update(**to)
    if moved:
        for name, value in to.items():
            setattr(mentorship, name, value)
        scheduling.remind_of_mentorship(mentorship)
    return bool(moved)


@transaction.atomic
def pause_mentorship(*, mentorship: Mentorship, on: dt.date) -> bool:
    """Pause it from a local date. False if it is not active."""
    moved = _move(mentorship, Status.ACTIVE, status=Status.PAUSED)
    if moved:
        _note(mentorship, What.PAUSED, on)
    return moved


@transaction.atomic
def resume_mentorship(*, mentorship: Mentorship, on: dt.date) -> bool:
    """Resume it. A pause that ends on the day it started is deleted. False if it is not paused."""
    moved = _move(mentorship, Status.PAUSED, status=Status.ACTIVE)
    if moved:
        pause = mentorship.events.filter(what=What.PAUSED).order_by("pk").last()
        if pause and pause.on == on:
            pause.delete()
        else:
            _note(mentorship, What.RESUMED, on)
    return moved


@transaction.atomic
def end_mentorship(*, mentorship: Mentorship, ended_as: str, on: dt.date) -> bool:
    """End it on a local date with all its supports. False if it has already ended.

    Raises :class:`EndsBeforeStart` if ``on`` is before its start.
    """
    if on < mentorship.started_on:
        raise EndsBeforeStart(f"It began on {mentorship.started_on:%-d %B %Y}: choose that day or a later one.")
    before = mentorship.status
    if before == Status.ENDED or not _move(mentorship, before, status=Status.ENDED, ended_as=ended_as, ended_on=on):
        return False
    for support in mentorship.supports.filter(until__isnull=True):
        end_support(support=support, on=on)
    _note(mentorship, What.ENDED, on)
    return True


@transaction.atomic
def reopen_mentorship(*, mentorship: Mentorship) -> bool:
    """Undo an ending, and reopen the supports that ended that day. False if it has not ended.

    Raises :class:`AlreadyMentor` if a newer mentorship with the same person is running.
    """
    ended_on = mentorship.ended_on
    last = mentorship.events.filter(what__in=[What.PAUSED, What.RESUMED]).order_by("pk").last()
    status = Status.PAUSED if last and last.what == What.PAUSED else Status.ACTIVE
    try:
        with transaction.atomic():
            if not _move(mentorship, Status.ENDED, status=status, ended_as="", ended_on=None):
                return False
    except IntegrityError as error:
        raise AlreadyMentor(f"A newer mentorship with {mentorship.person.name} is running.") from error
    mentorship.events.filter(what=What.ENDED).delete()
    if ended_on is not None:
        _support_again(mentorship, ended_on)
    return True


def _support_again(mentorship: Mentorship, ended_on: dt.date) -> None:
    running: set[int | None] = set(mentorship.supports.filter(until__isnull=True).values_list("need_id", flat=True))
    for support in mentorship.supports.filter(until__gte=ended_on):
        if support.need_id is None or support.need_id not in running:
            support.until = None
            support.save(update_fields=["until"])
            running.add(support.need_id)


@transaction.atomic
def became_friends(*, mentorship: Mentorship, on: dt.date) -> bool:
    """Record that the mentorship became a friendship. False if it is already recorded."""
    noted = Mentorship.objects.filter(pk=mentorship.pk, friends_since__isnull=True).update(friends_since=on)
    if noted:
        mentorship.friends_since = on
        _note(mentorship, What.BECAME_FRIENDS, on)
    return bool(noted)


@transaction.atomic
def not_friends_yet(*, mentorship: Mentorship) -> None:
    """Undo :func:`became_friends`."""
    mentorship.friends_since = None
    mentorship.save(update_fields=["friends_since"])
    mentorship.events.filter(what=What.BECAME_FRIENDS).delete()
