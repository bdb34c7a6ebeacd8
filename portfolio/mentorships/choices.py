"""The labels of a mentorship's choices, each with an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import IntegerChoices, TextChoices
from django.utils.html import format_html

from portfolio.models import Mentorship

Phase = Mentorship.Phase
Breadth = Mentorship.Breadth
Origin = Mentorship.Origin
Closeness = Mentorship.Closeness

# The phases of a mentoring relationship, after Clutterbuck.
PHASES = {
    Phase.RAPPORT: "You find out whether you like working together, and how.",
    Phase.DIRECTION: "You work out what this should lead to.",
    Phase.PROGRESS: "You talk, you try things out, you say what came of them.",
    Phase.WINDING_DOWN: "Most of it is done. You meet less often and look back.",
    Phase.MOVING_ON: "You settle what stays: a friendship, an occasional word, or thanks.",
}
BREADTHS = {
    Breadth.NARROW_SHORT: "One question, a few conversations.",
    Breadth.NARROW_LONG: "One subject, over the years.",
    Breadth.BROAD_SHORT: "Much at once, for a while.",
    Breadth.BROAD_LONG: "Work and more than work, over the years.",
}
ORIGINS = {
    Origin.ASKED: "You wrote, you talked, you asked.",
    Origin.GREW: "Nobody asked; it became mentoring as you went.",
    Origin.OFFERED: "They saw something in you and said so.",
    Origin.PROGRAMME: "Somebody matched you.",
    Origin.ALREADY: "You would have called it something else.",
}
CLOSENESSES = {
    Closeness.DISTANT: "You are careful still about what you say.",
    Closeness.NEAR: "You can say what troubles you.",
    Closeness.CLOSE: "You would ring them with good news first.",
}


_C = TypeVar("_C", bound=TextChoices | IntegerChoices)


def helped(sentences: Mapping[_C, str]) -> list[tuple[Any, str]]:
    """Choices of a form, each with its explanation."""
    words = '<span class="choice-text">{}<span class="choice-help">{}</span></span>'
    return [(choice.value, format_html(words, choice.label, sentence)) for choice, sentence in sentences.items()]
