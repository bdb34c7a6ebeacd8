"""The coach's input and output as plain values."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from outreach.models import Channel, Purpose

GUIDE = "NIHR, Accessing informal mentoring (2023)"
BOOMERANG = "Boomerang, a count of 40 million e-mails (2016)"
FLYNN_LAKE = "Flynn and Lake, If you need help, just ask (2008)"
LINKEDIN = "LinkedIn’s own limits"

FIRST_CONTACT = {Purpose.FIRST_APPROACH}
ASKING = {
    Purpose.FIRST_APPROACH,
    Purpose.INTRODUCTION,
    Purpose.FOLLOW_UP,
    Purpose.FOLLOW_UP_CONVERSATION,
    Purpose.MENTORING_REQUEST,
}
Place = Literal["subject", "message"]
# Maps single characters, so that a match has the same position in the original text.
LOW = str.maketrans(string.ascii_uppercase + "’", string.ascii_lowercase + "'")


def lowered(text: str) -> str:
    """The text for the rules to search: lower case, straight apostrophes, same length."""
    return text.lower() if text.isascii() else text.translate(LOW)


@dataclass(frozen=True)
class Draft:
    """A draft as it would be sent, with merge fields filled in.

    ``about_them`` is what is known about the recipient: role, workplace, what the user noticed. ``limit`` and
    ``subject_limit`` are the channel's limits in characters, or None.
    """

    purpose: str
    channel: str
    subject: str
    body: str
    their_name: str
    about_them: tuple[str, ...] = ()
    limit: int | None = None
    subject_limit: int | None = None

    @cached_property
    def low(self) -> str:
        return lowered(self.body)

    @cached_property
    def low_subject(self) -> str:
        return lowered(self.subject)

    @property
    def has_subject(self) -> bool:
        return self.channel in {Channel.EMAIL, Channel.INMAIL}

    @property
    def is_note(self) -> bool:
        """Whether the channel is too short for everything an e-mail should have."""
        return self.channel == Channel.LINKEDIN_NOTE


@dataclass(frozen=True)
class Advice:
    """``key`` names the rule; ``quote`` is the text it is about (empty: all of ``place``).

    ``span`` is the start and end of the quote in ``place``, for highlighting.
    """

    key: str
    words: str
    reason: str
    source: str
    place: Place = "message"
    quote: str = ""
    hard: bool = False
    span: tuple[int, int] | None = None


Rule = Callable[[Draft], "Advice | None"]


def quoted(match: re.Match[str], text: str) -> str:
    """The matched text, as it is written in ``text``."""
    return " ".join(text[match.start() : match.end()].split())[:120]
