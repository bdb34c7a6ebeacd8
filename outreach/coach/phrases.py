"""Finds phrases in a text quickly, even in an adversarial text.

A single pattern of many phrases is tried at every word: 5,000 one-letter words would take longer than ten pages of
prose. So each phrase has its own pattern, which runs only if a literal part of the phrase occurs in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# The parts of a phrase's pattern that are not literal text: groups, sets, any word, optional characters.
LOOSE = re.compile(r"\((?:[^()]|\([^()]*\))*\)\??|\[[^\]]*\]|\\w[+*]|\\.|.\?")
BEGINS = re.compile(r"\w+(?![?*+])")


@dataclass(frozen=True)
class Phrase:
    """``needs`` is a literal part of the phrase, which occurs in every text that contains the phrase."""

    needs: str
    pattern: re.Pattern[str]


class Phrases:
    """Several phrases, one per line, matched as whole words. Texts must be lower case with straight apostrophes."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.strip().splitlines()]
        self.phrases = [Phrase(needed(line), whole_words(line)) for line in lines]

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in the text; of several at the same place, the first phrase in the list."""
        found = [match for phrase in self._possible(text) if (match := phrase.pattern.search(text))]
        return min(found, key=lambda match: match.start(), default=None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches in text order, without overlaps."""
        found = [match for phrase in self._possible(text) for match in phrase.pattern.finditer(text)]
        end = -1
        for match in sorted(found, key=lambda match: match.start()):
            if match.start() >= end:
                yield match
                end = match.end()

    def fullmatch(self, text: str) -> bool:
        return any(phrase.pattern.fullmatch(text) for phrase in self._possible(text))

    def _possible(self, text: str) -> Iterator[Phrase]:
        return (phrase for phrase in self.phrases if phrase.needs in text)


def needed(phrase: str) -> str:
    """The longest literal part of a phrase."""
    return max(re.split(r"[\0\s]+", LOOSE.sub("\0", phrase)), key=len)


def whole_words(phrase: str) -> re.Pattern[str]:
    """The pattern for whole words. It starts with literal text if possible, which Python finds quickly."""
    first = BEGINS.match(phrase)
    spaced = phrase.replace(" ", r"\s+")
    if first is None:
        return re.compile(rf"\b(?:{spaced})\b")
    return re.compile(rf"{first[0]}(?<!\w{first[0]}){spaced[first.end() :]}\b")
