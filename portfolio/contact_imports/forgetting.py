"""Forgets the rows and the file of an import that can't be brought in, or taken back, any more."""

from __future__ import annotations

from portfolio.models import ContactImport, ImportKey, ImportRow

A_STEP = 1000  # rows
State = ContactImport.State
_UNUSED = (State.MAPPING, State.READING, State.READY)


def step(batch: ContactImport) -> None:
    ids = list(batch.rows.order_by("-number").values_list("pk", flat=True)[:A_STEP])
    if ids:
        ImportKey.objects.filter(row__in=ids).delete()
        ImportRow.objects.filter(pk__in=ids).delete()
        return
    if batch.file:
        batch.file.delete()
        batch.file = None
    if batch.state in _UNUSED:
        batch.state = State.FORGOTTEN
    elif batch.state == State.STOPPED:
        batch.state = State.DONE
    batch.finish()


def delete_rows(batch: ContactImport) -> None:
    """All rows at once, without fetching them first as Django would because of the keys that point at them."""
    ImportKey.objects.filter(batch=batch).delete()
    rows = ImportRow.objects.filter(batch=batch)
    rows.update(same_as=None)
    rows._raw_delete(rows.db)
