"""What follows a conversation. Pure: three honest answers lead to one next step; nobody is graded."""

from __future__ import annotations

from typing import Literal

Leads = Literal["follow_up", "rest", "close"]


def leads_to(*, again: str, at_ease: str, interested: str) -> Leads | None:
    """Follow up, leave it to rest, or thank and close; each answer is "yes", "unsure", "no" or empty.

    Whether one would like to talk again counts most. Not having been at ease is no reason against a second talk that
    one wants: first ones are stiff. Somebody who didn't seem interested is left in peace for a while. None where
    nothing was answered.
    """
    if again == "no":
        return "close"
    if interested == "no":
        return "rest"
    if again == "yes":
        return "follow_up"
    if again == "unsure":
        return "follow_up" if at_ease == "yes" and interested == "yes" else "rest"
    return None
