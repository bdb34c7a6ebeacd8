"""Merge fields: names in braces, from a fixed list. No template engine processes user text.

``{their_first_name}`` is replaced by its value; a name that is not on the list, or one without a value,
is left as it is, reported to the user, and blocks sending. So does a name in double braces, as other programs use them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

# Matches runs of braces, to detect double ones; possessive, so that a thousand braces don't cause backtracking.
PATTERN = re.compile(r"(?<!\{)(\{++)([^{}\n]{1,60})(\}++)")


@dataclass(frozen=True)
class Field:
    """A merge field. The user fills in ``typed`` fields on the draft; the others come from stored data.

    ``kept`` says where: the person, the settings, the brief or the need.
    """

    name: str
    label: str
    hint: str = ""
    typed: bool = False
    kept: str = ""

    @property
    def braced(self) -> str:
        """The field as it is written in a text."""
        return f"{{{self.name}}}"


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("their_first_name", "Their first name", "Kept with the person.", kept="person"),
        Field("their_name", "Their full name", "Kept with the person.", kept="person"),
        Field("their_role", "Their role", "The headline kept with the person.", kept="person"),
        Field("their_organisation", "Their organisation", "Kept with the person.", kept="person"),
        Field("my_name", "Your name", "From your settings.", kept="settings"),
        Field("my_first_name", "Your first name", "From your settings.", kept="settings"),
        Field("my_direction", "Your long-term direction", "From your brief.", kept="brief"),
        Field("need", "What you’d like help with", "The need this approach serves.", kept="need"),
        Field(
            "what_i_noticed",
            "What you noticed about their work",
            "A talk, a paper, a change they made: one thing, in their terms.",
            typed=True,
        ),
        Field("why_them", "Why them", "What makes you write to this person, and not to another.", typed=True),
        Field(
            "what_we_share", "What you have in common", "A place, a person, a question you both work on.", typed=True
        ),
        Field("why_now", "Why now", "What makes it the right moment, for you or for them.", typed=True),
        Field("who_knows_us", "Who knows you both", "A name, and where you know each other from.", typed=True),
        Field("topic", "What you’d like to ask about", "A few words, as they fit into a sentence.", typed=True),
        Field("what_helped", "What helped you", "One thing they said that stayed with you.", typed=True),
        Field("when_we_spoke", "When you spoke", "Such as: last Tuesday.", typed=True),
        Field("who_to_meet", "Whom you’d like to meet", "Their name and role.", typed=True),
        Field("about_me", "A sentence about you", "Who you are and what you do, in one sentence.", typed=True),
    )
}


@dataclass(frozen=True)
class Merged:
    """A text with its fields filled in, and the fields that could not be."""

    text: str
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.unknown and not self.missing


def normalise(raw: str) -> str:
    """Normalise a name between braces: ``{ Their first name }`` means ``their_first_name``."""
    return "_".join(raw.lower().split())


ALIKE = 0.6
NEAREST_FOR = 5  # suggest fields only for this many unknown names in a text


def nearest(raw: str) -> Field | None:
    """The known field most similar to an unknown name; None if none is similar.

    The recipient's fields win over the user's on a tie: ``first_name`` means ``their_first_name``.
    """
    name = normalise(raw)
    scored = [
        (max(SequenceMatcher(None, name, known).ratio() for known in _ways_to_say(field)), field)
        for field in FIELDS.values()
    ]
    best, field = max(scored, key=lambda pair: pair[0])
    return field if best >= ALIKE else None


def _ways_to_say(field: Field) -> tuple[str, ...]:
    return field.name, field.name.removeprefix("their_").removeprefix("my_"), normalise(field.label)


def unknown_words(names: tuple[str, ...]) -> list[str]:
    """A sentence for each unknown name, with the field that may have been meant."""
    words = []
    for number, name in enumerate(names):
        if doubled := FIELDS.get(normalise(name.strip("{}"))):
            words.append(f"{{{name}}} has a brace too many. Write {doubled.braced}, with one on each side.")
            continue
        meant = nearest(name) if number < NEAREST_FOR else None
        help_ = f"Did you mean {meant.braced}?" if meant else "Take it out, or choose one from the list."
        words.append(f"{{{name}}} is not a field we know. {help_}")
    return words


def names_in(*texts: str) -> list[str]:
    """The field names used, in order of first appearance, known or not."""
    seen: dict[str, None] = {}
    for text in texts:
        for match in PATTERN.finditer(text):
            seen.setdefault(normalise(match[2]))
    return list(seen)


def _single(match: re.Match[str]) -> bool:
    return len(match[1]) == len(match[3]) == 1


def merge(text: str, values: Mapping[str, str]) -> Merged:
    """Fill in the fields of ``text`` once; braces within values are not replaced."""
    unknown: dict[str, None] = {}
    missing: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        name = normalise(match[2])
        if name not in FIELDS:
            unknown.setdefault(match[2].strip())
            return match[0]
        if not _single(match):
            unknown.setdefault(f"{{{match[2].strip()}}}")
            return match[0]
        value = values.get(name, "").strip()
        if not value:
            missing.setdefault(name)
            return match[0]
        return value

    return Merged(PATTERN.sub(fill, text), tuple(unknown), tuple(missing))


@dataclass(frozen=True)
class Part:
    """A part of a preview: plain text, a filled field, or a field that still needs a value."""

    text: str
    state: str = ""  # "", "filled", "missing", "unknown"
    said: str = ""  # the key of the coach's advice about it
    anchor: str = ""  # the same key, only on the first part with it
    raw: str | None = dataclasses.field(default=None, compare=False)  # the merged text here, if it differs

    @property
    def length(self) -> int:
        """Its length in the merged text."""
        return len(self.text if self.raw is None else self.raw)


def parts(text: str, values: Mapping[str, str]) -> list[Part]:
    """The merged text in parts, so that a preview can mark filled and missing fields."""
    result: list[Part] = []
    end = 0
    for match in PATTERN.finditer(text):
        if match.start() > end:
            result.append(Part(text[end : match.start()]))
        name = normalise(match[2])
        value = values.get(name, "").strip()
        if name not in FIELDS or not _single(match):
            result.append(Part(match[0], "unknown"))
        elif value:
            result.append(Part(value, "filled"))
        else:
            result.append(Part(FIELDS[name].label, "missing", raw=match[0]))
        end = match.end()
    if end < len(text):
        result.append(Part(text[end:]))
    return result
