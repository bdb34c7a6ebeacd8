"""Where the guide would speak up as somebody moves an approach. Every move stays allowed: this is advice only."""

from __future__ import annotations

from outreach.models import Approach

Stage = Approach.Stage


def word_on(stage: str, *, written: bool, held: int, planned: bool) -> str:
    """What to say to a move to ``stage``; empty where there is nothing to say.

    ``written``: a message of theirs or yours is kept, or they answered elsewhere. ``held`` conversations were had;
    ``planned``: one has a date.
    """
    if stage == Stage.REQUESTED and not held:
        return "You haven’t spoken yet. Ask for fifteen minutes first; mentoring can wait."
    if stage == Stage.REQUESTED and held == 1:
        return "You have spoken once. A second conversation shows whether you get on; mentoring can wait until then."
    if stage == Stage.FOLLOW_UP and not held:
        return "No first conversation is noted yet. If you have had it, note it, so that its thank-you isn’t forgotten."
    if stage == Stage.INITIAL and not held and not planned:
        return "No conversation has a date yet. Plan it, and its agenda is ready for you."
    if stage == Stage.APPROACHED and not written:
        return "Nothing is marked as sent yet, so we can’t remind you to follow up."
    return ""
