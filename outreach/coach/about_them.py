"""Rules on what the draft says about the recipient: their work, and why the user asks them."""

from __future__ import annotations

import re

from outreach.coach.draft import FIRST_CONTACT, GUIDE, Advice, Draft
from outreach.coach.phrases import Phrases

THEIR_WORK = re.compile(
    r"\byour\s+(?:[\w-]+\s+){0,3}?(?:talk|paper|article|book|chapter|work|study|trial|lecture|post|report|project|team|role|"
    r"research|career|path|profile|interview|podcast|keynote|comment|question|programme|group|service|appointment|move|"
    r"review|blog|thesis|seminar|course|speech|column|guidance|framework)s?\b",
)
DULL = {
    "about",
    "their",
    "there",
    "which",
    "would",
    "where",
    "these",
    "those",
    "health",
    "professor",
    "senior",
    "director",
}


def telling_words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]{5,}", text[:2_000].casefold()) if word not in DULL}


def shows_research(draft: Draft) -> Advice | None:
    if draft.purpose not in FIRST_CONTACT or draft.is_note:
        return None
    if "your" in draft.low and THEIR_WORK.search(draft.low):
        return None
    known = set().union(*(telling_words(fact) for fact in draft.about_them))
    if known & telling_words(draft.body):
        return None
    return Advice(
        "research",
        "Say one thing you noticed about their work, in their terms.",
        "It shows that this letter was written to them and to nobody else.",
        GUIDE,
    )


WHY_THEM = Phrases(
    """
    because you
    since you
    as you have
    as you are
    you have
    you've
    you are
    you know
    you were
    you led
    you did
    you moved
    you sit
    you worked
    your experience
    your expertise
    your view
    where you are
    to you because
    from you
    in your position
    """
)


def says_why_them(draft: Draft) -> Advice | None:
    if draft.purpose not in FIRST_CONTACT or draft.is_note or WHY_THEM.search(draft.low):
        return None
    return Advice(
        "why_them",
        "Say why you ask them, and not somebody else.",
        "People gladly help when they see that it is their own experience that is wanted.",
        GUIDE,
    )
