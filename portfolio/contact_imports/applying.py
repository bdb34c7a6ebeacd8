"""Brings the rows of an import into one's people, a few at a time, and writes down what taking it back needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.bulk import update_rows
from accounts.models import User
from portfolio.contact_imports.changes import Change, changes, kept_by, new_post, what_is_here
from portfolio.contact_imports.dry_run import People, base_of, count
from portfolio.contact_imports.matching import NAME, Match, certain_matches, likely_matches
from portfolio.contact_imports.new_posts import remind_of_posts
from portfolio.contact_imports.said import Said, how_known
from portfolio.models import (
    ContactImport,
    ImportedContact,
    ImportKey,
    ImportRow,
    NewPost,
    Person,
    PersonEmail,
    PersonLink,
    PersonPhone,
    PersonTag,
    Tag,
)
from portfolio.people.services import fold_again, replace_emails, replace_links, replace_phones, replace_tags

A_STEP = 200  # rows
KEPT = timedelta(days=30)  # how long an import can be taken back
State, Rule = ContactImport.State, ContactImport.Rule
Outcome, Choice, Result = ImportRow.Outcome, ImportRow.Choice, ImportRow.Result
REPLACE = {"emails": replace_emails, "phones": replace_phones, "links": replace_links, "tags": replace_tags}


def step(batch: ContactImport) -> None:
    # Lock the user, so that people added at the same time, by hand or by another import, are seen.
    User.objects.select_for_update().get(pk=batch.owner_id)
    rows = list(batch.rows.filter(number__gt=batch.at_row).select_related("same_as").order_by("number")[:A_STEP])
    if not rows:
        _finish(batch)
        return
    to_do = [(row, what) for row in rows if not row.result and (what := _what_to_do(row, batch.rule))]
    adding, changing = _look_again(batch, to_do)
    _add(batch, adding)
    people = People(row.person_id for row, _ in changing)
    for row, rule in changing:
        _change(batch, row, rule, people)
    fold_again(people.ids)  # with the addresses and tags that have just come
    batch.at_row = rows[-1].number
    batch.done += len(rows)


def _what_to_do(row: ImportRow, rule: str) -> str:
    """A choice, as the user or else the rule says; empty for nothing."""
    if row.outcome == Outcome.UNREADABLE or row.choice == Choice.SKIP:
        return ""
    if row.choice:
        return row.choice
    if row.outcome == Outcome.NEW:
        return Choice.ADD
    if row.outcome == Outcome.MAYBE:
        return ""
    return rule if rule != Rule.SKIP else ""


def _look_again(
    batch: ContactImport, rows: list[tuple[ImportRow, str]]
) -> tuple[list[ImportRow], list[tuple[ImportRow, str]]]:
    """(to add, to change by which rule): somebody may have come since the file was read, or gone."""
    adding, changing = [], []
    new = [row for row, what in rows if what == Choice.ADD]
    since = dict(zip([row.pk for row in new], _come_since(batch, new), strict=True))
    for row, what in rows:
        came = since.get(row.pk)
        if what != Choice.ADD:
            changing.append((row, what))
        elif came is None or row.choice == Choice.ADD:
            adding.append(row)
        elif came.is_certain:
            row.person_id, row.how = came.person, came.how
            changing.append((row, batch.rule if batch.rule != Rule.SKIP else Rule.MERGE))
        else:
            row.person_id, row.how, row.outcome = came.person, came.how, Outcome.MAYBE
            row.save(update_fields=["person", "how", "outcome"])
    return adding, changing


def _come_since(batch: ContactImport, rows: list[ImportRow]) -> list[Match | None]:
    """Whom each of them means now; by name only among those that this import has not brought itself."""
    said = [row.contact for row in rows]
    found = certain_matches(batch.owner_id, said)
    likely = likely_matches(batch.owner_id, said, spelling=False)
    by_name = {match.person for match in likely if match}
    known = batch.rows.filter(person__in=by_name).exclude(result="", how="").values_list("person", flat=True)
    ours = set(known)  # brought by this import, or seen beforehand
    return [
        certain or (match if match and match.how == NAME and match.person not in ours else None)
        for certain, match in zip(found, likely, strict=True)
    ]


# --- Adding --------------------------------------------------------------------------------------


def _add(batch: ContactImport, rows: list[ImportRow]) -> None:
    if not rows:
        return
    people = []
    for row in rows:
        said: Said = row.contact
        person = Person(
            owner_id=batch.owner_id,
            name=said["name"],
            headline=said.get("headline", ""),
            organisation=said.get("organisation", ""),
            notes=said.get("notes", ""),
            source=batch.source,
            source_detail=how_known(said),
        )
        person.fold(tags=said.get("tags", []), emails=said.get("emails", []))
        people.append(person)
    Person.objects.bulk_create(people)
    pairs = list(zip(people, (row.contact for row in rows), strict=True))
    owner = {"owner_id": batch.owner_id}
    PersonEmail.objects.bulk_create(
        PersonEmail(**owner, person=person, address=address, position=position)
        for person, said in pairs
        for position, address in enumerate(said.get("emails", []))
    )
    PersonPhone.objects.bulk_create(
        PersonPhone(**owner, person=person, number=number, position=position)
        for person, said in pairs
        for position, number in enumerate(said.get("phones", []))
    )
    PersonLink.objects.bulk_create(
        PersonLink(**owner, person=person, url=url, position=position)
        for person, said in pairs
        for position, url in enumerate(said.get("links", []))
    )
    _tag(batch.owner_id, pairs)
    ImportedContact.objects.bulk_create(
        ImportedContact(**owner, person=person, batch=batch, contact=said) for person, said in pairs
    )
    for row, person in zip(rows, people, strict=True):
        row.person, row.result = person, Result.ADDED
    update_rows(rows, ["person", "result"])


def _tag(owner_id: int, pairs: Iterable[tuple[Person, Said]]) -> None:
    worn = [(person, name) for person, said in pairs for name in said.get("tags", [])]
    if not worn:
        return
    there = tags_by_name(owner_id)
    new = {name.casefold(): name for _, name in worn if name.casefold() not in there}
    if new:
        Tag.objects.bulk_create([Tag(owner_id=owner_id, name=name) for name in new.values()], ignore_conflicts=True)
        there = tags_by_name(owner_id)
    PersonTag.objects.bulk_create(
        [PersonTag(owner_id=owner_id, person=person, tag_id=there[name.casefold()]) for person, name in worn],
        ignore_conflicts=True,
    )


def tags_by_name(owner_id: int) -> dict[str, int]:
    return {name.casefold(): pk for name, pk in Tag.objects.filter(owner=owner_id).values_list("name", "pk")}


# --- Changing ------------------------------------------------------------------------------------


def _change(batch: ContactImport, row: ImportRow, rule: str, people: People) -> None:
    person = people.take(_whom(row))
    if person is None:  # gone since, or the row it repeats was left out
        if row.same_as_id is None:
            _add(batch, [row])
        return
    mine, base = what_is_here(person), base_of(person)
    made = kept_by(rule, changes(mine, row.contact, base))
    before: dict[str, Any] = {"said": base, "batch": _batch_of(person), "fields": {}, "lists": {}}
    for change in made:
        _make(person, change, mine, before)
    if made:
        person.save()
    if row.same_as_id is None:
        _note_post(batch, person, row.contact, base)
    _remember(batch, person, row.contact)
    row.person, row.before = person, before
    row.result = Result.CHANGED if made else Result.SAME
    row.save(update_fields=["person", "result", "before", "how"])


def _batch_of(person: Person) -> int | None:
    """The file that said it."""
    imported = getattr(person, "imported", None)
    return imported.batch_id if imported is not None else None


def _whom(row: ImportRow) -> int | None:
    if row.person_id is None and row.same_as_id:
        return ImportRow.objects.values_list("person", flat=True).get(pk=row.same_as_id)
    return row.person_id


def _make(person: Person, change: Change, mine: Said, before: dict[str, Any]) -> None:
    if isinstance(change.theirs, str):
        setattr(person, change.field, change.theirs)
        before["fields"][change.field] = [change.mine, change.theirs]
        return
    here: Any = mine.get(change.field, [])
    REPLACE[change.field](person, [*here, *change.theirs])
    before["lists"][change.field] = change.theirs


def _note_post(batch: ContactImport, person: Person, said: Said, base: Said | None) -> None:
    if post := new_post(said, base):
        NewPost.objects.update_or_create(
            batch=batch, person=person, defaults={"owner_id": batch.owner_id, "post": post}
        )


def _remember(batch: ContactImport, person: Person, said: Said) -> None:
    imported = ImportedContact.objects.filter(person=person).first()
    if imported is None:
        imported = ImportedContact(owner_id=batch.owner_id, person=person)
    elif imported.batch_id == batch.pk:
        said = _together(imported.contact, said)
    imported.batch, imported.contact, imported.at = batch, said, timezone.now()
    imported.save()


def _together(first: Said, second: Said) -> Said:
    """What two rows of the same file say about one person: the first one's words, the addresses of both."""
    both: dict[str, Any] = {**second, **first}
    for name in ("emails", "phones", "links", "tags"):
        several: Any = [*first.get(name, []), *second.get(name, [])]  # type: ignore[misc]
        if several:
            both[name] = list(dict.fromkeys(several))
    return both  # type: ignore[return-value]


# --- The end -------------------------------------------------------------------------------------


def halt(batch: ContactImport) -> None:
    """Leave it where it is. What came in stays, and can be gone on with, or taken back."""
    batch.state, batch.finished_at = State.STOPPED, timezone.now()
    batch.counts = {**batch.counts, "results": count(batch, "result")}
    batch.start("forget", due_at=batch.finished_at + KEPT)


def _finish(batch: ContactImport) -> None:
    left = batch.rows.filter(result="").exclude(outcome=Outcome.UNREADABLE).count()
    batch.counts = {**batch.counts, "results": count(batch, "result"), "left": left}
    batch.state, batch.finished_at = State.DONE, timezone.now()
    ImportKey.objects.filter(batch=batch).delete()
    if batch.file:
        batch.file.delete()
        batch.file = None
    batch.start("forget", due_at=batch.finished_at + KEPT)
    remind_of_posts(batch)
