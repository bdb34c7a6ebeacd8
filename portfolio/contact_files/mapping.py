"""Shows the first rows of a table, guesses what is in each column, and takes from a person what really is.

So a table can be read whose header nobody knows, or that has none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from portfolio.contact_files.columns import Column, Field, Kind, columns_of, folded
from portfolio.contact_files.contact import address_in, has_letters, is_address, is_number, one_line
from portfolio.contact_files.decoding import TextLine
from portfolio.contact_files.limits import MOST_COLUMNS, Refused
from portfolio.contact_files.rows import Row, rows
from portfolio.contact_files.tables import SEPARATORS, Header, after_declaration, declared_separator, find_header

ROWS_LOOKED_AT = 20
ROWS_SHOWN = 8
COLUMNS_SHOWN = 60
LONGEST_CELL_SHOWN = 80
_FEW_DIGITS = 6  # fewer are a year, an age or a count, not a telephone number
_WEB = re.compile(r"(?:https?://|www\.)\S+|\S+\.\w{2,}/\S*", re.IGNORECASE)

# What a column can be said to hold.
FIELDS: dict[str, Field] = {
    "name": "full",
    "prefix": "prefix",
    "given": "given",
    "middle": "middle",
    "family": "family",
    "organisation": "organisation",
    "title": "title",
    "email": "email",
    "phone": "phone",
    "url": "url",
    "notes": "notes",
    "tags": "tags",
}
_CALLED = {field: name for name, field in FIELDS.items()}


@dataclass(frozen=True)
class Preview:
    """What a file is, and of a table its first rows, cut to what fits a page.

    ``columns`` has for each column shown one of ``FIELDS``, or "" for one that would not be read. A list as text has
    rows, too, where it may be a table. ``width`` counts all columns; ``about`` says why nobody would be read.
    """

    kind: Kind
    header: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    first_rows: tuple[tuple[str, ...], ...] = ()
    width: int = 0
    about: str = ""

    @property
    def header_rows(self) -> int:
        return 1 if self.header else 0


def preview_of(kind: Kind, about: str, lines: list[TextLine]) -> Preview:
    """The preview of a file that begins with these lines and would be read as this kind."""
    header = find_table(lines)
    if header is None:
        return Preview(kind, about=about)
    start = [row for row in _filled(lines, header.separator) if row.line >= header.line][: ROWS_SHOWN + 1]
    if kind == "text" and len(start) < 2:
        return Preview(kind, about=about)
    told = start.pop(0).cells if header.line else []
    below = [row.cells for row in start[:ROWS_SHOWN]]
    width = max(map(len, [told, *below]))
    found = {column.at: _CALLED.get(column.field, "") for column in columns_of(header.kind, header.names)}
    if kind in {"text", "unknown"}:
        found = _guessed(width, below, found)
    return Preview(
        kind=kind,
        header=_shown(told),
        columns=tuple(found.get(at, "") for at in range(min(width, COLUMNS_SHOWN))),
        first_rows=tuple(map(_shown, below)),
        width=width,
        about=about,
    )


def find_table(lines: list[TextLine], header_rows: int | None = None) -> Header | None:
    """The table that these first lines of a file begin, whether or not its header is known; None if they are none.

    ``header_rows`` (0 or 1) says whether it has one; None lets its first row tell.
    """
    if header_rows != 0 and (header := find_header(lines)):
        return header
    separator = next(filter(None, (declared_separator(line.text) for line in lines[:1])), "") or _separator(lines)
    found = list(islice(_filled(lines, separator), ROWS_LOOKED_AT)) if separator else []
    if not found:
        return None
    first, *below = found
    if len(first.cells) > MOST_COLUMNS:
        raise Refused(f"a table of {len(first.cells):,} columns; {MOST_COLUMNS:,} are the most that are read")
    if header_rows == 1 or (header_rows is None and _is_header(first.cells, [row.cells for row in below])):
        return Header(first.line, "csv", separator, folded(first.cells), len(first.cells))
    return Header(0, "csv", separator, [], MOST_COLUMNS)


def mapped(columns: Mapping[int, str]) -> list[Column]:
    """The columns as a person named them. Raises `ValueError` for a place or a field that there can't be."""
    found = []
    for at, name in sorted(columns.items()):
        if not 0 <= at < MOST_COLUMNS or (name and name not in FIELDS):
            raise ValueError(f"column {at} as {name!r}")
        if name:
            found.append(Column(at, FIELDS[name], f"column {at}"))
    return found


def _filled(lines: Iterable[TextLine], separator: str) -> Iterator[Row]:
    return (row for row in rows(after_declaration(lines), separator) if any(cell.strip() for cell in row.cells))


def _separator(lines: list[TextLine]) -> str:
    """What parts most rows into equally many cells; "" if nothing does."""
    best, found = (0, 0), ""
    for separator in (*SEPARATORS, "|"):
        first = [len(row.cells) for row in islice(_filled(lines, separator), ROWS_LOOKED_AT)]
        widths = Counter(width for width in first if width > 1)
        width, count = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        if count * 2 > len(first) and (count, width) > best:
            best, found = (count, width), separator
    return found


def _shown(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(one_line(cell[: LONGEST_CELL_SHOWN * 4])[:LONGEST_CELL_SHOWN] for cell in cells[:COLUMNS_SHOWN])


# --- Guesses ------------------------------------------------------------------------------------------


def _guessed(width: int, below: list[list[str]], known: dict[int, str]) -> dict[int, str]:
    """What each column seems to hold by its cells, where its header doesn't tell; the first of words is the name."""
    found = dict(known)
    for at in set(range(min(width, COLUMNS_SHOWN))) - set(known):
        what = _what_most_are(row[at] for row in below if at < len(row))
        if what in FIELDS and not (what == "name" and "name" in found.values()):
            found[at] = what
    return found


def _is_header(first: list[str], below: list[list[str]]) -> bool:
    """Whether the first row has words where those below it have addresses or numbers."""
    if any(_what(cell) not in {"name", ""} for cell in first):
        return False
    columns = (_what_most_are(row[at] for row in below if at < len(row)) for at in range(len(first[:COLUMNS_SHOWN])))
    return any(what not in {"name", ""} for what in columns)


def _what_most_are(cells: Iterable[str]) -> str:
    found = Counter(_what(cell) for cell in cells if cell.strip())
    what, count = max(found.items(), key=lambda one: one[1], default=("", 0))
    return what if count * 2 > found.total() else ""


def _what(cell: str) -> str:
    cell = one_line(cell[:500])
    if is_address(address_in(cell)):
        return "email"
    if _WEB.fullmatch(cell):
        return "url"
    if is_number(cell):
        return "phone" if sum(map(str.isdigit, cell)) > _FEW_DIGITS else "number"
    return "name" if has_letters(cell) else ""
