"""Deletes people with everything that belongs only to them; shared history (meetings, mentorships, …) prevents it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db import models, transaction
from django.db.models import PROTECT, RESTRICT
from django.db.models.deletion import Collector

from accounts.models import User
from portfolio.models import Person, PersonTag, Tag, Undoable
from portfolio.people import undo
from portfolio.people.references import batches, pointing_at


@dataclass(frozen=True)
class Deleted:
    """The names of people who were deleted and of those who were kept, in order."""

    names: list[str]
    kept: list[str]
    undoable: Undoable | None


class _Everything(Collector):
    """Django's collector, but without fast deletes, so that it fetches every deleted row for the undo."""

    def can_fast_delete(self, *args: Any, **kwargs: Any) -> bool:
        return False


def what_holds(person: Person) -> list[models.Model]:
    """What prevents deleting this person: approaches, meetings, mentorships, messages, introductions."""
    rows: list[models.Model] = []
    for kind, field in _holding():
        rows += kind._base_manager.filter(**{field.name: person}).order_by("pk")
    return rows


def _holding() -> list[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    return [(kind, field) for kind, field in pointing_at(Person) if field.remote_field.on_delete in (RESTRICT, PROTECT)]


def _held(ids: list[int]) -> set[int]:
    held: set[int] = set()
    for kind, field in _holding():
        held |= set(kind._base_manager.filter(**{f"{field.name}__in": ids}).values_list(field.attname, flat=True))
    return held


@transaction.atomic
def delete_people(*, owner: User, ids: Collection[int]) -> Deleted:
    """Delete those of these people without shared history; can be undone."""
    User.objects.select_for_update().get(pk=owner.pk)
    names: list[str] = []
    kept: list[str] = []
    tables: dict[str, dict[str, Any]] = {}
    links: list[tuple[str, str, int, int]] = []
    tags: dict[int, str] = {}
    for some in batches(ids):
        held = _held(some)
        rows = Person.objects.for_user(owner).filter(pk__in=some).select_for_update()
        for person in (people := list(rows)):
            (kept if person.pk in held else names).append(person.name)
        going = [person for person in people if person.pk not in held]
        worn = PersonTag.objects.filter(person__in=going)
        tags.update(worn.values_list("tag", "tag__name"))
        _delete(going, tables, links)
    if not names:
        return Deleted([], kept, None)
    _drop_idle(owner, tags)
    what = {"tables": tables, "links": links, "tags": tags}
    return Deleted(names, kept, undo.keep(owner=owner, kind=Undoable.Kind.DELETED, what=what))


def _delete(people: list[Person], tables: dict[str, dict[str, Any]], links: list[tuple[str, str, int, int]]) -> None:
    """Save all rows that are deleted with them, and references to those rows; then delete."""
    collector = _Everything(using="default")
    collector.collect(people)
    for kind, rows in collector.data.items():
        table = undo.written(kind, [row.pk for row in rows])
        tables.setdefault(kind._meta.label, {**table, "rows": []})["rows"] += table["rows"]
    for (field, _), several in collector.field_updates.items():
        pointing = [row.pk for rows in cast("list[Iterable[models.Model]]", several) for row in rows]
        kind = field.model
        links += [
            (kind._meta.label, field.attname, row.pk, getattr(row, field.attname))
            for row in kind._base_manager.filter(pk__in=pointing)
        ]
    collector.delete()


def _drop_idle(owner: User, tags: Collection[int]) -> None:
    """Delete tags that nobody has any more."""
    for some in batches(tags):
        Tag.objects.filter(owner=owner, pk__in=some, people__isnull=True).delete()
