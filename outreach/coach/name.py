"""Rule: the recipient's name is spelt as it is stored."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from accounts.models import TITLES
from outreach.coach.draft import GUIDE, Advice, Draft, lowered, quoted
from outreach.coach.phrases import Phrases

GREETING = re.compile(
    r"\A\s*(?:dear|hello|hi|hey|good (?:morning|afternoon|evening))[ \t]+([^\n,:;!?]{1,80})", re.IGNORECASE
)
TO_ANYBODY = Phrases("sir\nmadam\nall\ncolleagues?\nfriend\nsir or madam\nsir/madam\nwhom it may concern\nthere\nteam")
ALIKE = 0.72


def bare(word: str) -> str:
    """A word without case, accents and punctuation, for comparing names."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parts if c.isalnum())


def name_words(name: str) -> list[str]:
    words = [word.strip(".,;:!’'\"") for word in unicodedata.normalize("NFC", name).split()]
    return [word for word in words if word and word.lower() not in TITLES]


def name_as_recorded(draft: Draft) -> Advice | None:
    found = GREETING.match(draft.body[:300])
    recorded = name_words(draft.their_name[:200])[:12]
    if found is None or not recorded:
        return None
    if TO_ANYBODY.fullmatch(" ".join(lowered(found[1]).split())):
        words = f"Greet them by name: {draft.their_name}."
        reason = "A letter to anybody is answered by nobody."
        return Advice("name", words, reason, GUIDE, quote=quoted(found, draft.body), span=found.span(1))
    greeted = name_words(found[1])[:6]
    reason = "A misspelt name is the first thing they see."
    right = {unicodedata.normalize("NFC", word) for word in recorded}
    wrong = next((word for word in greeted if word not in right), None)
    if wrong is None:
        return None
    alike = max(recorded, key=lambda word: SequenceMatcher(None, bare(word), bare(wrong)).ratio())
    if SequenceMatcher(None, bare(alike), bare(wrong)).ratio() >= ALIKE:
        return Advice("name", f"You noted their name as {alike}.", reason, GUIDE, quote=wrong, span=found.span(1))
    if any(word in right for word in greeted):
        return None  # a nickname, or a title with the name
    return Advice(
        "name",
        f"This goes to {draft.their_name}. Is the greeting right?",
        reason,
        GUIDE,
        quote=quoted(found, draft.body),
        span=found.span(1),
    )
