"""A user's own words in a mail to somebody else: no live link but to our own pages and to hosts the operator allows.

Mail and calendar programs make a link of anything that looks like one, so it is not enough to write no markup: other
addresses are written so that no program recognises them and a person still can.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from django.conf import settings

# Only characters that no program takes for the end of a link: otherwise a second one could begin inside.
_WHOLE = re.compile(
    r"https?://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?P<port>:\d+)?(?:/[\w.~%/?=&#+-]*)?", re.ASCII | re.IGNORECASE
)
_WRAPPED = re.compile(r"(?P<before>[(\[<„“\"'‘]*)(?P<inside>.*?)(?P<after>[)\]>”“\"'’.,;:!?]*)", re.DOTALL)
_DOTS = ".\u3002\uff0e\uff61"  # these, too, separate the parts of a host name (RFC 3490, 3.1)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?:[\\/]{2,})", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?<![\w.])([a-z][a-z0-9+.-]*):(?=\S)", re.IGNORECASE)
_DOT = re.compile(rf"(?<=\S)[{_DOTS}](?=[^\W\d_]{{2}}|xn--)", re.IGNORECASE)
_WWW = re.compile(rf"(?<!\w)(www\d*)[{_DOTS}]", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d.])(\d+)\.(\d+)\.(\d+)\.(\d+)")
_BACKSLASHES = re.compile(r"[\\/]{2,}")


def without_foreign_links(text: str) -> str:
    """The same words, in which only links to our own pages and to ``MEETING_LINK_HOSTS`` are left alive."""
    shown = "".join(_shown(letter) for letter in unicodedata.normalize("NFC", text))
    return re.sub(r"\S+", lambda found: _word(found[0]), shown)


def _shown(letter: str) -> str:
    """The letter, without what is invisible or turns the direction of writing; line breaks stay."""
    if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
        return letter
    return "" if unicodedata.category(letter) == "Cf" else " "


def _word(word: str) -> str:
    parts = _WRAPPED.fullmatch(word)
    if parts and _is_allowed(parts["inside"]):
        return word
    return _unlinked(word)


def _is_allowed(link: str) -> bool:
    found = _WHOLE.fullmatch(link)
    if found is None:
        return False
    host, port = found["host"].lower(), found["port"] or ""
    if f"{host}{port}" == urlsplit(settings.BASE_URL).netloc.lower():
        return True
    return not port and any(host == known or host.endswith(f".{known}") for known in settings.MEETING_LINK_HOSTS)


def _unlinked(word: str) -> str:
    while _SCHEME.search(word):  # again, because what is taken out may have been in the middle of another one
        word = _SCHEME.sub("", word)
    word = _BACKSLASHES.sub("/", word)
    word = _OTHER_SCHEME.sub(r"\1: ", word)
    word = _NUMBERS.sub(r"\1[.]\2[.]\3[.]\4", word)
    word = _WWW.sub(r"\1[.]", word)
    word = _DOT.sub("[.]", word)
    return re.sub(r"(?<=\S)@(?=\S)", "[at]", word)
