"""One mail, parsed by the standard library, with limits: its parts, headers, addresses, Message-IDs.

The old policy of ``email`` is used: it keeps headers as they came, where the new one refuses, or takes the square of,
what mail programs really write.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32
from email.utils import collapse_rfc2231_value, mktime_tz, parsedate_tz
from functools import cached_property
from typing import Any, NamedTuple

from mail.incoming.decoding import to_text, unpacked, with_words_decoded
from mail.incoming.limits import (
    CHUNK,
    DEEPEST_PART,
    LARGEST_MAIL,
    LONGEST_ADDRESS,
    LONGEST_HEADERS,
    LONGEST_ID,
    LONGEST_PARAMETERS,
    MEGABYTE,
    MOST_LINES,
    MOST_PARTS,
    SetAside,
    Stopwatch,
)

_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"(),;:\[\]]+")
_IN_BRACKETS = re.compile(rf"<([^<>]{{1,{LONGEST_ID}}})>")
_NOT_IN_IDS = re.compile(r"[\s<>,;\"()]+")
_BOUNDARY = re.compile(rb"^--([^\r\n]{1,70}?)[ \t]*$", re.MULTILINE)
_BLANKS = re.compile(r"\s+")


class Mailbox(NamedTuple):
    """``address`` in small letters."""

    name: str
    address: str


class _Policy(Compat32):
    """Headers stay as they came; only what the standard library takes parameters from is cut."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_PARAMETERS] if name.lower().startswith("content-") else value

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


class Part(Message):
    """A part of a mail, or the mail. ``raw`` is what stands under its headers, unless that is parts again."""

    depth = 0
    mended = False  # stands in a multipart without a boundary; a second one within it isn't mended

    def attach(self, payload: Any) -> None:
        payload.depth = self.depth + 1
        if payload.depth > DEEPEST_PART:
            raise SetAside(f"This mail has parts within parts, more than {DEEPEST_PART} deep.")
        super().attach(payload)

    def get_boundary(self, failobj: Any = None) -> Any:
        try:
            return super().get_boundary(failobj)
        except (LookupError, ValueError):  # in a charset that is none
            return failobj

    @property
    def raw(self) -> bytes:
        # get_payload() would make text of it by the charset it claims.
        payload = self._payload  # type: ignore[attr-defined]
        return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """Headers by their names in small letters: unfolded, and bytes that are no ASCII read as far as they go."""
        found: dict[str, list[str]] = {}
        if sum(len(value) for value in self.values()) > LONGEST_HEADERS:
            raise SetAside(f"The headers of this mail are longer than {LONGEST_HEADERS // MEGABYTE} MB.")
        for name, value in self.items():
            found.setdefault(name.strip().lower(), []).append(_unfolded(value))
        return found

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    def first(self, name: str) -> str:
        """The header's value with encoded words read; "" without it."""
        return with_words_decoded(next(iter(self.all(name)), "")).strip()

    def mailboxes(self, *names: str) -> list[Mailbox]:
        return [mailbox for name in names for value in self.all(name) for mailbox in mailboxes(value)]

    def ids(self, *names: str) -> list[str]:
        return [found for name in names for value in self.all(name) for found in ids(value)]

    @cached_property
    def parts(self) -> list[Part]:
        if self.is_multipart():
            return self.get_payload()  # type: ignore[return-value]
        return self._parts_by_another_boundary() if self.get_content_maintype() == "multipart" else []

    def _parts_by_another_boundary(self) -> list[Part]:
        """The parts of a multipart whose header names no boundary, or one that never comes."""
        found = _BOUNDARY.search(self.raw)
        if not found or self.mended:
            return []
        header = b'Content-Type: multipart/mixed; boundary="' + re.sub(rb'(["\\])', rb"\\\1", found[1]) + b'"\n\n'
        inside = parse(header + self.raw)
        for part in inside.walk():
            part.mended = True
        return inside.get_payload() if inside.is_multipart() else []  # type: ignore[return-value]

    @property
    def type(self) -> str:
        return self.get_content_type()

    def parameter(self, name: str, header: str = "content-type") -> str:
        try:
            value = self.get_param(name, "", header)
            text = collapse_rfc2231_value(value) if value else ""
        except (LookupError, ValueError, TypeError):  # a parameter in a charset that doesn't exist, say
            return ""
        return with_words_decoded(_unfolded(str(text))).strip()

    @cached_property
    def disposition(self) -> str:
        return self.first("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def filename(self) -> str:
        """The name it was given, without a path."""
        name = self.parameter("filename", "content-disposition") or self.parameter("name")
        return re.split(r"[\\/]", name)[-1].strip()[:255]

    @cached_property
    def content(self) -> bytes:
        return unpacked(self.raw, self.first("content-transfer-encoding"))

    @cached_property
    def text(self) -> str:
        return to_text(self.content, self.parameter("charset"))

    @property
    def date(self) -> dt.datetime | None:
        """With the zone it was written in."""
        for value in self.all("date"):
            found = moment(value)
            if found:
                return found
        return None

    def walk_here(self) -> Iterator[Part]:
        """This part and those within it, in their order, without looking into mails that are attached."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            if part.get_content_maintype() == "multipart":
                waiting += reversed(part.parts)


def parse(data: bytes, watch: Stopwatch | None = None) -> Part:
    """
    The mail in ``data``.

    :raises SetAside: if it is larger, longer, deeper or slower than anything that is read
    """
    watch = watch or Stopwatch()
    if len(data) > LARGEST_MAIL:
        raise SetAside(f"This mail is larger than {LARGEST_MAIL // MEGABYTE} MB.")
    if data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") > MOST_LINES:
        raise SetAside(f"This mail has more than {MOST_LINES:,} lines.")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    count = -1  # the parser tries the factory once

    def new_part(policy: Any = None) -> Part:
        nonlocal count
        count += 1
        if count > MOST_PARTS:
            raise SetAside(f"This mail has more than {MOST_PARTS:,} parts.")
        return Part(policy)

    parser: BytesFeedParser[Part] = BytesFeedParser(new_part, policy=_Policy())  # type: ignore[arg-type]
    for start in range(0, len(data), CHUNK):
        parser.feed(data[start : start + CHUNK])
        watch.check()
    mail = parser.close()
    watch.check()
    return mail


def _unfolded(value: str) -> str:
    text = value.replace("\r", "").replace("\n", "").replace("\0", "")
    return text if text.isascii() else to_text(text.encode("utf-8", "surrogateescape"), "utf-8")


def moment(value: str) -> dt.datetime | None:
    """The time in a Date header (RFC 5322 §3.3), in the zone it names; None if there is none in it."""
    try:
        found = parsedate_tz(value[:200])
        if not found:
            return None
        zone = dt.timezone(dt.timedelta(seconds=found[9] or 0))
        return dt.datetime.fromtimestamp(mktime_tz(found), dt.UTC).astimezone(zone)
    except (ValueError, OverflowError, IndexError, TypeError, OSError):
        return None


def ids(value: str) -> list[str]:
    """The Message-IDs in a header, without their brackets: folded, encoded, without brackets or between other words."""
    value = with_words_decoded(value) if "=?" in value else value
    bracketed = [_BLANKS.sub("", found) for found in _IN_BRACKETS.findall(value)]
    bare = _NOT_IN_IDS.split(_IN_BRACKETS.sub(" ", value))
    return [*bracketed, *(found for found in bare if "@" in found[1:-1] and len(found) <= LONGEST_ID)]


def mailboxes(value: str) -> list[Mailbox]:
    """The mailboxes in a header (RFC 5322 §3.4), as far as it can be read."""
    found = list(_mailboxes(value))
    if "=?" in value and not [one for one in found if "=?" not in one.address]:  # some encode the address as well
        found = list(_mailboxes(with_words_decoded(value)))
    return found


def _mailboxes(value: str) -> Iterator[Mailbox]:
    words = _Words()
    for letter in value:
        if words.ends_at(letter):
            yield from words.mailbox()
            words = _Words()
    yield from words.mailbox()


class _Words:
    """The letters of one mailbox, sorted while they are read: name, comment, and what stands in <>."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.comment: list[str] = []
        self.inside: list[str] | None = None
        self.quoted = self.escaped = self.angle = False
        self.depth = 0

    def ends_at(self, letter: str) -> bool:
        """Take the letter; True if the mailbox ended before it."""
        if self.escaped or (letter == "\\" and (self.quoted or self.depth)):
            if self.escaped:
                self._add(letter)
            self.escaped = not self.escaped
        elif letter == '"' and not self.depth:
            self.quoted = not self.quoted
        elif self.quoted:
            self._add(letter)
        elif letter in "()":
            self.depth = max(0, self.depth + (1 if letter == "(" else -1))
        elif self.depth:
            self.comment.append(letter)
        else:
            return self._between(letter)
        return False

    def _between(self, letter: str) -> bool:
        if letter == "<":
            self.angle, self.inside = True, []
        elif letter == ">":
            self.angle = False
        elif letter in ",;" and not self.angle:
            return True
        elif letter == ":" and not self.angle:
            self.plain.clear()  # the name of a group
        else:
            self._add(letter)
        return False

    def _add(self, letter: str) -> None:
        (self.comment if self.depth else self.inside if self.angle and self.inside is not None else self.plain).append(
            letter
        )

    def mailbox(self) -> Iterator[Mailbox]:
        plain = "".join(self.plain)
        inside = plain if self.inside is None else "".join(self.inside)
        for word in _NOT_IN_ADDRESSES.split(inside):
            if "@" in word[1:-1] and len(word) <= LONGEST_ADDRESS:
                name = "".join(self.comment) if self.inside is None else plain
                yield Mailbox(with_words_decoded(name).strip(), word.strip(".'").lower())
                return
