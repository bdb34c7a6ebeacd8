from __future__ import annotations

from typing import Any

from accounts.models import User
from reminders.services import replan


def keep_wall_times(sender: Any, user: User, **news: Any) -> None:
    """Who moves keeps "09:00 where I am"."""
    replan(user)
