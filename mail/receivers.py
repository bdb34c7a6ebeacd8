from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from mail.services import cancel_all, forget_ownerless


def hold_all(sender: Any, user: User, **news: Any) -> None:
    """Nothing goes out for an account that is about to be erased, nor later if it is kept."""
    cancel_all(owner=user)


def forget_addresses(sender: Any, addresses: Collection[str], **news: Any) -> None:
    forget_ownerless(addresses=addresses)
