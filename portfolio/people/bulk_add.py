"""Adds several people at once, from the walk through sources or a pasted list, without duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction

from accounts.models import User
from portfolio.models import Need, Person, PersonEmail
from portfolio.people.paste_parser import Pasted, key_of
from portfolio.people.services import fold_again, note_candidate
from portfolio.people.source_walk import visit

Match = TypeVar("Match")


@dataclass(frozen=True)
class NewPerson:
    """Somebody to add. ``detail`` is how the user knows them; with a need they could help with, and ``why``."""

    name: str
    address: str = ""
    detail: str = ""
    need: Need | None = None
    why: str = ""


@dataclass
class BulkAddResult:
    """``there`` are people who existed already, under their stored names."""

    added: list[Person] = field(default_factory=list)
    there: list[str] = field(default_factory=list)


def keys_of(user: User) -> dict[str, tuple[int, str]]:
    """(id, name) of each of the user's people, keyed by folded name and by lower-case address. Two queries."""
    there: dict[str, tuple[int, str]] = {}
    names = dict(Person.objects.for_user(user).order_by("-pk").values_list("pk", "name"))
    for pk, name in names.items():
        there[key_of(name)] = (pk, name)
    for pk, address in PersonEmail.objects.for_user(user).order_by("-pk").values_list("person", "address"):
        there[address.lower()] = (pk, names[pk])
    return there


def who_is_new(user: User, people: Iterable[Pasted]) -> tuple[list[Pasted], list[tuple[Pasted, int, str]]]:
    """Split people into new ones and existing ones, with the id and name of the latter."""
    there, new, known = keys_of(user), [], []
    for one in people:
        found = _first_match(one.keys, there)
        if found:
            known.append((one, *found))
        else:
            new.append(one)
    return new, known


@transaction.atomic
def add_people(*, user: User, source: str, names: Sequence[NewPerson]) -> BulkAddResult:
    """Add these people with their source and what they could help with; existing people are not added again.

    People with the same name or address are the same person. Marks the source as visited.
    """
    # Lock the user, so that a concurrent second request finds the first one's people.
    User.objects.select_for_update().get(pk=user.pk)
    visit(user=user, source=source)
    there, taken = keys_of(user), BulkAddResult()
    new: list[tuple[Person, str]] = []
    thoughts: list[tuple[NewPerson, Person | int]] = []
    coming: dict[str, Person] = {}
    for one in names:
        keys = [key_of(one.name), *([one.address.lower()] if one.address else [])]
        if known := _first_match(keys, there):
            taken.there.append(known[1])
            thoughts.append((one, known[0]))
        elif twin := _first_match(keys, coming):
            taken.there.append(one.name)
            thoughts.append((one, twin))
        else:
            person = Person(owner=user, name=one.name, source=source, source_detail=one.detail)
            person.fold()
            coming |= dict.fromkeys(keys, person)
            new.append((person, one.address))
            thoughts.append((one, person))
    taken.added = _create(user, new)
    _note_thoughts(user, thoughts)
    return taken


def _first_match(keys: Sequence[str], by_key: Mapping[str, Match]) -> Match | None:
    """The value for one of these keys. The address, which is the last key, takes precedence over the name."""
    return next((by_key[key] for key in reversed(keys) if key in by_key), None)


def _create(user: User, new: Sequence[tuple[Person, str]]) -> list[Person]:
    """Create people, each with an address or "", and include the address in the search column."""
    added = Person.objects.bulk_create([person for person, _ in new])
    with_address = [(person, address) for person, address in new if address]
    PersonEmail.objects.bulk_create(
        [PersonEmail(owner=user, person=person, address=address) for person, address in with_address]
    )
    fold_again(person.pk for person, _ in with_address)
    return added


def _note_thoughts(user: User, thoughts: Iterable[tuple[NewPerson, Person | int]]) -> None:
    """Record what each of them (a new person or an existing id) could help with."""
    for one, who in thoughts:
        if one.need:
            person = who if isinstance(who, Person) else Person.objects.for_user(user).get(pk=who)
            note_candidate(person=person, need=one.need, why=one.why)
