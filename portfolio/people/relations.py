"""Relations of the user to people, such as "mentor", which the list of people shows and filters by.

Apps register them in ``AppConfig.ready``. If several apply to a person, the list shows the one with the smallest
``order``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.registry import Registry
from portfolio.models import CouldHelp, Mentorship

NONE_YET = "none"


@dataclass(frozen=True)
class Relation:
    """It applies to the ``person`` of each row in ``rows(owner_id)``. ``badge`` is a short label."""

    name: str
    label: str
    badge: str
    rows: Callable[[int], QuerySet[Any]]
    order: int
    done: bool = False

    def holds(self, owner: int) -> Q:
        """The relation as a condition on people of this owner."""
        return Q(pk__in=self.rows(owner).order_by().values("person"))


_relations: Registry[Relation] = Registry("how the user stands to people")


def register_relation(relation: Relation) -> None:
    _relations.register(relation.name, relation, order=relation.order)


def relations() -> list[Relation]:
    return _relations.values()


def _mentors(owner: int) -> QuerySet[Mentorship]:
    return Mentorship.objects.filter(owner=owner).running()


def _mentored(owner: int) -> QuerySet[Mentorship]:
    ended = Mentorship.objects.filter(owner=owner, status=Mentorship.Status.ENDED)
    return ended.exclude(person__in=_mentors(owner).values("person"))


def _thought_of(owner: int) -> QuerySet[CouldHelp]:
    return CouldHelp.objects.filter(owner=owner, state=CouldHelp.State.THOUGHT_OF, need__closed_on__isnull=True)


def register() -> None:
    register_relation(Relation("mentor", "Is my mentor", "Mentor", _mentors, 10, done=True))
    register_relation(Relation("mentored", "Was my mentor", "Was a mentor", _mentored, 30))
    register_relation(Relation("thought", "Thought of for a need", "Thought of", _thought_of, 40))
