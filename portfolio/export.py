"""What this app says of the export of its tables, and what people can read of it without a program of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.export.archive import safe_name
from accounts.export.parts import File, Part
from accounts.export.reading import Refused
from accounts.models import User
from accounts.spreadsheets import Sheet
from portfolio import spreadsheets, vcards
from portfolio.looking_back.scales import SCALES, TITLES, WORDS
from portfolio.models import Brief, Contact, Person, Reflection, Review
from portfolio.people.services import fold_again

_FOLDED = "It is made from the other fields, for searching and sorting."


def _files(user: User) -> Iterator[File]:
    def people() -> Iterator[Person]:
        return spreadsheets.people(Person.objects.for_user(user))

    yield File("people.vcf", vcards.cards(people()), "The people you know, for an address book (vCard).")
    sheets: list[tuple[Sheet[Any], Iterator[Any], str]] = [
        (spreadsheets.PEOPLE, people(), "The people you know."),
        (spreadsheets.NEEDS, spreadsheets.needs(user), "What you want help with."),
        (spreadsheets.MENTORSHIPS, spreadsheets.mentorships(user), "Who mentors you, and in what."),
        (spreadsheets.CONTACTS, spreadsheets.contacts(user), "When you were in touch with whom."),
    ]
    for sheet, rows, about in sheets:
        yield File(f"spreadsheets/{sheet.name}.csv", sheet.lines(rows, user), about)
    yield File("notes/reflections.md", _reflections(user), "What you answered when you reflected.")
    yield File("notes/reviews.md", _reviews(user), "Where you looked back.")
    yield from _notes_on_people(user)


# --- Notes as Markdown ----------------------------------------------------------------------------


def _notes_on_people(user: User) -> Iterator[File]:
    """A file for each person there is something to read about."""
    for person in Person.objects.for_user(user).prefetch_related("contacts").iterator(chunk_size=500):
        contacts = [contact for contact in person.contacts.all() if contact.note]
        if person.notes or contacts:
            name = "-".join(filter(None, (str(person.pk), safe_name(person.name))))
            yield File(f"notes/people/{name}.md", _about(user, person, contacts))


def _about(user: User, person: Person, contacts: list[Contact]) -> Iterator[str]:
    yield _heading(person.name)
    if person.role:
        yield f"{person.role}\n\n"
    if person.notes:
        yield f"{person.notes}\n\n"
    for contact in contacts:
        day = user.local(contact.at)
        yield f"## {day.day} {day:%B %Y}: {contact.get_kind_display().lower()}\n\n{contact.note}\n\n"


def _reflections(user: User) -> Iterator[str]:
    yield _heading("Reflections")
    for row in Reflection.objects.for_user(user).order_by("on", "pk").iterator():
        yield f"## {row.on.day} {row.on:%B %Y}: {row}\n\n"
        if row.comfort:
            yield f"{row.comfort} of 5, where 5 is quite at ease\n\n"
        yield f"{row.answer}\n\n"


def _reviews(user: User) -> Iterator[str]:
    yield _heading("Looking back")
    rows = Review.objects.for_user(user).select_related("mentorship__person").prefetch_related("notes")
    for row in rows.order_by("on", "pk").iterator(chunk_size=100):
        whom = row.mentorship.person.name if row.mentorship else "the whole portfolio"
        yield f"## {row.on.day} {row.on:%B %Y}: {whom}\n\n"
        said = [*_steps(row)]
        said += [f"- {': '.join(filter(None, (str(note), note.words)))}\n" for note in row.notes.all()]
        if said:
            yield f"{''.join(said)}\n"
        if row.words:
            yield f"{row.words}\n\n"


def _steps(review: Review) -> Iterator[str]:
    for scale in SCALES:
        step = getattr(review, scale)
        if step is not None:
            yield f"- {TITLES[scale]}: {WORDS[scale][step]}\n"


def _heading(title: str) -> str:
    return f"# {' '.join(title.split())}\n\n"


def _restored(user: User) -> None:
    known = Brief.Context.values
    contexts = Brief.objects.for_user(user).values_list("contexts", flat=True)
    if any(context not in known for chosen in contexts for context in chosen):
        raise Refused("A brief has a context that isn’t one.")
    fold_again(Person.objects.for_user(user).values_list("pk", flat=True))


PART = Part(
    left_out={f"portfolio.Person.{name}": _FOLDED for name in Person.FOLDED},
    stays={"portfolio.Undoable": "An undo works where the step was taken: it holds the ids of that installation."},
    files=_files,
    restored=_restored,
)
