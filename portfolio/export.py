"""Everything this app stores for a user, as plain values for the export."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model

from accounts.models import User
from portfolio.models import (
    Brief,
    Contact,
    ContactImport,
    CouldHelp,
    EvaluationDate,
    FormalTerms,
    ImportedContact,
    ImportRow,
    Knows,
    Mentorship,
    MentorshipEvent,
    Need,
    NewPost,
    Person,
    PlaceToLook,
    Reflection,
    ReflectionLink,
    ReflectionRhythm,
    Review,
    ReviewNote,
    Support,
    Undoable,
    WalkStop,
    WhatCameOfIt,
)

Row = dict[str, object]
_OURS_ALONE = {"owner", *Person.FOLDED}


def export(user: User) -> dict[str, object]:
    """People and all related rows; ``id`` links the lists. Dates are local, times UTC."""
    people = Person.objects.for_user(user).prefetch_related("emails", "phones", "links", "tags")
    briefs = Brief.objects.for_user(user).prefetch_related("needs")
    return {
        "briefs": [_plain(brief) | {"needs": [need.pk for need in brief.needs.all()]} for brief in briefs],
        "needs": _all(Need.objects.for_user(user)),
        "people": [_plain(person) | _details(person) for person in people],
        "files of contacts": _all(ContactImport.objects.for_user(user)),
        "rows of files of contacts": _all(ImportRow.objects.for_user(user)),
        "what files said": _all(ImportedContact.objects.for_user(user).order_by("pk")),
        "new posts": _all(NewPost.objects.for_user(user)),
        "contacts": _all(Contact.objects.filter(owner=user)),
        "who knows whom": _all(Knows.objects.filter(owner=user).order_by("pk")),
        "who could help": _all(CouldHelp.objects.for_user(user).order_by("pk")),
        "mentorships": _all(Mentorship.objects.for_user(user)),
        "history of mentorships": _all(MentorshipEvent.objects.filter(owner=user)),
        "what they support": _all(Support.objects.filter(owner=user)),
        "what formal programmes set down": _all(FormalTerms.objects.filter(owner=user).order_by("pk")),
        "evaluations": _all(EvaluationDate.objects.filter(owner=user)),
        "what came of it": _all(WhatCameOfIt.objects.filter(owner=user)),
        "places to look": _all(PlaceToLook.objects.for_user(user)),
        "reviews": _all(Review.objects.for_user(user)),
        "what changed between you": _all(ReviewNote.objects.filter(owner=user)),
        "reflections": _all(Reflection.objects.for_user(user)),
        "where reflections led": _all(ReflectionLink.objects.filter(owner=user)),
        "how often you reflect": _all(ReflectionRhythm.objects.for_user(user)),
        "sources walked through": _all(WalkStop.objects.filter(owner=user)),
        "kept for an undo": _all(Undoable.objects.filter(owner=user)),
    }


def _details(person: Person) -> Row:
    return {
        "emails": [email.address for email in person.emails.all()],
        "phones": [phone.number for phone in person.phones.all()],
        "links": [link.url for link in person.links.all()],
        "tags": [tag.name for tag in person.tags.all()],
    }


def _all(rows: Iterable[Model]) -> list[Row]:
    return [_plain(row) for row in rows]


def _plain(row: Model) -> Row:
    fields = (field for field in row._meta.concrete_fields if field.name not in _OURS_ALONE)
    return {field.name: field.value_from_object(row) for field in fields}
