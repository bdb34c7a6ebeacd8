"""One row that is deleted is kept aside, so that an undo can bring it back as it was. Of many: ``undo``."""

from __future__ import annotations

from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.serializers.base import DeserializationError
from django.db import models, transaction

from accounts.ownership import Owned
from portfolio.models import Undoable
from portfolio.people.undo import keep_text


@transaction.atomic
def remove(row: Owned) -> Undoable:
    """Delete the row and keep it aside."""
    text = serializers.serialize("json", [row])
    kept = keep_text(owner_id=row.owner_id, kind=Undoable.Kind.DELETED, rows=text)
    row.delete()
    return kept


@transaction.atomic
def put_back(kept: Undoable) -> list[models.Model]:
    """The rows that are there again. One that is there already, or whose place is taken or gone, is left out."""
    back = []
    Undoable.objects.select_for_update().get(pk=kept.pk)  # of two presses at once, the second finds the rows there
    try:
        rows = [found.object for found in serializers.deserialize("json", kept.rows)]
    except DeserializationError:
        return []
    for row in rows:
        if getattr(row, "owner_id", None) != kept.owner_id:
            continue
        _forget_what_is_gone(row)
        try:
            row.full_clean()
        except ValidationError:
            continue
        row.save(force_insert=True)
        back.append(row)
    return back


def _forget_what_is_gone(row: models.Model) -> None:
    """A link to something deleted meanwhile is dropped where it may be empty."""
    for field in row._meta.concrete_fields:
        there = field.related_model
        if isinstance(there, type) and issubclass(there, models.Model) and field.null:
            pk = field.value_from_object(row)
            if pk is not None and not there._default_manager.filter(pk=pk).exists():
                setattr(row, field.attname, None)
