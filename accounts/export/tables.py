"""Which tables and fields are in the export, and in what order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from accounts.export.parts import Added, parts
from accounts.models import User

Table = type[models.Model]
if TYPE_CHECKING:
    Field = models.Field[Any, Any]
else:
    Field = models.Field


def exported() -> list[Table]:
    """Every table that is exported, but the user's own; those a row points at come first."""
    found = [table for table in apps.get_models(include_auto_created=True) if _is_kept(table) and not left_out(table)]
    return in_order(found)


def restored() -> list[Table]:
    """The tables that are filled from an export, in the order in which their rows can be written."""
    return [table for table in exported() if not stays(table)]


def _is_kept(table: Table) -> bool:
    return owner_of(table) is not None or any(table._meta.label in part.rows for part in parts.values())


def owner_of(table: Table) -> Field | None:
    """The field that says whose the row is."""
    for name in ("owner", "user"):
        for field in table._meta.concrete_fields:
            if field.name == name and field.related_model is User:
                return field
    return None


def rows_of(table: Table, user: User) -> models.QuerySet[Any]:
    if table is User:
        return User.objects.filter(pk=user.pk)
    for part in parts.values():
        if find := part.rows.get(table._meta.label):
            return find(user).order_by("pk")
    owner = owner_of(table)
    assert owner is not None
    return table._base_manager.filter(**{owner.name: user}).order_by("pk")


def fields_of(table: Table) -> list[Field]:
    """The fields that are exported, besides the id."""
    own = owner_of(table)
    fields = [field for field in table._meta.concrete_fields if not field.primary_key and field is not own]
    return [field for field in fields if not left_out(table, field)]


def added_to(table: Table) -> list[Added]:
    return [one for part in parts.values() for one in part.added.get(table._meta.label, ())]


def target_of(field: Field) -> Table | None:
    """The exported table that a foreign key points at."""
    target = field.related_model
    if not isinstance(field, models.ForeignKey) or not isinstance(target, type):
        return None
    if not _is_kept(target) or left_out(target):
        raise TypeError(f"{label_of(field)} points at a table that is in no export: leave it out, and say why.")
    return target


def subject_table(table: Table, field: Field, row: Any) -> Table | None:
    """The table that a bare number in this row points at."""
    for part in parts.values():
        if find := part.points_at.get(f"{table._meta.label}.{field.name}"):
            return find(row)
    return None


def has_subject(table: Table, field: Field) -> bool:
    return any(f"{table._meta.label}.{field.name}" in part.points_at for part in parts.values())


def left_out(table: Table, field: Field | None = None) -> str:
    """Why it is in no export; empty if it is exported."""
    names = [*_names(table, field)]
    return next((part.left_out[name] for part in parts.values() for name in names if name in part.left_out), "")


def stays(table: Table, field: Field | None = None) -> str:
    """Why it is not restored; empty if it is. What can't be without something that stays, stays, too."""
    names = [*_names(table, field)]
    why = next((part.stays[name] for part in parts.values() for name in names if name in part.stays), "")
    if why or field is not None:
        return why
    needed = {target for one in fields_of(table) if not one.null and (target := target_of(one)) and target is not table}
    return next((why for target in needed if (why := stays(target))), "")


def _names(table: Table, field: Field | None) -> Iterable[str]:
    """The labels under which an app may speak of this: those of the model, and of the abstract ones it is built on."""
    for base in table.__mro__:
        if meta := getattr(base, "_meta", None):
            yield f"{meta.label}.{field.name}" if field else meta.label


def label_of(field: Field) -> str:
    return f"{field.model._meta.label}.{field.name}"


def in_order(tables: Iterable[Table]) -> list[Table]:
    """Those that others point at first."""
    waiting = sorted(tables, key=lambda table: (apps.get_app_config(table._meta.app_label).name, table._meta.label))
    ordered: list[Table] = []
    while waiting:
        ready = [table for table in waiting if not _points_at(table) & {*waiting} - {table}]
        if not ready:
            raise TypeError(f"These tables point at each other in a circle: {waiting}")
        ordered += ready
        waiting = [table for table in waiting if table not in ready]
    return ordered


def _points_at(table: Table) -> set[Any]:
    return {field.related_model for field in fields_of(table) if isinstance(field, models.ForeignKey)}
