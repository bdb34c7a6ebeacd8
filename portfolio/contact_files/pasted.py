"""Reads people from a list pasted as text: one a line or between semicolons, with an address or an organisation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portfolio.contact_files.contact import Draft, Entry, Problem, address_in, is_address, one_line, settle
from portfolio.contact_files.decoding import TextLine

_BULLET = re.compile(r"\A\s*(?:•\s*|[-*–·‣]\s+|\*|\d{1,4}[.)]\s+)+")
_QUOTES = str.maketrans(dict.fromkeys("“”„", '"'))
_PIECE = re.compile(r'"[^"]*"|[^";]+|"')
_WITH_BRACKETS = re.compile(r"([^<>]*)<([^<>]*)>([^<>]*)")
_WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def read_text(lines: Iterable[TextLine]) -> Iterator[Entry]:
    """The entries of a pasted list. The same address again is the same entry, and not told twice."""
    seen: set[str] = set()
    for line in lines:
        if line.is_too_long:
            yield Entry(line.number, None, (Problem(line.number, "the line is too long"),))
            continue
        for piece in pieces(line.text):
            if _WEB.fullmatch(piece):
                yield Entry(line.number, None, (Problem(line.number, "a web address, and no name"),))
                continue
            entry = settle(line.number, _draft(piece))
            if not entry or (entry.contact and entry.contact.emails and entry.contact.emails[0] in seen):
                continue
            if entry.contact:
                seen.update(entry.contact.emails)
            yield entry


def pieces(line: str) -> Iterator[str]:
    """The line's entries: between semicolons, and at a comma directly after an address."""
    line = _BULLET.sub("", line.translate(_QUOTES))
    for part in _between_semicolons(line):
        held: list[str] = []
        for text in part.split(","):
            held.append(text)
            *_, last = text.rsplit(None, 1) or [""]
            if last.endswith(">") or ("@" in last and "<" not in last and '"' not in last):
                yield from _filled(",".join(held))
                held = []
        yield from _filled(",".join(held))


def _filled(text: str) -> Iterator[str]:
    text = _BULLET.sub("", text).strip().strip(",").strip()
    if text:
        yield text


def _between_semicolons(line: str) -> Iterator[str]:
    """Split at semicolons, but not between quotation marks."""
    if '"' not in line:
        yield from line.split(";")
        return
    held: list[str] = []
    at = 0
    while at < len(line):
        if line[at] == ";":
            yield "".join(held)
            held, at = [], at + 1
        elif found := _PIECE.match(line, at):
            held.append(found[0])
            at = found.end()
    yield "".join(held)


def _draft(piece: str) -> Draft:
    draft = Draft()
    if found := _WITH_BRACKETS.fullmatch(piece):
        before, address, after = (part.strip() for part in found.groups())
        draft.full = _unquoted(before or after)
        draft.emails = [(0, address)]
    elif "@" in piece.lstrip(" '@"):
        words = piece.split()
        address = next((word for word in words if "@" in word), "")
        name = one_line(" ".join(word for word in words if word is not address))
        draft.full = _unquoted(name.strip(" ,:-–|()"))
        draft.emails = [(0, address.strip("()[]{},;:"))]
    elif piece.startswith('"'):
        draft.full = _unquoted(piece)
    else:
        name, _, organisation = piece.partition(",")
        draft.full, draft.organisation = _unquoted(name), _unquoted(organisation)
    if is_address(address_in(draft.full)):
        draft.full = ""  # "ann@example.org" <ann@example.org>
    return draft


def _unquoted(name: str) -> str:
    name = name.strip()
    while len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    return name
