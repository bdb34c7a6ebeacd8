from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from reminders.services import forget_the_past, replan, revoke_links

SWITCH = "remind_"


def keep_wall_times(sender: Any, user: User, changed: Collection[str] = (), **news: Any) -> None:
    """A changed time zone keeps "09:00 where I am"; a kind that is switched on again sends nothing about the past."""
    switched_on = [name.removeprefix(SWITCH) for name in changed if name.startswith(SWITCH) and getattr(user, name)]
    forget_the_past(user, switched_on)
    replan(user)


def links_are_old(sender: Any, user: User, **news: Any) -> None:
    """Revoke the links in mails already sent when address or password change: others may have seen them."""
    revoke_links(user)
