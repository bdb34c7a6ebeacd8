"""What a mail is for: the floor that owns the matter registers here how its mail is written.

``prepare`` runs inside the transaction that freezes the mail. It locks what it needs, looks again whether the
matter still stands, and writes the message; what it marks is committed together with the frozen bytes.
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
    """How many mails of a purpose are written in one go, with few queries for all of them.

    ``prepare`` answers by the mail's id; what it leaves out is not true any more. ``unwrite`` takes back what it
    marked, for mails that never began to travel: so what is sent late is written then.
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
    """``prepare`` returns the message to exactly one recipient, or None when nothing is true any more (expired).

    ``still_wanted`` is asked before bytes that are already frozen are tried again; False means expired.
    """
    purposes.register(purpose, Purpose(purpose, prepare, audience, still_wanted, together))


def find(purpose: str) -> Purpose | None:
    """The registered purpose; None for mail that arrives already written (sign-in mail)."""
    return purposes.find(purpose)
