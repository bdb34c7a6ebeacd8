from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from reminders.services import forget_the_past, replan, revoke_links

SWITCH = "remind_"


def keep_wall_times(sender: Any, user: User, changed: Collection[str] = (), **news: Any) -> None:
    """Who moves keeps "09:00 where I am"; who switches something on hears nothing of the past."""
    switched_on = [name.removeprefix(SWITCH) for name in changed if name.startswith(SWITCH) and getattr(user, name)]
    forget_the_past(user, switched_on)
    replan(user)


def links_are_old(sender: Any, user: User, **news: Any) -> None:
    """Another address or password: whoever reads the old mailbox, or has read over a shoulder, is out."""
    revoke_links(user)
