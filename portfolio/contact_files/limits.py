"""How much is read of a file, so that memory and time are bounded whatever is in it."""

from __future__ import annotations

BIGGEST_FILE = 100 * 1024 * 1024  # bytes; a larger one is refused before anything is read
BIGGEST_UNPACKED = 100 * 1024 * 1024  # bytes of the one member that is read of a zip
BIGGEST_DIRECTORY = 4 * 1024 * 1024  # bytes of a zip's list of members
MOST_LINES = 3_000_000  # a file of the largest size with photos has half of that
MOST_ENTRIES = 100_000  # people and problems; the rest stays unread, and that is said
MOST_COLUMNS = 20_000
LONGEST_RECORD = 1024 * 1024  # bytes or letters of one line, row or card (without its photo)
EACH_LINE = 80  # bytes of memory that a line takes besides its letters, and counts for where several are one record
CHUNK = 64 * 1024  # bytes read at a time


class Refused(Exception):
    """The file, or the rest of it from ``line`` on, can't be read. ``about`` is for people."""

    def __init__(self, about: str, line: int = 1) -> None:
        super().__init__(about)
        self.about, self.line = about, line


class TooLarge(Refused):
    """The whole file is larger than anything this product reads."""
