"""Fills an account that has nothing in it yet from an export, in one transaction: all of it, or nothing.

Nothing in the file is trusted: every value has to be one that its field takes, every reference has to lead to a row of
the same file, and every row gets a new id and this user for its owner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, BinaryIO, NoReturn

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone

from accounts import stored_files
from accounts.bulk import create_unchanged, update_rows
from accounts.export import tables
from accounts.export.parts import parts
from accounts.export.reading import Refused, read
from accounts.export.tables import Field, Table
from accounts.jobs import Kind
from accounts.models import Restore, User
from accounts.private_notes import PrivateJSONField
from accounts.row_security import of_user
from accounts.words import in_figures, listed

LARGEST = 2**63 - 1
_NEWER = "It has {what}, which this Mentorfolio doesn’t know: it may come from a newer one."


def restore(user: User, file: BinaryIO) -> None:
    """Bring the export in. Raises :class:`accounts.export.reading.Refused`, and nothing has changed."""
    document = read(file)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if found := _there(user):
            raise Refused(f"Only an account with nothing in it can take an export, and this one has {listed(found)}.")
        try:
            _Restoring(user, document).restore()
        except (IntegrityError, DataError) as error:
            raise Refused("What is in this file doesn’t fit together, so it was changed by another program.") from error


def is_empty(user: User) -> bool:
    return not _there(user)


def _there(user: User) -> list[str]:
    """What is in the account, in words: a few of the tables that have rows."""
    found = []
    for table in tables.restored():
        if count := tables.rows_of(table, user).count():
            meta = table._meta
            found.append(in_figures(count, str(meta.verbose_name), str(meta.verbose_name_plural)))
    return found[:3]


@dataclass
class _Made:
    """A row that is not written yet: its id in the file, and those of rows of its own table that it points at."""

    at: int
    row: Any
    own: dict[Field, int] = field(default_factory=dict)


class _Restoring:
    def __init__(self, user: User, document: dict[str, Any]) -> None:
        self.user = user
        self.account, self.tables = document.get("account"), document.get("tables")
        self.ids: dict[Table, dict[int, int]] = {}  # the new id of each id in the file
        # Asked for every value of every row, and the same for all of them.
        self.fields, self.stays, self.target = cache(tables.fields_of), cache(tables.stays), cache(tables.target_of)
        self.has_subject, self.added = cache(tables.has_subject), cache(tables.added_to)

    def restore(self) -> None:
        if not isinstance(self.tables, dict) or not isinstance(self.account, dict):
            raise Refused("This isn’t an export from Mentorfolio.")
        if strange := set(self.tables) - {table._meta.label_lower for table in tables.exported()}:
            raise Refused(_NEWER.format(what=f"a table “{shown(min(strange))}”"))
        for table in tables.restored():
            self._write(table, [*self._made(table)])
        for table in tables.restored():
            self._point(table)
        values = self._values(User, self.account)
        User.objects.filter(pk=self.user.pk).update(**values)
        for part in parts.values():
            if part.restored:
                part.restored(self.user)

    def _made(self, table: Table) -> Iterator[_Made]:
        owner = tables.owner_of(table)
        assert owner is not None
        rows = self.tables.get(table._meta.label_lower, [])  # type: ignore[union-attr]
        if not isinstance(rows, list):
            raise Refused(f"“{table._meta.label_lower}” is no list.")
        seen: set[int] = set()
        for row in rows:
            if not isinstance(row, dict) or not _is_number(row.get("id")) or row["id"] in seen:
                raise Refused(f"A row of “{table._meta.label_lower}” has no id of its own.")
            at = int(row["id"])
            seen.add(at)
            own = {one: row.get(one.name) for one in self.fields(table) if one.related_model is table}
            values = self._values(table, row)
            yield _Made(at, table(**{owner.name: self.user}, **values), {one: to for one, to in own.items() if to})

    def _write(self, table: Table, made: list[_Made]) -> None:
        """Write them in the order in which they were made, which some lists show."""
        made.sort(key=lambda one: one.at)
        create_unchanged(table, [one.row for one in made])
        ids = self.ids[table] = {one.at: one.row.pk for one in made}
        for own in {own for one in made for own in one.own}:
            turned = {one.at: one.own[own] for one in made if own in one.own}
            _refuse_circles(table, own, turned, ids)
            rows = [one.row for one in made if own in one.own]
            for one in made:
                if own in one.own:
                    setattr(one.row, own.attname, ids[one.own[own]])
            update_rows(rows, [own.name])

    def _point(self, table: Table) -> None:
        """Turn the bare numbers that are ids of rows of several tables; one of a row that is gone leads nowhere."""
        for number in (one for one in self.fields(table) if self.has_subject(table, one)):
            rows = list(table._base_manager.filter(pk__in=[*self.ids[table].values()]))
            for row in rows:
                target = tables.subject_table(table, number, row)
                was = -getattr(row, number.attname)
                setattr(row, number.attname, self.ids.get(target, {}).get(was, -was) if target else -was)
            update_rows(rows, [number.name])

    # --- Values ---------------------------------------------------------------------------------------------------

    def _values(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        fields = self.fields(table)
        known = {"id", *(one.name for one in fields), *(one.name for one in self.added(table))}
        if strange := set(row) - known:
            raise Refused(_NEWER.format(what=f"“{shown(min(strange))}” in “{table._meta.label_lower}”"))
        values = {}
        for one in fields:
            if self.stays(table, one) or one.related_model is table:
                continue
            if one.name not in row:
                if not (one.has_default() or one.null or one.blank):
                    raise _wrong(table, one, row, "is missing")
                continue
            try:
                values[one.attname] = self._value(table, one, row[one.name])
            except (ValidationError, ValueError, TypeError, OverflowError) as error:
                raise _wrong(table, one, row, "isn’t a value that can stand there") from error
        return values

    def _value(self, table: Table, one: Field, raw: Any) -> Any:
        if raw is None:
            if not one.null:
                raise ValueError
            return None
        if target := self.target(one):
            if self.stays(target):
                return None
            return self.ids[target][_number(raw)] if _number(raw) in self.ids[target] else _nowhere()
        if isinstance(one, models.JSONField | PrivateJSONField):
            return _json(one, raw)
        if isinstance(one, models.IntegerField):
            number = _number(raw)
            one.clean(number, None)
            return -number if self.has_subject(table, one) else number
        if type(raw) is not (bool if isinstance(one, models.BooleanField) else str):
            raise ValueError
        return _plain(one, raw)


def _plain(one: Field, raw: str | bool) -> Any:
    if isinstance(raw, str):
        _check_text(raw)
        if len(raw) > (one.max_length or len(raw)):
            raise ValueError
    value = one.clean(raw, None)
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        raise ValueError
    if isinstance(value, dt.date) and not dt.MINYEAR < value.year < dt.MAXYEAR:
        raise ValueError
    return value


def _number(raw: Any) -> int:
    if not _is_number(raw):
        raise ValueError
    return int(raw)


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) <= LARGEST


def _nowhere() -> NoReturn:
    raise ValueError


def _check_text(text: Any) -> None:
    """No NUL, which PostgreSQL doesn’t take, and nothing that isn’t a character."""
    if not isinstance(text, str) or "\0" in text:
        raise ValueError
    text.encode()


def _json(one: Field, raw: Any) -> Any:
    """What JSON fields hold: a dictionary or a list, as the field wants, of plain values, one or two levels deep."""
    if type(raw) is not (dict if one.default is dict else list):
        raise ValueError
    _check_json(raw, levels=3)
    one.clean(raw, None)
    return raw


def _check_json(raw: Any, *, levels: int) -> None:
    if isinstance(raw, str):
        _check_text(raw)
    elif isinstance(raw, dict | list) and levels:
        for name in raw if isinstance(raw, dict) else ():
            _check_text(name)
        for each in raw.values() if isinstance(raw, dict) else raw:
            _check_json(each, levels=levels - 1)
    elif not (raw is None or isinstance(raw, bool) or _is_number(raw)):
        raise ValueError


def _refuse_circles(table: Table, own: Field, turned: dict[int, Any], ids: dict[int, int]) -> None:
    """No row may follow from itself, however many stand between."""
    good: set[int] = set()
    for start in turned:
        way: list[int] = []
        at: Any = start
        while at in turned and at not in good:
            if at in way:
                raise Refused(f"Rows of “{table._meta.label_lower}” lead in a circle ({own.name}).")
            way.append(at)
            at = turned[at]
        if not _is_number(at) or at not in ids:
            raise _wrong(table, own, {"id": start}, "isn’t a value that can stand there")
        good.update(way)


def _wrong(table: Table, one: Field, row: dict[str, Any], what: str) -> Refused:
    return Refused(f"In “{table._meta.label_lower}”, row {row.get('id')}, “{one.name}” {what}.")


def shown(text: str) -> str:
    """A name from the file as it may stand in a sentence."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return plain if len(plain) <= 40 else f"{plain[:40]}…"


# --- In the background ------------------------------------------------------------------------------------------------

WORK = "fill"


@transaction.atomic
def ask_for(user: User, *, name: str, content: BinaryIO) -> Restore:
    """Keep the file and have it brought in; while one is, another is not begun."""
    User.objects.select_for_update().get(pk=user.pk)  # so that two requests at once begin one
    running = Restore.objects.for_user(user).exclude(work="").first()
    if running is not None:
        return running
    for earlier in Restore.objects.for_user(user).select_related("file"):
        forget(earlier)
    asked = Restore(owner=user, file=stored_files.store(owner=user, name=name, content=content))
    asked.start(WORK)
    asked.save()
    return asked


def latest(user: User) -> Restore | None:
    return Restore.objects.for_user(user).first()


def forget(asked: Restore) -> None:
    file = asked.file
    asked.delete()
    if file is not None:
        file.delete()


def _fill(asked: Restore) -> None:
    """The step of the job: all of it, so that nothing is ever half done."""
    file = asked.file
    if file is None:
        raise Refused("The file is gone. Choose it once more.")
    restore(asked.owner, stored_files.opened(file))
    asked.file, asked.ready_at = None, timezone.now()
    asked.finish()
    file.delete()


KIND: Kind = Kind(Restore, _fill)


def delete_old() -> None:
    """Delete what could not be brought in, a day later. Each sweep does."""
    old = Restore.objects.filter(work="", file__isnull=False, asked_at__lt=timezone.now() - Restore.KEPT)
    for pk, owner_id in old.values_list("pk", "owner_id")[:100]:
        with of_user(owner_id):
            for asked in Restore.objects.filter(pk=pk).select_related("file"):
                forget(asked)
