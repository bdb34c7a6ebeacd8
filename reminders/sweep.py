"""The sweep: gathers due reminders into mails. Idempotent and safe to run concurrently."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import random
import time
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from mail.models import OutgoingMail
from mail.services import queue_all
from reminders import kinds
from reminders.models import Digest, Reminder
from reminders.planner import is_away
from reminders.services import comes_at_its_own_hour, mark_missed, move_missed, next_morning, plan_again

log = logging.getLogger(__name__)

PURPOSE = "digest"
MORNING = ""  # the slot of the morning's mail
BATCH = 500
TOGETHER = 50  # owners in one transaction
# A reminder that is later than this counts as missed: it is added to the next morning's mail, in a summary line.
SAME_DAY_LATE = dt.timedelta(hours=2)
MORNING_LATE = dt.timedelta(hours=6)
A_MOMENT = dt.timedelta(minutes=30)
State = Reminder.State


def gather(*, seconds: float = 30) -> int:
    """Put every due reminder into a mail; returns the number of owners."""
    end = time.monotonic() + seconds
    rescue()
    seen: set[int] = set()
    stuck: set[int] = set()
    while time.monotonic() < end:
        # Those of accounts about to be erased stay planned, in case their user keeps it after all.
        due = Reminder.objects.planned().filter(due_at__lte=timezone.now(), owner__erase_at__isnull=True)
        due = due.exclude(owner_id__in=stuck)
        batch = list(dict.fromkeys(due.order_by("due_at").values_list("owner_id", flat=True)[:BATCH]))
        if not batch:
            break
        # Skip owners who are still due after one pass until the next sweep, so that they don't delay others.
        stuck |= seen.intersection(batch)
        fresh = [owner_id for owner_id in batch if owner_id not in stuck]
        # Start at a random owner, so that concurrent sweeps mostly work on different owners.
        begin = random.randrange(len(fresh) or 1)  # noqa: S311 - not security-relevant
        fresh = fresh[begin:] + fresh[:begin]
        seen.update(fresh)
        for first in range(0, len(fresh), TOGETHER):
            _try_to_gather_for(fresh[first : first + TOGETHER])
    return len(seen)


def _try_to_gather_for(owner_ids: list[int]) -> None:
    """Gather for all in one transaction; if that fails, use one each, so that an error doesn't affect others."""
    try:
        gather_for(owner_ids)
    except Exception:
        if len(owner_ids) == 1:
            log.exception("the reminders of user %s could not be gathered", owner_ids[0])
            return
        for owner_id in owner_ids:
            _try_to_gather_for([owner_id])


def gather_for(owner_ids: Collection[int]) -> None:
    """Put these owners' same-day reminders into separate mails, and the others into the morning's mail.

    Skips reminders that another sweep has locked.
    """
    with transaction.atomic():
        now = timezone.now()
        here = Reminder.objects.planned().filter(owner__in=owner_ids, owner__erase_at__isnull=True)
        due = here.filter(due_at__lte=now).select_related("owner")
        skip = connection.features.has_select_for_update_skip_locked
        locked = due.select_for_update(of=("self",), skip_locked=skip).order_by("owner_id", "pk")
        mails: list[_Mail] = []
        for _, reminders in itertools.groupby(locked, key=lambda reminder: reminder.owner_id):
            mails += _sort_out(list(reminders), now)
        _into_mails(mails)


@dataclass(frozen=True)
class _Mail:
    """The reminders for one mail, which may already exist."""

    owner: User
    slot: str
    reminders: list[Reminder]

    @property
    def key(self) -> tuple[int, dt.date, str]:
        """The key of the mail. The local date is when it was due, even if that is now yesterday."""
        latest = max(reminder.due_at for reminder in self.reminders)
        return self.owner.pk, self.owner.local(latest).date(), self.slot


def _sort_out(due: list[Reminder], now: dt.datetime) -> list[_Mail]:
    """Assign one owner's due reminders to mails; the others are postponed or expire.

    Missed reminders are added to a mail that is due now, or else wait for the next working morning, so that downtime
    never causes mail at night or many mails.
    """
    owner = due[0].owner
    mails, morning, missed = [], [], []
    for reminder in due:
        kind = kinds.find(reminder.kind)
        late = now - reminder.due_at
        if not owner.is_active or (kind and not kind.wanted_by(owner)):
            _expire(reminder)
        elif kind is None:
            log.error("reminder %s is of a kind nobody registered: %s", reminder.pk, reminder.kind)
            next_morning(reminder, owner)
        elif is_away(owner, owner.today()):
            plan_again(reminder, owner)
        elif late > (SAME_DAY_LATE if comes_at_its_own_hour(reminder) else MORNING_LATE) or _is_over(reminder, late):
            missed.append(reminder)
        elif comes_at_its_own_hour(reminder):
            mails.append(_Mail(owner, f"r{reminder.pk}-{reminder.snoozes}", [reminder]))
        else:
            morning.append(reminder)
    for reminder in missed:
        if morning:
            mark_missed(reminder)
            reminder.save(update_fields=["missed_at"])
        else:
            move_missed(reminder, owner)
    return [*mails, _Mail(owner, MORNING, morning + missed)] if morning else mails


def _is_over(reminder: Reminder, late: dt.timedelta) -> bool:
    """Whether the local date of a morning's mail is over, so that an evening's mail is not sent at night.

    Allows some minutes past midnight, for a reminder hour just before it.
    """
    owner = reminder.owner
    morning = not comes_at_its_own_hour(reminder)
    return morning and late > A_MOMENT and owner.local(reminder.due_at).date() < owner.today()


def _into_mails(mails: list[_Mail]) -> None:
    """Add reminders to the digest of each local morning, or create it. A rendered digest gets no successor that day."""
    if not mails:
        return
    held = _held(mails)
    for mail, digest in held:
        if digest.frozen_at is not None:
            for reminder in mail.reminders:
                next_morning(reminder, mail.owner)
    joined = [(mail, digest) for mail, digest in held if digest.frozen_at is None]
    for (date, slot), group in _by_morning(joined).items():
        mine = Digest.objects.filter(owner=OuterRef("owner"), local_date=date, slot=slot).values("pk")
        ids = [reminder.pk for mail in group for reminder in mail.reminders]
        Reminder.objects.filter(pk__in=ids).update(state=State.GATHERED, digest=Subquery(mine))
        if slot == MORNING:
            # If earlier mornings' mails are still unsent, move their reminders into this one; the empty mails expire.
            owners = [mail.owner.pk for mail in group]
            before = Digest.objects.filter(owner__in=owners, slot=MORNING, local_date__lt=date, frozen_at__isnull=True)
            unwritten = Reminder.objects.filter(state=State.GATHERED, digest__in=before)
            unwritten.update(digest=Subquery(mine))
    queue_all(
        purpose=PURPOSE,
        audience=OutgoingMail.Audience.USER,
        subjects=[(digest.pk, mail.owner) for mail, digest in joined],
    )


def _held(mails: list[_Mail]) -> list[tuple[_Mail, Digest]]:
    """Each mail's digest, created if necessary and locked, so that it can't be rendered before reminders are added.

    Leaves out a digest that was just deleted because it was empty; the next sweep creates a new one. Locks in the
    order of owners, so that sweeps can't deadlock.
    """
    keys = [mail.key for mail in mails]
    wanted = [Digest(owner_id=owner, local_date=date, slot=slot) for owner, date, slot in keys]
    Digest.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = Digest.objects.select_for_update().filter(
        owner__in={owner for owner, _, _ in keys},
        local_date__in={date for _, date, _ in keys},
        slot__in={slot for _, _, slot in keys},
    )
    held = {(row.owner_id, row.local_date, row.slot): row for row in rows.order_by("owner_id", "pk")}
    return [(mail, held[key]) for mail, key in zip(mails, keys, strict=True) if key in held]


def _by_morning(joined: list[tuple[_Mail, Digest]]) -> dict[tuple[dt.date, str], list[_Mail]]:
    groups: dict[tuple[dt.date, str], list[_Mail]] = {}
    for mail, digest in joined:
        groups.setdefault((digest.local_date, digest.slot), []).append(mail)
    return groups


def rescue() -> int:
    """Move reminders whose mail failed before it was rendered to another morning. Returns how many."""
    on_its_way = OutgoingMail.objects.filter(
        purpose=PURPOSE, subject_id=OuterRef("digest_id"), state__in=OutgoingMail.OPEN
    )
    stranded = Reminder.objects.filter(state=State.GATHERED).exclude(Exists(on_its_way))
    ids = list(stranded.values_list("pk", flat=True)[:BATCH])
    for pk in ids:
        with transaction.atomic():
            again = stranded.select_for_update(of=("self",)).select_related("owner").filter(pk=pk).first()
            if again is not None:
                next_morning(again, again.owner)
    return len(ids)


def _expire(reminder: Reminder) -> None:
    reminder.state = State.EXPIRED
    reminder.save(update_fields=["state"])
