"""Names fit to stand in the sender and subject of a mail to somebody else.

A name there is the only free text of a user that a stranger reads before opening a mail, so it must not pass for
anything but a name: no address, no link, nothing that hides letters or turns them around.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
_BETWEEN = " .,'’ʼ-‐‑·()"
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"  # though letters or marks by category
_JOINERS = "\u200c\u200d"  # written within names in Persian and Hindi, for example
_MOST_MARKS = 3  # on one letter
_LINKED = re.compile(r"\.\w\w|www\.", re.IGNORECASE)  # what a mail program may make a link of


def name_fault(name: str) -> str:
    """What is wrong with this name, for its owner to read; empty if others may see it in their mail."""
    plain = unicodedata.normalize("NFKC", name)
    if not any(letter.isalpha() for letter in plain):
        return "Write your name with letters, as you sign your letters."
    if len(plain) > LONGEST:
        return f"Write at most {LONGEST} characters: other people see this name in their mail."
    if "@" in plain or "/" in plain or _LINKED.search(plain):
        return "Write only your name, without an e-mail or web address. A full stop needs a space after it."
    if "mentorfolio" in plain.casefold():
        return "Write your own name: other people must not take your mail for ours."
    shown = " ".join(plain.split())  # what others see; a mark may come to stand first in it
    if not all(_belongs(text, at) for text in (plain, shown) for at in range(len(text))):
        return "Use only letters, spaces, full stops, commas, hyphens, apostrophes and brackets in your name."
    return ""


def mailable(name: str) -> str:
    """This name on one line if others may see it in their mail, else nothing."""
    return "" if name_fault(name) else " ".join(unicodedata.normalize("NFKC", name).split())


def _belongs(name: str, at: int) -> bool:
    """Whether the character at this place may be in a name."""
    letter = name[at]
    if letter in _INVISIBLE or "\ufe00" <= letter <= "\ufe0f":
        return False
    if unicodedata.category(letter) in ("Mn", "Mc"):
        before = name[max(0, at - _MOST_MARKS) : at]
        return bool(before) and any(unicodedata.category(one)[0] != "M" for one in before)
    if letter in _JOINERS:
        return _is_joined(name[at - 1 : at]) and _is_joined(name[at + 1 : at + 2])
    return letter.isalpha() or letter.isdecimal() or letter in _BETWEEN


def _is_joined(letter: str) -> bool:
    """A letter of a script that needs joiners; Latin, Greek and Cyrillic don't."""
    if not letter or unicodedata.category(letter)[0] not in "LM":
        return False
    return not unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "CYRILLIC", "COMBINING"))
