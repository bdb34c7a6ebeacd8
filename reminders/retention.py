"""Old reminders: what was told is counted by month and deleted, and so are settled reminders."""

from __future__ import annotations

from collections import Counter

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import retention
from mail.models import OutgoingMail
from mail.retention import Counts, add, month_of
from reminders import kinds
from reminders.models import Digest, Reminder, Telling
from reminders.sweep import PURPOSE

State = Reminder.State


def old_digests() -> int:
    """Delete mornings with what was told in them."""
    before = (timezone.now() - retention.LOG_KEPT).date()
    travelling = OutgoingMail.objects.filter(purpose=PURPOSE, subject_id=OuterRef("pk"), state__in=OutgoingMail.OPEN)
    waiting = Reminder.objects.filter(digest=OuterRef("pk"), state=State.GATHERED)
    old = Digest.objects.filter(~Exists(travelling), ~Exists(waiting), local_date__lt=before).order_by("pk")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            old = old.select_for_update(skip_locked=True)
        days = dict(old.values_list("pk", "local_date")[: retention.BATCH])
        counts: Counts = Counter()
        for owner, digest in Telling.objects.filter(digest__in=days).values_list("owner", "digest"):
            counts[owner, month_of(days[digest]), "reminders"] += 1
        add(counts)
        Digest.objects.filter(pk__in=days).delete()
    return len(days)


def old_reminders() -> int:
    """Delete what was settled, and what reminded of something that is gone.

    What was mailed or let go of and still could be asked for again stays: it knows that no further mail is wanted.
    """
    old = Reminder.objects.filter(due_at__lt=timezone.now() - retention.LOG_KEPT)
    settled = Q(state__in=(State.EXPIRED, State.CANCELLED))
    for kind in kinds.kinds.values():
        if kind.about is not None:
            there = kind.about._base_manager.filter(pk=OuterRef("subject_id"))
            settled |= Q(~Exists(there), state__in=(State.MAILED, State.LET_GO), kind=kind.name)
    return retention.delete_some(old.filter(settled))
