"""Reads people from tables: LinkedIn, Google, Outlook, and any other with a column of names or addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice, zip_longest
from typing import NamedTuple

from accounts.formulas import armed
from portfolio.contact_files.columns import Column, Kind, columns_of, folded, kind_of
from portfolio.contact_files.contact import Draft, Entry, Problem, address_in, is_address, settle
from portfolio.contact_files.decoding import TextLine
from portfolio.contact_files.limits import MOST_COLUMNS, Refused
from portfolio.contact_files.rows import Row, rows

SEPARATORS = (",", ";", "\t")
_MOST_PREAMBLE = 50  # rows before LinkedIn's header
_SEVERAL = re.compile(r"\s*:::\s*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_FIRST = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*\.?[ -](\d{4}|\d{2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:,? .*)?")
_IN_BRACKETS = re.compile(r"[(<\[]([^()<>\[\]]*@[^()<>\[\]]*)[)>\]]")
# Our own lists, and others', put an apostrophe before what a spreadsheet would calculate with. Names keep theirs: one
# that begins like a formula is refused either way.
_MAY_BE_DISARMED = {"phone", "organisation", "title", "notes", "tags", "url"}
_COURTESY_OR_DEGREE = {"mr", "mrs", "ms", "mx", "miss", "dr", "prof", "professor", "prof. dr", "frau", "herr", "mme"}


class Header(NamedTuple):
    line: int
    kind: Kind
    separator: str
    names: list[str]  # folded
    width: int


def declared_separator(first: str) -> str:
    """The separator that a first line "sep=;" tells, or ""."""
    told = first.strip(" ").strip('"')
    return told[4] if told[:4].lower() == "sep=" and len(told) == 5 and told[4] not in '"\r\n' else ""


def find_header(lines: list[TextLine]) -> Header | None:
    """The header among the first lines of a file: the first row, or LinkedIn's further down."""
    told = next((declared_separator(line.text) for line in lines[:1]), "")
    lines = lines[1:] if told else lines
    headers = [
        header for separator in ([told] if told else SEPARATORS) if (header := _find_with(lines, separator)) is not None
    ]
    return max(headers, key=lambda header: len(columns_of(header.kind, header.names)), default=None)


def _find_with(lines: list[TextLine], separator: str) -> Header | None:
    filled = (row for row in rows(lines, separator) if any(cell.strip() for cell in row.cells))
    for place, row in enumerate(islice(filled, _MOST_PREAMBLE)):
        names = folded(row.cells[: MOST_COLUMNS + 1])
        kind = kind_of(names)
        if kind == "linkedin" or (kind and not place):
            if len(names) > MOST_COLUMNS:
                raise Refused(f"a table of {len(row.cells):,} columns; {MOST_COLUMNS:,} are the most that are read")
            return Header(row.line, kind, separator, names, len(names))
    return None


def looks_like_a_table(lines: list[TextLine]) -> bool:
    """Whether this is a table, though no column is known: as many cells in every row, and no address in the first.

    In a list as text there may be commas and semicolons, too, but hardly addresses in one place of all its lines.
    """
    for separator in SEPARATORS:
        filled = [row.cells for row in rows(lines[:20], separator) if any(cell.strip() for cell in row.cells)]
        if len({len(cells) for cells in filled}) != 1 or "@" in "".join(filled[0]):
            continue
        width, below = len(filled[0]), filled[1:]
        if (below or width >= 100) and width >= {"\t": 2, ",": 4}.get(separator, MOST_COLUMNS):
            return True
        if len(below) > 1 and width > 2 and _are_addresses_in_one_column(below):
            return True
    return False


def _are_addresses_in_one_column(below: list[list[str]]) -> bool:
    counts = [sum(is_address(cell.strip()) for cell in column) for column in zip(*below, strict=True)]
    return max(counts) * 2 >= len(below) and counts.count(0) == len(counts) - 1


def read_table(lines: Iterable[TextLine], header: Header, columns: Sequence[Column]) -> Iterator[Entry]:
    """The entries below the header."""
    reader = _Table(header, columns)
    nobody = True
    for row in rows(after_declaration(lines), header.separator):
        if row.line > header.line and (entry := reader.entry(row)):
            nobody = False
            yield entry
    if nobody:
        line = max(1, header.line)
        yield Entry(line, None, (Problem(line, "a header, and no one below it" if header.line else "no one is in it"),))


def after_declaration(lines: Iterable[TextLine]) -> Iterator[TextLine]:
    for line in lines:
        if line.number > 1 or not declared_separator(line.text):
            yield line


class _Table:
    def __init__(self, header: Header, columns: Sequence[Column]) -> None:
        self.header, self.columns = header, columns
        self.first = next(((at, name) for at, name in enumerate(header.names) if name), None)

    def entry(self, row: Row) -> Entry | None:
        cells, width = row.cells, self.header.width
        if row.flaw:
            return Entry(row.line, None, (Problem(row.line, row.flaw),))
        if self._is_header(cells) or not any(map(str.strip, cells)):
            return None
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            return Entry(row.line, None, (Problem(row.line, "more cells than the header has"),))
        return settle(row.line, self._draft(cells))

    def _is_header(self, cells: list[str]) -> bool:
        if self.first is None:
            return False
        at, name = self.first
        if at >= len(cells) or folded([cells[at]]) != [name]:
            return False
        pairs = zip_longest(folded(cells), self.header.names, fillvalue="")  # spreadsheets add and drop empty cells
        return all(cell == name for cell, name in pairs)

    def _draft(self, cells: list[str]) -> Draft:
        draft = Draft()
        extras: dict[tuple[str, str], str] = {}
        addresses: list[tuple[Column, str]] = []
        phones: list[tuple[Column, str]] = []
        postal: dict[str, dict[str, list[str]]] = {}
        for column in self.columns:
            cell = cells[column.at].strip() if column.at < len(cells) else ""
            if not cell:
                continue
            if column.field in _MAY_BE_DISARMED:
                cell = armed(cell)
            match column.field:
                case "email":
                    addresses.append((column, cell))
                case "phone":
                    phones.append((column, cell))
                case "postal" | "postal part":
                    postal.setdefault(column.number, {}).setdefault(column.field, []).append(cell)
                case "email type" | "email label" | "email display" | "phone label":
                    extras.setdefault((column.field, column.number), cell)
                case _:
                    self._plain(draft, column, cell)
        draft.phones = [
            phone
            for column, cell in phones
            if not is_machine(extras.get(("phone label", column.number), ""))
            for phone in several(cell)
        ]
        draft.postal = [address for parts in postal.values() for address in _postal(parts)]
        for column, cell in addresses:
            label = extras.get(("email label", column.number), "")
            of_type = extras.get(("email type", column.number), "").upper()
            if of_type != "FAX":
                _take_addresses(draft, cell, extras.get(("email display", column.number), ""), label, of_type)
        return draft

    def _plain(self, draft: Draft, column: Column, cell: str) -> None:
        match column.field:
            case "url":
                draft.urls += [url.replace("\\:", ":") for url in several(cell)]
            case "tags":
                draft.tags += _tags_in(cell, self.header.kind)
            case "notes":
                draft.notes = draft.notes or cell
            case "connected_on":
                draft.connected_on = date_in(cell)
                if not draft.connected_on:
                    draft.doubts.append("the date of the connection can’t be read")
            case "title" if self.header.kind == "csv" and cell.casefold().rstrip(".") in _COURTESY_OR_DEGREE:
                draft.prefix = draft.prefix or cell
            case "organisation" | "title" as field:
                setattr(draft, field, getattr(draft, field) or several(cell)[0])
            case field:
                setattr(draft, field, getattr(draft, field) or cell)


def several(cell: str) -> list[str]:
    """The values of a cell in which Google put several."""
    if ":::" not in cell:
        return [cell]
    return [value for value in _SEVERAL.split(cell) if value] or [""]


def _postal(parts: dict[str, list[str]]) -> list[str]:
    """The addresses that these columns have together: as a whole, if the file has it so, else of its parts."""
    if "postal" in parts:
        return [address for cell in parts["postal"] for address in several(cell)]
    return ["\n".join(parts["postal part"])]


def is_machine(label: str) -> bool:
    return "fax" in (small := label.casefold()) or "pager" in small


def _tags_in(cell: str, kind: Kind) -> list[str]:
    if kind == "google":
        return several(cell)
    tags = [tag for part in several(cell) for tag in part.split(";")]
    return cell.split(",") if kind == "csv" and len(tags) == 1 else tags


def _take_addresses(draft: Draft, cell: str, display: str, label: str, of_type: str) -> None:
    rank = 0 if label.startswith("*") else 1
    for value in several(cell):
        if (of_type == "EX" or value[:3].lower() == "/o=") and not is_address(address_in(value)):
            found = _IN_BRACKETS.search(display)
            draft.emails.append((rank, found[1] if found else value))
        else:
            draft.emails += [(rank, address) for address in split_addresses(value)]


def split_addresses(value: str) -> list[str]:
    """The addresses of a cell, between commas or semicolons; "Hart, Ann <…>" is one."""
    found: list[str] = []
    before = ""
    for piece in re.split(r"[;,\n]", value):
        if "@" in piece:
            found += [before, piece] if before and "<" not in piece else [piece]
            before = ""
        elif piece.strip():
            found += [before] if before else []
            before = piece
    return [*found, before] if before else found


def date_in(text: str) -> date | None:
    """LinkedIn's dates: "15 Jun 2026", "7-Feb-22", the older "6/15/17, 3:14 PM", and ISO."""
    text = " ".join(text.split())
    try:
        if (found := _DAY_FIRST.fullmatch(text)) and found[2].lower() in _MONTHS:
            return date(_year(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
        if found := _MONTH_FIRST.fullmatch(text):
            return date(_year(found[3]), int(found[1]), int(found[2]))
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)
