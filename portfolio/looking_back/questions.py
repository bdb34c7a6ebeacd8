"""The questions to reflect on: why each is worth asking, and prompts for answering it.

Based on the eight questions of "Accessing informal mentoring" (NIHR 2023), in our words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from portfolio.models import Reflection

Question = Reflection.Question


@dataclass(frozen=True)
class Guide:
    """The help text of a question. ``leads_to`` is the field for what its answers usually lead to, always visible."""

    why: str
    prompts: tuple[str, ...]
    leads_to: str = ""


GUIDES: dict[str, Guide] = {
    Question.WHO_NOW: Guide(
        "Most mentors are found among people one knows already, or used to know. Going through them with one need in "
        "mind brings up names that “who could be my mentor?” never would.",
        (
            "Take one need. Who has been through exactly that?",
            "Who has left for another organisation, and would be glad to hear from you?",
            "Whose opinion do you ask for anyway?",
        ),
        "people_names",
    ),
    Question.BEYOND: Guide(
        "The people around us tend to know what we know. Somebody from another organisation or another field sees "
        "your question for the first time, and that is often what helps.",
        (
            "Which register, society or training programme looks for people to mentor?",
            "Whose talk or paper have you gone back to more than once?",
            "Who among your friends works somewhere quite different?",
        ),
        "place_names",
    ),
    Question.FORMALITY: Guide(
        "Set dates and a programme carry some people and constrain others. How it was for you tells you how much of it "
        "to bring into the next mentoring, whatever that is called.",
        (
            "What would never have happened without the programme?",
            "What was said only once nobody kept minutes?",
            "If nobody ever mentored you: where did you learn the same things?",
        ),
    ),
    Question.HOW_BEGIN: Guide(
        "Informal mentoring has no co-ordinator, so the beginning is in your hands. A picture of the first three "
        "steps, however rough, makes the first of them smaller.",
        (
            "Which small thing would you ask for first?",
            "What would you say about yourself in two sentences?",
            "How would you notice that it suits you both?",
        ),
    ),
    Question.NETWORKS: Guide(
        "Networks we belong to grow quiet when we don’t use them, and are still there. Naming them one by one shows "
        "where a word to somebody is overdue.",
        (
            "Close by: your team, your floor, the people you studied with.",
            "Wider: a society, a mailing list, a committee, a choir.",
            "Who in each of them knows everybody?",
        ),
        "people_names",
    ),
    Question.NEW_NETWORKS: Guide(
        "A new network brings people whom nobody around you knows. One that you really visit is worth more than five "
        "you only sign up for.",
        (
            "Where do people meet who do what you would like to do?",
            "Which society, forum or mailing list have you meant to join?",
            "Where would you be the one who brings something new?",
        ),
        "place_names",
    ),
    Question.COMFORT: Guide(
        "Writing to somebody one has never met is hard for many people, and it is no flaw. Knowing where you stand "
        "today tells you which way to begin, and it changes with practice.",
        (
            "Think of the last time you wrote to a stranger. How was it?",
            "What exactly is the uncomfortable part: the asking, the waiting, or a no?",
            "Who makes it easier when they are in the room?",
        ),
    ),
    Question.ONWARDS: Guide(
        "A good first conversation often ends without anybody saying what comes next. A sentence thought of "
        "beforehand makes the second one likely, and the question about mentoring natural.",
        (
            "What would you tell them afterwards, once you have tried their advice?",
            "How would you ask for a second conversation?",
            "What would have to be true before you ask for more?",
        ),
    ),
    Question.OWN: Guide(
        "The best question may be one nobody has written down for you. Keep it, and come back to it when the answer "
        "has changed.",
        ("What would you like to be asked?", "What do you keep putting off thinking about?"),
    ),
}
EIGHT: tuple[str, ...] = tuple(value for value in Question.values if value != Question.OWN)

# Steps 1 to 5, as in the model.
COMFORT_WORDS = {
    1: "I would rather not, just now",
    2: "I can, but it costs me a lot",
    3: "It depends on the day, and on the person",
    4: "Mostly at ease",
    5: "Quite at ease: I just write",
}
LOW_COMFORT = 2  # up to this step, suggest introductions first


def longest_unanswered(last_answers: Mapping[str, dt.date]) -> str:
    """The question to offer next: the first without an answer, else the one answered longest ago.

    ``last_answers`` holds the local date of the latest answer to each question that has one.
    """
    return min(EIGHT, key=lambda question: (last_answers.get(question, dt.date.min), EIGHT.index(question)))


def prefers_introductions(comfort: int | None) -> bool:
    """Whether approaching strangers is so uncomfortable that an introduction should come first."""
    return comfort is not None and comfort <= LOW_COMFORT
