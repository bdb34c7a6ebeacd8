"""People as address cards (vCard 3.0, RFC 2426), which address books and our own reader take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portfolio.models import Person

_LONGEST = 75  # bytes of a line
_NO_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def cards(people: Iterable[Person]) -> Iterator[str]:
    """A card after the other. ``people`` come with their addresses, numbers, links and tags."""
    for person in people:
        yield "".join(f"{_folded(line)}\r\n" for line in _lines(person))


def _lines(person: Person) -> Iterator[str]:
    given, _, family = person.name.rpartition(" ")  # a guess, which address books sort by; FN is the name
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield "PRODID:-//Mentorfolio//People//EN"
    yield f"UID:mentorfolio-person-{person.pk}"
    yield f"FN:{_text(person.name)}"
    yield f"N:{_text(family)};{_text(given)};;;"
    if person.organisation:
        yield f"ORG:{_text(person.organisation)}"
    if person.headline:
        yield f"TITLE:{_text(person.headline)}"
    for email in person.emails.all():
        yield f"EMAIL;TYPE=INTERNET:{_text(email.address)}"
    for phone in person.phones.all():
        yield f"TEL:{_text(phone.number)}"
    for link in person.links.all():
        yield f"URL:{_text(link.url)}"
    if tags := [tag.name for tag in person.tags.all()]:
        yield f"CATEGORIES:{','.join(map(_text, tags))}"
    if person.notes:
        yield f"NOTE:{_text(person.notes)}"
    yield "END:VCARD"


def _text(value: str) -> str:
    value = _NO_CONTROLS.sub("", value.replace("\r\n", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", value).replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line, and no character torn apart (RFC 2426, 2.6)."""
    data, lines = line.encode(), []
    while len(data) > _LONGEST:
        end = _LONGEST
        while data[end] & 0xC0 == 0x80:
            end -= 1
        lines.append(data[:end])
        data = b" " + data[end:]
    return b"\r\n".join([*lines, data]).decode()
