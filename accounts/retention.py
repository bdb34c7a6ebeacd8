"""What is deleted by itself when it is old enough: each app registers rules here, and the sweep applies them.

In batches of one short transaction each, so that workers may stop at any time and run side by side; what is left goes
the next time.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from allauth.account.models import EmailConfirmation
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.utils import timezone

from accounts import sessions, sign_in_limits
from accounts.models import AddressChange
from accounts.registry import Registry

log = logging.getLogger(__name__)

LOG_KEPT = dt.timedelta(days=90)  # settled reminders, and what became of mail; then counts by month
ADDRESSES_KEPT = dt.timedelta(days=180)  # changes of addresses, as long as the security log that tells of them
CONFIRMATIONS_KEPT = dt.timedelta(days=30)  # links to confirm an address, good for three days
EVERY = dt.timedelta(hours=1)
BATCH = 500

# Keyed by what is deleted. A rule deletes at most ``BATCH`` rows that are old enough, and returns how many.
rules: Registry[Callable[[], int]] = Registry("what is deleted by itself when it is old")

_done_at: dt.datetime | None = None  # by this process; rules may be applied as often as one likes


def apply_hourly(*, seconds: float = 5) -> None:
    """Apply all rules, if that was not done within the hour. What time doesn't suffice for goes at the next call."""
    global _done_at
    now = timezone.now()
    if (_done_at is None or abs(now - _done_at) >= EVERY) and apply(seconds=seconds):
        _done_at = now


def apply(*, seconds: float = 60) -> bool:
    """Whether nothing is left that is old enough."""
    end = time.monotonic() + seconds
    for entry in rules.entries():
        try:
            while entry.value() >= BATCH:
                if time.monotonic() >= end:
                    return False
        except Exception:
            log.exception("what is old of %s could not be deleted; the next sweep tries again", entry.key)
    return True


def delete_some(rows: models.QuerySet[models.Model]) -> int:
    """Delete the first of these rows, by id; returns how many."""
    with transaction.atomic():
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        rows.model._base_manager.filter(pk__in=ids).delete()
    return len(ids)


# --- Rules of this app ----------------------------------------------------------------------------


def expired_sessions() -> int:
    """Sessions that nobody can use any more, with the rows that list them. Django leaves them for good."""
    with transaction.atomic():
        over = Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date")
        keys = list(over.values_list("session_key", flat=True)[:BATCH])
        UserSession.objects.filter(session_key__in=keys).delete()
        Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def listed_sessions() -> int:
    """Rows that list a session which was signed out, once it would have ended anyway."""
    return delete_some(UserSession.objects.filter(last_seen_at__lt=timezone.now() - sessions.LONGEST))


def expired_cache() -> int:
    """Django's cache deletes what has expired only when it is full."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    old = f"SELECT cache_key FROM {table} WHERE expires < %s LIMIT %s"  # noqa: S608 - our own name
    delete = f"DELETE FROM {table} WHERE cache_key = %s AND expires < %s"  # noqa: S608
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(old, [now, BATCH])
        keys = [key for (key,) in cursor.fetchall()]
        cursor.executemany(delete, [(key, now) for key in keys])
    return len(keys)


def old_addresses() -> int:
    return delete_some(AddressChange.objects.filter(at__lt=timezone.now() - ADDRESSES_KEPT))


def old_confirmations() -> int:
    return delete_some(EmailConfirmation.objects.filter(created__lt=timezone.now() - CONFIRMATIONS_KEPT))


def wrong_passwords() -> int:
    sign_in_limits.forget_old()
    return 0


def register() -> None:
    rules.register("sessions that ended", expired_sessions)
    rules.register("sessions in the list", listed_sessions)
    rules.register("the cache", expired_cache)
    rules.register("changes of addresses", old_addresses)
    rules.register("links to confirm an address", old_confirmations)
    rules.register("wrong passwords", wrong_passwords)
