"""The writing coach: what a kind, experienced friend would say about a draft before it goes.

Pure functions over plain values. Each piece of advice says what to do, why, where the knowledge comes from and
which place of the draft it speaks of. Only a channel's limit is hard; everything else may be put away.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal

from accounts.models import TITLES
from outreach.models import Channel, Purpose

GUIDE = "NIHR, Accessing informal mentoring (2023)"
BOOMERANG = "Boomerang, a count of 40 million e-mails (2016)"
FLYNN_LAKE = "Flynn and Lake, If you need help, just ask (2008)"
LINKEDIN = "LinkedIn's own limits"

FEWEST_WORDS, MOST_WORDS, LONG = 50, 125, 200
MOST_QUESTIONS = 3
SMALL_ASK = 30  # minutes

Place = Literal["subject", "message"]
# Letter by letter, so that what is found stands at the same place in the words themselves.
LOW = str.maketrans(string.ascii_uppercase + "’", string.ascii_lowercase + "'")


@dataclass(frozen=True)
class Draft:
    """A draft as it would go, its fields filled.

    ``about_them`` is what is known of them: role, workplace, what one noticed. ``limit`` and ``subject_limit`` are the
    channel's own, in characters; None where it has none.
    """

    purpose: str
    channel: str
    subject: str
    body: str
    their_name: str
    about_them: tuple[str, ...] = ()
    limit: int | None = None
    subject_limit: int | None = None

    @cached_property
    def low(self) -> str:
        """The body as rules look at it: the same length, capital letters made small, apostrophes straight."""
        return self.body.translate(LOW)

    @cached_property
    def low_subject(self) -> str:
        return self.subject.translate(LOW)

    @property
    def has_subject(self) -> bool:
        return self.channel in {Channel.EMAIL, Channel.INMAIL}

    @property
    def is_note(self) -> bool:
        """So short that there is no room for everything a letter has."""
        return self.channel == Channel.LINKEDIN_NOTE


@dataclass(frozen=True)
class Advice:
    """``key`` names the rule, ``quote`` the words of the draft it speaks of (empty: the whole of ``place``)."""

    key: str
    words: str
    reason: str
    source: str
    place: Place = "message"
    quote: str = ""
    hard: bool = False


Rule = Callable[[Draft], "Advice | None"]


def advise(draft: Draft) -> list[Advice]:
    """Everything worth saying about this draft, most important first. Nothing about an empty one but its limits."""
    if not draft.body.strip():
        return []
    return [advice for rule in RULES if (advice := rule(draft))]


# --- Finding words ---------------------------------------------------------------------------------


def any_of(text: str) -> re.Pattern[str]:
    """One of several phrases, a line each, as whole words; for small letters and straight apostrophes."""
    phrases = (line.strip().replace(" ", r"\s+") for line in text.strip().splitlines())
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b")


def quoted(match: re.Match[str], text: str) -> str:
    """What was found, as it is written in ``text``."""
    return " ".join(text[match.start() : match.end()].split())[:120]


FIRST_CONTACT = {Purpose.FIRST_APPROACH}
ASKING = {
    Purpose.FIRST_APPROACH,
    Purpose.INTRODUCTION,
    Purpose.FOLLOW_UP,
    Purpose.FOLLOW_UP_CONVERSATION,
    Purpose.MENTORING_REQUEST,
}

# --- The subject -----------------------------------------------------------------------------------

REQUEST_IN_SUBJECT = any_of(
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


# --- The ask ---------------------------------------------------------------------------------------

NUMBERS = {"five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60}
MINUTES = re.compile(rf"\b(\d{{1,3}}|{'|'.join(NUMBERS)})[\s-]{{0,3}}min(?:ute)?s?\b")
HALF_HOUR = any_of("half an hour\nhalf-hour\na quarter of an hour\nquarter of an hour\na brief call\na short call")
LONG_ASK = any_of(
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
    """The stretches of time a text names, in minutes."""
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
        return Advice("small_ask", words, reason, GUIDE, quote=quoted(too_long, draft.body))
    return Advice("small_ask", "Ask for something small with an end: about 15 minutes.", reason, GUIDE)


MENTORING = any_of(
    """
    (?:be|become|as|being) (?:my|a) mentor
    mentor me
    mentoring me
    your mentoring
    your mentorship
    mentoring relationship
    as (?:my|a) mentor
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
    )


# --- About them ------------------------------------------------------------------------------------

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
    if THEIR_WORK.search(draft.low):
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


WHY_THEM = any_of(
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


# --- Shape -----------------------------------------------------------------------------------------


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
    marks = re.findall(r"\?+", draft.body)
    if len(marks) <= MOST_QUESTIONS:
        return None
    words = f"{len(marks)} questions. Keep the one or two that matter, and save the others for the talk."
    return Advice("questions", words, "More than three questions are answered less often.", BOOMERANG)


WAY_OUT = any_of(
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


THANKS = any_of("thanks?\nthank you\nthankful\ngrateful\ngratitude\nappreciate\\w*\nmuch obliged\ncheers")


def says_thanks(draft: Draft) -> Advice | None:
    if THANKS.search(draft.low):
        return None
    return Advice(
        "thanks", "End with a plain thank you.", "It costs two words and is missed when it isn't there.", GUIDE
    )


# --- Tone ------------------------------------------------------------------------------------------

FLATTERY = any_of(
    """
    honou?red
    (?:huge|big|great|massive) (?:fan|admirer)
    admire you\\w*
    (?:my )?(?:idol|hero|guru|legend)
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
    )


APOLOGY = any_of(
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
HEAVY = any_of("(?:so|very|terribly|really|awfully) sorry\nwast(?:e|ing) your time\nhate to")


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
    )


PRESSURE = any_of(
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
    )


# --- Their name ------------------------------------------------------------------------------------

GREETING = re.compile(
    r"\A\s*(?:dear|hello|hi|hey|good (?:morning|afternoon|evening))[ \t]+([^\n,:;!?]{1,80})", re.IGNORECASE
)
TO_ANYBODY = any_of("sir\nmadam\nall\ncolleagues?\nfriend\nsir or madam\nsir/madam\nwhom it may concern\nthere\nteam")
ALIKE = 0.72


def bare(word: str) -> str:
    """A word without case, accents and punctuation, to compare names by."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parts if c.isalnum())


def name_words(name: str) -> list[str]:
    words = [word.strip(".,;:!’'\"") for word in unicodedata.normalize("NFC", name).split()]
    return [word for word in words if word and word.lower() not in TITLES]


def name_as_recorded(draft: Draft) -> Advice | None:
    found = GREETING.match(draft.body[:300])
    recorded = name_words(draft.their_name[:200])[:12]
    if found is None or not recorded:
        return None
    if TO_ANYBODY.fullmatch(" ".join(found[1].translate(LOW).split())):
        words = f"Greet them by name: {draft.their_name}."
        return Advice(
            "name", words, "A letter to anybody is answered by nobody.", GUIDE, quote=quoted(found, draft.body)
        )
    greeted = name_words(found[1])[:6]
    reason = "A misspelt name is the first thing they see."
    right = {unicodedata.normalize("NFC", word) for word in recorded}
    wrong = next((word for word in greeted if word not in right), None)
    if wrong is None:
        return None
    alike = max(recorded, key=lambda word: SequenceMatcher(None, bare(word), bare(wrong)).ratio())
    if SequenceMatcher(None, bare(alike), bare(wrong)).ratio() >= ALIKE:
        return Advice("name", f"You noted their name as {alike}.", reason, GUIDE, quote=wrong)
    if any(word in right for word in greeted):
        return None  # a nickname or a title beside the name
    return Advice(
        "name",
        f"This goes to {draft.their_name}. Is the greeting right?",
        reason,
        GUIDE,
        quote=quoted(found, draft.body),
    )


# --- Limits ----------------------------------------------------------------------------------------


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
        )
    return None


RULES: tuple[Rule, ...] = (
    within_limit,
    name_as_recorded,
    no_mentoring_yet,
    subject_states_request,
    small_ask,
    shows_research,
    says_why_them,
    easy_way_out,
    right_length,
    few_questions,
    no_pressure,
    no_flattery,
    no_spiral_of_apology,
    says_thanks,
)
HARD = frozenset({"limit"})
KEYS = (
    "limit",
    "name",
    "no_mentoring",
    "subject",
    "small_ask",
    "research",
    "why_them",
    "way_out",
    "length",
    "questions",
    "pressure",
    "flattery",
    "apology",
    "thanks",
)
