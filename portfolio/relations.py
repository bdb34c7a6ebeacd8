"""How the user stands to people, as far as each floor knows: what the list of people shows and filters by.

A floor registers in ``AppConfig.ready``. Where several are true of one person, the smallest ``order`` is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from portfolio.models import CouldHelp, Mentorship

NONE_YET = "none"


@dataclass(frozen=True)
class Relation:
    """``holds`` is a condition on a row of people (``OuterRef("pk")``); ``badge`` is the label in short."""

    name: str
    label: str
    badge: str
    holds: Callable[[], Q]
    order: int
    done: bool = False


_relations: dict[str, Relation] = {}


def register_relation(relation: Relation) -> None:
    """The same name again replaces."""
    _relations[relation.name] = relation


def relations() -> list[Relation]:
    return sorted(_relations.values(), key=lambda relation: relation.order)


def _mentors() -> Q:
    return Q(Exists(Mentorship.objects.filter(person=OuterRef("pk")).running()))


def _mentored() -> Q:
    ended = Mentorship.objects.filter(person=OuterRef("pk"), status=Mentorship.Status.ENDED)
    return Q(Exists(ended)) & ~_mentors()


def _thought_of() -> Q:
    thoughts = CouldHelp.objects.filter(person=OuterRef("pk"), state=CouldHelp.State.THOUGHT_OF)
    return Q(Exists(thoughts.filter(need__closed_on__isnull=True)))


def register() -> None:
    register_relation(Relation("mentor", "Is my mentor", "Mentor", _mentors, 10, done=True))
    register_relation(Relation("mentored", "Was my mentor", "Was a mentor", _mentored, 30))
    register_relation(Relation("thought", "Thought of for a need", "Thought of", _thought_of, 40))
