"""Erases somebody who asks for it, with everything that names them: shared history too, for good and without an undo.

Deleting (:mod:`.deletion`) is for a tidy list: it stops at shared history, and can be undone. What the user wrote about
others and mentions them in is listed first; there the user chooses, mention by mention, whether the name is replaced.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction

from accounts import security_log
from accounts.export import making
from accounts.mailboxes import mailbox_key
from accounts.models import TITLES, StoredFile, User
from accounts.ownership import children_first
from accounts.policies import owned_models
from accounts.private_notes import PrivateNote, Unreadable
from accounts.words import in_figures
from mail import arrivals
from mail.services import forget_mail_about, forget_mail_to
from portfolio.models import (
    Contact,
    ContactImport,
    ImportedContact,
    ImportRow,
    Person,
    PersonEmail,
    PersonLink,
    PersonPhone,
    PersonTag,
    Tag,
    Undoable,
)
from portfolio.people.references import batches, pointing_at
from portfolio.signals import person_erased
from reminders.forgetting import forget_reminders

Gone = dict[type[models.Model], set[int]]

SHORTEST_NUMBER = 7  # digits of a telephone number; an extension is no sign of somebody
SOMEONE = "[someone]"  # stands where a name was
_FORMED = (models.EmailField, models.URLField)  # which can only be taken out whole
BEFORE, AFTER = 60, 90  # letters shown around a mention
# What these apps keep is written by us, or about signing in: it is erased without asking, or names nobody else.
_NOT_THE_USERS_WORDS = {"accounts", "mail", "reminders"}


@dataclass(frozen=True)
class Mention:
    """One field of another row in which they are named. ``key`` names it in the form; ``words`` are a part of it."""

    key: str
    what: str
    url: str
    words: str
    row: models.Model
    field: str


# --- What goes ------------------------------------------------------------------------------------


def what_goes(person: Person) -> Gone:
    """The person and every row that hangs on them, directly or through others, in all apps; ids by model."""
    gone: Gone = {Person: {person.pk}, ImportRow: _rows_of_files(person)}
    fresh = gone
    while fresh:
        found: Gone = {}
        for kind, ids in fresh.items():
            for table, field in pointing_at(kind):
                if field.remote_field.on_delete is not models.SET_NULL:
                    found.setdefault(table, set()).update(_pointing(table, field, ids))
        fresh = {table: ids - gone.get(table, set()) for table, ids in found.items()}
        fresh = {table: ids for table, ids in fresh.items() if ids}
        for table, ids in fresh.items():
            gone[table] = gone.get(table, set()) | ids
    return gone


def _rows_of_files(person: Person) -> set[int]:
    """What imported files said of them. Such a row outlives a deleted person, so that the import can be taken back."""
    pattern = _pattern(person)
    names = [field.name for field in ImportRow._meta.concrete_fields if isinstance(field, PrivateNote)]
    found = set(ImportRow.objects.filter(owner=person.owner_id, person=person).values_list("pk", flat=True))
    nobodys = ImportRow.objects.filter(owner=person.owner_id, person__isnull=True).values_list("pk", *names)
    for pk, *values in nobodys.iterator(chunk_size=2_000):
        if any(pattern.search(_as_text(value)) for value in values):
            found.add(pk)
    return found


def _pointing(table: type[models.Model], field: models.ForeignKey[Any, Any], ids: set[int]) -> Iterator[int]:
    for some in batches(ids):
        yield from table._base_manager.filter(**{f"{field.name}__in": some}).values_list("pk", flat=True)


def numbers(person: Person, gone: Gone) -> list[str]:
    """What goes, in words: "1 mentorship", "12 meetings", "4 emails to them"; the most first."""
    named: Counter[type[models.Model]] = Counter({kind: len(ids) for kind, ids in gone.items() if _is_read(kind)})
    lines = [
        in_figures(count, str(kind._meta.verbose_name), str(kind._meta.verbose_name_plural))
        for kind, count in named.most_common()
    ]
    mails = forget_mail_to(owner=person.owner, mailboxes=_mailboxes(person), really=False)
    return lines + ([in_figures(mails, "email to them in the log", "emails to them in the log")] if mails else [])


def _is_read(kind: type[models.Model]) -> bool:
    """Whether the user would know such a row when they see it: not what only ties two others together."""
    notes = any(isinstance(field, PrivateNote) for field in kind._meta.concrete_fields)
    known = notes or hasattr(kind, "get_absolute_url") or kind in {Contact, PersonEmail, PersonLink, PersonPhone}
    return known and kind not in {Person, ImportRow, ImportedContact}


# --- Where they are mentioned ---------------------------------------------------------------------


def mentions(person: Person, gone: Gone) -> list[Mention]:
    """Where else the user wrote their whole name, an address or a link of theirs. A first name alone tells too little.

    Reads all of the user's texts, since encrypted ones can't be searched in the database.
    """
    pattern = _pattern(person)
    found = []
    for kind in owned_models():
        if kind._meta.app_label in _NOT_THE_USERS_WORDS or kind in {Undoable, PersonEmail, PersonLink}:
            continue
        names = [field.name for field in kind._meta.concrete_fields if _is_text(kind, field)]
        rows = kind._base_manager.filter(owner=person.owner_id).order_by("pk").values_list("pk", *names)
        for pk, *values in rows.iterator(chunk_size=2_000) if names else ():
            if pk in gone.get(kind, ()):
                continue
            for name, value in zip(names, values, strict=True):
                if (text := _as_text(value)) and (match := pattern.search(text)):
                    found.append(_mention(kind, pk, name, text, match))
    return found


def _is_text(kind: type[models.Model], field: models.Field[Any, Any]) -> bool:
    """Not what must be an address; nor the name of somebody else, who may be a namesake."""
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    formed = (isinstance(field, _FORMED) and not field.blank) or field.choices
    return is_text and not formed and field.editable and (kind, field.name) != (Person, "name")


def _as_text(value: Any) -> str:
    if isinstance(value, Unreadable) or not value:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mention(kind: type[models.Model], pk: int, name: str, text: str, match: re.Match[str]) -> Mention:
    row = kind._base_manager.get(pk=pk)
    begin, end = max(match.start() - BEFORE, 0), match.end() + AFTER
    words = f"{'…' if begin else ''}{text[begin:end].strip()}{'…' if end < len(text) else ''}"
    url = str(row.get_absolute_url()) if hasattr(row, "get_absolute_url") else ""
    label = str(kind._meta.verbose_name)
    return Mention(f"{kind._meta.label}.{name}.{pk}", label[:1].upper() + label[1:], url, words, row, name)


def _pattern(person: Person) -> re.Pattern[str]:
    """Finds their name, with or without titles, their addresses, links and numbers, in whatever case."""
    words = person.name.split()
    while len(words) > 1 and words[0].rstrip(".").lower() in TITLES:
        words.pop(0)
    wanted = [r"\s+".join(map(re.escape, some)) for some in (person.name.split(), words)]
    wanted += [re.escape(email.address) for email in person.emails.all()]
    wanted += [re.escape(link.url.rstrip("/")) for link in person.links.all()]
    for phone in person.phones.all():
        digits = re.sub(r"\D", "", phone.number)
        if len(digits) >= SHORTEST_NUMBER:
            wanted.append(r"\+?" + r"[\s().\-/]*".join(digits))
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(set(wanted), key=len, reverse=True))})(?!\w)", re.IGNORECASE)


# --- Erasing --------------------------------------------------------------------------------------


@transaction.atomic
def erase(*, person: Person, replace: Collection[str] = ()) -> int:
    """Erase them. ``replace`` are the keys of the mentions to take their name out of; returns in how many it was done.

    Nobody is told, and their address goes onto no list.
    """
    user = User.objects.select_for_update().get(pk=person.owner_id)
    gone, pattern, mailboxes = what_goes(person), _pattern(person), _mailboxes(person)
    replaced = sum(_replace(one, pattern) for one in mentions(person, gone) if one.key in replace)
    forget_reminders(owner=user, gone=gone, names=pattern)
    forget_mail_to(owner=user, mailboxes=mailboxes)
    forget_mail_about(owner=user, names=pattern)
    arrivals.forget(owner=user, mailboxes=mailboxes, names=pattern)
    person_erased.send(sender=Person, user=user, gone=gone, addresses=mailboxes)
    _forget_undo(user, gone, pattern)
    _forget_files(gone)
    making.make_again(user)
    security_log.forget_sharing(user, {person.name})
    tags = set(PersonTag.objects.filter(person=person).values_list("tag", flat=True))
    for kind in children_first(gone):
        for some in batches(gone[kind]):
            kind._base_manager.filter(pk__in=some).delete()
    Tag.objects.filter(owner=user, pk__in=tags, people__isnull=True).delete()
    return replaced


def _mailboxes(person: Person) -> set[str]:
    return {mailbox_key(email.address) for email in person.emails.all()}


def _replace(mention: Mention, pattern: re.Pattern[str]) -> bool:
    """False if two rows would be alike then, such as two tags: that one stays as it is."""
    field: Any = mention.row._meta.get_field(mention.field)
    value = _without(getattr(mention.row, mention.field), pattern)
    if isinstance(field, _FORMED):
        value = ""
    setattr(mention.row, mention.field, value[: field.max_length] if isinstance(value, str) else value)
    try:
        with transaction.atomic():
            mention.row.save(update_fields=[mention.field])
    except IntegrityError:
        return False
    return True


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {_without(key, pattern): _without(one, pattern) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    return pattern.sub(SOMEONE, value) if isinstance(value, str) else value


def _forget_files(gone: Gone) -> None:
    """Delete the files in which they were; what was read of the others stays. A file that is being read says no names
    yet, and is deleted when it is brought in, or after a week."""
    for some in batches(gone[ImportRow]):
        read = ContactImport.objects.filter(rows__in=some).exclude(state=ContactImport.State.READING)
        StoredFile.objects.filter(pk__in=read.values("file")).delete()


def _forget_undo(user: User, gone: Gone, pattern: re.Pattern[str]) -> None:
    """Delete what would bring back something of them, or can't be read to see whether it would."""
    for kept in Undoable.objects.for_user(user).exclude(rows=""):
        if isinstance(kept.rows, Unreadable):
            kept.delete()
            continue
        what = json.loads(kept.rows)
        if pattern.search(json.dumps(what, ensure_ascii=False)) or _names_one(what, gone):
            kept.delete()


def _names_one(what: dict[str, Any], gone: Gone) -> bool:
    """Whether a row in there points to one that goes, or is one."""
    ids = {kind._meta.label: rows for kind, rows in gone.items()}
    tables = {kind._meta.label: kind for kind in owned_models()}
    if set(what.get("people", ())) & ids[Person._meta.label]:
        return True
    for label, table in what.get("tables", {}).items():
        kind = tables.get(label)
        if kind is None:
            continue
        targets = {
            field.attname: ids.get(field.related_model._meta.label, set())
            for field in kind._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
        }
        for number, column in enumerate(table["fields"]):
            if any(_number(row[number]) in targets.get(column, ()) for row in table["rows"]):
                return True
    return False


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
