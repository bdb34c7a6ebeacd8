"""Finding phrases in any text, in time that grows with the text and not with the number of its words.

One pattern of many phrases is tried anew at every word: five thousand words of one letter cost more than ten pages of
prose. So each phrase is looked for by itself, and only where a piece of it that it can't be without is there at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# The parts of a phrase's pattern that need not stand in a text literally: groups, sets, any word, optional ones.
LOOSE = re.compile(r"\((?:[^()]|\([^()]*\))*\)\??|\[[^\]]*\]|\\w[+*]|\\.|.\?")
BEGINS = re.compile(r"\w+(?![?*+])")


@dataclass(frozen=True)
class Phrase:
    """``needs`` is a piece of it that stands in every text which holds the phrase."""

    needs: str
    pattern: re.Pattern[str]


class Phrases:
    """Several phrases, one a line, found as whole words. The text must be lower case with straight apostrophes."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.strip().splitlines()]
        self.phrases = [Phrase(needed(line), whole_words(line)) for line in lines]

    def search(self, text: str) -> re.Match[str] | None:
        """The first in the text; of several that begin there, the first of the list."""
        found = [match for phrase in self._possible(text) if (match := phrase.pattern.search(text))]
        return min(found, key=lambda match: match.start(), default=None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All of them in the order of the text, none within another."""
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
    """The longest piece of a phrase that is written out."""
    return max(re.split(r"[\0\s]+", LOOSE.sub("\0", phrase)), key=len)


def whole_words(phrase: str) -> re.Pattern[str]:
    """The pattern for whole words, beginning with literal text where possible, which Python searches for quickly."""
    first = BEGINS.match(phrase)
    spaced = phrase.replace(" ", r"\s+")
    if first is None:
        return re.compile(rf"\b(?:{spaced})\b")
    return re.compile(rf"{first[0]}(?<!\w{first[0]}){spaced[first.end() :]}\b")
