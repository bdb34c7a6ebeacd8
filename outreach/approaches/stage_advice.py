"""Advice for moving an approach to a stage too early or too late. It never prevents the move."""

from __future__ import annotations

from outreach.models import Approach

Stage = Approach.Stage


def word_on(stage: str, *, written: bool, held: int, planned: bool) -> str:
    """Advice on a move to ``stage``; empty if there is none.

    ``written``: there is a message from either side, or they answered elsewhere. ``held``: the number of past
    conversations; ``planned``: one has a date.
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
