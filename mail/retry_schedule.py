"""How long to wait before each retry: growing waits, for about a day in all."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

_MINUTES = (1, 2, 5, 15, 30, 60, 120, 240, 240, 240, 240, 240)
RETRIES = tuple(dt.timedelta(minutes=minutes) for minutes in _MINUTES)
# A mail that can't be rendered is a bug of ours, not a network error: only a few tries.
WRITING_TRIES = 4


def server_rest() -> dt.timedelta:
    """How long the rest of a batch waits after the mail server became unreachable, without losing a try."""
    return _scaled(dt.timedelta(seconds=30))


def wait_after(attempts: int) -> dt.timedelta | None:
    """The wait after this many failed tries (at least 1); None to give up."""
    return _scaled(RETRIES[attempts - 1]) if attempts <= len(RETRIES) else None


def _scaled(wait: dt.timedelta) -> dt.timedelta:
    """``MAIL_WAIT_SECONDS`` is the first wait, usually a minute; the others keep their proportion to it."""
    return wait * (settings.MAIL_WAIT_SECONDS / 60)
