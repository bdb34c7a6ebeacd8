"""Reads people from a file, whatever it is: tells the kind by the content, then yields one entry a record.

Nothing is held but the record at hand, so a file of 30,000 people takes the memory of one (a pasted list remembers its
addresses). The entries of the same file are always the same, in the same order: work that stopped after n of them goes
on with ``islice(reading.entries, n, None)``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from portfolio.contact_files.cards import read_cards, unfolded
from portfolio.contact_files.columns import Kind
from portfolio.contact_files.contact import Entry, Problem
from portfolio.contact_files.decoding import Source, TextLine
from portfolio.contact_files.limits import BIGGEST_FILE, CHUNK, MOST_ENTRIES, Refused, TooLarge
from portfolio.contact_files.pasted import read_text
from portfolio.contact_files.tables import find_header, looks_like_a_table, read_table
from portfolio.contact_files.zipped import is_zip, member

CONNECTIONS = "connections.csv"
_BEGIN = re.compile(r"^[ \t]*BEGIN[ \t]*:[ \t]*(VCARD|VCALENDAR)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NO_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FOREIGN = re.compile(r"\s*(?:<!doctype|<(?:html|head|body|meta|table)\b|<\?xml|\{|\[\s*\{|%PDF-)", re.IGNORECASE)
_FIRST_LINES = 200  # among which a header is looked for


@dataclass(frozen=True)
class Reading:
    """What a file is, and its entries in the file's order, which can be gone through once."""

    kind: Kind
    entries: Iterator[Entry]


def read(file: BinaryIO) -> Reading:
    """Read a file of contacts. It must allow seeking, and stay open while the entries are gone through.

    Raises `TooLarge` for a file that is not even looked at. Whatever else is wrong with it is a problem on line 1.
    """
    size = file.seek(0, io.SEEK_END)
    if size > BIGGEST_FILE:
        raise TooLarge(f"{size / 1024**2:,.0f} MB; the largest file that is read has {BIGGEST_FILE // 1024**2} MB")
    try:
        return _read(file)
    except Refused as refused:
        return Reading("unknown", iter([Entry(refused.line, None, (Problem(refused.line, refused.about),))]))


def _read(file: BinaryIO) -> Reading:
    source = source_of(file, CONNECTIONS)
    if source is None:
        raise Refused("a zip without Connections.csv")
    start = _start(source)
    encoding = source.encoding()
    if found := _BEGIN.search("\n".join(line.text for line in start)):
        if found[1].upper() == "VCALENDAR":
            raise Refused("a calendar, not contacts")
        if encoding == "cp1252":
            encoding = source.encoding(unfolded)
        return Reading("vcard", _bounded(read_cards(source.lines(), encoding)))
    start = list(islice(source.text_lines(encoding), len(start)))
    if header := find_header(start):
        return Reading(header.kind, _bounded(read_table(source.text_lines(encoding), header)))
    if looks_like_a_table(start):
        raise Refused("a table without a column of names or addresses")
    entries = _bounded(read_text(source.text_lines(encoding)))
    first = next(entries, None)
    if first is None:
        raise Refused("nobody is in it")
    return Reading("text", _chained(first, entries))


def source_of(file: BinaryIO, name: str) -> Source | None:
    """The file itself, or the one of this name in the zip that it is."""
    return member(file, name) if is_zip(file) else Source(lambda: _rewound(file))


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _start(source: Source) -> list[TextLine]:
    """The first lines. Raises `Refused` for what is empty or no text."""
    first = next(source.chunks(), b"")
    if len(_NO_TEXT.findall(first[:CHUNK])) * 50 > len(first):
        raise Refused("no text: this is not a file of contacts")
    lines = list(islice(source.text_lines("utf-8"), _FIRST_LINES))
    if not any(line.text.strip() for line in lines):
        if any(line.text.strip() for line in source.text_lines("utf-8")):
            raise Refused(f"nothing in the first {_FIRST_LINES} lines")
        raise Refused("the file is empty")
    if _FOREIGN.match("\n".join(line.text[:100] for line in lines)):
        raise Refused("a page or a document, not contacts")
    return lines


def _bounded(entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries up to the limit; why the rest isn't read is the last of them."""
    try:
        for count, entry in enumerate(entries):
            if count >= MOST_ENTRIES:
                raise Refused(f"more than {MOST_ENTRIES:,} entries; the rest was not read", entry.line)
            yield entry
    except Refused as refused:
        yield Entry(refused.line, None, (Problem(refused.line, refused.about),))


def _chained(first: Entry, rest: Iterator[Entry]) -> Iterator[Entry]:
    yield first
    yield from rest
