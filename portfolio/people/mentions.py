""" "Did they mention anyone?": adds people whose names came up in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from portfolio.errors import PortfolioError
from portfolio.models import CouldHelp, Knows, Need, Person
from portfolio.text.normalise import fold


@dataclass(frozen=True)
class Mention:
    """A name, and a short note about them."""

    name: str
    word: str = ""


@dataclass(frozen=True)
class Kept:
    """``new`` people were added, ``known`` ones existed already."""

    new: list[Person]
    known: list[Person]


def parse(text: str) -> list[Mention]:
    """Parse one person per line: the name, then a note after a comma, dash or colon. Ignores repeated names."""
    found: dict[str, Mention] = {}
    for line in text.splitlines():
        line = " ".join(line.split())
        cuts = [place for mark in (",", " - ", " – ", " — ", ":", ";") if (place := line.find(mark)) > 0]
        name, word = (line[: min(cuts)], line[min(cuts) :].lstrip(" ,-–—:;")) if cuts else (line, "")
        name = name.strip(" ,-–—:;")
        if fold(name):
            found.setdefault(fold(name), Mention(name, word))
    return list(found.values())


@transaction.atomic
def keep_mentioned(*, by: Person, mentions: Sequence[Mention], need: Need | None = None) -> Kept:
    """Add the people whom ``by`` mentioned, that ``by`` knows them and, with a ``need``, that they could help.

    An existing person of that name (the oldest of several) is linked, not duplicated. An existing idea keeps its
    reason. Raises :class:`PortfolioError` if ``by`` is among those mentioned.
    """
    # Lock the user, so that a concurrent second request finds the first one's people.
    User.objects.select_for_update().get(pk=by.owner_id)
    if any(fold(mention.name) == fold(by.name) for mention in mentions):
        raise PortfolioError(f"{by.name} is whom you spoke with. Leave them out; the others are still below.")
    kept = Kept([], [])
    for mention in mentions:
        person = Person.objects.filter(owner_id=by.owner_id).called(mention.name).order_by("pk").first()
        if person is None:
            person = Person.objects.create(
                owner_id=by.owner_id,
                name=mention.name,
                notes=mention.word,
                source=Person.Source.FRIEND,
                source_detail=f"Mentioned by {by.name}"[:300],
            )
            kept.new.append(person)
        else:
            kept.known.append(person)
        Knows.objects.get_or_create(
            owner_id=by.owner_id, knower=by, known=person, defaults={"note": mention.word or "Mentioned them"}
        )
        if need:
            _think_of(person, need, mention.word or f"Mentioned by {by.name}")
    return kept


def _think_of(person: Person, need: Need, why: str) -> None:
    CouldHelp.objects.get_or_create(owner_id=person.owner_id, person=person, need=need, defaults={"why": why})
