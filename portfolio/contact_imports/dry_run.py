"""Reads a file into rows, each with whom it means and what it would change. Nothing of the user's people is touched."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import Count, F
from django.utils import timezone

from accounts.bulk import update_rows
from accounts.encryption import Undecryptable
from accounts.jobs import JobFailed
from accounts.stored_files import opened
from portfolio.contact_files.contact import Entry
from portfolio.contact_files.limits import TooLarge
from portfolio.contact_files.messages import written_to
from portfolio.contact_files.reading import read
from portfolio.contact_imports.changes import Change, changes, kept_by, what_is_here
from portfolio.contact_imports.matching import NAMESAKE, Match, certain_keys, certain_matches, likely_matches, name_key
from portfolio.contact_imports.said import Said, as_said
from portfolio.models import ContactImport, ImportKey, ImportRow, Person
from portfolio.models.people import profile_in
from portfolio.people.references import batches
from portfolio.text.normalise import fold

A_STEP = 300  # entries: a fraction of a second
KEPT_UNUSED = timedelta(days=7)  # a file that was looked at and not brought in
LIKE_ANOTHER = "line"
State, Outcome = ContactImport.State, ImportRow.Outcome


def step(batch: ContactImport) -> None:
    """Read the next entries; at the end of the file, leave it to the user."""
    reader = _reader(batch)
    entries = list(islice(reader.entries, A_STEP))
    reader.position += len(entries)
    batch.kind = reader.kind
    if entries:
        _write(batch, entries, reader)
        batch.entries += len(entries)
        batch.done = min(reader.place(), batch.total or 0)
    else:
        _readers.open = None
        _finish(batch)


# --- The open file -------------------------------------------------------------------------------


@dataclass
class _Reader:
    """A file that is being read by this thread. Kept between steps, because going on from the beginning each time would
    take a time that grows with its square."""

    token: UUID | None
    kind: str
    entries: Iterator[Entry]
    file: BinaryIO
    position: int
    written: dict[str, date]

    def place(self) -> int:
        """How many bytes of the file have been read."""
        return self.file.tell()


class _Readers(threading.local):
    open: _Reader | None = None


_readers = _Readers()


def _reader(batch: ContactImport) -> _Reader:
    """The reader at the place where the last step that was kept has ended."""
    there = _readers.open
    if there is not None and there.token == batch.claim_token and there.position == batch.entries:
        return there
    if batch.file is None:
        raise JobFailed("The file is no longer here. Nothing was changed. Please choose it once more.")
    file = opened(batch.file)
    try:
        written = _written(file) if batch.kind in ("", "linkedin") else {}
        reading = read(file, **_mapping(batch), more=batch.with_private)
    except TooLarge as refused:
        raise JobFailed(f"The file has {refused.about}. Nothing was changed.") from refused
    except Undecryptable as error:
        raise JobFailed("The file can’t be opened any more. Please choose it once more.") from error
    for _ in islice(reading.entries, batch.entries):
        pass
    reader = _Reader(batch.claim_token, reading.kind, reading.entries, file, batch.entries, written)
    _readers.open = reader
    return reader


def _mapping(batch: ContactImport) -> dict[str, Any]:
    """What the user said about the columns, if they were asked."""
    if not batch.columns:
        return {}
    columns = {int(at): field for at, field in batch.columns.items() if at != "has_header"}
    return {"columns": columns, "header_rows": int(batch.columns.get("has_header", False))}


def _written(file: BinaryIO) -> dict[str, date]:
    """When the user last wrote to whom, by profile and by folded name."""
    latest: dict[str, date] = {}
    for one in written_to(file):
        for key in filter(None, (profile_in(one.url), f"n:{fold(one.name)}")):
            latest[key] = max(one.on, latest.get(key, one.on))
    return latest


# --- Rows ----------------------------------------------------------------------------------------


def _write(batch: ContactImport, entries: list[Entry], reader: _Reader) -> None:
    rows = [
        ImportRow(
            owner_id=batch.owner_id,
            batch=batch,
            number=batch.entries + number,
            line=entry.line,
            contact=_said(entry, reader.written),
            problems=[problem.about for problem in entry.problems],
            outcome=Outcome.NEW if entry.contact else Outcome.UNREADABLE,
        )
        for number, entry in enumerate(entries, start=1)
    ]
    people = [row for row in rows if row.contact]
    _recognise_people(batch, people)
    earlier = _earlier(batch, people)
    within = _recognise_within(people, earlier)
    ImportRow.objects.bulk_create(rows)
    if within:
        for row, first in within:
            row.same_as = first
        update_rows([row for row, _ in within], ["same_as"])
    _remember(batch, people, {row.pk: first for row, first in within})


def _said(entry: Entry, written: dict[str, date]) -> Said:
    if entry.contact is None:
        return Said()
    on = None
    if written:
        keys = [*filter(None, map(profile_in, entry.contact.urls)), f"n:{fold(entry.contact.name)}"]
        on = next((written[key] for key in keys if key in written), None)
    private = [f"Birthday: {entry.contact.birthday}"] if entry.contact.birthday else []
    private += [f"Address: {address}" for address in entry.contact.postal]
    return as_said(entry.contact, wrote_on=on, private=private)


def _recognise_people(batch: ContactImport, rows: list[ImportRow]) -> None:
    """Set whom of the user's people each row means, and what it would change."""
    said = [row.contact for row in rows]
    found: list[Match | None] = certain_matches(batch.owner_id, said)
    unknown = [number for number, match in enumerate(found) if match is None]
    for number, match in zip(unknown, likely_matches(batch.owner_id, [said[i] for i in unknown]), strict=True):
        found[number] = match
    people = people_by_id({match.person for match in found if match})
    for row, match in zip(rows, found, strict=True):
        person = people.get(match.person) if match else None
        if match is None or person is None:
            continue
        row.person, row.how = person, match.how
        _say_changes(row, changes(what_is_here(person), row.contact, base_of(person)))
        if match.is_certain:
            row.outcome = Outcome.CHANGED if row.changes else Outcome.SAME
        elif match.how != NAMESAKE:
            row.outcome = Outcome.MAYBE


def _say_changes(row: ImportRow, found: list[Change]) -> None:
    row.changes = [list(one) for one in found]
    row.merges = bool(kept_by(ContactImport.Rule.MERGE, found))


def people_by_id(ids: set[int]) -> dict[int, Person]:
    found: dict[int, Person] = {}
    for some in batches(sorted(ids)):
        rows = Person.objects.filter(pk__in=some).select_related("imported")
        found |= {row.pk: row for row in rows.prefetch_related("emails", "phones", "links", "tags")}
    return found


class People:
    """Those that a step works on, loaded together; who is taken a second time is loaded anew, as changed meanwhile."""

    def __init__(self, ids: Iterable[int | None]) -> None:
        self.ids = {pk for pk in ids if pk}
        self._there = people_by_id(self.ids)

    def take(self, pk: int | None) -> Person | None:
        if not pk:
            return None
        if (person := self._there.pop(pk, None)) is None:
            self.ids.add(pk)
            person = people_by_id({pk}).get(pk)
        return person


def base_of(person: Person) -> Said | None:
    """What the last file said about them."""
    imported = getattr(person, "imported", None)
    return imported.contact if imported is not None else None


def _earlier(batch: ContactImport, rows: list[ImportRow]) -> dict[str, ImportRow]:
    """Rows of the same file, before these, by what they are recognised by."""
    keys = {key for row in rows for key in (*certain_keys(row.contact), name_key(row.contact))}
    found: dict[str, ImportRow] = {}
    for some in batches(sorted(keys)):
        known = ImportKey.objects.filter(batch=batch, key__in=some).select_related("row")
        found |= {one.key: one.row for one in known}
    return found


def _recognise_within(rows: list[ImportRow], known: dict[str, ImportRow]) -> list[tuple[ImportRow, ImportRow]]:
    """(row, the first row that means the same person) of those that repeat one; ``known`` grows by these rows."""
    repeated = []
    for row in rows:
        certain, name = certain_keys(row.contact), name_key(row.contact)
        first = next((known[key] for key in certain if key in known), None)
        is_certain = first is not None
        first = first or known.get(name)
        for key in (*certain, name):
            known.setdefault(key, first if first is not None and is_certain else row)
        if first is None or row.outcome in (Outcome.CHANGED, Outcome.SAME):
            continue
        row.how = LIKE_ANOTHER
        _say_changes(row, changes(first.contact, row.contact, None))
        if first.person_id:
            row.person = first.person
        if is_certain:
            row.outcome = Outcome.CHANGED if row.merges else Outcome.SAME
        else:
            row.outcome = Outcome.MAYBE
        repeated.append((row, first))
    return repeated


def _remember(batch: ContactImport, rows: list[ImportRow], first_of: dict[int, ImportRow]) -> None:
    keys = [
        ImportKey(owner_id=batch.owner_id, batch=batch, key=key, row=_root(row, first_of))
        for row in rows
        for key in (*certain_keys(row.contact), name_key(row.contact))
    ]
    ImportKey.objects.bulk_create(keys, ignore_conflicts=True)


def _root(row: ImportRow, first_of: dict[int, ImportRow]) -> ImportRow:
    """The row that a later one is said to repeat: the first of them, unless that is only a suggestion."""
    first = first_of.get(row.pk)
    return first if first is not None and row.outcome != Outcome.MAYBE else row


def _finish(batch: ContactImport) -> None:
    batch.counts = count(batch, "outcome")
    readable = sum(number for outcome, number in batch.counts.items() if outcome != Outcome.UNREADABLE)
    batch.source = batch.source or (Person.Source.LINKEDIN if batch.kind == "linkedin" else Person.Source.OTHER)
    batch.state = State.READY if readable else State.FAILED
    batch.start("forget", due_at=timezone.now() + KEPT_UNUSED)
    if not readable:
        first = batch.rows.order_by("number").first()
        batch.trouble = first.problems[0] if first and first.problems else "nobody is in it"


def count(batch: ContactImport, column: str) -> dict[str, int]:
    found = batch.rows.order_by().values_list(F(column)).annotate(Count("pk"))
    return {str(value): number for value, number in found if value}
