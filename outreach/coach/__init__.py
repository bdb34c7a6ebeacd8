"""The writing coach: advice on a draft before it is sent.

Pure functions over plain values. Each piece of advice says what to do, why, its source, and which part of the draft it
is about. Only a channel's limit is mandatory; everything else can be dismissed.
"""

from __future__ import annotations

from outreach.coach.about_them import says_why_them, shows_research
from outreach.coach.asking import no_mentoring_yet, small_ask, subject_states_request
from outreach.coach.draft import Advice, Draft, Rule
from outreach.coach.name import name_as_recorded
from outreach.coach.shape import easy_way_out, few_questions, right_length, says_thanks, within_limit
from outreach.coach.tone import no_flattery, no_pressure, no_spiral_of_apology

__all__ = ["HARD", "KEYS", "RULES", "Advice", "Draft", "advise"]

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


def advise(draft: Draft) -> list[Advice]:
    """All advice on this draft, most important first. For an empty draft, only the limits."""
    if not draft.body.strip():
        return []
    return [advice for rule in RULES if (advice := rule(draft))]
