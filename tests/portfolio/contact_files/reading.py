"""Helpers: what is read of some bytes, as little of it as a test has to name."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

from portfolio.contact_files.reading import read


def read_bytes(data: bytes | str) -> tuple[str, list[dict[str, Any]], list[int]]:
    """(kind, people, lines of problems). A person is a dict of what isn't empty."""
    reading = read(io.BytesIO(data.encode() if isinstance(data, str) else data))
    people, lines = [], []
    for entry in reading.entries:
        if entry.contact:
            found = {key: value for key, value in asdict(entry.contact).items() if value}
            people.append({key: list(value) if isinstance(value, tuple) else value for key, value in found.items()})
        lines += [problem.line for problem in entry.problems]
    return reading.kind, people, lines


def names(data: bytes | str) -> list[str]:
    return [person["name"] for person in read_bytes(data)[1]]


def card(*lines: str, version: str = "3.0", end: str = "\r\n") -> str:
    return end.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def person_of(*lines: str, version: str = "3.0") -> dict[str, Any]:
    """The only person of one card without problems."""
    kind, people, problems = read_bytes(card(*lines, version=version))
    assert (kind, len(people), problems) == ("vcard", 1, [])
    return people[0]


def row_of(header: str, row: str) -> dict[str, Any]:
    """The only person of a table of one row without problems."""
    _, people, problems = read_bytes(f"{header}\n{row}\n")
    assert (len(people), problems) == (1, [])
    return people[0]
