"""Growing waits after wrong passwords, counted for an address and a network together, so that nobody is locked out.

Somebody who tries passwords of another person's account from elsewhere makes only their own network wait. Limits that
count strangers together (all who try one address, all who come from one network) bind only browsers in which this
account has never signed in; a browser in which it has is recognised by a cookie (:mod:`accounts.known_devices`) and has
a count of its own. Waits are stored in rows, so they hold across processes and restarts; the rows hold no address and
no network, only keyed hashes of them, and are deleted after a quiet day.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import FailedSignIn

FORGOTTEN_AFTER = dt.timedelta(days=1)  # without another wrong password


class Limit(NamedTuple):
    """``free`` wrong passwords without a wait; each further one doubles it, from one minute to ``longest``."""

    free: int
    longest: dt.timedelta


# Of one address from one network or device. Five, because people mistype; an hour, because guessing 24 times a day is
# hopeless against twelve characters.
OWN = Limit(5, dt.timedelta(hours=1))
# Of one address from anywhere, and of one network to any address. Higher, because strangers count here too.
ADDRESS = Limit(50, dt.timedelta(minutes=15))
NETWORK = Limit(60, dt.timedelta(minutes=15))


class MustWait(Exception):
    """Signing in is not possible before ``until`` (UTC)."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until)
        self.until = until


class Attempt(NamedTuple):
    """One password about to be checked. ``first_wait``: it began the first wait for this address from this source."""

    keys: tuple[str, ...]
    first_wait: bool


def begin(address: str, source: str, network: str = "") -> Attempt:
    """Count a password before it is checked, so that many at once are counted too.

    ``source`` is where it comes from: a network, or a known device or session. ``network`` is given only if the browser
    is not known to this account. Raises :class:`MustWait`; such an attempt is not counted.
    """
    now = timezone.now()
    limits = {_key(address, source): OWN}
    if network:
        limits |= {_key(address, ""): ADDRESS, _key("", network): NETWORK}
    with transaction.atomic():
        rows = [_locked(key, now) for key in sorted(limits)]  # in one order, so that two never wait for each other
        if blocked := [row.blocked_until for row in rows if row.blocked_until and row.blocked_until > now]:
            raise MustWait(max(blocked))
        for row in rows:
            row.tries = row.tries + 1
            row.last_at, row.blocked_until = now, _blocked_until(row.tries, limits[row.key], now)
            row.save(update_fields=["tries", "last_at", "blocked_until"])
    own = next(row for row in rows if row.key == _key(address, source))
    return Attempt(tuple(limits), own.tries == OWN.free)


def succeeded(attempt: Attempt) -> None:
    """The password was right: forget the wrong ones from this source, and count this one for nobody."""
    own, *others = attempt.keys
    FailedSignIn.objects.filter(key=own).delete()
    FailedSignIn.objects.filter(key__in=others, tries__gt=0).update(tries=F("tries") - 1, blocked_until=None)


def forget_old() -> None:
    """Delete what is a day old."""
    FailedSignIn.objects.filter(last_at__lte=timezone.now() - FORGOTTEN_AFTER).delete()


def _key(address: str, source: str) -> str:
    return salted_hmac(
        "accounts.sign_in_limits", f"{address.strip().lower()}\n{source}", algorithm="sha256"
    ).hexdigest()


def _locked(key: str, now: dt.datetime) -> FailedSignIn:
    FailedSignIn.objects.get_or_create(key=key, defaults={"last_at": now})
    row = FailedSignIn.objects.select_for_update().get(key=key)
    if row.last_at <= now - FORGOTTEN_AFTER:
        row.tries, row.blocked_until = 0, None
    return row


def _blocked_until(tries: int, limit: Limit, now: dt.datetime) -> dt.datetime | None:
    over = tries - limit.free
    return now + min(dt.timedelta(minutes=2 ** min(over, 10)), limit.longest) if over >= 0 else None
