"""Parses pasted lists of people: recipients of a mail, addresses, one name per line.

Pure functions. Every piece of the text becomes a person, a duplicate, or is returned as unread with a reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import unquote
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portfolio.text.normalise import fold

MOST = 5_000  # most people read from one text; the rest stays unread
NAME, ADDRESS = 200, 254  # lengths of the columns
PIECE = 1_000  # most characters of one person

# Invisible characters, except the joiners that Persian names and emoji need.
_UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_QUOTES = {ord(mark): '"' for mark in "“”„«»"}
_FOLDED = re.compile(r"\n[ \t]+(?=<)")  # a long recipient that continues on an indented line
_LABEL = re.compile(r"\A(?:to|cc|bcc|from|reply-to|an|von):[ ]*", re.IGNORECASE)
_BULLET = re.compile(r"\A(?:[-*•·–‣]|[0-9]{1,4}[.)])[ ]+")
_BRACKET = re.compile(r"([^<>]*)<([^<>]*)>([^<>]*)")
_COMMENT = re.compile(r"([^()]*)\(([^()]*)\)")
_ENCODED = re.compile(r"=\?[\w-]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
_AFTER_NAME = {"phd", "dphil", "md", "msc", "ma", "ba", "bsc", "mba", "mph", "mbe", "obe", "cbe", "rn", "frcp", "frs"}
_AFTER_NAME |= {"jr", "sr", "esq", "mrcp", "frcgp", "mrcgp", "drph", "edd", "mphil", "facss", "fhea", "sfhea"}


@dataclass(frozen=True)
class Pasted:
    """A person from the text. ``address`` may be empty; ``text`` is the piece it was read from."""

    name: str
    address: str
    text: str

    @property
    def keys(self) -> tuple[str, ...]:
        """People with a common key are the same person: the folded name, the lower-case address."""
        return (key_of(self.name), self.address.lower()) if self.address else (key_of(self.name),)


class Unread(NamedTuple):
    text: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """The result for each piece, in order."""

    people: tuple[Pasted, ...]
    twins: tuple[Pasted, ...]
    unread: tuple[Unread, ...]


def key_of(name: str) -> str:
    return f"{fold(name) or name}\n"  # the line break distinguishes a name from an address


def read_list(text: str) -> Reading:
    """Read the people in the text. A second entry with the same address or name is a duplicate."""
    people: list[Pasted] = []
    twins: list[Pasted] = []
    unread: list[Unread] = []
    seen: set[str] = set()
    for number, piece in enumerate(pieces(text)):
        # Don't process the rest of a huge text without people.
        read = _read(piece) if number < 4 * MOST else Unread(piece, f"{MOST:,} at a time: add those first.")
        if isinstance(read, Unread):
            unread.append(read)
        elif seen.intersection(read.keys):
            twins.append(read)
        elif len(people) >= MOST:
            unread.append(Unread(piece, f"{MOST:,} at a time: add those first."))
        else:
            people.append(read)
            seen.update(read.keys)
    return Reading(tuple(people), tuple(twins), tuple(unread))


def again(people: tuple[Pasted, ...]) -> str:
    """A text that :func:`read_list` reads as these people. The semicolons mark commas as parts of names."""
    return "\n".join(f"{one.text};" for one in people)


def pieces(text: str) -> Iterator[str]:
    """The text split at lines, semicolons and commas, but not within a name. No piece is blank."""
    text = text.translate(_UNSEEN).translate(_QUOTES)
    for line in _FOLDED.sub(" ", "\n".join(text.splitlines())).split("\n"):
        yield from _of_line(_plain(line))


def _plain(text: str) -> str:
    """The text as one line; whitespace and control characters become single spaces."""
    return " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zs"} else c for c in text).split())


def _of_line(line: str) -> Iterator[str]:
    between = _split(line, ";")
    parts: list[str] = []
    for part in between:
        # Outlook's format: semicolons between people, "Surname, Given name" for each.
        commas_divide = len(between) == 1 or part.count("@") > 1
        parts += _names_whole(_split(part, ",")) if commas_divide else [part]
    for part in parts:
        words = part.split(" ")
        if len(words) > 1 and all("@" in word and "<" not in word for word in words):
            yield from words  # addresses separated only by spaces
        elif part.strip(" ,;"):
            yield part


def _split(line: str, at: str) -> list[str]:
    """Split at every separator outside quotes; an unclosed quote is an ordinary character."""
    quotes = line.count('"') % 2 == 0
    parts, start, within = [], 0, False
    for i, letter in enumerate(line):
        if letter == '"' and quotes:
            within = not within
        elif letter == at and not within:
            parts.append(line[start:i].strip())
            start = i + 1
    return [*parts, line[start:].strip()]


def _names_whole(parts: list[str]) -> list[str]:
    """Join names that were split at a comma: "Hart, Julie <…>", "Hart, Julie", "Julie Hart, PhD"."""
    whole: list[str] = []
    filled = [part for part in parts if part]
    for part in filled:
        before = whole[-1] if whole and len(whole[-1]) < PIECE else ""
        a_name = bool(before) and "@" not in before and "," not in before
        if (a_name and (_is_given(part) or _lone_pair(filled))) or (before and _is_after_name(part)):
            whole[-1] = f"{before}, {part}"
        else:
            whole.append(part)
    return whole


def _lone_pair(parts: list[str]) -> bool:
    """Two single words on a line: a surname and a given name."""
    return len(parts) == 2 and all(" " not in part and "@" not in part for part in parts)


def _is_given(part: str) -> bool:
    """A given name with an address, perhaps with initials: "Julie <…>", "Julie M. <…>"."""
    name, bracket, _ = part.partition("<")
    words = name.split()
    return bool(bracket and words) and "@" not in name and all(len(word.rstrip(".")) == 1 for word in words[1:])


def _is_after_name(part: str) -> bool:
    return part.replace(".", "").lower() in _AFTER_NAME


def _read(piece: str) -> Pasted | Unread:
    if len(piece) > PIECE:
        return Unread(piece, "This is too long for a name and an address.")
    bare = _decoded(_BULLET.sub("", _LABEL.sub("", piece, count=1), count=1)).removeprefix("mailto:").strip()
    if "@" not in bare:
        return _name_alone(piece, bare)
    found = _name_and_address(bare)
    if found is None:
        return Unread(piece, "There is more than one address in it.")
    name, address = found
    if len(address) > ADDRESS or not _is_address(address):
        return Unread(piece, "This is no e-mail address.")
    name = _clean_name(name)
    if not any(c.isalpha() for c in name) or "@" in name:
        name = guessed(address)
    if len(name) > NAME:
        return Unread(piece, f"This name has more than {NAME} letters.")
    return Pasted(name, address, piece)


def _name_alone(piece: str, bare: str) -> Pasted | Unread:
    name = _clean_name(bare)
    if "://" in name or name.lower().startswith("www."):
        return Unread(piece, "This is a web address, not a person.")
    if not any(c.isalpha() for c in name):
        return Unread(piece, "There is no name in it.")
    if "<" in name or ">" in name:
        return Unread(piece, "This is no e-mail address.")
    if len(name) > NAME:
        return Unread(piece, f"This name has more than {NAME} letters.")
    return Pasted(name, "", piece)


def _name_and_address(bare: str) -> tuple[str, str] | None:
    """(name, address) of "Name <address>", "address (Name)" and "Name address"; None for two addresses."""
    bracket = _BRACKET.fullmatch(bare)
    if bracket:
        before, address, after = (part.strip() for part in bracket.groups())
        name = before or after.strip("() ")
        return (name, address.removeprefix("mailto:").strip()) if before == "" or after == "" else None
    comment = _COMMENT.fullmatch(bare)
    if comment and "@" in comment[1]:
        return comment[2].strip(), comment[1].strip()
    words = bare.split(" ")
    addresses = [word for word in words if "@" in word]
    if len(addresses) != 1:
        return None
    rest = " ".join(word for word in words if word != addresses[0])
    return rest.strip(" ,:-–|"), addresses[0].strip("<>()[]{},.:'\"")


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _decoded(text: str) -> str:
    """Decode an encoded word of a mail header: "=?utf-8?Q?Zo=C3=AB?=" (RFC 2047)."""
    if not _ENCODED.search(text):
        return text
    try:
        return _plain(str(make_header(decode_header(text))).translate(_UNSEEN))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text


def _clean_name(name: str) -> str:
    """The name without quotes, and "Hart, Julie" as Julie Hart."""
    name = _unquoted(name.strip(" ,"))
    surname, comma, given = (part.strip() for part in name.partition(","))
    if comma and surname and given and "," not in given and not _is_after_name(given):
        return f"{given} {surname}"
    return name


def _unquoted(name: str) -> str:
    while len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = unquote(name).strip() if name[0] == '"' else name[1:-1].strip()
    return name


def guessed(address: str) -> str:
    """A name from an address: "julie.hart@…" becomes Julie Hart. If that fails, the address itself."""
    local = address.partition("@")[0].partition("+")[0]
    words = [word for word in re.split(r"[._-]+", local.rstrip("0123456789")) if word]
    if len(words) > 1 and all(word.isalpha() for word in words) and max(map(len, words)) > 1:
        return " ".join(word.capitalize() for word in words)
    return address
