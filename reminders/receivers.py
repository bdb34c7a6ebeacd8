from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from reminders.services import forget_the_past, replan, revoke_links, show_what_came_due, take_back_gathered

SWITCH = "remind_"


def keep_wall_times(sender: Any, user: User, changed: Collection[str] = (), **news: Any) -> None:
    """Reschedule after a change of settings: keep local times in a new zone, and send nothing about the past."""
    switched_on = [name.removeprefix(SWITCH) for name in changed if name.startswith(SWITCH) and getattr(user, name)]
    forget_the_past(user, switched_on)
    replan(user)


def hold(sender: Any, user: User, **news: Any) -> None:
    take_back_gathered(user)


def back_again(sender: Any, user: User, **news: Any) -> None:
    show_what_came_due(user)


def links_are_old(sender: Any, user: User, **news: Any) -> None:
    """Revoke the links in sent mails if address or password change, because others may have seen them."""
    revoke_links(user)
