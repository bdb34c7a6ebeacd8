"""Reads from LinkedIn's export to whom one wrote and when. The words of a message are never kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import BinaryIO, NamedTuple

from portfolio.contact_files.columns import folded
from portfolio.contact_files.contact import is_web_address, one_line
from portfolio.contact_files.limits import MOST_ENTRIES
from portfolio.contact_files.reading import source_of
from portfolio.contact_files.rows import rows
from portfolio.contact_files.tables import date_in


class Written(NamedTuple):
    """One message to one person. ``url`` is their profile, or "" in older exports."""

    name: str
    url: str
    on: date


def written_to(file: BinaryIO, *, sender: str = "") -> Iterator[Written]:
    """Whom the export's owner wrote to, a message after the other; in a zip, Profile.csv says who that is.

    ``sender`` is the owner's name, for a messages.csv by itself. Yields nothing where neither tells.
    Raises `Refused` as `read` reports it.
    """
    sender = one_line(sender or _owner(file)).casefold()
    if not sender:
        return
    for cells in _table(file, "messages.csv", {"from", "to", "date"}):
        on = date_in(cells["date"][:10])
        if not on or one_line(cells["from"]).casefold() != sender:
            continue
        for name, url in _recipients(cells["to"], cells.get("recipient profile urls", "")):
            if name and name.casefold() != sender:
                yield Written(name, url, on)


def _recipients(names: str, urls: str) -> list[tuple[str, str]]:
    """(name, profile) of each; the profiles only where there are as many of them."""
    addresses = [url for url in map(one_line, urls.split(",")) if is_web_address(url)]
    if len(addresses) == 1:
        return [(one_line(names), addresses[0])]
    people = [one_line(name) for name in names.split(",")]
    return list(zip(people, addresses if len(addresses) == len(people) else [""] * len(people), strict=True))


def _owner(file: BinaryIO) -> str:
    profile = next(_table(file, "profile.csv", {"first name", "last name"}), {})
    return f"{profile.get('first name', '')} {profile.get('last name', '')}"


def _table(file: BinaryIO, name: str, wanted: set[str]) -> Iterator[dict[str, str]]:
    source = source_of(file, name)
    if source is None:
        return
    records = rows(source.text_lines(source.encoding()), ",")
    header = folded(next(records, (0, []))[1])
    if not wanted <= set(header):
        return
    kept = [index for index, column in enumerate(header) if column not in {"subject", "content"}]
    for row in islice(records, MOST_ENTRIES):
        if len(row.cells) == len(header):
            yield {header[index]: row.cells[index] for index in kept}
