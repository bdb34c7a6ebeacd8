"""What is due is gathered into mails. Idempotent, and safe to run twice at once."""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from mail.models import OutgoingMail
from mail.services import queue
from reminders import kinds
from reminders.models import Digest, Reminder
from reminders.planner import is_away
from reminders.services import mark_missed, move_missed, next_morning, plan_again

log = logging.getLogger(__name__)

PURPOSE = "digest"
MORNING = ""  # the slot of the morning's mail
BATCH = 500
# Later than this a reminder has missed its hour: it joins the next morning's mail, in one line with the others.
SAME_DAY_LATE = dt.timedelta(hours=2)
MORNING_LATE = dt.timedelta(hours=6)
State = Reminder.State


def gather(*, seconds: float = 30) -> int:
    """Put every due reminder into a mail; returns how many owners were looked after."""
    end = time.monotonic() + seconds
    rescue()
    seen: set[int] = set()
    stuck: set[int] = set()
    while time.monotonic() < end:
        due = Reminder.objects.planned().filter(due_at__lte=timezone.now()).exclude(owner_id__in=stuck)
        batch = dict.fromkeys(due.order_by("due_at").values_list("owner_id", flat=True)[:BATCH])
        if not batch:
            break
        # Whoever is still here on the second look waits for the next sweep and holds nobody up.
        stuck |= seen & batch.keys()
        for owner_id in batch.keys() - stuck:
            seen.add(owner_id)
            _try_to_gather_for(owner_id)
    return len(seen)


def _try_to_gather_for(owner_id: int) -> None:
    try:
        gather_for(owner_id)
    except Exception:
        log.exception("the reminders of user %s could not be gathered", owner_id)


def gather_for(owner_id: int) -> None:
    """One owner's due reminders: each same-day one into a mail of its own, the others into the morning's.

    What missed its hour joins a mail that is written anyway, or waits for the next working morning: nobody is woken
    at night, or by twenty mails, because something stood still.
    """
    with transaction.atomic():
        owner = User.objects.get(pk=owner_id)
        now = timezone.now()
        due = Reminder.objects.select_for_update().planned().filter(owner=owner, due_at__lte=now)
        morning: list[Reminder] = []
        missed: list[Reminder] = []
        for reminder in due.order_by("pk"):
            kind = kinds.find(reminder.kind)
            late = now - reminder.due_at
            if not owner.is_active or (kind and not kind.wanted_by(owner)):
                _expire(reminder)
            elif kind is None:
                log.error("reminder %s is of a kind nobody registered: %s", reminder.pk, reminder.kind)
                next_morning(reminder, owner)
            elif is_away(owner, owner.today()):
                plan_again(reminder, owner)
            elif late > (SAME_DAY_LATE if kind.same_day else MORNING_LATE):
                missed.append(reminder)
            # Once it was missed, it goes with a morning's mail like the rest.
            elif kind.same_day and reminder.missed_at is None:
                _into_mail(owner, f"r{reminder.pk}-{reminder.snoozes}", [reminder])
            else:
                morning.append(reminder)
        _gather_morning(owner, morning, missed)


def _gather_morning(owner: User, morning: list[Reminder], missed: list[Reminder]) -> None:
    for reminder in missed:
        if morning:
            mark_missed(reminder)
            reminder.save(update_fields=["missed_at"])
        else:
            move_missed(reminder, owner)
    if morning:
        _into_mail(owner, MORNING, morning + missed)


def _into_mail(owner: User, slot: str, reminders: list[Reminder]) -> None:
    """Join the mail of this local morning, or begin it. Never a second one after it was written."""
    today = owner.today()
    digest, _ = Digest.objects.get_or_create(owner=owner, local_date=today, slot=slot)
    # Locked, so that it can't be written between the look and the joining.
    held = Digest.objects.select_for_update().filter(pk=digest.pk).first()
    if held is None:
        return  # it turned out empty and went this very moment; the next sweep begins another
    if held.frozen_at is not None:
        for reminder in reminders:
            next_morning(reminder, owner)
        return
    ids = [reminder.pk for reminder in reminders]
    Reminder.objects.filter(pk__in=ids, state=State.PLANNED).update(state=State.GATHERED, digest=held)
    if slot == MORNING:
        # The mail server was away for longer: the mornings before are one mail with this one, and theirs expires.
        unwritten = Reminder.objects.for_user(owner).filter(state=State.GATHERED, digest__slot=MORNING)
        unwritten.filter(digest__local_date__lt=today).update(digest=held)
    queue(
        purpose=PURPOSE,
        subject_id=held.pk,
        owner=owner,
        recipient=owner.email,
        audience=OutgoingMail.Audience.USER,
        wake=False,
    )


def rescue() -> int:
    """Reminders whose mail was given up before it was written get another morning. Returns how many."""
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
