"""Folds text for searching: ignores case, accents, width and kinds of apostrophe, identically on every database."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Characters that Unicode does not decompose, with their usual substitutes, and curly apostrophes.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "\0": " "})
_PLAIN |= str.maketrans(dict.fromkeys("’‘ʼ", "'"))


def fold(text: str) -> str:
    """Lower case without accents, single spaces between words: "Åsa  ØSTERGÅRD" becomes "asa ostergard"."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(bare.translate(_PLAIN).split())


@lru_cache(maxsize=1024)
def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text. Cached, because a list of people has few distinct sectors and organisations."""
    return tuple(re.findall(r"\w+", fold(text)))


def apart(text: str) -> str:
    """The words with spaces around each, for finding whole words: "Social-care" becomes " social care "."""
    words = words_of(text)
    return f" {' '.join(words)} " if words else ""


def sort_key(text: str) -> bytes:
    """The sort key of a text: folded, without punctuation, as bytes, which every database compares the same way.

    It is truncated to the maximum size of an index entry; longer texts are then sorted by creation.
    """
    folded = fold(text)
    bare = "".join(c for c in folded if c.isalnum() or c == " ")
    return (bare.strip() or folded).encode("utf-8", "replace")[:200]
