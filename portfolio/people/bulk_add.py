"""Several people taken at once, from the walk or from a pasted list, each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import User
from portfolio.models import Need, Person, PersonEmail
from portfolio.people.paste_parser import Pasted, key_of
from portfolio.people.services import fold_again, note_candidate
from portfolio.people.source_walk import visit


@dataclass(frozen=True)
class NewPerson:
    """Somebody to take: how they are known in ``detail``, and what they could help with and ``why``."""

    name: str
    address: str = ""
    detail: str = ""
    need: Need | None = None
    why: str = ""


@dataclass
class BulkAddResult:
    """``there`` are those who were among the user's people already, as they are called there."""

    added: list[Person] = field(default_factory=list)
    there: list[str] = field(default_factory=list)


def keys_of(user: User) -> dict[str, tuple[int, str]]:
    """(id, name) of each of the user's people, by folded name and by address in lower case. Two queries."""
    there: dict[str, tuple[int, str]] = {}
    names = dict(Person.objects.for_user(user).order_by("-pk").values_list("pk", "name"))
    for pk, name in names.items():
        there[key_of(name)] = (pk, name)
    for pk, address in PersonEmail.objects.for_user(user).order_by("-pk").values_list("person", "address"):
        there[address.lower()] = (pk, names[pk])
    return there


def who_is_new(user: User, people: Iterable[Pasted]) -> tuple[list[Pasted], list[tuple[Pasted, int, str]]]:
    """Those not among the user's people yet, and those who are, with id and name there."""
    there, new, known = keys_of(user), [], []
    for one in people:
        found = next((there[key] for key in reversed(one.keys) if key in there), None)
        if found:
            known.append((one, *found))
        else:
            new.append(one)
    return new, known


@transaction.atomic
def add_people(*, user: User, source: str, names: Sequence[NewPerson]) -> BulkAddResult:
    """Keep these people under a source, and what they could help with; whoever is there already isn't added again.

    The same name or the same address is the same person. The source counts as visited.
    """
    # Locked, so that of a double press the second one finds the first one's people.
    User.objects.select_for_update().get(pk=user.pk)
    visit(user=user, source=source)
    there, taken = keys_of(user), BulkAddResult()
    new: list[tuple[Person, str]] = []
    thoughts: list[tuple[NewPerson, Person | int]] = []
    coming: dict[str, Person] = {}
    for one in names:
        keys = [key_of(one.name), *([one.address.lower()] if one.address else [])]
        known = next((there[key] for key in reversed(keys) if key in there), None)
        twin = next((coming[key] for key in reversed(keys) if key in coming), None)
        if known or twin:
            taken.there.append(known[1] if known else one.name)
            thoughts.append((one, known[0] if known else twin or 0))
            continue
        person = Person(owner=user, name=one.name, source=source, source_detail=one.detail)
        person.fold()
        coming |= dict.fromkeys(keys, person)
        new.append((person, one.address))
        thoughts.append((one, person))
    taken.added = Person.objects.bulk_create([person for person, _ in new])
    PersonEmail.objects.bulk_create(
        [PersonEmail(owner=user, person=person, address=address) for person, address in new if address]
    )
    fold_again(person.pk for person, address in new if address)
    for one, who in thoughts:
        if one.need:
            person = who if isinstance(who, Person) else Person.objects.for_user(user).get(pk=who)
            note_candidate(person=person, need=one.need, why=one.why)
    return taken
