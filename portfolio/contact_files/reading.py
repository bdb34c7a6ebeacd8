"""Reads people from a file, whatever it is: tells the kind by the content, then yields one entry a record.

Nothing is held but the record at hand, so a file of 30,000 people takes the memory of one (a pasted list remembers its
addresses). The entries of the same file are always the same, in the same order: work that stopped after n of them goes
on with ``islice(reading.entries, n, None)``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, NamedTuple

from portfolio.contact_files.cards import read_cards, unfolded
from portfolio.contact_files.columns import Column, Kind, columns_of, personal_columns
from portfolio.contact_files.contact import Entry, Problem
from portfolio.contact_files.decoding import Source, TextLine
from portfolio.contact_files.limits import BIGGEST_FILE, LONGEST_RECORD, MOST_ENTRIES, Refused, TooLarge
from portfolio.contact_files.mapping import Preview, find_table, mapped, preview_of
from portfolio.contact_files.pasted import read_text
from portfolio.contact_files.tables import find_header, looks_like_a_table, read_table
from portfolio.contact_files.zipped import ZIP_BEGINS, is_zip, member

CONNECTIONS = "connections.csv"
_BEGIN = re.compile(r"^[ \t]*BEGIN[ \t]*:[ \t]*(VCARD|VCALENDAR)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NO_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FOREIGN = re.compile(
    r"\s*(?:<!|<\?|#!|\{|\[\s*[\[{\"]|%PDF-"
    r"|<(?:html|head|body|meta|table|title|style|script|link|div|span|p|ul|ol|h\d|img|form|svg)\b[^@>]*>)",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?:(?:From|To|Cc|Date|Subject|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|X-[\w-]+):.*\n"
    r"(?:[ \t].*\n)*){3}",
    re.IGNORECASE,
)
_LDIF = re.compile(r"(?:#.*\n|version: 1\n|\s*\n)*dn::? ", re.IGNORECASE)
_OLDER_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST_LINES = 200  # among which a header is looked for


@dataclass(frozen=True)
class Reading:
    """What a file is, and its entries in the file's order, which can be gone through once."""

    kind: Kind
    entries: Iterator[Entry]


def read(
    file: BinaryIO, *, columns: Mapping[int, str] | None = None, header_rows: int | None = None, more: bool = False
) -> Reading:
    """Read a file of contacts. It must allow seeking, and stay open while the entries are gone through.

    ``columns`` says for a table which of `mapping.FIELDS` is where, counted from 0, in place of what its header says;
    ``header_rows`` whether it has one (0 or 1; None finds out). ``more`` reads birthdays and postal addresses, too.
    Raises `TooLarge` for a file that is not even looked at, and `ValueError` for columns there can't be. Whatever else
    is wrong with the file is a problem on line 1.
    """
    chosen = None if columns is None else mapped(columns)
    size = file.seek(0, io.SEEK_END)
    if size > BIGGEST_FILE:
        raise TooLarge(f"{size / 1024**2:,.0f} MB; the largest file that is read has {BIGGEST_FILE // 1024**2} MB")
    try:
        return _read(_opened(file), chosen, header_rows, more=more)
    except Refused as refused:
        return Reading("unknown", iter([Entry(refused.line, None, (Problem(refused.line, refused.about),))]))


def preview(file: BinaryIO) -> Preview:
    """What a file is, and of a table its first rows. Raises `TooLarge` as `read` does."""
    reading = read(file)
    about = next(reading.entries).problems[0].about if reading.kind == "unknown" else ""
    try:
        opened = _opened(file)
        return preview_of(reading.kind, about, [] if opened.is_of_cards else opened.start)
    except Refused as refused:
        return Preview("unknown", about=refused.about)


class _Opened(NamedTuple):
    """A file that may have somebody in it. ``start`` has its first lines."""

    source: Source
    encoding: str
    start: list[TextLine]
    is_of_cards: bool


def _opened(file: BinaryIO) -> _Opened:
    source = source_of(file, CONNECTIONS)
    if source is None:
        raise Refused("a zip without Connections.csv: unpack it, and choose the file with the contacts")
    start = _start(source)
    encoding = source.encoding()
    if found := _BEGIN.search("\n".join(line.text for line in start)):
        if found[1].upper() == "VCALENDAR":
            raise Refused("a calendar, not contacts: choose a CSV or a vCard")
        if encoding == "cp1252":
            encoding = source.encoding(unfolded)
        return _Opened(source, encoding, start, is_of_cards=True)
    _refuse_documents(start)
    return _Opened(source, encoding, list(islice(source.text_lines(encoding), len(start))), is_of_cards=False)


def _read(opened: _Opened, chosen: list[Column] | None, header_rows: int | None, *, more: bool) -> Reading:
    source, encoding, start, is_of_cards = opened
    if is_of_cards:
        return Reading("vcard", _bounded(read_cards(source.lines(), encoding, more=more)))
    header = find_header(start) if chosen is None else find_table(start, header_rows)
    if header:
        columns = columns_of(header.kind, header.names) if chosen is None else chosen
        columns += personal_columns(header.names) if more else []
        return Reading(header.kind, _bounded(read_table(source.text_lines(encoding), header, columns)))
    if looks_like_a_table(start):
        raise Refused("a table, but no column is called a name or an email address: say what each column holds")
    entries = _bounded(read_text(source.text_lines(encoding)))
    first = next(entries, None)
    if first is None:
        raise Refused("no one is in it")
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
    if first.startswith(_OLDER_OFFICE):
        raise Refused("an older Word or Excel document: save the list as CSV")
    if first.startswith(ZIP_BEGINS):
        raise Refused("a zip inside of the zip: unpack it first")
    if len(_NO_TEXT.findall(first)) * 50 > len(first) or first.count(0) * 10 > len(first.rstrip(b"\0")) * 6 > 0:
        raise Refused("not a list of contacts, since it isn’t text: choose a CSV, a vCard or LinkedIn’s zip")
    lines = list(_first_lines(source.text_lines("utf-8")))
    if not any(line.text.strip() for line in lines):
        if any(line.text.strip() for line in source.text_lines("utf-8")):
            raise Refused(f"nothing in the first {_FIRST_LINES} lines")
        raise Refused("the file is empty")
    return lines


def _refuse_documents(lines: list[TextLine]) -> None:
    """Raises `Refused` for text that is something else than a list of people."""
    beginning = "\n".join(line.text[:500] for line in lines[:20]).lstrip()
    if _LDIF.match(beginning):
        raise Refused("LDIF, which can’t be read: export the contacts as a vCard or CSV")
    if _MAIL.match(beginning):
        raise Refused("an email, not contacts: copy the names out of it and paste them")
    if _FOREIGN.match(beginning):
        raise Refused("a page or a document, not contacts: save the list as CSV, or copy and paste it")


def _first_lines(lines: Iterable[TextLine]) -> Iterator[TextLine]:
    size = 0
    for line in islice(lines, _FIRST_LINES):
        yield line
        size += len(line.text)
        if size > LONGEST_RECORD:
            return


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
