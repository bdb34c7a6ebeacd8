"""The next step of an introduction, as a pure function of its situation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from outreach.approaches.next_step import OutreachStep
from outreach.models import Introduction, Purpose

State = Introduction.State


@dataclass(frozen=True)
class Situation:
    """All that decides the next step. ``overdue``: asked at least ten working days ago, without an answer.

    ``drafting`` is the purpose of an unsent draft; ``written_to``: the user and the target are already in touch.
    """

    target: str
    introducer: str
    state: str
    drafting: str = ""
    overdue: bool = False
    asked_again: bool = False
    remind_on: dt.date | None = None  # a future local date
    thanked: bool = False
    written_to: bool = False
    approach: bool = False


def next_step(now: Situation) -> OutreachStep:
    """What to do next, and why. ``action`` selects the button: see ``introductions/_introduction_button.html``."""
    if now.drafting:
        title = "Finish your draft"
        if now.state == State.CONSIDERED and now.drafting == Purpose.INTRODUCTION:
            title = f"Ask {now.introducer} to introduce you to {now.target}"
        return OutreachStep(title, f"Your words to {now.introducer} are waiting for a last look.", "finish")
    return _BY_STATE[State(now.state)](now)


def _considered(now: Situation) -> OutreachStep:
    return OutreachStep(
        f"Ask {now.introducer} to introduce you to {now.target}",
        "Say what you would like to learn, and give a paragraph that can simply be passed on. A no is quite all right.",
        "draft",
        Purpose.INTRODUCTION,
    )


def _asked(now: Situation) -> OutreachStep:
    if now.overdue and now.asked_again:
        return OutreachStep(
            "You’ve done your part",
            f"Leave it at that, and note it if an answer comes late. Somebody else may know {now.target}.",
            "another",
        )
    if now.overdue:
        return OutreachStep(
            f"Ask {now.introducer} once more?",
            "No answer after ten working days. That’s usually about their diary, not you. One short, kind line is "
            "quite normal.",
            "draft",
            Purpose.FOLLOW_UP,
            urgent=True,
        )
    words = f"Note it here when {now.introducer} answers."
    if now.remind_on:
        words += f" If nothing comes, we remind you on {now.remind_on:%A %-d %B}."
    return OutreachStep("Now wait, calmly", words, "answer")


def _agreed(now: Situation) -> OutreachStep:
    return OutreachStep(
        f"{now.introducer} will introduce you",
        f"Wait for the mail that brings you and {now.target} together, and note it here. If a week goes by, a friendly "
        "line is fine.",
        "made",
        urgent=True,
    )


def _made(now: Situation) -> OutreachStep:
    if not now.written_to and not now.approach:
        return OutreachStep(
            f"Write to {now.target}",
            f"{now.introducer} has introduced you. Answer within a day or two, and ask for fifteen minutes.",
            "shortlist",
            urgent=True,
        )
    if not now.thanked:
        return OutreachStep(
            f"Thank {now.introducer}",
            "Two sentences: that it worked, and that you’ll say how it went.",
            "draft",
            Purpose.THANK_YOU,
        )
    if now.approach:
        return OutreachStep("It worked", f"Everything else happens between you and {now.target}.", "approach")
    return OutreachStep("It worked", f"You and {now.target} are in touch.", "target")


def _declined(now: Situation) -> OutreachStep:
    if not now.thanked:
        return OutreachStep(
            f"Thank {now.introducer} all the same",
            "There are many good reasons not to introduce somebody. A kind line keeps the door open.",
            "draft",
            Purpose.GRACEFUL_DECLINE,
        )
    return _another_path(now)


def _another_path(now: Situation) -> OutreachStep:
    return OutreachStep(
        "Try another path",
        f"Somebody else may know {now.target}, or you can write yourself: fifteen minutes is a small ask.",
        "another",
    )


_BY_STATE = {
    State.CONSIDERED: _considered,
    State.ASKED: _asked,
    State.AGREED: _agreed,
    State.MADE: _made,
    State.DECLINED: _declined,
    State.NO_ANSWER: _another_path,
}
