"""Planning, putting off and stopping reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.prepared import prepared
from reminders import kinds
from reminders.models import Reminder
from reminders.planner import Moment, when

State = Reminder.State
# Still on the user's mind: waiting, on its way, or told and not yet settled.
ALIVE = (State.PLANNED, State.GATHERED, State.MAILED)
WISH = ("wished_on", "wished_at")
MOMENT = ("wall_date", "wall_time", "zone", "due_at")
Pairs = list[tuple[Reminder, kinds.Item]]
# What was mailed and is still true stays on the Today page this long.
SHOWN_FOR = dt.timedelta(days=60)


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

    ``at`` is a local wall time and counts for same-day kinds only. Asking again for what is already planned or
    mailed for that wish changes nothing. Raises ``LookupError`` for an unknown kind.
    """
    wish = on, (at if kinds.get(kind).same_day else None)
    key = {"owner": owner, "kind": kind, "subject_id": subject_id, "occurrence": occurrence}
    with transaction.atomic():
        fresh = Reminder(**key, wished_on=wish[0], wished_at=wish[1])
        _settle(fresh, owner)
        values = {name: getattr(fresh, name) for name in (*WISH, *MOMENT)}
        reminder, created = Reminder.objects.select_for_update().get_or_create(**key, defaults=values)
        as_wished = (reminder.wished_on, reminder.wished_at) == wish
        if created or (as_wished and reminder.state in ALIVE):
            return reminder
        if reminder.state != State.PLANNED:
            reminder.snoozes += 1  # it may have been mailed before: the next mail is a new one
        for name, value in values.items():
            setattr(reminder, name, value)
        reminder.missed_at = None
        _save_planned(reminder)
    return reminder


def plan_ahead(*, owner: User, kind: str, subject_id: int, on: dt.date | None) -> None:
    """Remind on the local date ``on`` if that day is not over yet; a reminder of another day goes.

    Nobody is mailed about the past, because something was entered late or switched on again. What was told about this
    very day stays where it is.
    """
    if on is not None and on >= owner.today():
        plan(owner=owner, kind=kind, subject_id=subject_id, on=on)
    else:
        cancel(owner=owner, kind=kind, subject_id=subject_id, keep=on)


def cancel(*, owner: User, kind: str, subject_id: int, keep: dt.date | None = None) -> None:
    """Stop every reminder of this subject: what is planned, on its way to the mail, or shown on Today.

    One that was wished for the local date ``keep`` stays.
    """
    rows = Reminder.objects.for_user(owner).filter(kind=kind, subject_id=subject_id, state__in=ALIVE)
    if keep is not None:
        rows = rows.exclude(wished_on=keep)
    rows.update(state=State.CANCELLED, digest=None)


def snooze(reminder: Reminder, *, on: dt.date) -> Reminder:
    """Put a reminder off to the local date ``on``, also after it was mailed: the next mail is a new one.

    Twice to the same date is once. What was stopped or has expired stays so.
    """
    with transaction.atomic():
        reminder = Reminder.objects.select_for_update().select_related("owner").get(pk=reminder.pk)
        again = reminder.state == State.PLANNED and reminder.wished_on == on
        if again or reminder.state not in ALIVE:
            return reminder
        reminder.wished_on = on
        reminder.snoozes += 1
        plan_again(reminder, reminder.owner)
    return reminder


def unsnooze(reminder: Reminder, *, snoozes: int, state: str, on: dt.date) -> bool:
    """Take a snooze back: as it was when it had been put off ``snoozes`` times. False if it has moved on since."""
    with transaction.atomic():
        reminder = Reminder.objects.select_for_update().select_related("owner").get(pk=reminder.pk)
        if reminder.state != State.PLANNED or reminder.snoozes != snoozes + 1:
            return False
        reminder.wished_on, reminder.snoozes = on, snoozes
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
    kind = kinds.find(reminder.kind)
    may_wait = kind is None or kind.may_wait
    moment = when(
        user,
        reminder.wished_on,
        None,
        same_day=False,
        now=timezone.now(),
        not_before=tomorrow,
        may_wait=may_wait,
    )
    _set(reminder, moment)
    _save_planned(reminder)


def move_missed(reminder: Reminder, user: User) -> None:
    """It came due while nothing was running, and its hour is long over: to the next working morning, as missed."""
    mark_missed(reminder)
    _set(reminder, when(user, reminder.wished_on, None, same_day=False, now=timezone.now(), may_wait=False))
    _save_planned(reminder)


def mark_missed(reminder: Reminder) -> None:
    """Keep the first moment at which it should have been told (not saved)."""
    reminder.missed_at = reminder.missed_at or reminder.due_at


def let_go(reminder: Reminder) -> None:
    """The user wants to hear no more of this one."""
    alive = Reminder.objects.filter(pk=reminder.pk, state__in=ALIVE)
    alive.update(state=State.CANCELLED, digest=None)


def forget_the_past(user: User, switches: Collection[str]) -> None:
    """Switched on again: what came due while it was off is not mailed afterwards."""
    names = [name for switch in switches for name in kinds.of_switch(switch)]
    due = Reminder.objects.for_user(user).planned().filter(kind__in=names, due_at__lte=timezone.now())
    due.update(state=State.EXPIRED)


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
    """What is due by this instant (UTC) and still true, most important first: one query, and one for each floor."""
    return still_true(user, _due(user.pk, timezone.now() - SHOWN_FOR, until))


@prepared
def _due(owner: int, after: dt.datetime, until: dt.datetime) -> QuerySet[Reminder]:
    return Reminder.objects.filter(owner=owner, state__in=ALIVE, due_at__lte=until, due_at__gt=after)


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
    """Work out the moment from the wish."""
    kind = kinds.find(reminder.kind)
    moment = when(
        user,
        reminder.wished_on,
        reminder.wished_at,
        same_day=kind is not None and kind.same_day,
        now=timezone.now(),
        may_wait=kind is None or kind.may_wait,
    )
    _set(reminder, moment)


def _set(reminder: Reminder, moment: Moment) -> None:
    reminder.wall_date, reminder.wall_time = moment.date, moment.time
    reminder.zone, reminder.due_at = moment.zone, moment.due_at


def _save_planned(reminder: Reminder) -> None:
    reminder.state, reminder.digest = State.PLANNED, None
    reminder.save(update_fields=["state", "digest", "snoozes", "missed_at", *WISH, *MOMENT])
