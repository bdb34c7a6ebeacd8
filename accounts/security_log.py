"""The security log of each user: who got in, and what changed who can get in or took data out.

Rows are added and never changed: a trigger refuses it. On PostgreSQL it also refuses to delete any, except to
:func:`forget`, which deletes the rows of an account, or all that are older than :data:`KEPT`, and to
:func:`forget_sharing`. They hold no notes and no
secrets. Apps above write here with :func:`note`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core import context as allauth_context
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import UNKNOWN
from accounts.models import SecurityEvent, User
from accounts.row_security import acting_for
from accounts.sessions import agent_of, network_of

logger = logging.getLogger(__name__)
Kind = SecurityEvent.Kind
KEPT = dt.timedelta(days=180)
LONGEST = 200  # letters of the details


def note(user: User, kind: str, what: str = "", *, request: HttpRequest | None = None) -> None:
    """Add a row about this user. ``what`` is a detail such as an address or a device's name, never a secret."""
    network, agent = (network_of(request), agent_of(request)) if request else ("", "")
    line = "".join(letter for letter in what if letter.isprintable())[:LONGEST]
    with acting_for(user.pk):
        SecurityEvent.objects.create(owner=user, kind=kind, what=line, network=network, agent=agent)


def purge() -> None:
    """Delete what has been kept for long enough. Each sweep does."""
    forget(older_than=timezone.now() - KEPT)


def refused(what: str, *, account: int | None = None) -> None:
    """Tell whoever runs the site, in the program's log, that a proof of who somebody is was refused.

    Neither what was typed nor an address: a password may have been typed in its place.
    """
    request = allauth_context.request
    network = network_of(request) if request else UNKNOWN
    logger.warning("%s refused for %s, from %s", what, f"account {account}" if account else "no account", network)


def forget(*, user_id: int | None = None, older_than: dt.datetime | None = None) -> None:
    """Delete the rows of an erased account, or old ones of everybody."""
    rows = SecurityEvent.objects.all()
    rows = rows.filter(owner_id=user_id) if user_id is not None else rows.filter(at__lt=older_than)
    if rows.exists():
        with _forgetting():
            rows.delete()


def forget_sharing(user: User, names: Collection[str]) -> int:
    """Delete what names somebody with whom a page was shared, because they asked to be erased. Returns how many."""
    shared = SecurityEvent.objects.filter(owner=user, kind=Kind.SHARED)
    ids = [pk for pk, what in shared.values_list("pk", "what") if what.rpartition(": ")[0] in names]
    if ids:
        with _forgetting():
            SecurityEvent.objects.filter(pk__in=ids).delete()
    return len(ids)


@contextmanager
def _forgetting() -> Iterator[None]:
    """Tell the trigger, until the end of the transaction's block, that rows may be deleted."""
    with transaction.atomic():
        _allow("on")
        yield
        _allow("off")


def _allow(value: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mentorfolio.forget', %s, true)", [value])


# --- What allauth does ----------------------------------------------------------------------------

# How somebody signed in, by allauth's names.
METHODS = {
    "password": "with the password",
    "code": "with a code by mail",
    "mfa": "with a passkey or a second factor",
    "socialaccount": "with another provider",
}


def signed_in(sender: Any, request: HttpRequest, user: User, **news: Any) -> None:
    records = get_authentication_records(request, user) or [{}]
    note(user, Kind.SIGNED_IN, METHODS.get(records[-1].get("method", ""), ""), request=request)


def password_changed(sender: Any, request: HttpRequest, user: User, **news: Any) -> None:
    note(user, Kind.PASSWORD, request=request)


def factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Any, **news: Any) -> None:
    note(user, Kind.FACTOR_ADDED, str(authenticator), request=request)


def factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **news: Any) -> None:
    note(user, Kind.FACTOR_REMOVED, str(authenticator), request=request)


def erased(sender: Any, instance: User, **news: Any) -> None:
    forget(user_id=instance.pk)
