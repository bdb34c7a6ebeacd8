"""Planning, putting off and stopping reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import prepared
from accounts.models import User
from reminders import kinds
from reminders.models import Reminder, Telling
from reminders.planner import DueMoment, when

State = Reminder.State
# Still on the user's mind: waiting, on its way, or told and not yet settled.
ALIVE = (State.PLANNED, State.GATHERED, State.MAILED)
WISH = ("wished_on", "wished_at", "put_off_to")
MOMENT = ("wall_date", "wall_time", "zone", "due_at")
Pairs = list[tuple[Reminder, kinds.Item]]
# What was mailed and is still true stays on the Today page this long.
SHOWN_FOR = dt.timedelta(days=60)
MOST_VERSIONS = 30_000  # of a link: what a small column holds, begun again long after the first ones have expired


def plan(
    *,
    owner: User,
    kind: str,
    subject_id: int,
    on: dt.date,
    at: dt.time | None = None,
    occurrence: str = "1",
) -> Reminder:
    """Remind ``owner`` of this subject on the local date ``on``; planning the same thing anew moves it.

    ``at`` is a local wall time and counts for same-day kinds only. Asking again for what is already planned, put off,
    mailed or let go for that wish changes nothing. What was settled after its mail and is open again stands on Today
    as before, without a second mail. Raises ``LookupError`` for an unknown kind.
    """
    wish = on, (at if kinds.get(kind).same_day else None)
    key = {"owner": owner, "kind": kind, "subject_id": subject_id, "occurrence": occurrence}
    with transaction.atomic():
        fresh = Reminder(**key, wished_on=wish[0], wished_at=wish[1])
        _settle(fresh, owner)
        values = {name: getattr(fresh, name) for name in (*WISH, *MOMENT)}
        reminder, created = Reminder.objects.select_for_update().get_or_create(**key, defaults=values)
        as_wished = (reminder.wished_on, reminder.wished_at) == wish
        if created or (as_wished and reminder.state in (*ALIVE, State.LET_GO)):
            return reminder
        if not as_wished:
            reminder.wished_on, reminder.wished_at = wish
            reminder.put_off_to = None
        if _was_told(reminder):
            _stands_on_today(reminder)
            return reminder
        if reminder.state != State.PLANNED:
            reminder.snoozes += 1  # it may have been mailed before: the next mail is a new one
        plan_again(reminder, owner)
    return reminder


def plan_ahead(*, owner: User, kind: str, subject_id: int, on: dt.date | None) -> None:
    """Remind on the local date ``on`` if that day is not over yet; a reminder of another day goes.

    Nobody is mailed about the past, because something was entered late or switched on again.
    """
    if on is not None and on >= owner.today():
        plan(owner=owner, kind=kind, subject_id=subject_id, on=on)
    else:
        keep_told(owner=owner, kind=kind, subject_id=subject_id, on=on)


def keep_told(*, owner: User, kind: str, subject_id: int, on: dt.date | None) -> None:
    """It was wished for the local date ``on``, which is past (None: not at all): no reminder of another day.

    What was told about that very day stays where it is, or where the user put it off to; also if it was settled
    meanwhile and is open again.
    """
    with transaction.atomic():
        rows = Reminder.objects.select_for_update().filter(owner=owner, kind=kind, subject_id=subject_id)
        reminder = rows.filter(occurrence="1").first() if on is not None else None
        if on is not None and reminder is not None:
            as_wished = reminder.wished_on == on
            if as_wished and reminder.state in (*ALIVE, State.LET_GO):
                return
            if as_wished and reminder.put_off_to and reminder.put_off_to >= owner.today():
                plan(owner=owner, kind=kind, subject_id=subject_id, on=on)
                return
            if not as_wished:
                reminder.wished_on, reminder.put_off_to = on, None
            if _was_told(reminder):
                _stands_on_today(reminder)
                return
        cancel(owner=owner, kind=kind, subject_id=subject_id)


def _was_told(reminder: Reminder) -> bool:
    """Whether a mail has said this since the day it is asked for. What has an hour of its own is always told anew."""
    kind = kinds.find(reminder.kind)
    if kind is None or kind.same_day:
        return False
    return Telling.objects.filter(reminder=reminder, digest__local_date__gte=reminder.asked_for).exists()


def _stands_on_today(reminder: Reminder) -> None:
    reminder.state, reminder.due_at, reminder.missed_at = State.MAILED, timezone.now(), None
    reminder.save(update_fields=["state", "due_at", "missed_at", *WISH])


def cancel(*, owner: User, kind: str, subject_id: int) -> None:
    """Stop every reminder of this subject: what is planned, on its way to the mail, or shown on Today."""
    rows = Reminder.objects.for_user(owner).filter(kind=kind, subject_id=subject_id, state__in=ALIVE)
    rows.update(state=State.CANCELLED, digest=None)


def let_go(*, owner: User, kind: str, subject_id: int) -> None:
    """The user wants to hear no more of this, until something else is wished for it."""
    rows = Reminder.objects.for_user(owner).filter(kind=kind, subject_id=subject_id, state__in=ALIVE)
    rows.update(state=State.LET_GO, digest=None)


def snooze(reminder: Reminder, *, on: dt.date) -> Reminder:
    """Put a reminder off to the local date ``on``, also after it was mailed: the next mail is a new one.

    Twice to the same date is once. What was stopped or has expired stays so.
    """
    with transaction.atomic():
        reminder = Reminder.objects.select_for_update().select_related("owner").get(pk=reminder.pk)
        again = reminder.state == State.PLANNED and reminder.asked_for == on
        if again or reminder.state not in ALIVE:
            return reminder
        reminder.put_off_to = on
        reminder.snoozes += 1
        plan_again(reminder, reminder.owner)
    return reminder


def unsnooze(reminder: Reminder, *, snoozes: int, state: str, on: dt.date) -> bool:
    """Take a snooze back: as it was when it had been put off ``snoozes`` times, and stood at the local date ``on``.

    False if it has moved on since.
    """
    with transaction.atomic():
        reminder = Reminder.objects.select_for_update().select_related("owner").get(pk=reminder.pk)
        if reminder.state != State.PLANNED or reminder.snoozes != snoozes + 1:
            return False
        reminder.put_off_to = None if on == reminder.wished_on else on
        reminder.snoozes = snoozes
        plan_again(reminder, reminder.owner)
        if state == State.MAILED:
            # Told already: back to where it was shown, and no second mail.
            Reminder.objects.filter(pk=reminder.pk).update(state=State.MAILED, due_at=timezone.now())
    return True


def plan_again(reminder: Reminder, user: User) -> None:
    """Back to planned, at the moment its wish means now."""
    reminder.missed_at = None
    _settle(reminder, user)
    _save_planned(reminder)


def next_morning(reminder: Reminder, user: User) -> None:
    """Move a reminder whose morning's mail has gone (or could not go) to the next working morning."""
    tomorrow = user.today() + dt.timedelta(days=1)
    _set(reminder, _morning(reminder, user, not_before=tomorrow, may_wait=_may_wait(reminder)))
    _save_planned(reminder)


def move_missed(reminder: Reminder, user: User) -> None:
    """It came due while nothing was running, and its hour is long over: to the next working morning, as missed."""
    mark_missed(reminder)
    _set(reminder, _morning(reminder, user, may_wait=False))
    _save_planned(reminder)


def _morning(reminder: Reminder, user: User, *, may_wait: bool, not_before: dt.date = dt.date.min) -> DueMoment:
    on, now = reminder.asked_for, timezone.now()
    return when(user, on, None, same_day=False, now=now, not_before=not_before, may_wait=may_wait)


def _may_wait(reminder: Reminder) -> bool:
    """Whether it waits for the week's mail, where there is one. What has an hour of its own never does."""
    kind = kinds.find(reminder.kind)
    return kind is None or (kind.may_wait and not kind.same_day)


def mark_missed(reminder: Reminder) -> None:
    """Keep the first moment at which it should have been told (not saved)."""
    reminder.missed_at = reminder.missed_at or reminder.due_at


def revoke_links(user: User) -> None:
    """The addresses in the mails sent so far are worth nothing any more."""
    Reminder.objects.for_user(user).update(link_version=F("link_version") % MOST_VERSIONS + 1)


def forget_the_past(user: User, switches: Collection[str]) -> None:
    """Switched on again: what came due while it was off is not mailed afterwards."""
    names = [name for switch in switches for name in kinds.of_switch(switch)]
    planned = Reminder.objects.for_user(user).planned().filter(kind__in=names)
    planned.filter(Q(due_at__lte=timezone.now()) | Q(missed_at__isnull=False)).update(state=State.EXPIRED)


def replan(user: User) -> None:
    """The user's zone, hour, working days or time away changed: everything still ahead keeps its wall time.

    What is due already is left to the sweep.
    """
    now = timezone.now()
    ahead = Reminder.objects.for_user(user).planned().filter(due_at__gt=now)
    moved = []
    for reminder in ahead.iterator(chunk_size=500):
        _settle(reminder, user)
        moved.append(reminder)
    Reminder.objects.bulk_update(moved, MOMENT, batch_size=200)


def pending(user: User, until: dt.datetime) -> Pairs:
    """What is due by this instant (UTC) or shown at once, and still true, most important first.

    One query, and one for each floor.
    """
    return still_true(user, _due(user.pk, timezone.now() - SHOWN_FOR, until, kinds.shown_at_once()))


@prepared
def _due(owner: int, after: dt.datetime, until: dt.datetime, at_once: list[str]) -> QuerySet[Reminder]:
    rows = Reminder.objects.filter(owner=owner, state__in=ALIVE, due_at__gt=after)
    return rows.filter(Q(due_at__lte=until) | Q(kind__in=at_once, put_off_to__isnull=True))


def still_true(user: User, reminders: Sequence[Reminder], *, ahead: bool = False) -> Pairs:
    """Those reminders whose subject still stands, with what to say, in order of weight; one call for each loader.

    ``ahead`` asks of what is only planned: whether there will be something to say when its day has come.
    """
    return still_true_of_each([(user, reminders)], ahead=ahead)[0]


def still_true_of_each(gathered: Sequence[tuple[User, Sequence[Reminder]]], *, ahead: bool = False) -> list[Pairs]:
    """The same for several users, in their order: one call for each loader and each date that it is where they are."""
    told: kinds.Told = {}
    for users, reminders in _by_today(gathered):
        wanted: dict[kinds.Load, dict[str, set[int]]] = {}
        for reminder in reminders:
            if kind := kinds.find(reminder.kind):
                load = kind.ahead if ahead and kind.ahead else kind.load
                wanted.setdefault(load, {}).setdefault(kind.name, set()).add(reminder.subject_id)
        for load, subjects in wanted.items():
            for name, items in load(users, subjects).items():
                told.setdefault(name, {}).update(items)
    return [_told(reminders, told) for _, reminders in gathered]


def _by_today(gathered: Sequence[tuple[User, Sequence[Reminder]]]) -> list[tuple[dict[int, User], list[Reminder]]]:
    groups: dict[dt.date, tuple[dict[int, User], list[Reminder]]] = {}
    for user, reminders in gathered:
        users, together = groups.setdefault(user.today(), ({}, []))
        users[user.pk] = user
        together += reminders
    return list(groups.values())


def _told(reminders: Sequence[Reminder], told: kinds.Told) -> Pairs:
    pairs = [
        (reminder, item)
        for reminder in reminders
        if (item := told.get(reminder.kind, {}).get((reminder.owner_id, reminder.subject_id)))
    ]
    return sorted(pairs, key=lambda pair: (kinds.get(pair[0].kind).order, pair[0].due_at, pair[0].pk))


def _settle(reminder: Reminder, user: User) -> None:
    """Work out the moment from the wish; what was put off comes in the morning, whatever its own hour was."""
    if comes_at_its_own_hour(reminder):
        on, at = reminder.wished_on, reminder.wished_at
        _set(reminder, when(user, on, at, same_day=True, now=timezone.now()))
    else:
        _set(reminder, _morning(reminder, user, may_wait=_may_wait(reminder)))


def comes_at_its_own_hour(reminder: Reminder) -> bool:
    """Whether it has a mail of its own, at its hour: not once it was put off, or missed."""
    kind = kinds.find(reminder.kind)
    return kind is not None and kind.same_day and reminder.put_off_to is None and reminder.missed_at is None


def _set(reminder: Reminder, moment: DueMoment) -> None:
    reminder.wall_date, reminder.wall_time = moment.date, moment.time
    reminder.zone, reminder.due_at = moment.zone, moment.due_at


def _save_planned(reminder: Reminder) -> None:
    reminder.state, reminder.digest = State.PLANNED, None
    reminder.save(update_fields=["state", "digest", "snoozes", "missed_at", *WISH, *MOMENT])
