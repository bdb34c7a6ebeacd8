"""Rules on length, the number of questions, the ending, and the limits of the channel."""

from __future__ import annotations

import re

from outreach.coach.draft import ASKING, BOOMERANG, FIRST_CONTACT, FLYNN_LAKE, GUIDE, LINKEDIN, Advice, Draft
from outreach.coach.phrases import Phrases
from outreach.models import Channel, Purpose

FEWEST_WORDS, MOST_WORDS, LONG = 50, 125, 200
MOST_QUESTIONS = 3


def right_length(draft: Draft) -> Advice | None:
    if not draft.has_subject:
        return None
    count = len(draft.body.split())
    first = draft.purpose in FIRST_CONTACT
    most = MOST_WORDS if first or draft.purpose == Purpose.FOLLOW_UP else LONG
    if count > most:
        words = f"{count} words. Try to come below {most}: what could wait for the conversation?"
    elif first and count < FEWEST_WORDS:
        words = f"{count} words. Two or three sentences more, about them and about your question, would help."
    else:
        return None
    return Advice("length", words, "E-mails of 50 to 125 words are answered most often.", BOOMERANG)


def few_questions(draft: Draft) -> Advice | None:
    marks = [match.span() for match in re.finditer(r"\?+", draft.body)]
    if len(marks) <= MOST_QUESTIONS:
        return None
    words = f"{len(marks)} questions. Keep the one or two that matter, and save the others for the talk."
    return Advice(
        "questions", words, "More than three questions are answered less often.", BOOMERANG, span=marks[MOST_QUESTIONS]
    )


WAY_OUT = Phrases(
    """
    say no
    a no is
    if not
    if now is not
    if this is (?:a|not)
    bad (?:moment|time)
    say so
    feel free
    no need
    no pressure
    no obligation
    i (?:would |quite |fully |completely )?understand
    i'll understand
    i will understand
    all right
    not the time
    if you(?:'d| would) rather not
    if you can't
    if you cannot
    if it does(?:n't| not)
    if that does(?:n't| not)
    if your diary
    will not ask again
    won't ask again
    perfectly fine
    quite fine
    of course fine
    only if
    """
)


def easy_way_out(draft: Draft) -> Advice | None:
    if draft.purpose not in ASKING or draft.is_note or WAY_OUT.search(draft.low):
        return None
    return Advice(
        "way_out",
        "Make it easy to say no: “if this is a bad moment, please just say so”.",
        "Who feels free to refuse also agrees more gladly. And people say yes up to twice as often as we expect.",
        FLYNN_LAKE,
    )


THANKS = Phrases("thanks?\nthank you\nthankful\ngrateful\ngratitude\nappreciate\\w*\nmuch obliged\ncheers")


def says_thanks(draft: Draft) -> Advice | None:
    if THANKS.search(draft.low):
        return None
    return Advice(
        "thanks", "End with a plain thank you.", "It costs two words and is missed when it isn’t there.", GUIDE
    )


def within_limit(draft: Draft) -> Advice | None:
    over = draft.limit is not None and len(draft.body) > draft.limit
    if over or (draft.subject_limit is not None and draft.has_subject and len(draft.subject) > draft.subject_limit):
        count, limit = (len(draft.body), draft.limit) if over else (len(draft.subject), draft.subject_limit)
        return Advice(
            "limit",
            f"{count} characters, and {limit} fit. Take something out.",
            "The channel cuts off or refuses what is longer.",
            LINKEDIN if draft.channel != Channel.EMAIL else "What mail programs take",
            "message" if over else "subject",
            hard=True,
            span=(limit or 0, count),
        )
    return None
