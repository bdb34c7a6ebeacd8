"""What a request, or the work of a worker, did; and whether somebody could tell it from another."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What a request did. ``status`` is the highest, if it was followed to another page."""

    status: int
    text: str
    writes: tuple[str, ...]  # the table of each write
    faults: list[str]

    def looks_like(self, other: Outcome) -> bool:
        """Whether a user could tell these apart. Ids, addresses and signed tokens may differ."""
        return (self.status, plain(self.text), self.writes) == (other.status, plain(other.text), other.writes)


def plain(text: str) -> str:
    """The words of a page or file, and what is chosen there, without tags, ids, tokens and recovery codes."""
    words = re.sub(r"<[^>]*>", "<>", CHOSEN.sub("chosen", text))
    return re.sub(r"[\w.@:-]{25,}|/\d+/|-\d+\b|\b[5-8]\d{4}\b|\b\d{8}\b", "…", words)


CHOSEN = re.compile(r"<(?:option|input)\b[^>]*\s(?:selected|checked)\b[^>]*>")


def difference(one: Outcome, other: Outcome) -> str:
    """In a few words, for a fault."""
    if one.status != other.status:
        return f"{one.status} became {other.status}"
    if one.writes != other.writes:
        return f"writes {list((Counter(other.writes) - Counter(one.writes)) or other.writes)}"
    lines, more = plain(one.text).split("\n"), plain(other.text).split("\n")
    return next((repr(line.strip()[:90]) for line in more if line not in lines), "something is gone")
