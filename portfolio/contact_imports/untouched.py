"""People who came by a file long ago, and with whom nothing was done since: offered for deletion, never deleted."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from portfolio.contact_imports.undoing import says_the_same, tied
from portfolio.models import Person
from portfolio.people.references import batches

AFTER = timedelta(days=365)
MOST = 500  # offered at a time


def any_old(user: User) -> bool:
    """Whether anybody came so long ago, touched or not; cheap, for a link."""
    return _old(user).exists()


def untouched(user: User) -> list[Person]:
    """The first of them by name: as the file said, with nothing tied to them."""
    found: list[Person] = []
    for ids in batches(_old(user).order_by("name_key", "pk").values_list("pk", flat=True)):
        people = Person.objects.filter(pk__in=ids).select_related("imported").order_by("name_key", "pk")
        held = tied(set(ids))
        found += [
            person
            for person in people.prefetch_related("emails", "phones", "links", "tags")
            if person.pk not in held and says_the_same(person, person.imported.contact)
        ]
        if len(found) >= MOST:
            return found[:MOST]
    return found


def _old(user: User) -> QuerySet[Person]:
    long_ago = timezone.now() - AFTER
    return Person.objects.for_user(user).filter(imported__at__lt=long_ago, created_at__lt=long_ago)
