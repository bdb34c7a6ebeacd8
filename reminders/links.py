"""Signed links in a reminder mail: anybody with the link may act on that reminder, or turn off its kind.

Each carries a version that is raised to revoke it: that of its reminder, or the user's for the links that turn off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from accounts.models import User
    from reminders.models import Reminder

SALT = "reminders.links"
MAX_AGE = 60 * 24 * 60 * 60  # 60 days, in seconds
OFF_SALT = "reminders.off"
OFF_MAX_AGE = 400 * 24 * 60 * 60  # so that reminders can still be turned off from a year-old mail
SWITCHES = ("replies", "meetings", "gentle")


class BadLink(Exception):
    """The link was altered or truncated, or is older than 60 days."""


def link_to(reminder: Reminder) -> str:
    """The absolute URL of the page for acting on this reminder."""
    return f"{settings.BASE_URL}{reverse('reminder_link', args=[token_for(reminder)])}"


def token_for(reminder: Reminder) -> str:
    return signing.dumps([reminder.pk, reminder.link_version], salt=SALT)


def read(token: str) -> tuple[int, int]:
    """The reminder's id and the version of its links. Raises :class:`BadLink`."""
    try:
        pk, version = signing.loads(token, salt=SALT, max_age=MAX_AGE)
        return int(pk), int(version)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error


def switch_off_link(user: User, switches: Sequence[str]) -> str:
    """The absolute URL for turning off these settings of the user with one POST (RFC 8058)."""
    return f"{settings.BASE_URL}{reverse('reminders_off', args=[off_token(user, switches)])}"


def off_token(user: User, switches: Sequence[str]) -> str:
    return signing.dumps([user.pk, user.off_link_version, *switches], salt=OFF_SALT)


def read_off(token: str) -> tuple[int, int, list[str]]:
    """The user's id, the version of their off links, and the settings. Raises :class:`BadLink`.

    Mails sent before there was a version name only the settings: these count as version 0, which every user has until
    their links are first revoked.
    """
    try:
        pk, *rest = signing.loads(token, salt=OFF_SALT, max_age=OFF_MAX_AGE)
        version = rest.pop(0) if rest and isinstance(rest[0], int) else 0
        return int(pk), version, [name for name in SWITCHES if name in rest]
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
