"""The JSON of the export, row by row, and the JSON Schema that says what each field means."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.export import tables
from accounts.export.tables import Field, Table
from accounts.models import User
from accounts.private_notes import PrivateJSONField

FORMAT, VERSION = "Mentorfolio export", 1
SCHEMA_ID = "https://mentorfolio.invalid/export.schema.json"


def export_all(user: User) -> dict[str, Any]:
    """The whole document; for small accounts and tests."""
    document: dict[str, Any] = json.loads("".join(lines(user)))
    return document


def lines(user: User) -> Iterator[str]:
    """The document in pieces, so that no more than one row of it is held.

    Tables that others point at are read first. A row that was added meanwhile, and points at one that wasn't there yet,
    is left for the next export, so that every reference leads to a row.
    """
    head = {"format": FORMAT, "version": VERSION, "made_at": _plain(timezone.now())}
    (account,) = _rows(User, user, {})
    # Its last brace is left for the tables.
    yield json.dumps(head, ensure_ascii=False)[:-1]
    yield f",\n{json.dumps('account')}: {account},\n{json.dumps('tables')}: {{"
    known: dict[Table, set[int]] = {}
    for number, table in enumerate(tables.exported()):
        known[table] = set()
        yield f"{',' if number else ''}\n{json.dumps(table._meta.label_lower)}: ["
        for place, row in enumerate(_rows(table, user, known)):
            yield f"{',' if place else ''}\n{row}"
        yield "]"
    yield "\n}}\n"


def _rows(table: Table, user: User, known: dict[Table, set[int]]) -> Iterator[str]:
    fields, added = tables.fields_of(table), tables.added_to(table)
    targets = {field.attname: target for field in fields if (target := tables.target_of(field))}
    rows: Any = tables.rows_of(table, user)
    if not added:
        rows = rows.only("pk", *(field.attname for field in fields))
    for row in rows.iterator(chunk_size=500):
        values: dict[str, object] = {"id": row.pk}
        if not all(_is_there(row, field, targets, known) for field in fields):
            continue
        for field in fields:
            values[field.name] = _plain(getattr(row, field.attname))
        for one in added:
            values[one.name] = _plain(one.value(row))
        if table in known:
            known[table].add(row.pk)
        yield json.dumps(values, ensure_ascii=False)


def _is_there(row: Any, field: Field, targets: dict[str, Table], known: dict[Table, set[int]]) -> bool:
    target = targets.get(field.attname)
    value = getattr(row, field.attname)
    if target is None or target is type(row) or value is None or value in known[target]:
        return True
    if field.null:
        setattr(row, field.attname, None)
        return True
    return False


def _plain(value: Any) -> Any:
    """As JSON has it: times to the microsecond, in UTC where they are instants."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


# --- The schema -----------------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the document, made from the models."""
    found = tables.exported()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Mentorfolio: everything of one account",
        "description": "Times are UTC, dates are local to the user. A field that refers to another row holds its id; "
        "`references` names the table. Ids stay the same from one export of an account to the next.",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "made_at": {"type": "string", "format": "date-time"},
            "account": _of_row(User),
            "tables": {
                "type": "object",
                "properties": {table._meta.label_lower: {"type": "array", "items": _of_row(table)} for table in found},
                "required": [table._meta.label_lower for table in found],
                "additionalProperties": False,
            },
        },
        "required": ["format", "version", "made_at", "account", "tables"],
        "additionalProperties": False,
    }


def _of_row(table: Table) -> dict[str, Any]:
    values = {"id": {"type": "integer"}, **{field.name: of_field(table, field) for field in tables.fields_of(table)}}
    values |= {one.name: one.schema for one in tables.added_to(table)}
    return {
        "title": str(table._meta.verbose_name),
        "description": " ".join((table.__doc__ or "").split("\n\n")[0].split()),
        "type": "object",
        "properties": values,
        "required": list(values),
        "additionalProperties": False,
    }


def of_field(table: Table, field: Field) -> dict[str, Any]:
    """What values of this field look like."""
    found = _of_type(table, field)
    if field.choices:
        found["enum"] = [value for value, _ in field.flatchoices] + ([""] if field.blank and _is_text(field) else [])
    if field.null:
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    words = [str(field.help_text)] if field.help_text else []
    if field.verbose_name and str(field.verbose_name) != field.name.replace("_", " "):
        words.insert(0, str(field.verbose_name))
    return found | ({"description": "; ".join(words)} if words else {})


def _of_type(table: Table, field: Field) -> dict[str, Any]:
    if target := tables.target_of(field):
        return {"type": "integer", "references": target._meta.label_lower}
    if isinstance(field, PrivateJSONField | models.JSONField):
        return _of_json(field)
    for kinds, found in _TYPES:
        if isinstance(field, kinds):
            if _is_text(field) and field.max_length and not field.choices:
                return {**found, "maxLength": field.max_length}
            return dict(found)
    raise TypeError(f"The export knows no values of {tables.label_of(field)}: leave it out, and say why.")


def _is_text(field: Field) -> bool:
    return isinstance(field, models.CharField | models.TextField)


def _of_json(field: Field) -> dict[str, Any]:
    """A dictionary of texts; or a list of texts, of lists, or of dictionaries of texts or of such dictionaries."""
    if field.default is dict:
        return {"type": "object"}
    return {"type": "array", "items": {"type": ["string", "array", "object"]}}


_TYPES: list[tuple[Any, dict[str, Any]]] = [
    (models.BooleanField, {"type": "boolean"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.TimeField, {"type": "string", "pattern": r"^\d\d:\d\d:\d\d(\.\d{6})?$"}),
    (models.DecimalField, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}),
    (
        (models.PositiveSmallIntegerField, models.PositiveIntegerField, models.PositiveBigIntegerField),
        {"type": "integer", "minimum": 0},
    ),
    (models.IntegerField, {"type": "integer"}),
    (models.GenericIPAddressField, {"type": "string"}),
    (models.CharField, {"type": "string"}),
    (models.TextField, {"type": "string"}),
]
