"""What must hold of any bytes, and bytes to begin with: for test_fuzz.py, and for `make fuzz`."""

from __future__ import annotations

import io
from collections.abc import Sequence

from portfolio.contact_files.contact import Contact, Entry, has_letters, is_address, one_line
from portfolio.contact_files.decoding import visible
from portfolio.contact_files.mapping import COLUMNS_SHOWN, FIELDS, LONGEST_CELL_SHOWN, ROWS_SHOWN
from portfolio.contact_files.reading import preview, read
from tests.portfolio.contact_files.reading import card
from tests.portfolio.contact_files.test_bounds import FORMATS
from tests.portfolio.contact_files.test_zips import CONNECTIONS, zip_of

VALID = [
    *((head + record.replace("{0}", "1") * 2).encode() for head, record in FORMATS.values()),
    card("FN;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:M=FC=", "ller", "AGENT:", version="2.1").encode(),
    'sep=;\nName;Email\n"Zoë ""Z"" Hart\n";z@example.org\n'.encode("utf-16"),
    zip_of({"Connections.csv": CONNECTIONS}),
]
PIECES = [
    b"",
    b"\0",
    b"\n",
    b"\r",
    b'"',
    b",",
    b";",
    b"=",
    b":",
    b"\\",
    b" ",
    b"BEGIN:VCARD\n",
    b"END:VCARD\n",
    b"AGENT:\n",
]
PIECES += [
    b"\xff",
    b"\xc3",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"@",
    b"<",
    b">",
    b"FN:",
    b"=3D",
    b" ::: ",
    b"Name,Email\n",
    b"PK\3\4",
]


def holds(data: bytes) -> None:
    """Read it twice, the same way; every entry says something, and every contact is as the rules want it."""
    found = list(read(io.BytesIO(data)).entries)
    assert list(read(io.BytesIO(data)).entries) == found
    lines = data.count(b"\n") + data.count(b"\r") + 2
    _are_entries(found, max(lines, 50))
    shown = preview(io.BytesIO(data))
    assert shown.kind == read(io.BytesIO(data)).kind
    assert bool(shown.about) == (shown.kind == "unknown")
    assert len(shown.first_rows) <= ROWS_SHOWN
    assert len(shown.columns) == min(shown.width, COLUMNS_SHOWN)
    assert all(len(cell) <= LONGEST_CELL_SHOWN for cells in (shown.header, *shown.first_rows) for cell in cells)
    columns = dict(enumerate(FIELDS))
    for header_rows in (None, len(data) % 2):
        mapped = read(io.BytesIO(data), columns=columns, header_rows=header_rows, more=True)
        _are_entries(list(mapped.entries), max(lines, 50))


def _are_entries(entries: Sequence[Entry], lines: int) -> None:
    for entry in entries:
        assert entry.contact or entry.problems
        assert all(1 <= problem.line <= lines and problem.about for problem in entry.problems)
        if entry.contact:
            _is_settled(entry.contact)
    assert [entry.line for entry in entries] == sorted(entry.line for entry in entries)


def _is_settled(contact: Contact) -> None:
    assert 0 < len(contact.name) <= 200
    assert has_letters(contact.name)
    for text in (contact.name, contact.given, contact.family, contact.organisation, contact.title, *contact.tags):
        assert text == one_line(text) == visible(text)
    assert all(is_address(email) and email == email.lower() for email in contact.emails)
    assert len(set(contact.emails)) == len(contact.emails)
    assert all(url.lower().startswith(("http://", "https://")) for url in contact.urls)
    assert contact.notes == contact.notes.strip()
    assert "\r" not in contact.notes
    assert all(address == one_line(address) for address in (contact.birthday, *contact.postal))
