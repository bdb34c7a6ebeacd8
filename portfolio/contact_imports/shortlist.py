"""Who of the people in a file might matter: those that touch an open need, twenty at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from accounts.models import User
from portfolio.contact_imports.said import WROTE
from portfolio.models import ContactImport, CouldHelp, Need, Person
from portfolio.needs import ranking
from portfolio.needs.candidates import MOST_STEMS
from portfolio.people.services import dismiss, note_candidate
from portfolio.text.normalise import fold, words_of

AT_A_TIME = 20
_A_WORD, _THE_SECTOR, _WROTE = 4, 4, 1


@dataclass(frozen=True)
class Name:
    """``why`` says what of the need is in it; empty for somebody who doesn't touch it."""

    pk: int
    name: str
    role: str
    group: str
    detail: str
    why: str


@dataclass(frozen=True)
class Shortlist:
    names: list[Name]
    left: int  # how many are still to be decided, these included
    touching: int  # how many of those touch the need


def shortlist(batch: ContactImport, need: Need, *, after: int = 0) -> Shortlist:
    """The next names for this need, those that touch it first; ``after`` passes over so many put off for later."""
    rows = _undecided(batch, need).annotate(points=_points(need))
    rows = rows.order_by(Case(When(points__gt=_WROTE, then=0), default=1), "source", "-points", "name_key", "pk")
    left = rows.count()
    after = after if after < left else 0
    names = [_name(person, need) for person in rows[after : after + AT_A_TIME]]
    return Shortlist(names, left, rows.filter(points__gt=_WROTE).count())


def decide(user: User, batch: ContactImport, need: Need, yes: Iterable[int], no: Iterable[int]) -> int:
    """Note those who could help, and dismiss the others; returns how many could."""
    asked = Person.objects.for_user(user).filter(pk__in={*yes, *no}, imported__batch=batch)
    mine = {person.pk: person for person in asked}
    noted = 0
    for pk in no:
        if pk in mine:
            dismiss(person=mine[pk], need=need)
    for pk in yes:
        if pk in mine:
            note_candidate(person=mine[pk], need=need, why="")
            noted += 1
    return noted


def counted(batch: ContactImport, needs: Iterable[Need]) -> list[tuple[Need, int]]:
    """Each need with how many touch it and are still to be decided."""
    return [(need, _undecided(batch, need).filter(_touches(need)).count()) for need in needs]


def _undecided(batch: ContactImport, need: Need) -> QuerySet[Person]:
    people = Person.objects.filter(owner=batch.owner_id, imported__batch=batch)
    return people.exclude(Exists(CouldHelp.objects.filter(person=OuterRef("pk"), need=need)))


def _hints(need: Need) -> list[tuple[Q, int]]:
    stems = ranking.telling_words(need.words)[:MOST_STEMS]
    hints = [(Q(GreaterThan(StrIndex("search_text", Value(stem)), 0)), _A_WORD) for stem in stems]
    if sector := words_of(need.sector):
        hints.append((reduce(lambda a, b: a & b, (Q(search_text__contains=word) for word in sector)), _THE_SECTOR))
    return hints


def _touches(need: Need) -> Q:
    hints = [hint for hint, _ in _hints(need)]
    return reduce(lambda a, b: a | b, hints) if hints else Q(pk__in=[])


def _points(need: Need) -> Any:
    hints = [*_hints(need), (Q(source_detail__contains=WROTE), _WROTE)]
    return reduce(
        add, (Case(When(hint, then=points), default=0, output_field=IntegerField()) for hint, points in hints)
    )


def _name(person: Person, need: Need) -> Name:
    texts = ranking.Texts(fold(person.headline), fold(person.organisation), "", "")
    reasons = [reason.words for reason in ranking.mentions(need.words, texts)]
    source = str(person.get_source_display())
    touches = int(getattr(person, "points", 0)) > _WROTE
    group = source if touches else f"{source}: the others"
    return Name(person.pk, person.name, person.role, group, person.source_detail, "; ".join(reasons))
