"""Text folded for finding: case, accents, width and kinds of apostrophe make no difference, on every database alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Characters that Unicode does not decompose, with what other keyboards type instead, and a phone's apostrophes.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "\0": " "})
_PLAIN |= str.maketrans(dict.fromkeys("’‘ʼ", "'"))


def fold(text: str) -> str:
    """Lower case without accents, one blank between words: "Åsa  ØSTERGÅRD" becomes "asa ostergard"."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(bare.translate(_PLAIN).split())


@lru_cache(maxsize=1024)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded. Kept for a while: a list of people names few sectors and organisations."""
    return tuple(re.findall(r"\w+", fold(text)))


def apart(text: str) -> str:
    """The words with a blank around each, so that one is found as a whole: "Social-care" becomes " social care "."""
    words = words_of(text)
    return f" {' '.join(words)} " if words else ""


def sort_key(text: str) -> bytes:
    """What a text is sorted by: folded, without signs, as bytes, which every database compares alike.

    It is cut where an index would refuse it; what is longer stands in order of its making.
    """
    folded = fold(text)
    bare = "".join(c for c in folded if c.isalnum() or c == " ")
    return (bare.strip() or folded).encode("utf-8", "replace")[:200]
