"""How much is read of one mail, so that memory and time are bounded whatever is in it."""

from __future__ import annotations

import time

MEGABYTE = 1024 * 1024
LARGEST_MAIL = 25 * MEGABYTE
MOST_LINES = 1_000_000  # 25 MB of an attachment are 350,000
MOST_PARTS = 1000
DEEPEST_PART = 50  # parts within parts; each level makes every line below it dearer to read
MOST_SECONDS = 10
LONGEST_PARAMETERS = 2048  # letters of Content-Type and its kin: the standard library takes the square of them
LONGEST_HEADERS = 2 * MEGABYTE  # letters of all headers of one mail
LONGEST_ID = 1000  # letters of a Message-ID
LONGEST_ADDRESS = 320  # letters (RFC 5321 §4.5.3.1)
LONGEST_WORDS = 2_000_000  # letters of a body; what comes after is history
MOST_MESSAGES_INSIDE = 20  # forwards within a forward, attached mails: where a message from the person is looked for
CHUNK = 64 * 1024


class SetAside(Exception):
    """This mail is not read at all. ``reason`` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stopwatch:
    """Ends a reading that takes longer than ``MOST_SECONDS``; asked between steps that are short by themselves."""

    def __init__(self) -> None:
        self._end = time.monotonic() + MOST_SECONDS

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise SetAside(f"Reading this mail took more than {MOST_SECONDS} seconds.")
