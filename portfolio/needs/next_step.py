"""The next step for a need, as a pure function of who supports it and who could."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from accounts.models import first_name
from accounts.words import counted
from portfolio.needs.candidates import Candidate, Found
from portfolio.panels import NextStep


def people_in_words(count: int) -> str:
    """The number of people at the start of a sentence: "Three people"."""
    return counted(count, "person", "people").capitalize() if count else "Nobody"


def gap_step(need_id: int, supporters: Sequence[str], found: Found, urls: Mapping[str, str]) -> NextStep | None:
    """What to do next for an open need; None if the user should think of somebody first.

    ``supporters`` are names; ``urls`` are URLs of apps above by route name (empty if the page does not exist).
    """
    first = found.first
    if first is None or len(supporters) > 1:
        return None
    title, words = _where_it_stands(supporters, found, first)
    busy, one = first.suggestion.busy, first.suggestion
    name = first_name(one.name)
    if busy and busy.url:
        return NextStep(f"{words} {one.name} comes first: {busy.words}.", busy.url, button=busy.act, title=title)
    if first.mentorship_id:
        return NextStep(
            f"{words} {one.name} is your mentor already: could this be part of it?",
            reverse("mentorship", args=[first.mentorship_id]),
            button=f"Talk to {name} about it",
            title=title,
        )
    if one.introducer and not one.spoken and urls.get("introduction_open"):
        through = one.introducer
        be = "is your mentor and knows" if through.is_mentor else "knows"
        return NextStep(
            f"{words} {through.name} {be} {one.name}, and a word from somebody they trust opens more doors than a "
            "letter from a stranger.",
            urls["introduction_open"],
            "post",
            f"Ask {first_name(through.name)} to introduce you to {name}",
            title=title,
            fields={"target": one.id, "introducer": through.id, "need": need_id},
        )
    if urls.get("approach_open"):
        return NextStep(
            f"{words} Put {name} on the shortlist; nothing is sent to anybody.",
            urls["approach_open"],
            "post",
            f"Shortlist {one.name}",
            title=title,
            fields={"person": one.id, "need": need_id},
        )
    return NextStep(words, reverse("person", args=[one.id]), button=f"Look at {one.name}", title=title)


def _where_it_stands(supporters: Sequence[str], found: Found, first: Candidate) -> tuple[str, str]:
    if supporters:
        words = f"{supporters[0]} supports you here. A second voice takes the weight off one relationship."
        return "This hangs on one person", words
    if found.thought_of:
        return "Nobody yet", f"{people_in_words(found.thought_of)} you thought of could help."
    noted = f"What you have noted speaks for {first.suggestion.name}."
    return "Nobody yet", f"You haven’t thought of anybody yet. {noted}"
