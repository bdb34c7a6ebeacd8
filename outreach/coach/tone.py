"""Rules on tone: no flattery, no repeated apology, no pressure."""

from __future__ import annotations

from outreach.coach.draft import FLYNN_LAKE, GUIDE, Advice, Draft, quoted
from outreach.coach.phrases import Phrases

FLATTERY = Phrases(
    """
    honou?red
    (?:huge|big|great|massive) fan
    (?:huge|big|great|massive) admirer
    admire you\\w*
    (?:my )?idol
    (?:my )?hero
    (?:my )?guru
    (?:my )?legend
    amazing
    awesome
    incredible
    outstanding
    world-class
    phenomenal
    genius
    brilliant (?:career|mind|person|leader)
    (?:truly|deeply|so|very) inspir\\w+
    in awe
    second to none
    the best in
    you(?:'re| are) the best
    """
)


def no_flattery(draft: Draft) -> Advice | None:
    found = FLATTERY.search(draft.low)
    if found is None:
        return None
    return Advice(
        "flattery",
        "Put something you noticed in place of the praise.",
        "One true detail is worth more than a big word, and is easier to believe.",
        GUIDE,
        quote=quoted(found, draft.body),
        span=found.span(),
    )


APOLOGY = Phrases(
    """
    (?:so|very|terribly|really|awfully) sorry
    sorry
    apologi[sz]e\\w*
    apologies
    forgive me
    forgive my
    excuse me
    excuse my
    hate to
    to bother you
    bothering you
    disturb\\w*
    impos(?:e|ing) on you
    wast(?:e|ing) your time
    take up your time
    i know you are (?:incredibly|extremely|very|so|terribly) busy
    """
)
HEAVY = Phrases("(?:so|very|terribly|really|awfully) sorry\nwast(?:e|ing) your time\nhate to")


def no_spiral_of_apology(draft: Draft) -> Advice | None:
    found = list(APOLOGY.finditer(draft.low))
    if len(found) < 2 and not HEAVY.search(draft.low):
        return None
    return Advice(
        "apology",
        "Apologise once at most. You ask politely, and they may say no.",
        "People underestimate by up to half how gladly others help when they are asked straight.",
        FLYNN_LAKE,
        quote=quoted(found[-1], draft.body),
        span=found[-1].span(),
    )


PRESSURE = Phrases(
    """
    asap
    a\\.s\\.a\\.p
    urgent\\w*
    as soon as possible
    you must
    you have to
    i need you
    by tomorrow
    by the end of (?:today|the day|this week|the week)
    i expect
    waiting for your (?:reply|answer|response)
    look forward to your (?:prompt|quick|early|immediate) \\w+
    did(?:n't| not) (?:answer|reply|respond)
    have(?:n't| not) (?:answered|replied|responded)
    why you have(?:n't| not)
    ignor(?:e|ed|ing)
    last chance
    (?:reply|answer|respond|let me know|get back to me) by (?:the|next|this|mon|tues|wed|thurs|fri|sat|sun|\\d)\\w*
    need (?:an|your) (?:answer|reply|response)
    third time
    per my last
    immediately
    """
)


def no_pressure(draft: Draft) -> Advice | None:
    in_body = PRESSURE.search(draft.low)
    found = in_body or PRESSURE.search(draft.low_subject)
    if found is None:
        return None
    return Advice(
        "pressure",
        "Take the hurry out: let them answer when it suits them.",
        "Silence is usually about their diary. Pressure turns a maybe into a no.",
        GUIDE,
        "message" if in_body else "subject",
        quoted(found, draft.body if in_body else draft.subject),
        span=found.span(),
    )
