"""From bytes to lines: which encoding a file is in, where its lines end, and what is invisible in them.

A file is read twice, in chunks: once to find its encoding, once for its people.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from portfolio.contact_files.limits import BIGGEST_UNPACKED, CHUNK, LONGEST_RECORD, MOST_LINES, Refused

# NUL, zero-width blank, byte order marks, direction overrides. The joiners stay: emoji and Persian names need them.
_UNSEEN = re.compile("[\0\u200b\ufeff\u202a-\u202e\u2066-\u2069]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Line(NamedTuple):
    """``number`` counts from 1 as the file stands. ``data`` is without its end; cut where it is too long to be kept."""

    number: int
    data: bytes

    @property
    def is_too_long(self) -> bool:
        return len(self.data) > LONGEST_RECORD


class TextLine(NamedTuple):
    number: int
    text: str

    @property
    def is_too_long(self) -> bool:
        return len(self.text) > LONGEST_RECORD


@dataclass(frozen=True)
class Source:
    """A file that can be read from its start several times."""

    open: Callable[[], BinaryIO]

    def chunks(self) -> Iterator[bytes]:
        """The bytes; those of UTF-16 as UTF-8, so that a line end is a line end for everybody."""
        file = self.open()
        chunk = file.read(CHUNK)
        recode = codecs.getincrementaldecoder("utf-16")("replace") if chunk.startswith(_UTF16) else None
        size = 0
        while chunk:
            size += len(chunk)
            if size > BIGGEST_UNPACKED:
                raise Refused(f"larger than {BIGGEST_UNPACKED // 1024**2} MB when unpacked")
            yield recode.decode(chunk).encode("utf-8", "replace") if recode else chunk
            chunk = file.read(CHUNK)
        if recode:
            yield recode.decode(b"", final=True).encode("utf-8", "replace")

    def lines(self) -> Iterator[Line]:
        for number, data in enumerate(split_lines(self.chunks()), 1):
            if number > MOST_LINES:
                raise Refused(f"more than {MOST_LINES:,} lines; the rest was not read", number)
            yield Line(number, data)

    def text_lines(self, encoding: str) -> Iterator[TextLine]:
        for number, data in self.lines():
            yield TextLine(number, visible(data.decode(encoding, "replace")))

    def encoding(self, unfolded: Callable[[Iterable[Line]], Iterator[Line]] | None = None) -> str:
        """UTF-8 if the whole file is, else Windows-1252. A card's folds may fall inside of characters."""
        if next(self.chunks(), b"").startswith(codecs.BOM_UTF8) or _is_utf8(self.chunks()):
            return "utf-8"
        if unfolded and _is_utf8(line.data + b"\n" for line in unfolded(self.lines())):
            return "utf-8"
        return "cp1252"


def _is_utf8(chunks: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines ended by CR LF, CR or LF. Of a line beyond the limit, the rest is dropped and not held."""
    held: list[bytes] = []
    size = 0
    after_cr = False
    for chunk in chunks:
        if after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            after_cr = False
        if not chunk:
            continue
        after_cr = chunk.endswith(b"\r")
        *ended, open_end = [*chunk.splitlines(), *([b""] if chunk.endswith((b"\r", b"\n")) else [])]
        for piece in ended:
            yield b"".join([*held, piece]) if held else piece
            held, size = [], 0
        if open_end and size <= LONGEST_RECORD:
            held.append(open_end)
            size += len(open_end)
    if held:
        yield b"".join(held)


def visible(text: str) -> str:
    """The text without the characters that nobody sees and that no name needs."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSEEN.sub("", text)
