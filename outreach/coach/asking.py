"""Rules on the subject, and on what the draft asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from outreach.coach.draft import ASKING, FIRST_CONTACT, GUIDE, Advice, Draft, quoted
from outreach.coach.phrases import Phrases
from outreach.models import Purpose

SMALL_ASK = 30  # minutes

REQUEST_IN_SUBJECT = Phrases(
    """
    minutes?
    mins?
    half an hour
    quarter of an hour
    your time
    advice
    your view
    your experience
    your expertise
    introduc\\w+
    conversation
    call
    coffee
    talk
    chat
    meet\\w*
    question (?:about|on)
    questions (?:about|on)
    ask(?:ing)? (?:you|about|for)
    learn from
    help with
    mentor\\w*
    """
)


def subject_states_request(draft: Draft) -> Advice | None:
    if draft.purpose not in ASKING - {Purpose.FOLLOW_UP} or not draft.has_subject or not draft.subject.strip():
        return None
    if REQUEST_IN_SUBJECT.search(draft.low_subject):
        return None
    return Advice(
        "subject",
        "Let the subject say what you ask for, such as “15 minutes of your time: …”.",
        "A busy person decides by the subject whether to open it now.",
        GUIDE,
        "subject",
        " ".join(draft.subject.split())[:120],
    )


NUMBERS = {"five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60}
MINUTES = re.compile(rf"\b(\d{{1,3}}|{'|'.join(NUMBERS)})[\s-]{{0,3}}min(?:ute)?s?\b")
HALF_HOUR = Phrases("half an hour\nhalf-hour\na quarter of an hour\nquarter of an hour\na brief call\na short call")
LONG_ASK = Phrases(
    """
    (?:an|one|1|two|2|three|3|a full|a whole) hours?
    half a day
    a day
    lunch
    dinner
    an afternoon
    a morning
    """
)


def asked_minutes(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The durations mentioned in a text, in minutes."""
    if "min" not in text:
        return
    for match in MINUTES.finditer(text):
        word = match[1]
        number = int(word) if word.isdecimal() else NUMBERS.get(word)
        if number:
            yield number, match


def small_ask(draft: Draft) -> Advice | None:
    if draft.purpose not in FIRST_CONTACT:
        return None
    named = list(asked_minutes(draft.low))
    too_long = next((match for minutes, match in named if minutes > SMALL_ASK), None) or LONG_ASK.search(draft.low)
    reason = "A small request with an end is easy to grant, and a good talk runs on by itself."
    if any(minutes <= SMALL_ASK for minutes, _ in named) or HALF_HOUR.search(draft.low):
        return None
    if too_long is not None:
        words = "Ask for less: fifteen minutes is plenty to begin with."
        return Advice("small_ask", words, reason, GUIDE, quote=quoted(too_long, draft.body), span=too_long.span())
    return Advice("small_ask", "Ask for something small with an end: about 15 minutes.", reason, GUIDE)


MENTORING = Phrases(
    """
    (?:be|become|as|being) (?:my|a) mentor
    mentor me
    mentoring me
    your mentoring
    your mentorship
    mentoring relationship
    as (?:my|a) mentor
    (?:a|your) mentee
    mentor (?:someone|somebody)
    mentorship
    mentoring
    looking for a mentor
    need a mentor
    find a mentor
    """
)
ABOUT_ANOTHER = re.compile(
    r"(?:former|previous|first|current|old)\s+mentor|mentoring\s+(?:programme|scheme|course)|mentors?\s+at",
)


def no_mentoring_yet(draft: Draft) -> Advice | None:
    if draft.purpose not in FIRST_CONTACT | {Purpose.FOLLOW_UP}:
        return None
    if not any(word in text for word in ("mentor", "mentee") for text in (draft.low, draft.low_subject)):
        return None
    text = ABOUT_ANOTHER.sub(lambda match: " " * len(match[0]), draft.low)
    in_body = MENTORING.search(text)
    found = in_body or MENTORING.search(draft.low_subject)
    if found is None:
        return None
    return Advice(
        "no_mentoring",
        "Leave mentoring out for now. Ask for a short conversation first.",
        "Being asked for a relationship by somebody one has never spoken with is hard to say yes to.",
        GUIDE,
        "message" if in_body else "subject",
        quoted(found, draft.body if in_body else draft.subject),
        span=found.span(),
    )
