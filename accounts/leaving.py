"""Deleting an account: asked for, kept after all within seven days, or else gone for good.

Meanwhile nothing goes out for it: apps above hold their mail and reminders (``accounts.signals``), the private pages
and feeds behind signed links are closed (``ownership.OWNER_IS_HERE``), and whoever signs in sees one page only, with
the button that keeps the account. The same button is behind a link mailed to every confirmed address, since whoever
asked may have been a thief. See decision 27.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Callable
from itertools import chain

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import addresses, row_security, security_log
from accounts.models import AddressChange, SecurityEvent, User
from accounts.ownership import children_first
from accounts.policies import owned_models
from accounts.security_log import Kind
from accounts.signals import account_erased, account_kept, account_leaving

log = logging.getLogger(__name__)

WITHIN = dt.timedelta(days=7)
SALT = "accounts.leaving"
BATCH = 500  # rows deleted in one transaction


class BadLink(Exception):
    """The link was altered or truncated, is older than seven days, or its account is gone."""


@transaction.atomic
def ask(*, user: User, request: HttpRequest | None = None) -> None:
    """Have the account erased in seven days: hold everything it sends, mail the way back, and end all sessions."""
    user.erase_at = timezone.now() + WITHIN
    user.save(update_fields=["erase_at"])
    account_leaving.send(sender=User, user=user)
    security_log.note(user, Kind.LEAVING, request=request)
    for email in addresses.everywhere(user):
        get_adapter().send_mail("account/email/leaving", email, {"on": last_day(user), "keep": keep_link(user)})
    addresses.end_all_sessions(user)


@transaction.atomic
def keep(*, user: User, request: HttpRequest | None = None) -> bool:
    """Keep the account after all. False if that is too late, or nobody wanted it erased."""
    waiting = User.objects.select_for_update().filter(pk=user.pk, erase_at__gt=timezone.now())
    if not waiting.update(erase_at=None):
        return False
    user.erase_at = None
    account_kept.send(sender=User, user=user)
    security_log.note(user, Kind.KEPT, request=request)
    return True


def last_day(user: User) -> str:
    """From when the account is gone, in the user's local time: "Saturday 5 December 2026 at 10:00"."""
    assert user.erase_at is not None
    there = user.local(user.erase_at)
    return f"{there:%A} {there.day} {there:%B %Y at %H:%M}"


def keep_link(user: User) -> str:
    """The absolute URL of the page that keeps the account."""
    return f"{settings.BASE_URL}{keep_path(user)}"


def keep_path(user: User) -> str:
    return reverse("account_keep", args=[token_for(user)])


def token_for(user: User) -> str:
    """Good for this one time that the account is to be erased: its end is in it."""
    return signing.dumps([user.pk, _end(user)], salt=SALT)


def read(token: str) -> User:
    """The user of this link; their account may be kept already. Raises :class:`BadLink`."""
    try:
        pk, end = signing.loads(token, salt=SALT, max_age=WITHIN)
        user = User.objects.filter(pk=int(pk), is_active=True).first()
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    if user is None or (user.erase_at is not None and _end(user) != end):
        raise BadLink
    return user


def _end(user: User) -> str:
    return user.erase_at.isoformat() if user.erase_at else ""


# --- Erasing --------------------------------------------------------------------------------------


def erase_due(*, seconds: float = 20) -> int:
    """Erase the accounts whose seven days are over; returns how many. Each sweep does.

    In short transactions: a large account that takes longer than ``seconds`` is gone on with in the next sweep.
    """
    end, erased = time.monotonic() + seconds, 0

    def enough() -> bool:
        return time.monotonic() >= end

    for user in User.objects.filter(erase_at__lte=timezone.now()).order_by("erase_at", "pk")[:100]:
        if enough():
            break
        try:
            erased += _erase(user, enough)
        except Exception:
            log.exception("account %s could not be erased; the next sweep tries again", user.pk)
    return erased


def _erase(user: User, enough: Callable[[], bool]) -> bool:
    """Whether it is gone, with everything of it."""
    # Not the security log, which lets nothing go but with the account, nor the changes of addresses, which name the
    # addresses to look for until then.
    tables = [model for model in owned_models() if model not in (SecurityEvent, AddressChange)]
    for model in children_first(tables):
        if not _delete_rows(model, user, enough):
            return False
    with row_security.of_user(user.pk):
        known = _every_address(user)
    account_erased.send(sender=User, addresses=known)
    with row_security.of_user(user.pk):
        addresses.end_all_sessions(user)
        _forget_visitors(user, known)
        user.delete()
    return True


def _delete_rows(model: type[models.Model], user: User, enough: Callable[[], bool]) -> bool:
    """Whether all rows of this table are gone."""
    mine = model._base_manager.filter(owner=user).order_by("pk")
    while True:
        with row_security.of_user(user.pk):
            ids = list(mine.values_list("pk", flat=True)[:BATCH])
            model._base_manager.filter(pk__in=ids).delete()
        if len(ids) < BATCH:
            return True
        if enough():  # asked only after a batch, so that each sweep gets further
            return False


def _every_address(user: User) -> set[str]:
    """All addresses that are, or lately were, the user's; in lower case."""
    changes = AddressChange.objects.filter(owner=user).values_list("before", "after")
    rows = chain.from_iterable([*before, *after] for before, after in changes)
    found = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    return {str(one).lower() for one in found | {str(row[0]) for row in rows}}


def _forget_visitors(user: User, known: set[str]) -> None:
    """Delete sessions that name them without a row of ``UserSession``: of browsers that began to sign in."""
    nobodys = Session.objects.exclude(session_key__in=UserSession.objects.values("session_key"))
    naming = []
    for session in nobodys.iterator(chunk_size=1_000):
        content = session.get_decoded()
        said = json.dumps(content, ensure_ascii=False).lower()
        if content.get(SESSION_KEY) == str(user.pk) or any(one in said for one in known):
            naming.append(session.session_key)
    for start in range(0, len(naming), BATCH):
        Session.objects.filter(session_key__in=naming[start : start + BATCH]).delete()
