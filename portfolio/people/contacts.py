"""Records and removes contacts with a person. Keep-in-touch reminders are counted from the last one."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from portfolio.mentorships import scheduling
from portfolio.models import Contact, Person
from portfolio.signals import contact_recorded, contacts_forgotten


def record_contact(
    *,
    person: Person,
    at: dt.datetime,
    kind: str = Contact.Kind.OTHER,
    note: str = "",
    minutes: int | None = None,
) -> Contact:
    """Add a contact ``at`` (UTC), which restarts the keep-in-touch interval. Truncates a long note.

    ``minutes`` is its length, if known.
    """
    contact = Contact.objects.create(
        owner_id=person.owner_id,
        person=person,
        at=at,
        kind=kind,
        note=note.replace("\0", "")[:500],
        minutes=minutes,
    )
    scheduling.contacts_changed(person.pk)
    contact_recorded.send(Contact, contact=contact)
    return contact


def forget_contacts(rows: QuerySet[Contact]) -> None:
    """Delete these contacts; the keep-in-touch interval then counts from the last remaining one."""
    people = set(rows.order_by().values_list("person_id", flat=True))
    rows.delete()
    for person_id in people:
        scheduling.contacts_changed(person_id)
        contacts_forgotten.send(Contact, person_id=person_id)


def last_contact(person: Person) -> Contact | None:
    """The latest contact, or None."""
    return Contact.objects.filter(owner_id=person.owner_id, person=person).first()
