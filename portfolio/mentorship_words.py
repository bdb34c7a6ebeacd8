"""The words of a mentorship's choices, each with a sentence that helps to choose."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

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


def helped(
    choices: list[tuple[str, str]] | list[tuple[int, str]], sentences: dict[str, str] | dict[int, str]
) -> list[tuple[str | int, SafeString | str]]:
    """Choices of a form, each with its sentence below."""
    return [
        (
            value,
            format_html(
                '<span class="choice-text">{}<span class="choice-help">{}</span></span>', label, sentences[value]
            ),
        )  # type: ignore[index]
        for value, label in choices
    ]
