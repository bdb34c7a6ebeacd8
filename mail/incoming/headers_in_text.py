"""Headers that stand in the words of a mail: above what Outlook quotes, and above a message that was forwarded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mail.incoming.lines import Line
from mail.incoming.phrases import LABELS, LONGEST_LINE, says_forwarded, says_original

_LABEL = re.compile(r"[ \t*]{0,4}([^\W\d_][^:*]{0,24}?)[ \t]?\**[ \t]?:[ \t*]{0,4}(.*)")
_MOST_LINES = 60  # of headers, with long lists of recipients
_MOST_BLANK = 3  # lines between a marker and its headers


class Block(NamedTuple):
    """Headers by their roles (``phrases.LABELS``); ``end`` is the first line of the body."""

    headers: dict[str, str]
    end: int
    depth: int  # how deep they are quoted


def block_at(lines: Sequence[Line], start: int) -> Block | None:
    """
    The headers that begin here: with who it is from, if a date follows, and an addressee or a subject; or with another,
    if all four are there, since old programs begin with the date.
    """
    first = _label(lines[start].text)
    if not first or first[0] not in {"from", "date", "subject"}:
        return None
    block = _block(lines, start)
    return block if _is_enough(block.headers, begins_with_sender=first[0] == "from") else None


def _is_enough(headers: dict[str, str], *, begins_with_sender: bool = True) -> bool:
    """Without a subject, there must be an address: people, too, write where from, where to, and when."""
    found = {"from", "date", "to", "subject"} & headers.keys()
    if not begins_with_sender:
        return len(found) == 4
    return found >= {"from", "date", "subject"} or (
        found >= {"from", "date", "to"} and "@" in headers["from"] + headers["to"]
    )


def after_marker(lines: Sequence[Line], marker: int) -> Block | None:
    """The headers below "Forwarded message" and its like, in any order."""
    start = marker + 1
    while start < len(lines) and start <= marker + _MOST_BLANK and lines[start].blank:
        start += 1
    if start >= len(lines) or not _label(lines[start].text):
        return None
    block = _block(lines, start)
    return block if "from" in block.headers else None


def is_marker(line: Line) -> bool:
    return says_forwarded(line.text) or says_original(line.text)


def _label(text: str) -> tuple[str, str] | None:
    found = _LABEL.match(text[: 10 * LONGEST_LINE])
    role = LABELS.get(found[1].strip().lower().replace("'", "’")) if found else None
    return (role, found[2].strip()) if found and role else None


def _block(lines: Sequence[Line], start: int) -> Block:
    headers: dict[str, str] = {}
    position, role = start, ""
    while position < min(len(lines), start + _MOST_LINES):
        found = _label(lines[position].text)
        if found and found[0] in headers and found[0] in {"from", "subject"}:
            break  # another block
        if found:
            role = found[0]
            headers.setdefault(role, found[1])
        elif lines[position].blank:
            follows = position + 1 < len(lines) and _label(lines[position + 1].text)
            if not follows or follows[0] in headers or _is_enough(headers):
                break
        elif role == "subject" and "to" in headers and "date" in headers:
            break  # the last of them was the subject: these are words already
        else:
            headers[role] = f"{headers[role]} {lines[position].text.strip()}"[: 10 * LONGEST_LINE]
        position += 1
    while position < len(lines) and lines[position].blank:
        position += 1
    return Block(headers, position, lines[start].depth)
