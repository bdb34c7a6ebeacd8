"""What a file says about a person, in the shape of a person here: what fits the columns, and the rest as a note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from portfolio.contact_files.contact import Contact

MOST = 30  # addresses, links, numbers or tags of one person; further ones go into the notes
LONGEST_HEADLINE, LONGEST_ORGANISATION, LONGEST_PHONE, LONGEST_LINK, LONGEST_TAG = 300, 200, 60, 500, 50
LONGEST_NOTES = 20_000
WROTE = "last written to there on"

_is_link = URLValidator(schemes=["http", "https"])


class Said(TypedDict, total=False):
    """As it is stored (JSON). A key that is missing says nothing."""

    name: str
    headline: str
    organisation: str
    notes: str
    emails: list[str]
    phones: list[str]
    links: list[str]
    tags: list[str]
    connected_on: str  # ISO date
    wrote_on: str  # ISO date of the latest message that the user wrote to them on LinkedIn


def as_said(contact: Contact, *, wrote_on: dt.date | None = None, private: Sequence[str] = ()) -> Said:
    """``private`` are lines such as a birthday, which the user chose to keep."""
    rest: list[str] = []
    links, no_links = _apart(contact.urls, _fits_as_link)
    phones, long_numbers = _apart(contact.phones, lambda number: len(number) <= LONGEST_PHONE)
    lists = {
        "emails": _first(contact.emails, "Also", rest),
        "phones": _first(phones, "Also", rest),
        "links": _first(links, "Also", rest),
        "tags": _first([tag[:LONGEST_TAG].strip().replace(",", " ") for tag in contact.tags], "Also", rest),
    }
    rest += [f"Also: {text}" for text in (*no_links, *long_numbers)]
    headline = _cut(contact.title, LONGEST_HEADLINE, rest)
    organisation = _cut(contact.organisation, LONGEST_ORGANISATION, rest)
    notes = "\n".join(part for part in (contact.notes, "\n".join((*private, *rest))) if part)[:LONGEST_NOTES]
    said: Any = {
        "name": contact.name,
        "headline": headline,
        "organisation": "" if organisation == contact.name else organisation,
        "notes": notes,
        **lists,
        "connected_on": contact.connected_on.isoformat() if contact.connected_on else "",
        "wrote_on": wrote_on.isoformat() if wrote_on else "",
    }
    found: Said = {key: value for key, value in said.items() if value}  # type: ignore[assignment]
    return found


def how_known(said: Said) -> str:
    """What the file tells about how the user knows them, for "a word more"."""
    words = []
    if on := said.get("connected_on"):
        words.append(f"Connected on LinkedIn on {dt.date.fromisoformat(on):%-d %B %Y}")
    if on := said.get("wrote_on"):
        words.append(f"{WROTE} {dt.date.fromisoformat(on):%-d %B %Y}")
    text = "; ".join(words)
    return text[:1].upper() + text[1:]


def _fits_as_link(url: str) -> bool:
    try:
        _is_link(url)
    except ValidationError:
        return False
    return len(url) <= LONGEST_LINK


def _apart(texts: Iterable[str], fits: Any) -> tuple[list[str], list[str]]:
    good: list[str] = []
    bad: list[str] = []
    for text in texts:
        (good if fits(text) else bad).append(text)
    return good, bad


def _first(texts: Sequence[str], word: str, rest: list[str]) -> list[str]:
    """As many as a person may have, without doubles; the others become lines of the notes."""
    once = list({text.casefold(): text for text in reversed(texts)}.values())[::-1]
    rest += [f"{word}: {text}" for text in once[MOST:]]
    return once[:MOST]


def _cut(text: str, longest: int, rest: list[str]) -> str:
    if len(text) <= longest:
        return text
    rest.append(f"In full: {text}")
    return text[: longest - 1].rstrip() + "…"
