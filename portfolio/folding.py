"""Text folded for finding: case, accents and width make no difference, on every database alike."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart, as people type them on another keyboard.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "\0": " "})


def fold(text: str) -> str:
    """Lower case without accents, one blank between words: "Åsa  ØSTERGÅRD" becomes "asa ostergard"."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(bare.translate(_PLAIN).split())


def sort_key(text: str) -> bytes:
    """What a text is sorted by: folded, without signs, as bytes, which every database compares alike.

    It is cut where an index would refuse it; what is longer stands in order of its making.
    """
    folded = fold(text)
    bare = "".join(c for c in folded if c.isalnum() or c == " ")
    return (bare.strip() or folded).encode("utf-8", "replace")[:200]
