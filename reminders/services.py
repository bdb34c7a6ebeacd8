"""Schedules, snoozes and cancels reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.compiled_queries import compiled
from accounts.models import User
from reminders import kinds
from reminders.models import Digest, Reminder, Telling
from reminders.planner import DueMoment, when

State = Reminder.State
# Open reminders: planned, in an unsent mail, or mailed and not settled.
ALIVE = (State.PLANNED, State.GATHERED, State.MAILED)
WISH = ("wished_on", "wished_at", "put_off_to")
MOMENT = ("wall_date", "wall_time", "zone", "due_at")
Pairs = list[tuple[Reminder, kinds.Item]]
# Mailed reminders that are still valid stay on the Today page this long.
SHOWN_FOR = dt.timedelta(days=60)
MOST_VERSIONS = 30_000  # link versions: fits the column, and restarts at 1 long after the first links have expired


def plan(
    *,
    owner: User,
    kind: str,
    subject_id: int,
    on: dt.date,
    at: dt.time | None = None,
    occurrence: str = "1",
) -> Reminder:
    """Remind ``owner`` of this subject on the local date ``on``; a second call with another date moves the reminder.

    ``at`` is a local wall time, used only for same-day kinds. A call with the same date changes nothing if the reminder
    is planned, snoozed, mailed or dismissed. If it was settled after being mailed and is open again, the Today page
    shows it without a second mail. Raises ``LookupError`` for an unknown kind.
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
            reminder.snoozes += 1  # so that a same-day reminder mailed before gets a new mail
        plan_again(reminder, owner)
    return reminder


def plan_ahead(*, owner: User, kind: str, subject_id: int, on: dt.date | None) -> None:
    """Remind on the local date ``on`` unless that is past; removes a reminder for another date.

    So a late entry, or a kind that was turned on again, causes no mail about the past.
    """
    if on is not None and on >= owner.today():
        plan(owner=owner, kind=kind, subject_id=subject_id, on=on)
    else:
        keep_told(owner=owner, kind=kind, subject_id=subject_id, on=on)


def keep_told(*, owner: User, kind: str, subject_id: int, on: dt.date | None) -> None:
    """Cancel reminders, except one already mailed for the past local date ``on`` (None: cancel all).

    A reminder that was mailed for that date keeps its state or snooze, even if it was settled and is open again.
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
    """Whether it was mailed on or after the requested date. False for same-day kinds, which are always mailed again."""
    kind = kinds.find(reminder.kind)
    if kind is None or kind.same_day:
        return False
    return Telling.objects.filter(reminder=reminder, digest__local_date__gte=reminder.asked_for).exists()


def _stands_on_today(reminder: Reminder) -> None:
    reminder.state, reminder.due_at, reminder.missed_at = State.MAILED, timezone.now(), None
    reminder.save(update_fields=["state", "due_at", "missed_at", *WISH])


def cancel(*, owner: User, kind: str, subject_id: int) -> None:
    """Cancel every open reminder of this subject: planned, in an unsent mail, or on the Today page."""
    rows = Reminder.objects.for_user(owner).filter(kind=kind, subject_id=subject_id, state__in=ALIVE)
    rows.update(state=State.CANCELLED, digest=None)


def let_go(*, owner: User, kind: str, subject_id: int) -> None:
    """Dismiss reminders of this subject at the user's request, until one for another date is planned."""
    rows = Reminder.objects.for_user(owner).filter(kind=kind, subject_id=subject_id, state__in=ALIVE)
    rows.update(state=State.LET_GO, digest=None)


def snooze(reminder: Reminder, *, on: dt.date) -> Reminder:
    """Snooze a reminder until the local date ``on``, even after it was mailed; it is then mailed again.

    Does nothing if it is already snoozed until that date, or no longer open.
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
    """Undo a snooze: restore ``state`` and the local date ``on``, from when it had been snoozed ``snoozes`` times.

    False if it was changed since.
    """
    with transaction.atomic():
        reminder = Reminder.objects.select_for_update().select_related("owner").get(pk=reminder.pk)
        if reminder.state != State.PLANNED or reminder.snoozes != snoozes + 1:
            return False
        reminder.put_off_to = None if on == reminder.wished_on else on
        reminder.snoozes = snoozes
        plan_again(reminder, reminder.owner)
        if state == State.MAILED:
            # It was already mailed: show it on the Today page again, without a second mail.
            Reminder.objects.filter(pk=reminder.pk).update(state=State.MAILED, due_at=timezone.now())
    return True


def plan_again(reminder: Reminder, user: User) -> None:
    """Plan it again: recompute when it is due from the requested date and time."""
    reminder.missed_at = None
    _settle(reminder, user)
    _save_planned(reminder)


def next_morning(reminder: Reminder, user: User) -> None:
    """Move a reminder to the next working morning, because that day's mail was already sent (or could not be)."""
    tomorrow = user.today() + dt.timedelta(days=1)
    _set(reminder, _morning(reminder, user, not_before=tomorrow, may_wait=_may_wait(reminder)))
    _save_planned(reminder)


def move_missed(reminder: Reminder, user: User) -> None:
    """Move a reminder that came due while the workers were down to the next working morning, marked as missed."""
    mark_missed(reminder)
    _set(reminder, _morning(reminder, user, may_wait=False))
    _save_planned(reminder)


def _morning(reminder: Reminder, user: User, *, may_wait: bool, not_before: dt.date = dt.date.min) -> DueMoment:
    on, now = reminder.asked_for, timezone.now()
    return when(user, on, None, same_day=False, now=now, not_before=not_before, may_wait=may_wait)


def _may_wait(reminder: Reminder) -> bool:
    """Whether it may wait for a weekly mail. Same-day kinds never do."""
    kind = kinds.find(reminder.kind)
    return kind is None or (kind.may_wait and not kind.same_day)


def mark_missed(reminder: Reminder) -> None:
    """Store when it was first due, without saving."""
    reminder.missed_at = reminder.missed_at or reminder.due_at


def revoke_links(user: User) -> None:
    """Make the links in the mails sent so far invalid: of each reminder, and for turning off."""
    Reminder.objects.for_user(user).update(link_version=F("link_version") % MOST_VERSIONS + 1)
    User.objects.filter(pk=user.pk).update(off_link_version=F("off_link_version") % MOST_VERSIONS + 1)
    user.refresh_from_db(fields=["off_link_version"])  # so that saving the whole row doesn't bring the old one back


def forget_the_past(user: User, switches: Collection[str]) -> None:
    """After kinds were turned on again, let reminders that came due meanwhile expire without a mail."""
    names = [name for switch in switches for name in kinds.of_switch(switch)]
    planned = Reminder.objects.for_user(user).planned().filter(kind__in=names)
    planned.filter(Q(due_at__lte=timezone.now()) | Q(missed_at__isnull=False)).update(state=State.EXPIRED)


def take_back_gathered(user: User) -> None:
    """Plan again, as it was, what stands in a mail that is not written yet. Its mail was cancelled."""
    Reminder.objects.for_user(user).filter(state=State.GATHERED).update(state=State.PLANNED, digest=None)
    Digest.objects.for_user(user).filter(frozen_at__isnull=True).delete()


def show_what_came_due(user: User) -> None:
    """Show on the Today page, without a mail, what came due while nothing could be told."""
    now = timezone.now()
    due = Reminder.objects.for_user(user).planned().filter(due_at__lte=now)
    due.update(state=State.MAILED, due_at=now, missed_at=None)


def replan(user: User) -> None:
    """Recompute future reminders after the user's zone, hour, working days or time away changed; keeps wall times.

    Reminders that are already due are left to the sweep.
    """
    now = timezone.now()
    ahead = Reminder.objects.for_user(user).planned().filter(due_at__gt=now)
    moved = []
    for reminder in ahead.iterator(chunk_size=500):
        _settle(reminder, user)
        moved.append(reminder)
    Reminder.objects.bulk_update(moved, MOMENT, batch_size=200)


def pending(user: User, until: dt.datetime) -> Pairs:
    """Valid reminders that are due by this instant (UTC) or shown at once, most important first.

    One query, plus one for each app.
    """
    return still_true(user, _due(user.pk, timezone.now() - SHOWN_FOR, until, kinds.shown_at_once()))


@compiled
def _due(owner: int, after: dt.datetime, until: dt.datetime, at_once: list[str]) -> QuerySet[Reminder]:
    rows = Reminder.objects.filter(owner=owner, state__in=ALIVE, due_at__gt=after)
    return rows.filter(Q(due_at__lte=until) | Q(kind__in=at_once, put_off_to__isnull=True))


def still_true(user: User, reminders: Sequence[Reminder], *, ahead: bool = False) -> Pairs:
    """The valid reminders with their texts, most important first; one call for each loader.

    With ``ahead``, planned reminders count as if their day had come.
    """
    return still_true_of_each([(user, reminders)], ahead=ahead)[0]


def still_true_of_each(gathered: Sequence[tuple[User, Sequence[Reminder]]], *, ahead: bool = False) -> list[Pairs]:
    """The same for several users, in their order: one call for each loader and each local date."""
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
    """Compute when it is due; a snoozed reminder is due in the morning, even of a same-day kind."""
    if comes_at_its_own_hour(reminder):
        on, at = reminder.wished_on, reminder.wished_at
        _set(reminder, when(user, on, at, same_day=True, now=timezone.now()))
    else:
        _set(reminder, _morning(reminder, user, may_wait=_may_wait(reminder)))


def comes_at_its_own_hour(reminder: Reminder) -> bool:
    """Whether it is mailed separately at its own time: a same-day kind that was not snoozed or missed."""
    kind = kinds.find(reminder.kind)
    return kind is not None and kind.same_day and reminder.put_off_to is None and reminder.missed_at is None


def _set(reminder: Reminder, moment: DueMoment) -> None:
    reminder.wall_date, reminder.wall_time = moment.date, moment.time
    reminder.zone, reminder.due_at = moment.zone, moment.due_at


def _save_planned(reminder: Reminder) -> None:
    reminder.state, reminder.digest = State.PLANNED, None
    reminder.save(update_fields=["state", "digest", "snoozes", "missed_at", *WISH, *MOMENT])
