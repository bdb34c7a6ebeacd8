"""Old mail: counted by month, and deleted."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts import retention
from mail.models import MailMonth, OutgoingMail, SendingDay
from mail.sending_limits import KEPT

Audience, State = OutgoingMail.Audience, OutgoingMail.State
Counts = Counter[tuple[int, dt.date, str]]  # by owner, first day of the month (UTC), and column of MailMonth


def old_mail() -> int:
    """Count and delete settled mail. An invitation stays until its meeting is as long ago, since a cancellation has to
    know whether it was sent: mail expires with its meeting."""
    before = timezone.now() - retention.LOG_KEPT
    old = OutgoingMail.objects.filter(created_at__lt=before).exclude(state__in=OutgoingMail.OPEN)
    with transaction.atomic():
        rows = old.filter(Q(expires_at__isnull=True) | Q(expires_at__lt=before)).order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        some = list(rows.values_list("pk", "owner", "created_at", "audience", "state")[: retention.BATCH])
        counts: Counts = Counter()
        for _, owner, at, audience, state in some:
            if owner is not None and state == State.SENT:
                counts[owner, month_of(at.date()), "to_others" if audience != Audience.USER else "to_user"] += 1
        add(counts)
        OutgoingMail.objects.filter(pk__in=[pk for pk, *_ in some]).delete()
    return len(some)


def old_days() -> int:
    """How many strangers were written to on days that no limit asks for any more."""
    return retention.delete_some(SendingDay.objects.filter(day__lt=timezone.now().date() - KEPT))


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def add(counts: Counts) -> None:
    """Add to the counts by month. Call it in the transaction that deletes what was counted."""
    for (owner, month, column), count in sorted(counts.items()):
        row, _ = MailMonth.objects.get_or_create(owner_id=owner, month=month)
        MailMonth.objects.filter(pk=row.pk).update(**{column: F(column) + count})
