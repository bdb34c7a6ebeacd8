"""How often the two mean to speak, and when the next conversation is due. Pure functions over local dates."""

from __future__ import annotations

import datetime as dt

from accounts.words import ago, counted, how_long

# At least every six weeks, for 60 to 90 minutes (Clutterbuck 2012).
USUAL_WEEKS = 6
SOURCE = "Clutterbuck (2012) advises at least every six weeks, for 60 to 90 minutes."


def every(weeks: int) -> str:
    """ "every six weeks or so"."""
    return f"every {'week' if weeks == 1 else counted(weeks, 'week', 'weeks')} or so"


def due_on(*, weeks: int | None, last_on: dt.date | None, started_on: dt.date, active: bool) -> dt.date | None:
    """The local date on which the next conversation is due, counted from the last contact.

    Without a contact it counts from the start. None without a rhythm, and if the mentorship is paused or ended.
    """
    if not active or not weeks:
        return None
    return (last_on or started_on) + dt.timedelta(weeks=weeks)


def standing(*, due: dt.date | None, last_on: dt.date | None, today: dt.date) -> str:
    """The state of the rhythm today, as a sentence; empty if nothing is due."""
    if due is None:
        return ""
    days = (due - today).days
    if days <= 0:
        if last_on is None:
            return "About due: you haven’t noted a conversation yet."
        return f"About due: you last spoke {ago((today - last_on).days)}."
    if days <= 7:
        return "The next one is about due within a week."
    return f"The next one is about due in {how_long(days)}."
