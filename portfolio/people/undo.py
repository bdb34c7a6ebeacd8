"""Taking back what one press did to many people: deleting them, giving or taking a tag. Each works once.

Rows are written down as text, every value as its field writes it, so that nothing is rounded: see ``written``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from portfolio.errors import PortfolioError
from portfolio.models import Person, PersonTag, Tag, Undoable
from portfolio.people.references import batches
from portfolio.people.services import fold_again

KEPT = dt.timedelta(days=30)
UndoKind = Undoable.Kind


class UndoneAlready(PortfolioError):
    """It was taken back before."""


def keep(*, owner: User, kind: Undoable.Kind, what: dict[str, Any]) -> Undoable:
    """Remember what a press did, and forget what is older than thirty days."""
    return keep_text(owner_id=owner.pk, kind=kind, rows=json.dumps(what))


def keep_text(*, owner_id: int, kind: Undoable.Kind, rows: str) -> Undoable:
    Undoable.objects.filter(owner=owner_id, at__lt=timezone.now() - KEPT).delete()
    return Undoable.objects.create(owner_id=owner_id, kind=kind, rows=rows)


def written(kind: type[models.Model], ids: Iterable[int]) -> dict[str, Any]:
    """These rows of one table in a form that :func:`_read` makes them whole from."""
    fields = kind._meta.concrete_fields
    rows = [row for some in batches(ids) for row in kind._base_manager.filter(pk__in=some).order_by("pk")]
    return {"fields": [field.attname for field in fields], "rows": [[_text(f, row) for f in fields] for row in rows]}


def _text(field: models.Field[Any, Any], row: models.Model) -> Any:
    return None if field.value_from_object(row) is None else field.value_to_string(row)


def _read(kind: type[models.Model], table: dict[str, Any]) -> list[models.Model]:
    """The rows again, not saved. A column that is gone since then is left out."""
    fields = {field.attname: field for field in kind._meta.concrete_fields}
    known = [(i, fields[name]) for i, name in enumerate(table["fields"]) if name in fields]
    return [
        kind(**{field.attname: None if row[i] is None else _plain(field).to_python(row[i]) for i, field in known})
        for row in table["rows"]
    ]


def _plain(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """A foreign key holds what its target's key holds."""
    return field.target_field if isinstance(field, models.ForeignKey) else field


@transaction.atomic
def undo(*, owner: User, undoable: Undoable) -> str:
    """Take it back; returns the sentence to say. Raises :class:`UndoneAlready` for the second of two presses."""
    User.objects.select_for_update().get(pk=owner.pk)
    text = Undoable.objects.values_list("rows", flat=True).get(pk=undoable.pk, owner=owner)
    if not text:
        raise UndoneAlready("That was taken back already.")
    what = json.loads(text)
    if not isinstance(what, dict):
        raise UndoneAlready("That is not taken back here. Nothing was changed.")
    Undoable.objects.filter(pk=undoable.pk).update(rows="")
    return {UndoKind.DELETED: _bring_back, UndoKind.TAGGED: _untag, UndoKind.UNTAGGED: _tag}[UndoKind(undoable.kind)](
        owner, what
    )


def _bring_back(owner: User, what: dict[str, Any]) -> str:
    tables = {apps.get_model(label): table for label, table in what["tables"].items()}
    tags = _tags_again(owner, what["tags"])
    back: dict[type[models.Model], set[Any]] = {}
    missed = 0
    for kind in _targets_first(tables):
        rows = _read(kind, tables[kind])
        if kind is PersonTag:
            for row in rows:
                setattr(row, "tag_id", tags.get(row.tag_id))  # type: ignore[attr-defined]  # noqa: B010
        whole = _with_targets(kind, rows, back)
        missed += len(rows) - len(whole)
        for some in batches(whole):
            _insert(kind, some)
        back[kind] = {row.pk for row in whole}
    for label, column, pk, target in what["links"]:
        apps.get_model(label)._base_manager.filter(pk=pk, **{f"{column}__isnull": True}).update(**{column: target})
    people = back.get(Person, set())
    fold_again(people & _wearers_of_renamed(owner, what["tags"], tags))
    words = f"{_people(len(people))} back, with everything that hung on them."
    return f"{words} Not so what tied them to someone who has gone since." if missed else words


def _insert(kind: type[models.Model], rows: list[models.Model]) -> None:
    """As they were, also where a column writes down the time of each saving."""
    stamps = [field.name for field in kind._meta.concrete_fields if getattr(field, "auto_now", False)]
    before = [[getattr(row, name) for name in stamps] for row in rows]
    kind._base_manager.bulk_create(rows)
    for row, values in zip(rows, before, strict=True):
        for name, value in zip(stamps, values, strict=True):
            setattr(row, name, value)
    if stamps:
        kind._base_manager.bulk_update(rows, stamps)


def _targets_first(kinds: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """Tables in an order in which what a row points at comes before it."""
    waiting, ordered = list(kinds), []
    while waiting:
        ready = [kind for kind in waiting if not _points_at(kind) & {*waiting} - {kind}] or waiting[:1]
        ordered += ready
        waiting = [kind for kind in waiting if kind not in ready]
    return ordered


def _points_at(kind: type[models.Model]) -> set[Any]:
    return {field.related_model for field in kind._meta.concrete_fields if isinstance(field, models.ForeignKey)}


def _with_targets(
    kind: type[models.Model], rows: list[models.Model], back: dict[type[models.Model], set[Any]]
) -> list[models.Model]:
    """Those of which everything they point at is there; where that may be empty, it becomes so."""
    for field in kind._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey) or field.name == "owner":
            continue
        there = back.get(field.related_model, set()) | _still_there(field, rows)
        if field.null:
            for row in rows:
                if getattr(row, field.attname) not in there:
                    setattr(row, field.attname, None)
        else:
            rows = [row for row in rows if getattr(row, field.attname) in there]
    return rows


def _still_there(field: models.ForeignKey[Any, Any], rows: list[models.Model]) -> set[Any]:
    wanted = {getattr(row, field.attname) for row in rows} - {None}
    targets: Any = field.related_model
    return {
        pk for some in batches(wanted) for pk in targets._base_manager.filter(pk__in=some).values_list("pk", flat=True)
    }


def _tags_again(owner: User, names: dict[str, str]) -> dict[int, int]:
    """Old id of a tag → its id now: the same tag, else one of the same name, else it is made again."""
    there = {tag.pk: tag for tag in Tag.objects.filter(owner=owner)}
    by_name = {tag.name.casefold(): tag.pk for tag in there.values()}
    now = {}
    for pk, name in ((int(text), name) for text, name in names.items()):
        if pk not in there and name.casefold() not in by_name:
            by_name[name.casefold()] = Tag.objects.create(pk=pk, owner=owner, name=name).pk
        now[pk] = pk if pk in there else by_name[name.casefold()]
    return now


def _wearers_of_renamed(owner: User, names: dict[str, str], now: dict[int, int]) -> set[int]:
    """Who carries a tag that is called otherwise by now; what the others are found by came back with them."""
    called = dict(Tag.objects.filter(owner=owner).values_list("pk", "name"))
    renamed = [now[int(pk)] for pk, name in names.items() if called[now[int(pk)]] != name]
    return set(PersonTag.objects.filter(owner=owner, tag__in=renamed).values_list("person", flat=True))


def _untag(owner: User, what: dict[str, Any]) -> str:
    for some in batches(what["people"]):
        PersonTag.objects.filter(owner=owner, tag=what["tag"], person__in=some).delete()
    Tag.objects.filter(owner=owner, pk=what["tag"], people__isnull=True).delete()
    fold_again(what["people"])
    return f"Taken back: “{what['name']}” is off {_people(len(what['people']))} again."


def _tag(owner: User, what: dict[str, Any]) -> str:
    tag = _tags_again(owner, {str(what["tag"]): what["name"]})[what["tag"]]
    found: list[int] = []
    for some in batches(what["people"]):
        there = list(Person.objects.filter(owner=owner, pk__in=some).values_list("pk", flat=True))
        rows = [PersonTag(owner=owner, person_id=pk, tag_id=tag) for pk in there]
        PersonTag.objects.bulk_create(rows, ignore_conflicts=True)
        found += there
    fold_again(found)
    return f"Taken back: {_people(len(found))} carr{'ies' if len(found) == 1 else 'y'} “{what['name']}” again."


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
