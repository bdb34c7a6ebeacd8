"""Whether a program answered, and not a person (RFC 3834 §5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from mail.incoming.message import Part
from mail.incoming.phrases import AUTOMATIC_SUBJECT

_COMMENT = re.compile(r"\([^()]*\)")
_WHITE = re.compile(r"\s+")


def automatic_because(mail: Part, users: Collection[str]) -> str:
    """What gives the program away, for people to read; "" if nothing does."""
    for value in mail.all("auto-submitted"):
        word = re.search(r"[\w-]+", _COMMENT.sub(" ", value))
        if word and word[0].lower() != "no":
            return f"it says “Auto-Submitted: {word[0].lower()}”"
    for name in ("x-autoreply", "x-autorespond"):
        if any(value.strip().lower() != "no" for value in mail.all(name)):
            return "its mail program marked it as an automatic reply"
    # It names the mailbox whose rule it was; one of the user's only passed on what somebody wrote.
    if any(value.strip().strip("<>").lower() not in users for value in mail.all("x-ms-exchange-inbox-rules-loop")):
        return "a rule of a mailbox sent it"
    return because_of_subject(mail.first("subject"))


def because_of_subject(subject: str) -> str:
    found = AUTOMATIC_SUBJECT.match(_WHITE.sub(" ", unicodedata.normalize("NFC", subject[:200])))
    return f"its subject begins with “{found[0].strip()}”" if found else ""


def is_from_a_list(mail: Part) -> bool:
    """RFC 2919, 2369."""
    return any(mail.all(name) for name in ("list-id", "list-post", "list-unsubscribe"))
