"""Takes an import back, the last row first. What the user changed since is kept, and said."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.bulk import update_rows
from accounts.models import User
from portfolio.contact_imports.applying import KEPT, REPLACE
from portfolio.contact_imports.changes import what_is_here
from portfolio.contact_imports.dry_run import People, count
from portfolio.contact_imports.new_posts import remind_of_posts
from portfolio.contact_imports.said import Said, how_known
from portfolio.models import (
    ContactImport,
    ImportedContact,
    ImportRow,
    NewPost,
    Person,
    PersonEmail,
    PersonLink,
    PersonPhone,
    PersonTag,
    Tag,
)
from portfolio.people.references import pointing_at
from portfolio.people.services import fold_again

A_STEP = 200  # rows
State, Result = ContactImport.State, ImportRow.Result
# What an import writes itself, besides the person.
_OURS = (PersonEmail, PersonPhone, PersonLink, PersonTag, ImportedContact, ImportRow, NewPost)


def step(batch: ContactImport) -> None:
    User.objects.select_for_update().get(pk=batch.owner_id)
    rows = list(batch.rows.filter(result__in=(Result.ADDED, Result.CHANGED, Result.SAME)).order_by("-number")[:A_STEP])
    if not rows:
        _finish(batch)
        return
    people = People(row.person_id for row in rows)
    held = tied(people.ids)
    gone: list[int] = []
    for row in rows:
        person = people.take(row.person_id)
        if person is None:
            row.result = Result.UNDONE
        elif row.result == Result.ADDED:
            row.result = _take_away(person, row.contact, batch, is_tied=person.pk in held)
            if row.result == Result.UNDONE:
                gone.append(person.pk)
                row.person = None
        else:
            row.result = _put_back(person, row.before)
    fold_again(people.ids - {*gone})
    update_rows(rows, ["result", "person"])
    Person.objects.filter(pk__in=gone).delete()
    batch.done += len(rows)


def _take_away(person: Person, said: Said, batch: ContactImport, *, is_tied: bool) -> str:
    as_it_came = not is_tied and person.source == batch.source and says_the_same(person, said)
    return Result.UNDONE if as_it_came else Result.KEPT


def says_the_same(person: Person, said: Said) -> bool:
    """Whether all that is known of this person is what the file says."""
    here = what_is_here(person)

    def plain(value: Any) -> Any:
        return sorted(one.casefold() for one in value) if isinstance(value, list) else value

    if person.source_detail != how_known(said) or person.sector or person.place_id or person.time_zone:
        return False
    return all(
        plain(value) == plain(said.get(name, [] if isinstance(value, list) else "")) for name, value in here.items()
    )


def tied(ids: set[int]) -> set[int]:
    """Those of these people to whom something is tied that no import brought."""
    found: set[int] = set()
    for kind, field in pointing_at(Person):
        if kind not in _OURS:
            found |= set(kind._base_manager.filter(**{f"{field.name}__in": ids}).values_list(field.attname, flat=True))
    return found


def _put_back(person: Person, before: dict[str, Any]) -> str:
    """Each value that is still as the import left it becomes what it was before."""
    kept = False
    here = what_is_here(person)
    for name, (old, new) in before.get("fields", {}).items():
        if getattr(person, name) == new:
            setattr(person, name, old)
        else:
            kept = True
    if before.get("fields"):
        person.save()
    for name, added in before.get("lists", {}).items():
        gone = {one.casefold() for one in added}
        mine: Any = here.get(name, [])
        REPLACE[name](person, [one for one in mine if one.casefold() not in gone])
    _forget(person, before.get("said"), before.get("batch"))
    return Result.KEPT if kept else Result.UNDONE


def _forget(person: Person, said: Said | None, batch_id: int | None) -> None:
    """What the file before this one said is again the last that is known."""
    if said is None:
        ImportedContact.objects.filter(person=person).delete()
        return
    imported = ImportedContact.objects.filter(person=person).first()
    if imported is not None:
        imported.contact = said
        imported.batch = ContactImport.objects.filter(pk=batch_id or 0).first()
        imported.save()


def _finish(batch: ContactImport) -> None:
    NewPost.objects.filter(batch=batch).delete()
    remind_of_posts(batch)
    Tag.objects.filter(owner=batch.owner_id, people__isnull=True).delete()
    batch.counts = {**batch.counts, "results": count(batch, "result")}
    batch.state = State.UNDONE
    batch.start("forget", due_at=(batch.finished_at or timezone.now()) + KEPT)
