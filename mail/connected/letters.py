"""What others make of a connected mailbox: which letters it is asked about, and what became of those sent from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from accounts.registry import Registry
from mail.connected.wanted import Wanted
from mail.models import ConnectedMailbox


@dataclass(frozen=True)
class Letters:
    """``wanted(user)`` is what to look for. ``settle(user)`` notes what became of letters that were handed over.
    ``unread(mailbox)`` comes when it could not be read for the first time, and when only its user can mend that;
    ``read_again(mailbox)`` when it could be.

    All are called in a transaction of the user's.
    """

    wanted: Callable[[User], Wanted]
    settle: Callable[[User], None]
    unread: Callable[[ConnectedMailbox], None]
    read_again: Callable[[ConnectedMailbox], None]


letters: Registry[Letters] = Registry("letters of a connected mailbox")  # one app has them
