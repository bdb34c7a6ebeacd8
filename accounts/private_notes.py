"""Private notes: the fields for what users write in confidence, encrypted in the database where the operator wants it.

``ENCRYPT_NOTES=1`` encrypts what is saved from then on, and ``manage.py rotate_encryption`` what was there; after
``ENCRYPT_NOTES=0`` the command decrypts. A column may hold both at any time, and code sees plain text. A text is bound
to its owner and column: who copies it into another user's row, or another column, finds it unreadable there.

As far as the database is concerned, only "is it empty?" can be asked of a private field; look for words in Python. A
note that no key opens is shown as :class:`Unreadable`, and can't be overwritten. See decision 25.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models, transaction
from django.db.models import F, Func, lookups
from django.db.models.query_utils import DeferredAttribute

from accounts.encryption import MARK, Undecryptable, decrypt, encrypt, is_current
from accounts.signals import notes_rewritten

if TYPE_CHECKING:
    from accounts.ownership import Owned

    _Field = models.Field[Any, Any]
    _Text = models.TextField[str, str]
    _Line = models.CharField[str, str]
    _Json = models.JSONField[Any, Any]
else:
    _Field, _Text, _Line, _Json = object, models.TextField, models.CharField, models.TextField

logger = logging.getLogger(__name__)

EMPTY = (None, "", "{}", "[]")  # what says nothing stays as it is, so that the database can ask for it
A_BATCH = 200  # rows locked at a time while all are written anew


class Sealed(str):
    """A text as the database holds it, encrypted."""

    __slots__ = ()


WORDS = "[This note is encrypted and can’t be read at present. It is kept as it is.]"


class Unreadable:
    """Stands for a note of ``purpose`` that no key opens. Saved, the note stays as it is."""

    sealed: str
    purpose: str

    @classmethod
    def of(cls, sealed: str, purpose: str) -> Self:
        self = cls(WORDS) if issubclass(cls, str) else cls()
        self.sealed, self.purpose = sealed, purpose
        return self


class UnreadableText(Unreadable, str):
    pass


class UnreadableDict(Unreadable, dict[str, Any]):
    pass


class UnreadableList(Unreadable, list[Any]):
    pass


class NoteUnreadable(Exception):
    """A change that needs a note which can't be read. Nothing was saved; ``accounts.middleware`` says so."""


def readable(note: str) -> str:
    """The same, for what would be lost or wrong without it. Raises :class:`NoteUnreadable`."""
    if isinstance(note, Unreadable):
        raise NoteUnreadable(note.purpose)
    return note


def if_readable(note: str) -> str:
    """The same, or nothing: for what leaves the page it was written on, such as a letter."""
    return "" if isinstance(note, Unreadable) else note


class _NoteAttribute(DeferredAttribute):
    """Lets nothing take the place of an unreadable note, nor such a note the place of another."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        field = cast("PrivateNote", self.field)
        before = instance.__dict__.get(field.attname)
        if isinstance(value, Unreadable) and value.purpose != field.purpose:
            raise NoteUnreadable(value.purpose)
        if isinstance(before, Unreadable) and not isinstance(value, Unreadable):
            if value != before:
                raise NoteUnreadable(field.purpose)
            value = before
        instance.__dict__[field.attname] = value


class _OnlyWhetherEmpty(lookups.Exact):
    def get_prep_lookup(self) -> Any:
        if self.rhs:
            raise FieldError(
                "The database can’t compare private notes, which may be encrypted: compare them in Python."
            )
        return super().get_prep_lookup()


class PrivateNote(_Field):
    """What the fields below have in common."""

    descriptor_class: Any = _NoteAttribute
    always = False  # encrypted, whatever ENCRYPT_NOTES says

    def _to_be_sealed(self, text: str) -> bool:
        """As the setting wants it. A text that begins like an encrypted one always is, so that it is taken for none."""
        return text not in EMPTY and (settings.ENCRYPT_NOTES or self.always or text.startswith(MARK))

    def get_internal_type(self) -> str:
        return "TextField"  # also one line, because an encrypted one is longer

    def deconstruct(self) -> Any:
        """In migrations, it is what it is for the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def get_lookup(self, lookup_name: str) -> Any:
        return {"exact": _OnlyWhetherEmpty, "isnull": lookups.IsNull}.get(lookup_name)

    @property
    def purpose(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    # --- Reading: the database adds to an encrypted text whose row and which column it stood in -------------------

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        if sql == "%s" or sql.startswith("(SELECT "):
            return sql, params
        quote = compiler.connection.ops.quote_name
        place = re.fullmatch(rf'("?\w+"?\.){quote(getattr(self, "column", ""))}', sql)
        if place is None:
            raise FieldError(f"A private note can’t be part of an expression, since it may be encrypted: {sql}")
        row = f"' ' || {place[1]}{quote('owner_id')} || ' {self.purpose}'"
        sql = f"CASE WHEN SUBSTR({sql}, 1, {len(MARK)}) = '{MARK}' THEN {sql} || {row} ELSE {sql} END"
        return sql, params

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return _opened(value) if value and value.startswith(MARK) else value

    def unreadable(self, sealed: str) -> Unreadable:
        return UnreadableText.of(sealed, self.purpose)

    # --- Writing --------------------------------------------------------------------------------------------------

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, Unreadable):
            return Sealed(value.sealed)
        return self.as_stored(self.get_prep_value(value), model_instance.owner_id)

    def as_stored(self, text: str, owner_id: int) -> str:
        if self._to_be_sealed(text):
            return Sealed(encrypt(text, purpose=self.purpose, owner_id=owner_id))
        return text

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        stored = super().get_db_prep_save(value, connection)
        if isinstance(stored, str) and not isinstance(value, Sealed) and self._to_be_sealed(stored):
            raise TypeError(f"{self.purpose} has to be written by save() or bulk_create(), which encrypt it.")
        return stored

    # --- As text, for the undo ------------------------------------------------------------------------------------

    def value_to_string(self, obj: Any) -> Any:
        """A NUL, which no form lets through, tells an unreadable note from all that can be written."""
        value = self.value_from_object(obj)
        return f"\0{value.sealed}" if isinstance(value, Unreadable) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(f"\0{MARK}"):
            return self.unreadable(value[1:])
        return value


class PrivateTextField(PrivateNote, _Text):
    """A text that the user writes in confidence."""


class SecretTextField(PrivateTextField):
    """A text that opens something elsewhere, such as a secret address: always encrypted, and in no export."""

    always = True


class PrivateCharField(PrivateNote, _Line):
    """One line of the same."""


class PrivateJSONField(PrivateNote, _Json):
    """A dictionary or list (its ``default``) with such texts, as text in the database."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        if isinstance(text, Unreadable):
            return self.unreadable(text.sealed)
        return None if text is None else json.loads(text)  # None where a join found no row

    def unreadable(self, sealed: str) -> Unreadable:
        kind = UnreadableDict if self.default is dict else UnreadableList
        return kind.of(sealed, self.purpose)

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


NO_NOTE = models.Value("", PrivateTextField())  # holds the place of a note in the other queries of a union


def _opened(selected: str) -> str:
    """The text of what :meth:`PrivateNote.select_format` selected."""
    sealed, owner_id, purpose = [*selected.rsplit(" ", 2), "", ""][:3]
    try:
        return decrypt(sealed, purpose=purpose, owner_id=int(owner_id))
    except (Undecryptable, ValueError):
        logger.error("No key opens a text of %s. Is ENCRYPTION_KEYS complete?", purpose or "a query")
        return UnreadableText.of(sealed, purpose)


def searchable(note: str) -> str:
    """What of a note may stand in a column that is searched: nothing, where notes are encrypted."""
    return "" if settings.ENCRYPT_NOTES else if_readable(note)


def first_alike(rows: models.QuerySet[Any], **values: Any) -> Any:
    """The first of these rows that has these values, or None. Private notes are compared here, not in the database."""
    notes = {field.name for field in rows.model._meta.concrete_fields if isinstance(field, PrivateNote)} & {*values}
    found = rows.filter(**{name: value for name, value in values.items() if name not in notes})
    return next((row for row in found if all(getattr(row, name) == values[name] for name in notes)), None)


def private_fields() -> dict[type[Owned], list[PrivateNote]]:
    """All private fields, by model."""
    found = {
        model: [f for f in model._meta.concrete_fields if isinstance(f, PrivateNote)] for model in apps.get_models()
    }
    return {model: fields for model, fields in found.items() if fields}  # type: ignore[misc]


# --- Writing all anew -----------------------------------------------------------------------------


def rotate() -> tuple[int, int]:
    """Write every note as the settings want it; returns how many were written, and how many no key opens.

    In short transactions that lock their rows: the site may run, and what was done stays done when it is stopped.
    """
    rewritten = unreadable = 0
    for model, fields in private_fields().items():
        for ids in _batches(model):
            with transaction.atomic():
                changed = []
                for pk, values, closed in _anew(model, fields, ids):
                    unreadable += closed
                    if values:
                        model._base_manager.filter(pk=pk).update(**values)
                        rewritten += len(values)
                        changed.append(pk)
                if changed:
                    notes_rewritten.send(sender=model, ids=changed)
    return rewritten, unreadable


def _batches(model: type[models.Model]) -> Iterator[list[Any]]:
    last = 0
    while ids := list(model._base_manager.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:A_BATCH]):
        yield ids
        last = ids[-1]


def _anew(model: type[Owned], fields: list[PrivateNote], ids: list[Any]) -> Iterator[tuple[Any, dict[str, str], int]]:
    """Of each row, the columns to write, and how many of its notes no key opens."""
    stored = {f"stored_{field.name}": as_it_is(field.name) for field in fields}
    rows = model._base_manager.select_for_update().filter(pk__in=ids).order_by("pk")
    for pk, owner_id, *texts in rows.values_list("pk", "owner_id", *stored.values()):
        values, closed = {}, 0
        for field, text in zip(fields, texts, strict=True):
            try:
                new = _wanted(field, text, owner_id)
            except Undecryptable:
                closed += 1
                continue
            if new != text:
                values[field.name] = new
        yield pk, values, closed


def as_it_is(name: str) -> Func:
    """The column as the database holds it."""
    return Func(F(name), template="%(expressions)s", output_field=models.TextField())


def _wanted(field: PrivateNote, stored: str, owner_id: int) -> str:
    """The same, as the setting wants it, and by the first key. Raises :class:`Undecryptable`."""
    if not stored.startswith(MARK):
        return field.as_stored(stored, owner_id)
    plain = decrypt(stored, purpose=field.purpose, owner_id=owner_id)
    new = field.as_stored(plain, owner_id)
    by_first_key = is_current(stored, purpose=field.purpose, owner_id=owner_id)
    return stored if isinstance(new, Sealed) and by_first_key else new
