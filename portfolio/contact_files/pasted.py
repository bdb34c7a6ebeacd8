"""Reads people from a list pasted as text: one a line or between semicolons, with an address or an organisation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portfolio.contact_files.contact import Draft, Entry, Problem, address_in, is_address, settle
from portfolio.contact_files.decoding import TextLine

_BULLET = re.compile(r"\A\s*(?:•\s*|[-*–·‣]\s+|\*|\d{1,4}[.)]\s+)+")
_QUOTES = str.maketrans(dict.fromkeys("“”„", '"'))
_PIECE = re.compile(r'"[^"]*"|[^";]+|"')
_BRACKETS = re.compile(r"<([^<>]*)>")
MOST_QUOTES = 3  # around each other
MOST_ADDRESSES = 20  # of one entry, beside the first
_ENDS = " \t,()[]{}|"
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
    if "</" not in piece and (brackets := _BRACKETS.findall(piece)):  # HTML is text
        before, *others = (_unquoted(text.strip(" ,()")) for text in _BRACKETS.split(piece)[::2])
        draft.full = before or next(filter(None, others), "")
        draft.emails = [(0, address) for address in brackets]
        if before and any(others):
            draft.flaws.append("more than one name in it; the first was taken")
    elif "@" in piece[1:]:
        start, end = _word_around(piece, piece.index("@", 1))
        words = f"{piece[:start]} {piece[end:]}".split()
        more = [word for word in words[:MOST_ADDRESSES] if is_address(address_in(word))]
        draft.full = _unquoted(" ".join(word for word in words if word not in more).strip(" ,:-–|()"))
        draft.emails = [(0, address) for address in (piece[start:end], *more)]
    else:
        name, organisation = _at_comma(piece)
        draft.full, draft.organisation = _unquoted(name), _unquoted(organisation)
    if is_address(address_in(draft.full)):
        draft.full = ""  # "ann@example.org" <ann@example.org>
    return draft


def _word_around(text: str, at: int) -> tuple[int, int]:
    """Where the word at this place begins and ends, between blanks, commas and brackets."""
    start = max(text.rfind(end, 0, at) for end in _ENDS) + 1
    return start, min(place if (place := text.find(end, at)) >= 0 else len(text) for end in _ENDS)


def _at_comma(piece: str) -> tuple[str, str]:
    """(name, organisation): what follows the first comma that is not between quotation marks."""
    end = piece.find('"', 1) + 1 if piece.startswith('"') else 0
    name, _, organisation = piece[end:].partition(",")
    return piece[:end] + name, organisation


def _unquoted(name: str) -> str:
    name = name.strip()
    for _ in range(MOST_QUOTES):
        if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
            name = name[1:-1].strip()
    return name
