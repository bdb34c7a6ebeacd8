"""What a connected mailbox can do, whoever keeps it. Nothing there is changed by looking and fetching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

MOST_HEADERS = 500  # at one look
FIRST_DAYS = 14  # how far the first look goes back


class Folder(StrEnum):
    INBOX = "inbox"
    SENT = "sent"


class Trouble(Exception):
    """It can't be read now; the text says to its user why. It is tried again later."""


class SignInAgain(Trouble):
    """Its password or permission no longer holds: only its user can mend that."""


class Slow(Trouble):
    """It asks us to wait, for ``seconds`` if it says so."""

    def __init__(self, words: str, seconds: int | None = None) -> None:
        super().__init__(words)
        self.seconds = seconds


@dataclass(frozen=True)
class Header:
    """One mail without its body. ``key`` names it at the provider; ``content`` is its header block (RFC 5322)."""

    key: str
    folder: Folder
    size: int
    content: bytes


@dataclass(frozen=True)
class Look:
    """What came since the bookmark, the oldest first. ``bookmark`` is JSON, for the next look; ``more`` is waiting."""

    headers: Sequence[Header]
    bookmark: dict[str, Any]
    more: bool


class Mailbox(Protocol):
    """One session. Each method but ``send`` raises :class:`Trouble`."""

    def look(self, bookmark: dict[str, Any]) -> Look:
        """An empty bookmark, and one that the provider no longer knows, begins ``FIRST_DAYS`` ago."""

    def fetch(self, key: str) -> bytes | None:
        """The whole mail, or of one larger than is ever read its headers; None if it is gone."""

    def connect_to_send(self) -> None:
        """So that what keeps a letter from going is known before it is handed over. Sends nothing."""

    def send(self, content: bytes, recipient: str) -> str | None:
        """Send it; returns the Message-ID it went with, if the provider gave it another.

        Raises a :class:`mail.smtp.Trouble`; ``Unclear`` as soon as it may have gone.
        """

    def keep_copy(self, content: bytes, message_id: str) -> None:
        """Put it among what was sent, unless it is there; nothing where the provider does that."""

    def close(self) -> None: ...
