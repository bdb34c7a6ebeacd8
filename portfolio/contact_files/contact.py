"""What every format is read into, and the rules that hold for all of them: which field wins, and what is a problem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_NAME = 200
LONGEST_ADDRESS = 254
LONGEST_BIRTHDAY = 40  # "circa 1800" is one, too
LONGEST_POSTAL = 300

_COURTESY = {"mr", "mrs", "ms", "mx", "miss", "frau", "herr", "mme", "mlle"}
_COURTESY_WITH_DOT = {"m", "sr", "sra"}  # without one they may be an initial or part of a name
_AND = {"and", "&", "und", "et", "y"}
_NO_TAGS = {"mycontacts", "my contacts", "starred", "starred in android"}
_FORMULA = re.compile(r"\s*'?\s*(?:[=@]|[+-][^\W_])")
_NUMBER = re.compile(
    r"'?(?:tel:)?(?=.*\d)(?:[\d\s()./#*\u2010-\u2015-]|(?<!\d)\+)+(?:(?:x|ext\.?)\s*\d+)?"
    r"|[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"<([^<>]*)>[^<>]*\Z")
_AROUND = "'" + '"' + "<>() ,;"  # what may stand around an address
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_DAY = re.compile(r"(?P<y>\d{4}|-)-?(?P<m>\d\d)-?(?P<d>\d\d)(?:T.*)?|(?P<d2>\d\d?)\.(?P<m2>\d\d?)\.(?P<y2>\d{4})")
_NO_YEAR = {"-", "1604"}  # Apple's way to say none
_PORT = re.compile(r"\d{1,5}(?:[/?#]|\Z)")


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as the file has them. "" and () mean nothing."""

    name: str
    given: str = ""
    family: str = ""
    organisation: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    notes: str = ""
    tags: tuple[str, ...] = ()
    connected_on: date | None = None
    birthday: str = ""  # these two only where a user chose to keep them
    postal: tuple[str, ...] = ()


class Problem(NamedTuple):
    """Something that couldn't be read. ``line`` counts from 1 and is the first of its record."""

    line: int
    about: str


class Entry(NamedTuple):
    """One record: a row, a card, a piece of a pasted list. One without a contact was left out; a problem says why."""

    line: int
    contact: Contact | None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Draft:
    """What a format found in one record, before the rules common to all of them.

    ``full`` is a name in one piece; with ``full_first`` it wins over the parts. Addresses come with the rank that puts
    the preferred one first. ``flaws`` are problems of the record that were noticed already; ``unreadable`` tells that
    one of its lines couldn't be read.
    """

    full: str = ""
    prefix: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    organisation: str = ""
    title: str = ""
    emails: list[tuple[int, str]] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    notes: str = ""
    tags: list[str] = field(default_factory=list)
    connected_on: date | None = None
    birthday: str = ""
    postal: list[str] = field(default_factory=list)
    full_first: bool = False
    is_company: bool = False
    unreadable: bool = False
    flaws: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)  # flaws that matter only if there is somebody in the record


def settle(line: int, draft: Draft) -> Entry | None:
    """The entry of a record; None for one that has nobody in it and nothing wrong with it."""
    flaws = list(draft.flaws)
    named = _Name.of(draft)
    if named.flaw:
        return _entry(line, None, [*flaws, named.flaw])
    organisation = one_line(draft.organisation)
    emails, wrong = _addresses(draft.emails)
    if wrong:
        flaws.append(f"“{shown(wrong[0])}” isn’t an email address")
    name, given, family = named.name, named.given, named.family
    if not name:
        name = organisation if has_letters(organisation) else emails[0] if emails else ""
    if not name:
        if draft.unreadable:
            flaws.append("a card without a name, and a line in it can’t be read")
        return _entry(line, None, flaws)
    if draft.unreadable:
        flaws.append("a line in it can’t be read; the rest was taken")
    if draft.is_company and has_letters(named.name or organisation):
        organisation, given, family = name, "", ""
    if len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rstrip()
        flaws.append(f"the name is longer than {LONGEST_NAME} characters and was cut")
    urls, foreign = _web_addresses(draft.urls)
    if foreign:
        flaws.append(f"“{shown(foreign[0])}” isn’t a web address")
    contact = Contact(
        name=name,
        given=given,
        family=family,
        organisation=organisation,
        title=one_line(draft.title),
        emails=emails,
        phones=tuple(filter(None, map(_phone, draft.phones))),
        urls=(*urls, *(one_line(url) for url in draft.profiles if is_web_address(one_line(url)))),
        notes=several_lines(draft.notes),
        tags=_tags(draft.tags),
        connected_on=draft.connected_on,
        birthday=_birthday(draft.birthday),
        postal=tuple(dict.fromkeys(filter(None, map(_postal, draft.postal)))),
    )
    return _entry(line, contact, [*flaws, *draft.doubts])


def _entry(line: int, contact: Contact | None, flaws: Iterable[str]) -> Entry | None:
    problems = tuple(Problem(line, about) for about in dict.fromkeys(flaws))
    return Entry(line, contact, problems) if contact or problems else None


# --- Text ---------------------------------------------------------------------------------------------


def one_line(text: str) -> str:
    """NFC, with every run of white space as one blank."""
    return " ".join(_nfc(text).split())


def several_lines(text: str) -> str:
    return _nfc(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def has_letters(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def is_number(text: str) -> bool:
    """A bare number or a telephone number, also one that a spreadsheet has spoilt (4.47700900002E+11)."""
    return len(text) <= LONGEST_NAME and bool(_NUMBER.fullmatch(text))


def shown(text: str) -> str:
    """A piece of the file as it stands in a problem."""
    text = one_line(text[:500])
    return text if len(text) <= 60 else f"{text[:60]}…"


# --- Names --------------------------------------------------------------------------------------------


class _Name(NamedTuple):
    name: str = ""
    given: str = ""
    family: str = ""
    flaw: str = ""

    @classmethod
    def of(cls, draft: Draft) -> _Name:
        full = one_line(draft.full)
        parts = [one_line(part) for part in (draft.given, draft.middle, draft.family)]
        by_full = has_letters(full) if draft.full_first else not any(map(has_letters, parts))
        prefix = one_line(draft.prefix)
        for part in [full, prefix] if by_full else [prefix, *parts]:
            if _FORMULA.match(part) and not is_number(part):
                return cls(flaw="a formula where a name should be")
        named = cls._of_full(full, prefix, parts, draft) if by_full else cls._of_parts(draft, parts)
        if not has_letters(named.name):
            return cls()
        if is_number(named.name):
            return cls(flaw="a number where a name should be")
        return named

    @classmethod
    def _of_parts(cls, draft: Draft, parts: list[str]) -> _Name:
        given, middle, family = (without_letters_after(part) for part in parts)
        given = _without_courtesy(given, dotted=False)
        prefix = _without_courtesies(one_line(draft.prefix))
        return cls(" ".join(filter(None, (prefix, given, middle, family))), given, family)

    @classmethod
    def _of_full(cls, full: str, prefix: str, parts: list[str], draft: Draft) -> _Name:
        name, given, family = _turned(_without_courtesy(full))
        prefix = "" if draft.full_first else _without_courtesies(prefix)
        if prefix and has_letters(name) and not name.casefold().startswith(prefix.casefold()):
            name = f"{prefix} {name}"
        if any(map(has_letters, parts)):
            given, _, family = (without_letters_after(part) for part in parts)
            given = _without_courtesy(given, dotted=False)
        return cls(name, given, family)


def _is_courtesy(word: str, *, dotted: bool = True) -> bool:
    bare = word.casefold().rstrip(".")
    return bare in _COURTESY or (dotted and word.endswith(".") and bare in _COURTESY_WITH_DOT)


def _without_courtesy(name: str, *, dotted: bool = True) -> str:
    """A name without "Mrs" and the like before it; a name that consists of nothing else keeps it."""
    first, _, rest = name.partition(" ")
    while rest and _is_courtesy(first, dotted=dotted):
        name, dotted = rest, False  # in "Mr M. Lee" it is an initial
        first, _, rest = name.partition(" ")
        if first in _AND and _is_courtesy(rest.partition(" ")[0], dotted=dotted):  # Mr and Mrs Smith
            first, _, rest = rest.partition(" ")
    return name


def _without_courtesies(prefix: str) -> str:
    """What is left of a prefix: "Frau Prof." is "Prof."."""
    kept = [word for word in prefix.split() if not _is_courtesy(word) and word.casefold() not in _COURTESY_WITH_DOT]
    return " ".join(kept)


def without_letters_after(part: str) -> str:
    """ "Pryce, FRCN" is Pryce; commas that are left are those of a list of names."""
    if "," not in part:
        return part
    pieces = [piece.strip() for piece in part.split(",")]
    while len(pieces) > 1 and _is_after_name(pieces[-1]):
        pieces.pop()
    return " ".join(filter(None, pieces))


def _is_after_name(piece: str) -> bool:
    if not piece or piece.casefold().rstrip(".") in {"jr", "sr", "esq"}:
        return True
    # Jean-Luc is a name: its parts count as words of their own.
    return any(sum(letter.isupper() for letter in word) > 1 for word in piece.replace("-", " ").split())


def _turned(full: str) -> tuple[str, str, str]:
    """(name, given, family) of a name in one piece; the parts only of one written "Family, Given"."""
    if "," not in full:
        return full, "", ""
    family, *rest = (piece.strip() for piece in full.split(","))
    while rest and _is_after_name(rest[-1]):
        rest.pop()
    if not rest:
        return family, "", ""
    if not family or len(rest) > 1:
        return ", ".join(filter(None, (family, *rest))), "", ""
    given = _without_courtesy(rest[0])
    return f"{given} {family}", given, family


# --- Addresses ----------------------------------------------------------------------------------------


def address_in(text: str) -> str:
    """The bare address of "Name <address>", "mailto:address" and the like, in small letters; not checked."""
    text = one_line(text)
    if found := _IN_BRACKETS.search(text):
        text = found[1].strip()
    text = text.strip(_AROUND)
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0].strip()
    return text.lower()


def is_address(text: str) -> bool:
    if "@" not in text or len(text) > LONGEST_ADDRESS:
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _addresses(ranked: list[tuple[int, str]]) -> tuple[tuple[str, ...], list[str]]:
    """(addresses, what is none), the preferred ones first."""
    found: dict[str, None] = {}
    wrong = []
    for _, text in sorted(ranked, key=lambda one: one[0]):
        address = address_in(text)
        if is_address(address):
            found[address] = None
        elif address:
            wrong.append(text)
    return tuple(found), wrong


def is_web_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _web_addresses(texts: list[str]) -> tuple[list[str], list[str]]:
    """(web addresses, those of another scheme)."""
    found, foreign = [], []
    for text in map(one_line, texts):
        if not text:
            continue
        if is_web_address(text):
            found.append(text)
        elif (scheme := _SCHEME.match(text)) and not ("." in scheme[1] and _PORT.match(text, scheme.end())):
            foreign.append(text)
        else:
            found.append(f"https://{text.lstrip('/')}")
    return found, foreign


def _phone(text: str) -> str:
    text = one_line(text)
    return text[4:].strip() if text[:4].lower() == "tel:" else text


def _tags(texts: list[str]) -> tuple[str, ...]:
    tags = (one_line(text).removeprefix("* ").strip() for text in texts)
    return tuple(dict.fromkeys(tag for tag in tags if tag and tag != "*" and tag.casefold() not in _NO_TAGS))


# --- Only where chosen --------------------------------------------------------------------------------


def _birthday(text: str) -> str:
    """ISO where the order of day and month is certain ("--05-17" without a year), else as written. "0/0/00" is none."""
    text = one_line(text)
    if found := _DAY.fullmatch(text):
        year, month, day = (found[key] or found[f"{key}2"] for key in "ymd")
        try:
            iso = date(2000 if year in _NO_YEAR else int(year), int(month), int(day)).isoformat()
        except ValueError:
            return ""
        return f"-{iso[4:]}" if year in _NO_YEAR else iso
    return text[:LONGEST_BIRTHDAY] if any(letter in "123456789" for letter in text) else ""


def _postal(text: str) -> str:
    """An address on one line, its lines and parts between commas."""
    parts = (one_line(part).strip(" ,") for part in text.splitlines())
    address = ", ".join(filter(None, parts))
    return address[:LONGEST_POSTAL].rstrip() if has_letters(address) else ""
