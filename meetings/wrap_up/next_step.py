"""The next step after a conversation, as a pure function of three answers."""

from __future__ import annotations

from typing import Literal

Leads = Literal["follow_up", "rest", "close"]


def leads_to(*, again: str, at_ease: str, interested: str) -> Leads | None:
    """The next step: follow up, rest, or thank and close. Each answer is "yes", "unsure", "no" or empty.

    The wish to talk again counts most. Unease does not outweigh that wish, because first conversations are stiff. If
    the other person didn't seem interested, the step is to let it rest. None if no question was answered.
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
