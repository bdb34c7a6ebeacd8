"""The purposes of mail: each app registers here how its mail is rendered.

``prepare`` runs inside the transaction that freezes the mail. It locks the rows it needs, checks that the mail is still
wanted, and returns the message; its changes are committed together with the frozen bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.mail import EmailMessage

from accounts.registry import Registry
from mail.models import OutgoingMail

Prepare = Callable[[OutgoingMail], EmailMessage | None]
StillWanted = Callable[[OutgoingMail], bool]
PrepareAll = Callable[[Sequence[OutgoingMail]], dict[int, EmailMessage]]
Unwrite = Callable[[Sequence[OutgoingMail]], None]


@dataclass(frozen=True)
class BulkPrepare:
    """Renders many mails of a purpose together, with few queries for all of them.

    ``prepare`` returns messages by mail id; mails it leaves out expire. ``unwrite`` undoes the changes of ``prepare``
    for mails that were not delivered, so that they are rendered afresh when they are sent.
    """

    prepare: PrepareAll
    unwrite: Unwrite


@dataclass(frozen=True)
class Purpose:
    name: str
    prepare: Prepare
    audience: str
    still_wanted: StillWanted | None = None
    together: BulkPrepare | None = None


purposes: Registry[Purpose] = Registry("purposes of mail")


def register(
    purpose: str,
    prepare: Prepare,
    *,
    audience: str,
    still_wanted: StillWanted | None = None,
    together: BulkPrepare | None = None,
) -> None:
    """``prepare`` returns a message to exactly one recipient, or None if the mail is outdated (it expires).

    ``still_wanted`` is called before frozen bytes are sent again; False means that the mail expires.
    """
    purposes.register(purpose, Purpose(purpose, prepare, audience, still_wanted, together))


def find(purpose: str) -> Purpose | None:
    """The registered purpose; None for mail that was queued already rendered (sign-in mail)."""
    return purposes.find(purpose)
