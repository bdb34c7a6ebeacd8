"""Messages within a message: attached, or in its words as Gmail, Apple Mail and Outlook write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mail.incoming.headers_in_text import after_marker, block_at, is_marker
from mail.incoming.limits import MOST_MESSAGES_INSIDE
from mail.incoming.lines import Line
from mail.incoming.message import Part, parse
from mail.incoming.reports import message_in


class Inline(NamedTuple):
    """A message in the words of another one; ``sender`` and ``subject`` as they stand there."""

    sender: str
    subject: str
    lines: list[Line]


def attached(mail: Part) -> Iterator[Part]:
    """The mails that are attached (RFC 2046 §5.2.1, or a file called *.eml), without looking into these."""
    count = 0
    for part in mail.walk_here():
        inside: Part | None = None
        if part.type in {"message/rfc822", "message/global"}:
            inside = message_in(part)
        elif part.filename.lower().endswith(".eml") and part.content:
            inside = parse(part.content)
        if inside:
            yield inside
            count += 1
        if count >= MOST_MESSAGES_INSIDE:
            return


def inline(lines: Sequence[Line]) -> Iterator[Inline]:
    """The messages in the words, the outermost first; each holds those that come after it."""
    for _ in range(MOST_MESSAGES_INSIDE):
        found = _first(lines)
        if not found:
            return
        yield found
        lines = found.lines


def _first(lines: Sequence[Line]) -> Inline | None:
    for number, line in enumerate(lines):
        if line.blank:
            continue
        block = after_marker(lines, number) if is_marker(line) else block_at(lines, number)
        if block:
            # Apple Mail quotes what it forwards: there, quoted once is not quoted at all.
            inside = list(lines[block.end :])
            if block.depth:
                inside = [Line(max(0, below.depth - block.depth), below.text) for below in inside]
            return Inline(block.headers["from"], block.headers.get("subject", ""), inside)
    return None
