"""The next step of an approach, as a pure function of its situation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from outreach.follow_ups.services import silence, unaccepted
from outreach.models import Approach, Channel, Purpose

Stage = Approach.Stage
Outcome = Approach.Outcome


@dataclass(frozen=True)
class Situation:
    """All that decides the next step. Dates are local."""

    first_name: str
    stage: str
    today: dt.date
    outcome: str = ""
    rest_until: dt.date | None = None
    drafting: bool = False
    written: bool = False  # a message was sent or received
    asked: str = ""  # the purpose of the last question since the last conversation
    channel: str = ""  # the channel of that question
    replied: bool = False  # since that question; without a question, ever
    follow_up_due: dt.date | None = None
    waited: int = 10  # working days to wait, or already waited
    follow_up_written: bool = False
    planned: bool = False
    held: int = 0  # how many conversations took place
    thanked: bool = False


@dataclass(frozen=True)
class OutreachStep:
    """``action`` selects the page's button, see ``approaches/_step_button.html``; empty if there is nothing to do."""

    title: str
    words: str
    action: str = ""
    purpose: str = ""
    urgent: bool = False


def next_step(now: Situation) -> OutreachStep:
    """What to do next, and why, as text for the user."""
    name = now.first_name
    if now.outcome:
        return _after_the_end(now)
    if now.rest_until and now.rest_until <= now.today:
        return OutreachStep(
            f"{name} has had some peace",
            "If they still come to mind, take it up again. If not, leave it at that; either is fine.",
            "wake",
        )
    if now.rest_until:
        return OutreachStep(
            f"Resting until {now.rest_until:%-d %B %Y}",
            "Nothing to do. We’ll remind you then; take it up again earlier if something changes.",
            "wake",
        )
    if now.drafting:
        return OutreachStep("Finish your draft", f"Your words to {name} are waiting.", "finish", urgent=True)
    if now.planned:
        return OutreachStep(
            "A conversation is planned", "Look at its agenda shortly before; that’s all it needs.", "meeting"
        )
    if not now.written and not now.held:
        return OutreachStep(
            f"Write to {name}",
            "Don’t ask for mentoring yet. Ask for fifteen minutes, and say why them.",
            "draft",
            Purpose.FIRST_APPROACH,
            urgent=True,
        )
    if now.asked == Purpose.MENTORING_REQUEST or now.stage == Stage.REQUESTED:
        return _after_the_request(now)
    if now.replied and (now.asked or not now.held):
        which = "a second conversation. Bring an agenda." if now.held else "the first one. Fifteen minutes is plenty."
        return OutreachStep(
            f"{name} replied",
            f"Suggest two or three times, and plan {which}",
            "plan_follow_up" if now.held else "plan_initial",
            urgent=True,
        )
    if now.held and not now.asked:
        return _after_a_conversation(now)
    return _in_silence(now)


def _after_the_request(now: Situation) -> OutreachStep:
    name = now.first_name
    if now.replied:
        return OutreachStep(
            f"{name} answered you",
            "If it was a yes, open the mentorship. If not, note it; a no is an answer too.",
            "accept",
            urgent=True,
        )
    if now.follow_up_due and now.follow_up_due <= now.today:
        return _in_silence(now)
    return OutreachStep(
        "You asked. Now it’s their turn",
        f"Whatever {name} says, you have asked well. Note the answer when it comes.",
        "accept",
    )


def _in_silence(now: Situation) -> OutreachStep:
    name = now.first_name
    if now.follow_up_due and now.follow_up_due > now.today:
        return OutreachStep(
            "Now wait, calmly",
            f"We’ll remind you on {now.follow_up_due:%A %-d %B} if {name} hasn’t answered by then.",
            "replied",
        )
    if now.follow_up_due and now.channel == Channel.LINKEDIN_NOTE:
        return OutreachStep(
            f"Try another way to reach {name}", unaccepted(name), "channel", Purpose.FIRST_APPROACH, urgent=True
        )
    if now.follow_up_due:
        return OutreachStep(
            f"Write to {name} once more",
            silence(now.waited),
            "draft",
            Purpose.FOLLOW_UP,
            urgent=True,
        )
    if now.follow_up_written:
        return OutreachStep(
            "You’ve done your part",
            f"If nothing comes in the next weeks, let it rest. {name} may answer later, and others on your list "
            "may answer sooner.",
            "rest",
        )
    return OutreachStep("Now wait, calmly", f"Note it here when {name} answers.", "replied")


def _after_a_conversation(now: Situation) -> OutreachStep:
    name = now.first_name
    if not now.thanked:
        return OutreachStep(
            f"Thank {name}",
            "Two sentences: what helped, and what you’ll try. Within a day or two is best.",
            "draft",
            Purpose.THANK_YOU,
            urgent=True,
        )
    if now.held > 1:
        return OutreachStep(
            f"Ask {name} for mentoring?",
            "You’ve spoken more than once. If it feels right to you both, ask, and make it easy to say no.",
            "draft",
            Purpose.MENTORING_REQUEST,
            urgent=True,
        )
    return OutreachStep(
        "Suggest a follow-up conversation",
        "Tell them what you did with their advice. A second talk shows whether you get on.",
        "draft",
        Purpose.FOLLOW_UP_CONVERSATION,
        urgent=True,
    )


def _after_the_end(now: Situation) -> OutreachStep:
    name = now.first_name
    if now.outcome == Outcome.ACCEPTED:
        return OutreachStep(
            f"{name} is one of your mentors", "Everything else happens in the mentorship.", "mentorship"
        )
    if now.outcome in {Outcome.DECLINED, Outcome.NOT_NOW} and not now.thanked:
        said = "said no, kindly" if now.outcome == Outcome.DECLINED else "said not now"
        return OutreachStep(
            f"{name} {said}",
            "Thank them, and ask who else they’d suggest. A no is an answer, and often a helpful one.",
            "draft",
            Purpose.GRACEFUL_DECLINE,
        )
    if now.outcome == Outcome.NO_ANSWER:
        return OutreachStep(
            "No answer, and that’s all right",
            "Most silences are about full diaries. Look at the next name on your shortlist.",
            "outreach",
        )
    if now.outcome == Outcome.ENOUGH:
        return OutreachStep(
            "A good conversation was enough",
            "A good ending: not every good talk has to become mentoring. You know each other now.",
            "outreach",
        )
    return OutreachStep("This one has ended", "It stays here to read. The next name is on your shortlist.", "outreach")
