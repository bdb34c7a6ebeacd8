"""The addresses a user signs in with: what follows from a change, and undoing one.

Whoever holds an open session could add an address, make it the main one and remove the old one. So each change is
written down, told to every confirmed address, old ones included, ends all other sessions and revokes mailed links; and
a link in the notice puts the addresses back as they were, for seven days and without signing in. In the same step the
link to an address that is the user's for sure takes away what was added since and lets somebody in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import added_since, security_log, sessions
from accounts.added_since import Added
from accounts.models import AddressChange, User
from accounts.row_security import acting_for, by_link
from accounts.security_log import Kind
from accounts.signals import ways_in_changed

SALT = "accounts.addresses"
UNDO_WITHIN = dt.timedelta(days=7)

Address = list[object]  # [address, confirmed, main], as stored in AddressChange


class BadLink(Exception):
    """The link was altered or truncated, is older than seven days, or its change is gone."""


class Taken(Exception):
    """An address belongs to another account by now, so the change can't be undone."""


@contextmanager
def watched(request: HttpRequest, user: User) -> Iterator[None]:
    """Around anything that may change the user's addresses: does what follows from a change.

    Holds a lock on the user, so that two tabs change them one after the other. Confirming the first address after
    signing up is no change: nobody could sign in before.
    """
    with transaction.atomic(), acting_for(user.pk):
        User.objects.select_for_update().get(pk=user.pk)
        before = stored(user)
        yield
        after = stored(user)
        if before == after or not confirmed(before):
            return
        change = AddressChange.objects.create(owner=user, before=before, after=after)
        if confirmed(before) != confirmed(after) or main(before) != main(after):
            end_other_sessions(request, user)
            ways_in_changed.send(sender=User, user=user)
        security_log.note(user, Kind.ADDRESSES, ", ".join(str(row[0]) for row in after), request=request)
        _tell(change)


def stored(user: User) -> list[Address]:
    """The user's addresses, as :class:`AddressChange` keeps them."""
    rows = EmailAddress.objects.filter(user=user).order_by("pk")
    return [list(row) for row in rows.values_list("email", "verified", "primary")]


def confirmed(addresses: list[Address]) -> list[str]:
    return [str(email) for email, verified, _ in addresses if verified]


def main(addresses: list[Address]) -> str:
    return next((str(email) for email, _, primary in addresses if primary), "")


def everywhere(user: User) -> list[str]:
    """Where to send news about the account's safety: confirmed addresses, and those removed in the last seven days."""
    recent = AddressChange.objects.filter(owner=user, undone_at__isnull=True, at__gt=timezone.now() - UNDO_WITHIN)
    addresses = confirmed(stored(user))
    with acting_for(user.pk):
        for change in recent:
            addresses += confirmed(change.before)
    return list(dict.fromkeys(addresses)) or [user.email]


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """End every session of the user except the one of this request."""
    mine = bool(request.user == user)
    end_all_sessions(user, keep=request.session.session_key if mine else None)
    if mine:
        update_session_auth_hash(request, user)
        sessions.note_use(request, user)


def end_all_sessions(user: User, *, keep: str | None = None) -> None:
    """End every session, but that with the key ``keep``; also those that have no row to be listed by yet."""
    sessions.end_all(user, keep=keep)
    user.session_version = User.objects.values_list("session_version", flat=True).get(pk=user.pk) + 1
    user.save(update_fields=["session_version"])


# --- Undoing --------------------------------------------------------------------------------------


def undo_link(change: AddressChange, email: str) -> str:
    """The absolute URL, for the notice to this address, of the page that undoes the change."""
    return f"{settings.BASE_URL}{reverse('addresses_undo', args=[undo_token(change, email)])}"


def undo_token(change: AddressChange, email: str) -> str:
    return signing.dumps([change.pk, email], salt=SALT)


def read(token: str) -> tuple[AddressChange, str]:
    """The change of this link, undone or not, and the address it went to. Raises :class:`BadLink`.

    Links mailed before they named the address read as going to an empty one.
    """
    try:
        found = signing.loads(token, salt=SALT, max_age=UNDO_WITHIN)
        pk, email = found if isinstance(found, list) else (found, "")
        pk = int(pk)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    change = by_link(AddressChange.objects.select_related("owner").filter(pk=pk, owner__is_active=True))
    if change is None:
        raise BadLink
    return change, str(email)


def may_remove(change: AddressChange, email: str) -> bool:
    """Whether the link to this address may also take away what was added since.

    Only if the address was confirmed before this change and before every other of the seven days until then: an address
    that a thief brought along was not, however the owner got rid of it again.
    """
    lately = AddressChange.objects.filter(owner=change.owner, pk__lte=change.pk, at__gt=change.at - UNDO_WITHIN)
    return all(email in confirmed(row.before) for row in lately)


def undo(change: AddressChange, remove: list[Added] | None = None) -> None:
    """Put the addresses back as they were before this change, and so before all later ones; end all sessions.

    ``remove`` is what else to take away. Does nothing if it was undone already. Raises :class:`Taken`, having changed
    nothing.
    """
    user = change.owner
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        change.refresh_from_db()
        if change.undone_at:
            return
        now, told = timezone.now(), everywhere(user)
        emails = [str(email) for email, _, _ in change.before]
        others = EmailAddress.objects.exclude(user=user).filter(email__in=emails, verified=True)
        if others.exists() or User.objects.exclude(pk=user.pk).filter(email__iexact=main(change.before)).exists():
            raise Taken
        EmailAddress.objects.filter(user=user).exclude(email__in=emails).delete()
        EmailAddress.objects.filter(user=user).update(primary=False)  # two would break a constraint for a moment
        for email, verified, primary in change.before:
            values = {"verified": verified, "primary": primary}
            EmailAddress.objects.update_or_create(user=user, email=email, defaults=values)
        user.email = main(change.before) or user.email
        user.save(update_fields=["email"])
        AddressChange.objects.filter(owner=user, undone_at__isnull=True, pk__gte=change.pk).update(undone_at=now)
        added_since.remove(user, remove or [])
        end_all_sessions(user)
        ways_in_changed.send(sender=User, user=user)
        security_log.note(user, Kind.ADDRESSES_BACK, ", ".join(emails))
        for email in told:
            removed = [one.words for one in remove or []]
            _send("addresses_put_back", email, {"addresses": emails, "removed": removed})


def _tell(change: AddressChange) -> None:
    """The notice to every confirmed address; those confirmed before the change can undo it."""
    before = confirmed(change.before)
    for email in everywhere(change.owner):
        values = {
            "change": change,
            "before": [str(row[0]) for row in change.before],
            "after": [str(row[0]) for row in change.after],
            "main": main(change.after),
            "undo": undo_link(change, email) if email in before else "",
        }
        _send("addresses_changed", email, values)


def _send(name: str, email: str, values: dict[str, object]) -> None:
    adapter = get_adapter()
    adapter.send_mail(f"account/email/{name}", email, {"at": timezone.now(), **values})
