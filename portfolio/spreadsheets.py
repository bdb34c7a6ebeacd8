"""The lists of this app as spreadsheets: of the export, and to download where the list is shown."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from accounts.spreadsheets import Sheet
from portfolio.models import Contact, Mentorship, Need, Person

A_BATCH = 500

PEOPLE: Sheet[Person] = Sheet(
    "people",
    [
        ("Id", lambda person, user: person.pk),
        ("Name", lambda person, user: person.name),
        ("Role", lambda person, user: person.headline),
        ("Organisation", lambda person, user: person.organisation),
        ("Sector", lambda person, user: person.sector),
        ("E-mail address", lambda person, user: _at(person.emails.all(), 0, "address")),
        ("E-mail 2 address", lambda person, user: _at(person.emails.all(), 1, "address")),
        ("E-mail 3 address", lambda person, user: _at(person.emails.all(), 2, "address")),
        ("Phone", lambda person, user: " ::: ".join(phone.number for phone in person.phones.all())),
        ("Web site", lambda person, user: " ::: ".join(link.url for link in person.links.all())),
        ("Tags", lambda person, user: ", ".join(tag.name for tag in person.tags.all())),
        ("Notes", lambda person, user: person.notes),
        ("How you know them", lambda person, user: person.get_source_display()),
        ("A word more", lambda person, user: person.source_detail),
        ("Last contact", lambda person, user: getattr(person, "last_contact", None)),
        ("Added", lambda person, user: person.created_at),
    ],
)
NEEDS: Sheet[Need] = Sheet(
    "needs",
    [
        ("Id", lambda need, user: need.pk),
        ("In your words", lambda need, user: need.words),
        ("Kind of knowing", lambda need, user: need.get_competency_display()),
        ("Sector", lambda need, user: need.sector),
        ("Weight", lambda need, user: need.get_weight_display()),
        ("Horizon", lambda need, user: need.get_horizon_display()),
        ("Opened on", lambda need, user: need.opened_on),
        ("Closed on", lambda need, user: need.closed_on),
        ("Closed as", lambda need, user: need.get_closed_as_display()),
    ],
)
CONTACTS: Sheet[Contact] = Sheet(
    "contacts",
    [
        ("Id", lambda contact, user: contact.pk),
        ("When", lambda contact, user: contact.at),
        ("Person", lambda contact, user: contact.person.name),
        ("Person id", lambda contact, user: contact.person_id),
        ("What", lambda contact, user: contact.get_kind_display()),
        ("Minutes", lambda contact, user: contact.minutes),
        ("Note", lambda contact, user: contact.note),
    ],
)
MENTORSHIPS: Sheet[Mentorship] = Sheet(
    "mentorships",
    [
        ("Id", lambda mentorship, user: mentorship.pk),
        ("Mentor", lambda mentorship, user: mentorship.person.name),
        ("Person id", lambda mentorship, user: mentorship.person_id),
        ("Form", lambda mentorship, user: mentorship.get_form_display()),
        ("How it came about", lambda mentorship, user: mentorship.get_origin_display()),
        ("Status", lambda mentorship, user: mentorship.get_status_display()),
        ("Started on", lambda mentorship, user: mentorship.started_on),
        ("Ended on", lambda mentorship, user: mentorship.ended_on),
        ("Ended as", lambda mentorship, user: mentorship.get_ended_as_display()),
        ("Supports", lambda mentorship, user: "; ".join(map(_support, mentorship.supports.all()))),
        ("What I give back", lambda mentorship, user: mentorship.giving_back),
    ],
)


def people(rows: QuerySet[Person]) -> Iterator[Person]:
    """These people with all that their sheet shows, a batch at a time."""
    last = Contact.objects.filter(person=OuterRef("pk")).order_by("-at").values("at")[:1]
    found = rows.annotate(last_contact=Subquery(last)).prefetch_related("emails", "phones", "links", "tags")
    return found.iterator(chunk_size=A_BATCH)


def needs(user: User) -> Iterator[Need]:
    return Need.objects.for_user(user).iterator(chunk_size=A_BATCH)


def contacts(user: User) -> Iterator[Contact]:
    return Contact.objects.for_user(user).select_related("person").iterator(chunk_size=A_BATCH)


def mentorships(user: User) -> Iterator[Mentorship]:
    rows = Mentorship.objects.for_user(user).select_related("person").prefetch_related("supports__need")
    return rows.iterator(chunk_size=A_BATCH)


def _at(rows: object, place: int, name: str) -> str:
    found = list(rows)[place : place + 1]  # type: ignore[call-overload]
    return str(getattr(found[0], name)) if found else ""


def _support(support: object) -> str:
    need = getattr(support, "need", None)
    return str(need) if need else str(support.get_competency_display())  # type: ignore[attr-defined]
