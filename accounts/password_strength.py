"""How hard a new password is to guess, in a word, and what would help.

One judgement for the form (:class:`StrengthValidator`) and for the word shown while typing, so that they never differ.
There are no rules about which kinds of characters it must contain. Nothing leaves this process.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

LEAST, MOST = 12, 256  # characters
# How much of a password is estimated: the time grows with the square of its length, and the rest makes it no weaker.
ESTIMATED = 40
# zxcvbn tries every reading of these as letters, all together: 576 times the work. Nobody writes a c as a brace.
_SELDOM_LETTERS = str.maketrans(dict.fromkeys("{[<|+%", "~"))
_OFTEN_LETTERS = str.maketrans("@4301!5$7", "aaeoiisst")
ALIKE = 0.7  # the share of equal characters at which a password counts as a name or address, slightly changed
GOOD, STRONG = 10, 13  # the guesses it takes, as powers of ten

HINT = f"At least {LEAST} characters. Three or four words that don’t belong together are easy to remember."
_ADVICE = "Choose three or four words that don’t belong together."
_PATTERNS = {
    "repeat": "It repeats itself",
    "sequence": "It follows the alphabet or counts",
    "spatial": "Its letters are next to each other on the keyboard",
    "date": "Most of it is a date",
    "regex": "Most of it is a year",
    "dictionary": "It is made of common words or names",
}
_OURS = "the name of this site"

# zxcvbn keeps the words about a person in a global of its module.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Verdict:
    """``why`` says what is wrong and what helps; it is empty for a password that is accepted."""

    word: str
    why: str = ""

    @property
    def accepted(self) -> bool:
        return not self.why


def judge(password: str, user: Any = None) -> Verdict:
    """``user`` may be unsaved, and any object: its name, address and organisation count as known to others."""
    if len(password) < LEAST:
        return Verdict("Too short", f"Use at least {LEAST} characters. {_ADVICE}")
    if len(password) > MOST:
        return Verdict("Too long", f"Use at most {MOST} characters.")
    if password.lower().strip() in _common_passwords():
        return Verdict("Weak", f"It is on the lists of common passwords. {_ADVICE}")
    known: dict[str, str] = {}
    for whose, value in _about(user):
        if SequenceMatcher(None, password.lower(), value.lower(), autojunk=False).ratio() >= ALIKE:
            return _personal(whose)
        for word in _words_of(value):
            known.setdefault(word, whose)
    return _built_on(known, password) or _estimated(password, known)


def _built_on(known: dict[str, str], password: str) -> Verdict | None:
    """Refuses a password that is too short without these words. (To zxcvbn, two of them with a dash are strong.)"""
    plain = _plain(password)
    for text in (plain, plain.translate(_OFTEN_LETTERS), plain[::-1]):
        found = [word for word in sorted(known, key=len, reverse=True) if word in text]
        for word in found:
            text = text.replace(word, " ")
        if found and sum(character.isalnum() for character in text) < LEAST:
            return _personal(known[found[0]])
    return None


def _estimated(password: str, known: dict[str, str]) -> Verdict:
    with _one_at_a_time:
        found = zxcvbn(password[:ESTIMATED].translate(_SELDOM_LETTERS), list(known), max_length=ESTIMATED)
    if found["guesses_log10"] >= GOOD:
        return Verdict("Strong" if found["guesses_log10"] >= STRONG else "Good")
    matches = [match for match in found["sequence"] if match["pattern"] in _PATTERNS]
    personal = [match for match in _with_repeated(matches) if match.get("dictionary_name") == "user_inputs"]
    if personal:
        return _personal(known[max(personal, key=lambda match: len(match["token"]))["matched_word"]])
    if not matches:
        return Verdict("Weak", f"It is easy to guess. {_ADVICE}")
    longest = max(matches, key=lambda match: len(match["token"]))
    return Verdict("Weak", f"{_PATTERNS[longest['pattern']]}. {_ADVICE}")


def _with_repeated(matches: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for match in matches:
        yield match
        yield from match.get("base_matches", ())


def _personal(whose: str) -> Verdict:
    return Verdict("Weak", f"Much of it is {whose}. Choose words that have nothing to do with you or with us.")


def _about(user: Any) -> Iterator[tuple[str, str]]:
    """What others know of a user, and how to call it; the product's name first."""
    yield _OURS, "Mentorfolio"
    for name, whose in (("name", "your name"), ("email", "your address"), ("organisation", "where you work")):
        if value := str(getattr(user, name, "") or ""):
            yield whose, value
            if name == "email":
                yield whose, value.partition("@")[0]


def _words_of(value: str) -> Iterator[str]:
    """A text as it may occur in a password: whole, without spaces, word by word, and each without accents."""
    parts = [part for part in re.split(r"[\W_]+", value) if len(part) > 2]
    for text in (value, "".join(parts), "".join(reversed(parts)), *parts):
        yield text.lower()
        yield _plain(text)


def _plain(text: str) -> str:
    """In small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


@cache
def _common_passwords() -> frozenset[str]:
    """Django's list."""
    return frozenset(CommonPasswordValidator().passwords)


class StrengthValidator:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        verdict = judge(password, user)
        if not verdict.accepted:
            raise ValidationError(f"{verdict.word}. {verdict.why}", code="password_weak")

    def get_help_text(self) -> str:
        return HINT
