"""What the user does with an import: begin it, choose, bring it in, stop it, take it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.stored_files import store
from portfolio.contact_files.limits import TooLarge
from portfolio.contact_files.mapping import Preview
from portfolio.contact_files.reading import preview
from portfolio.contact_imports.applying import KEPT, halt
from portfolio.contact_imports.dry_run import KEPT_UNUSED
from portfolio.contact_imports.forgetting import delete_rows
from portfolio.contact_imports.work import APPLY, FORGET, READ, UNDO
from portfolio.errors import PortfolioError
from portfolio.models import ContactImport, ImportRow

State, Rule, Choice, Result = ContactImport.State, ContactImport.Rule, ImportRow.Choice, ImportRow.Result


class TooLate(PortfolioError):
    """The import is no longer, or not yet, where this can be done. The text says so to the user."""


def begin(*, user: User, content: BinaryIO, name: str, source: str = "", with_private: bool = False) -> ContactImport:
    """Keep the file and have it read."""
    try:
        asks = asks_for_columns(preview(content))
    except TooLarge:
        asks = False  # the worker says so
    content.seek(0)
    with transaction.atomic():
        file = store(owner=user, name=name, content=content)
        batch = ContactImport(owner=user, name=name[:200], file=file, source=source, with_private=with_private)
        if asks:
            batch.state = State.MAPPING
            batch.start(FORGET, due_at=timezone.now() + KEPT_UNUSED)
        else:
            batch.start(READ, total=file.size)
        batch.save()
    return batch


def asks_for_columns(seen: Preview) -> bool:
    """Whether it is a table whose columns only the user can name."""
    return bool(seen.first_rows) and (seen.kind == "unknown" or (seen.kind == "text" and bool(seen.header)))


@contextmanager
def _locked(batch: ContactImport, *states: str, otherwise: str) -> Iterator[ContactImport]:
    """The import as it is now, kept from workers; saved after the block. Raises :class:`TooLate`."""
    with transaction.atomic():
        now = ContactImport.objects.select_for_update().get(pk=batch.pk)
        if now.state not in states:
            raise TooLate(otherwise)
        yield now
        now.save()


def map_columns(batch: ContactImport, *, columns: dict[str, str], has_header: bool) -> None:
    """Read the table anew, with these columns."""
    with _locked(batch, State.MAPPING, otherwise="It is being read already.") as now:
        now.columns = {**columns, "has_header": has_header}
        _read_anew(now)


def ask_for_columns(batch: ContactImport) -> None:
    """The file was read, but not as the user means it: have them say what is in each column."""
    with _locked(batch, State.READY, State.FAILED, otherwise="It is being brought in already.") as now:
        if now.file is None:
            raise TooLate("The file is no longer here. Please choose it once more.")
        delete_rows(now)
        now.state, now.trouble = State.MAPPING, ""


def _read_anew(batch: ContactImport) -> None:
    delete_rows(batch)
    batch.state, batch.entries, batch.counts, batch.kind = State.READING, 0, {}, ""
    batch.start(READ, total=batch.file.size if batch.file else None)


def choose(row: ImportRow, choice: str) -> None:
    """What is to be done with this row, whatever the rule; empty for what the rule says."""
    ImportRow.objects.filter(pk=row.pk, result="").update(choice=choice)


def choose_all(batch: ContactImport, outcome: str, choice: str) -> int:
    return batch.rows.filter(outcome=outcome, result="").update(choice=choice)


def set_rule(batch: ContactImport, *, rule: str, source: str, tells_posts: bool = True) -> None:
    with _locked(batch, State.READY, State.STOPPED, otherwise="It is being brought in already.") as now:
        now.rule, now.source, now.tells_posts = rule, source, tells_posts


def bring_in(batch: ContactImport) -> None:
    """Have it brought in; also what was left out, or stopped, before."""
    ready = (State.READY, State.STOPPED, State.DONE)
    with _locked(batch, *ready, otherwise="It is being brought in already.") as now:
        now.state, now.at_row = State.IMPORTING, 0
        now.start(APPLY, total=now.rows.count())


def stop(batch: ContactImport) -> None:
    """Stop where it is: what was brought in stays, and can be gone on with, or taken back."""
    with _locked(batch, State.IMPORTING, otherwise="It had finished already.") as now:
        halt(now)


def discard(batch: ContactImport) -> None:
    """Drop a file that was only looked at."""
    looked_at = (State.MAPPING, State.READING, State.READY, State.FAILED, State.FORGOTTEN)
    with transaction.atomic():
        now = ContactImport.objects.select_for_update().get(pk=batch.pk)
        if now.state not in looked_at:
            raise TooLate("People of this file are among yours already. It can be taken back instead.")
        delete_rows(now)
        if now.file:
            now.file.delete()
        now.delete()


def can_be_undone(batch: ContactImport) -> bool:
    return (
        batch.state in (State.DONE, State.STOPPED)
        and batch.finished_at is not None
        and batch.finished_at > timezone.now() - KEPT
    )


def undo(batch: ContactImport) -> None:
    with _locked(batch, State.DONE, State.STOPPED, otherwise="It can’t be taken back at this moment.") as now:
        if not can_be_undone(now):
            raise TooLate(
                "It can’t be taken back as a whole after thirty days. People can still be deleted one by one."
            )
        brought = now.rows.filter(result__in=(Result.ADDED, Result.CHANGED, Result.SAME)).count()
        now.state = State.UNDOING
        now.start(UNDO, total=brought)
