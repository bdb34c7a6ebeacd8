"""Merges two records of one person: moves all related rows, in all apps, without losing data.

Related rows are found through foreign keys (:mod:`.references`), and unique constraints decide what to do if two rows
collide. If a row may exist only once (an address, a tag, an idea), the two are united and their texts joined. If only
one may be *active* at a time (a mentorship, an approach, an introduction: a conditional unique constraint), the user
has to end one of them before the merge.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, cast

from django.db import models, transaction
from django.db.models import CharField, F, Max, UniqueConstraint, Value

from accounts.models import User
from accounts.private_notes import PrivateJSONField, readable
from portfolio.errors import PortfolioError
from portfolio.mentorships.scheduling import contacts_changed
from portfolio.models import Contact, CouldHelp, Knows, Person, PersonEmail, PersonLink
from portfolio.people.contacts import last_contact
from portfolio.people.references import Pointing, pointing_at
from portfolio.signals import contact_recorded

# Facts of which only one can be kept: the name of the choice → the columns it decides.
FACTS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "headline": ("headline",),
    "organisation": ("organisation",),
    "sector": ("sector",),
    "source": ("source", "source_detail", "place_id"),
    "time_zone": ("time_zone",),
}
NOTE_LINE = 300  # most characters of a discarded fact in the notes


class Obstacle(NamedTuple):
    """What prevents the merge, as text, with the rows it is about."""

    words: str
    rows: list[models.Model]


class CannotMerge(PortfolioError):
    """The merge is impossible and nothing was changed; ``obstacles`` has the reasons if rows collide."""

    def __init__(self, words: str, obstacles: list[Obstacle] | None = None) -> None:
        super().__init__(words)
        self.obstacles = obstacles or []


def facts_of(person: Person) -> dict[str, str]:
    """The facts that the user may have to choose, as text; empty if unknown."""
    source = person.get_source_display()
    if person.source_detail:
        source += f": {person.source_detail}"
    if person.place:
        source += f" ({person.place})"
    plain = {name: str(getattr(person, name)) for name in FACTS if name != "source"}
    return {name: source if name == "source" else plain[name] for name in FACTS}


def what_moves(other: Person) -> list[str]:
    """Counts of the rows that belong to this record, such as "2 contacts". One query."""
    parts = [
        kind._base_manager.filter(**{field.name: other}).order_by().values_list(Value(_label(kind), CharField()), "pk")
        for kind, field in pointing_at(Person)
    ]
    counted = Counter(label for label, _ in parts[0].union(*parts[1:], all=True))
    named = {_label(kind): kind._meta for kind, _ in pointing_at(Person)}
    return [
        f"{n} {named[label].verbose_name if n == 1 else named[label].verbose_name_plural}"
        for label, n in sorted(counted.items())
    ]


def _label(kind: type[models.Model]) -> str:
    return kind._meta.label


def obstacles(kept: Person, other: Person) -> list[Obstacle]:
    """What prevents merging these two. Empty if they can be merged."""
    found = []
    for kind, field in pointing_at(Person):
        for constraint in _uniques(kind, field, running=True):
            found += _collisions(kind, field, constraint, kept, other)
        for end in _other_ends(kind, field):
            if kind is not Knows:
                between = kind._base_manager.filter(**{field.name: kept, end.name: other})
                found += [
                    Obstacle("This is between the two of them, so they can hardly be one:", [row]) for row in between
                ]
    return found


def _collisions(
    kind: type[models.Model], field: models.ForeignKey[Any, Any], constraint: UniqueConstraint, *people: Person
) -> list[Obstacle]:
    """Active rows that could not both be active after the merge."""
    assert constraint.condition is not None
    rows = kind._base_manager.filter(constraint.condition, **{f"{field.name}__in": people}).order_by("pk")
    by_key: dict[Any, list[models.Model]] = {}
    for row in rows:
        by_key.setdefault(_key(row, constraint, people[0], people), []).append(row)
    word = kind._meta.verbose_name
    return [
        Obstacle(f"There is a running {word} with each of them. End one first:", same)
        for same in by_key.values()
        if len(same) > 1
    ]


def _uniques(kind: type[models.Model], field: models.ForeignKey[Any, Any], *, running: bool) -> list[UniqueConstraint]:
    """The unique constraints that include this key: either the conditional or the unconditional ones."""
    return [
        constraint
        for constraint in kind._meta.constraints
        if isinstance(constraint, UniqueConstraint)
        and field.name in _columns(constraint)
        and (constraint.condition is not None) == running
    ]


def _columns(constraint: UniqueConstraint) -> list[str]:
    """The fields of a constraint, even if it uses expressions such as ``Lower("address")``."""
    parts = [part for expression in constraint.expressions for part in _parts(expression)]
    return [*constraint.fields, *(cast("Any", part).name for part in parts if isinstance(part, F))]


def _parts(expression: Any) -> list[Any]:
    return list(expression.flatten()) if hasattr(expression, "flatten") else [expression]


def _key(
    row: models.Model, constraint: UniqueConstraint, kept: models.Model, both: Collection[models.Model]
) -> tuple[Any, ...]:
    """The values that must be unique, as they will be after the merge; texts in lower case."""
    ids = {one.pk for one in both}
    key = []
    for name in _columns(constraint):
        field = row._meta.get_field(name)
        value = getattr(row, field.attname)  # type: ignore[union-attr]
        if field.related_model is type(kept) and value in ids:
            value = kept.pk
        key.append(value.lower() if constraint.expressions and isinstance(value, str) else value)
    return tuple(key)


def _other_ends(kind: type[models.Model], field: models.ForeignKey[Any, Any]) -> list[models.ForeignKey[Any, Any]]:
    """The other foreign keys of this table to a person: ``Knows`` has two."""
    return [
        other
        for other in kind._meta.concrete_fields
        if isinstance(other, models.ForeignKey) and other.related_model is Person and other is not field
    ]


@transaction.atomic
def merge(*, kept: Person, other: Person, choices: Mapping[str, str], on: dt.date) -> None:
    """Merge ``other`` into ``kept``, ``on`` a local date. ``choices`` has "other" for each fact to take from
    ``other``.

    Discarded facts are added to the notes. Raises :class:`CannotMerge`, without changes, if both are the same row or
    have different owners, if one was deleted, or if active rows collide.
    """
    if kept.pk == other.pk:
        raise CannotMerge("That is one and the same record. Choose two different ones.")
    User.objects.select_for_update().get(pk=kept.owner_id)
    rows = Person.objects.filter(owner_id=kept.owner_id, pk__in=[kept.pk, other.pk]).order_by("pk").select_for_update()
    there = {person.pk: person for person in rows}
    if len(there) < 2:
        raise CannotMerge("One of the two is not among your people any more. Nothing was changed.")
    kept, other = there[kept.pk], there[other.pk]
    if standing := obstacles(kept, other):
        raise CannotMerge("Nothing was merged: something has to be settled first.", standing)
    notes = _settle_facts(kept, other, choices, on)
    Knows.objects.filter(knower__in=[kept, other], known__in=[kept, other]).delete()
    _put_behind(kept, other)
    for pointing in pointing_at(Person):
        notes += _move(pointing, kept, other)
    kept.notes = "\n\n".join(part for part in notes if part)
    other.delete()
    kept.save()
    contacts_changed(kept.pk)
    latest = last_contact(kept)
    if latest is not None:  # a contact of one record may stop a follow-up to the other
        contact_recorded.send(Contact, contact=latest)


def _settle_facts(kept: Person, other: Person, choices: Mapping[str, str], on: dt.date) -> list[str]:
    """Apply the choices, and facts that only the other record has. Returns the joined notes with discarded facts."""
    mine, theirs = facts_of(kept), facts_of(other)
    let_go = []
    for fact, columns in FACTS.items():
        takes_over = theirs[fact] and (not mine[fact] or choices.get(fact) == "other")
        lost = mine[fact] if takes_over else theirs[fact]
        if lost and mine[fact] != theirs[fact]:
            let_go.append(f"{_FACT_WORDS[fact]} “{lost[:NOTE_LINE]}”")
        if takes_over:
            for column in columns:
                setattr(kept, column, getattr(other, column))
    kept.created_at = min(kept.created_at, other.created_at)
    line = f"Merged with {other.name} on {on:%-d %B %Y}. Before: {'; '.join(let_go)}." if let_go else ""
    return [kept.notes, readable(other.notes) if other.notes != kept.notes else "", line]


_FACT_WORDS = {
    "name": "name",
    "headline": "role",
    "organisation": "organisation",
    "sector": "sector",
    "source": "how you know them",
    "time_zone": "time zone",
}


def _put_behind(kept: Person, other: Person) -> None:
    """Append the addresses and links of the other record to those of ``kept``."""
    for kind in (PersonEmail, PersonLink):
        last = kind.objects.filter(person=kept).aggregate(last=Max("position"))["last"]
        if last is not None:
            kind.objects.filter(person=other).update(position=F("position") + last + 1)


def _move(pointing: Pointing, kept: Any, other: Any) -> list[str]:
    """Move the rows of one table to ``kept``; unite those that exist already.

    Returns texts that did not fit into their columns, for the notes.
    """
    kind, field = pointing
    uniques = _uniques(kind, field, running=False)
    too_long: list[str] = []
    if uniques or field.unique:
        mine = list(kind._base_manager.filter(**{field.name: kept}))
        for row in kind._base_manager.filter(**{field.name: other}).order_by("pk"):
            twin = _twin(row, mine, uniques, kept, other, alone=field.unique)
            if twin is not None:
                too_long += _unite(row, twin)
    kind._base_manager.filter(**{field.name: other}).update(**{field.name: kept})
    return too_long


def _twin(
    row: models.Model,
    mine: list[models.Model],
    uniques: list[UniqueConstraint],
    kept: Any,
    other: Any,
    *,
    alone: bool,
) -> models.Model | None:
    """The existing row that collides with this one."""
    if alone:
        return mine[0] if mine else None
    for constraint in uniques:
        wanted = _key(row, constraint, kept, [kept, other])
        for one in mine:
            if None not in wanted and _key(one, constraint, kept, [kept, other]) == wanted:
                return one
    return None


def _unite(row: models.Model, twin: models.Model) -> list[str]:
    """Unite two colliding rows: join texts, keep the stronger state, move related rows."""
    changed, too_long = [], []
    for field in _free_text(type(twin)):
        here, there = getattr(twin, field.attname), readable(getattr(row, field.attname))
        joined = _joined(here, there)
        if field.max_length and len(joined) > field.max_length:
            too_long.append(f"{field.verbose_name}: {there}".capitalize())
        elif joined != here:
            setattr(twin, field.attname, joined)
            changed.append(field.name)
    if isinstance(twin, CouldHelp) and isinstance(row, CouldHelp) and row.state == CouldHelp.State.THOUGHT_OF:
        twin.state = row.state
        changed.append("state")
    for pointing in pointing_at(type(row)):
        too_long += _move(pointing, twin, row)
    row.delete()
    if changed:
        twin.save(update_fields=changed)
    return too_long


def _free_text(kind: type[models.Model]) -> list[models.CharField[Any, Any] | models.TextField[Any, Any]]:
    """Fields with free text: neither choices nor part of a unique constraint."""
    part_of_key = {
        name
        for constraint in kind._meta.constraints
        if isinstance(constraint, UniqueConstraint)
        for name in _columns(constraint)
    }
    return [
        field
        for field in kind._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in part_of_key
        and not isinstance(field, PrivateJSONField)
    ]


def _joined(here: str, there: str) -> str:
    if not there or there in here:
        return here
    return f"{here}; {there}" if here else there
