"""Undoes one action: deleting people or a row, adding or removing a tag. Each undo works once.

Rows are stored as text, using each field's serialisation, so that nothing is rounded: see ``written``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.bulk import create_unchanged
from accounts.models import User
from accounts.ownership import Owned
from accounts.private_notes import readable
from accounts.words import in_figures
from portfolio.errors import PortfolioError
from portfolio.models import Person, PersonTag, Tag, Undoable
from portfolio.people.references import batches
from portfolio.people.services import fold_again

KEPT = dt.timedelta(days=30)
UndoKind = Undoable.Kind


class UndoneAlready(PortfolioError):
    """The action was already undone."""


def keep(*, owner: User, kind: Undoable.Kind, what: dict[str, Any]) -> Undoable:
    """Store an undo record, and delete those older than thirty days."""
    return _keep(owner.pk, kind, what)


def _keep(owner_id: int, kind: Undoable.Kind, what: dict[str, Any]) -> Undoable:
    Undoable.objects.filter(owner=owner_id, at__lt=timezone.now() - KEPT).delete()
    return Undoable.objects.create(owner_id=owner_id, kind=kind, rows=json.dumps(what))


def written(kind: type[models.Model], ids: Iterable[int]) -> dict[str, Any]:
    """Serialise rows of one table; :func:`_read` restores them."""
    return _table(kind, [row for some in batches(ids) for row in kind._base_manager.filter(pk__in=some).order_by("pk")])


def _table(kind: type[models.Model], rows: Iterable[models.Model]) -> dict[str, Any]:
    fields = kind._meta.concrete_fields
    return {"fields": [field.attname for field in fields], "rows": [[_text(f, row) for f in fields] for row in rows]}


def _text(field: models.Field[Any, Any], row: models.Model) -> Any:
    return None if field.value_from_object(row) is None else field.value_to_string(row)


def _read(kind: type[models.Model], table: dict[str, Any]) -> list[models.Model]:
    """Restore unsaved rows. Ignores columns that no longer exist."""
    fields = {field.attname: field for field in kind._meta.concrete_fields}
    known = [(i, fields[name]) for i, name in enumerate(table["fields"]) if name in fields]
    return [
        kind(**{field.attname: None if row[i] is None else _plain(field).to_python(row[i]) for i, field in known})
        for row in table["rows"]
    ]


def _plain(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """The field that stores the value: for a foreign key, its target's key."""
    return field.target_field if isinstance(field, models.ForeignKey) else field


@transaction.atomic
def undo(*, owner: User, undoable: Undoable) -> str:
    """Undo the action; returns the message for the user. Raises :class:`UndoneAlready` for a repeated request."""
    User.objects.select_for_update().get(pk=owner.pk)
    text = Undoable.objects.values_list("rows", flat=True).get(pk=undoable.pk)
    if not text:
        raise UndoneAlready("That was taken back already.")
    if undoable.kind == Undoable.Kind.DELETED_ROW:
        raise UndoneAlready("That is not taken back here. Nothing was changed.")
    what = json.loads(readable(text))
    Undoable.objects.filter(pk=undoable.pk).update(rows="")
    return {UndoKind.DELETED: _bring_back, UndoKind.TAGGED: _untag, UndoKind.UNTAGGED: _tag}[UndoKind(undoable.kind)](
        owner, what
    )


@transaction.atomic
def delete_row(row: Owned) -> Undoable:
    """Delete one row and store it for the undo."""
    tables = {row._meta.label: _table(type(row), [row])}
    kept = _keep(row.owner_id, Undoable.Kind.DELETED_ROW, {"tables": tables})
    row.delete()
    return kept


@transaction.atomic
def put_back_row(kept: Undoable) -> models.Model | None:
    """Restore a row and return it; None if it exists already, or can't be restored any more."""
    # A concurrent second request finds the row restored.
    kept = Undoable.objects.select_for_update().get(pk=kept.pk)
    if kept.kind != Undoable.Kind.DELETED_ROW or not kept.rows:
        return None
    ((label, table),) = json.loads(readable(kept.rows))["tables"].items()
    kind = apps.get_model(label)
    for row in _with_targets(kind, _read(kind, table), {}):
        if getattr(row, "owner_id", None) != kept.owner_id:
            return None
        try:
            row.full_clean()
        except ValidationError:
            return None
        row.save(force_insert=True)
        return row
    return None


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
            create_unchanged(kind, some)
        back[kind] = {row.pk for row in whole}
    for label, column, pk, target in what["links"]:
        apps.get_model(label)._base_manager.filter(pk=pk, **{f"{column}__isnull": True}).update(**{column: target})
    people = back.get(Person, set())
    fold_again(people & _wearers_of_renamed(owner, what["tags"], tags))
    words = f"{in_figures(len(people), 'person', 'people')} back, with everything that hung on them."
    return f"{words} Not so what tied them to someone who has gone since." if missed else words


def _targets_first(kinds: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """Sort tables so that the targets of foreign keys come first."""
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
    """The rows whose foreign keys have existing targets; nullable keys without a target are set to null."""
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
    """Map old tag ids to current ones: the same tag, else one of the same name, else a new one."""
    there = {tag.pk: tag for tag in Tag.objects.filter(owner=owner)}
    by_name = {tag.name.casefold(): tag.pk for tag in there.values()}
    now = {}
    for pk, name in ((int(text), name) for text, name in names.items()):
        if pk not in there and name.casefold() not in by_name:
            by_name[name.casefold()] = Tag.objects.create(pk=pk, owner=owner, name=name).pk
        now[pk] = pk if pk in there else by_name[name.casefold()]
    return now


def _wearers_of_renamed(owner: User, names: dict[str, str], now: dict[int, int]) -> set[int]:
    """People with a tag that was renamed since, whose search columns are outdated."""
    called = dict(Tag.objects.filter(owner=owner).values_list("pk", "name"))
    renamed = [now[int(pk)] for pk, name in names.items() if called[now[int(pk)]] != name]
    return set(PersonTag.objects.filter(owner=owner, tag__in=renamed).values_list("person", flat=True))


def _untag(owner: User, what: dict[str, Any]) -> str:
    for some in batches(what["people"]):
        PersonTag.objects.filter(owner=owner, tag=what["tag"], person__in=some).delete()
    Tag.objects.filter(owner=owner, pk=what["tag"], people__isnull=True).delete()
    fold_again(what["people"])
    return f"Taken back: “{what['name']}” is off {in_figures(len(what['people']), 'person', 'people')} again."


def _tag(owner: User, what: dict[str, Any]) -> str:
    tag = _tags_again(owner, {str(what["tag"]): what["name"]})[what["tag"]]
    found: list[int] = []
    for some in batches(what["people"]):
        there = list(Person.objects.filter(owner=owner, pk__in=some).values_list("pk", flat=True))
        rows = [PersonTag(owner=owner, person_id=pk, tag_id=tag) for pk in there]
        PersonTag.objects.bulk_create(rows, ignore_conflicts=True)
        found += there
    fold_again(found)
    return f"Taken back: {in_figures(len(found), 'person carries', 'people carry')} “{what['name']}” again."
