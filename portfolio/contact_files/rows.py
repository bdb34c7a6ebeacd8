"""Splits the lines of a table into rows and cells, forgiving what spreadsheets and people do to quotation marks.

The standard `csv` is not used: after a quotation mark that is never closed, it takes the rest of the file for one cell.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from portfolio.contact_files.decoding import TextLine
from portfolio.contact_files.limits import EACH_LINE, LONGEST_RECORD


class Row(NamedTuple):
    """``line`` is the first of the row. ``flaw`` says why there are no cells."""

    line: int
    cells: list[str]
    flaw: str = ""


class _Lines:
    """Lines that can be given back, to be read again."""

    def __init__(self, lines: Iterable[TextLine]) -> None:
        self._lines, self._returned = iter(lines), deque[TextLine]()

    def take(self) -> TextLine | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def give_back(self, lines: list[TextLine]) -> None:
        self._returned.extendleft(reversed(lines))


def rows(lines: Iterable[TextLine], separator: str) -> Iterator[Row]:
    """Every row, empty ones too.

    Where a quotation mark opens a cell and is never closed, its line is a row without cells and the next line begins a
    row. No line is looked at more than a few times: what comes after a mark that waited in vain for its end has no mark
    that could wait in vain again.
    """
    # A cell over several lines that seems to end in the middle of another one wasn't closed at all.
    at_end = re.compile(f"[ ]*(?:{re.escape(separator)}|\\Z)")
    source = _Lines(lines)
    while first := source.take():
        if first.is_too_long:
            yield Row(first.number, [], "the line is too long")
        elif '"' not in first.text:
            yield Row(first.number, first.text.split(separator))
        else:
            yield _quoted(first, source, separator, at_end)


def _quoted(first: TextLine, source: _Lines, separator: str, at_end: re.Pattern[str]) -> Row:
    cells: list[str] = []
    held, size = [first], len(first.text)
    at = 0
    while True:
        text, inner = held[-1].text, ""
        if text.startswith('"', at):
            opened, parts, at = len(held), [], at + 1
            while (end := _closing(text, at)) < 0:
                parts.append(text[at:])
                following = source.take()
                size += len(following.text) + EACH_LINE if following else 0
                if following:
                    held.append(following)
                if not following or size > LONGEST_RECORD:
                    source.give_back(held[opened:])
                    return Row(first.number, [], "a quotation mark is never closed")
                text, at = following.text, 0
            if len(held) > opened and not at_end.match(text, end + 1):
                source.give_back(held[opened:])
                return Row(first.number, [], "a quotation mark is never closed")
            inner = "\n".join([*parts, text[at:end]]).replace('""', '"')
            at = end + 1
        stop = text.find(separator, at)
        cells.append(inner + text[at : stop if stop >= 0 else len(text)])
        if stop < 0:
            return Row(first.number, cells)
        at = stop + len(separator)


def _closing(text: str, at: int) -> int:
    """Where the quotation mark is that closes a cell, or -1; two of them are one in the cell."""
    while (end := text.find('"', at)) >= 0:
        if not text.startswith('"', end + 1):
            return end
        at = end + 2
    return -1
