"""The list of people: filters, order, and the rows of one page as plain values.

Rows are built here, in few queries, to keep the template fast: a page has fifty.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OrderBy,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.http import QueryDict

from accounts.compiled_queries import compiled
from accounts.converters import id_in
from accounts.models import User
from portfolio.models import Contact, Person, PersonTag, PlaceToLook, Tag
from portfolio.models.people import PersonQuerySet, search_words
from portfolio.people.relations import NONE_YET, relations

A_PAGE = 50
TAGS_SHOWN = 4
_SOURCES = dict(Person.Source.choices)
CHOICES = 40  # most tags or places in a filter; others can be found by searching
SUGGESTED = 200
SORTS = {
    "name": "Name",
    "newest": "Newest first",
    "contact": "Last contact",
    "organisation": "Organisation",
}


@dataclass(frozen=True)
class Filters:
    """The filters of the list. Invalid values in a query string are ignored."""

    q: str = ""
    source: str = ""
    tag: int | None = None
    organisation: str = ""
    place: int | None = None
    relation: str = ""
    sort: str = "name"

    @classmethod
    def read(cls, asked: QueryDict) -> Filters:
        def words(name: str) -> str:
            return str(asked.get(name, "")).replace("\0", " ").strip()[:200]

        source, relation, sort = words("source"), words("relation"), words("sort")
        return cls(
            q=words("q"),
            source=source if source in Person.Source.values else "",
            tag=id_in(words("tag")),
            organisation=words("organisation"),
            place=id_in(words("place")),
            relation=relation if relation in {NONE_YET, *(one.name for one in relations())} else "",
            sort=sort if sort in SORTS else "name",
        )

    @cached_property
    def query(self) -> str:
        """The query string without the page number; empty without filters."""
        asked = {**vars(self), "sort": "" if self.sort == "name" else self.sort}
        return urlencode({name: value for name, value in asked.items() if value and name in _NAMES})

    @property
    def narrowing(self) -> int:
        """How many filters are set, besides the search."""
        return sum(bool(one) for one in (self.source, self.tag, self.organisation, self.place, self.relation))

    @property
    def is_on(self) -> bool:
        return bool(self.q or self.narrowing)


_NAMES = tuple(Filters.__dataclass_fields__)


def narrowed(user: User, filters: Filters) -> PersonQuerySet:
    """The user's people who match, unordered."""
    rows: PersonQuerySet = Person.objects.for_user(user).order_by()
    if filters.q:
        rows = rows.matching(filters.q)
    if filters.source:
        rows = rows.filter(source=filters.source)
    if filters.tag:
        rows = rows.filter(tags=filters.tag, tags__owner=user)
    if filters.organisation:
        rows = rows.working_at(filters.organisation)
    if filters.place:
        rows = rows.filter(place=filters.place, place__owner=user)
    for relation in relations():
        if filters.relation == NONE_YET:
            rows = rows.exclude(relation.holds(user.pk))
        elif filters.relation == relation.name:
            rows = rows.filter(relation.holds(user.pk))
    return rows


def _last_contact() -> Subquery:
    return Subquery(Contact.objects.filter(person=OuterRef("pk")).order_by("-at").values("at")[:1])


def _order(sort: str) -> list[str | OrderBy]:
    """The same order on every database: by bytes instead of collations, with empty values last."""
    by: dict[str, list[str | OrderBy]] = {
        "newest": ["-created_at", "-pk"],
        "contact": [F("last_contact").desc(nulls_last=True)],
        "organisation": [Case(When(organisation="", then=1), default=0).asc(), "organisation_key"],
    }
    return [*by.get(sort, []), "name_key", "pk"]


class PersonRow(TypedDict):
    """One person in the list; a plain dictionary, which templates read fastest.

    ``facts``: what they do, where, how the user knows them, and the sort value; ``tags`` are comma-separated.
    """

    pk: str
    name: str
    facts: str
    badge: str
    done: bool
    tags: str


class Choice(NamedTuple):
    pk: int
    name: str


@dataclass(frozen=True)
class PeoplePage:
    """One page of the list, and the choices of its filters."""

    filters: Filters
    page: Page[Any]
    rows: list[PersonRow]
    tags: list[Choice]
    places: list[Choice]

    @property
    def tag_name(self) -> str:
        """The name of the tag in the filter."""
        return next((name for pk, name in self.tags if pk == self.filters.tag), "")


def people_page(user: User, filters: Filters, number: str | None) -> PeoplePage:
    """Two queries, or three beyond the first page."""
    page = _first_page(user, filters) if number in {None, "", "1"} else None
    page = page or Paginator(_values(narrowed(user, filters), filters.sort), A_PAGE).get_page(number)
    shown = [_row(_when(user, filters.sort, values[5:6]), *values[:5]) for values in page]
    return PeoplePage(filters, page, shown, *_decorate(user, filters, shown))


def _first_page(user: User, filters: Filters) -> Page[Any] | None:
    """The first page, which is requested most, with the total in the same query; None if nobody matches."""
    if filters.narrowing:
        rows = list(_values(narrowed(user, filters), filters.sort, Window(Count("pk")))[:A_PAGE])
    elif filters.q:
        rows = _found(user.pk, search_words(filters.q), sort=filters.sort)
    else:
        rows = _everybody(user.pk, sort=filters.sort)
    if not rows:
        return None
    pages: Paginator[Any] = Paginator([], A_PAGE)
    pages.count = rows[0][-1]
    return Page(rows, 1, pages)


@compiled
def _found(owner: int, words: list[str], *, sort: str) -> QuerySet[Any, Any]:
    # The query has to visit all rows, so it can count them too.
    return _values(Person.objects.filter(owner=owner).with_words(words), sort, Window(Count("pk")))[:A_PAGE]


@compiled
def _everybody(owner: int, *, sort: str) -> QuerySet[Any, Any]:
    # Count separately: the index returns the first fifty without visiting the other rows.
    everybody = Person.objects.filter(owner=owner)
    number = everybody.order_by().values("owner").annotate(number=Count("pk")).values("number")
    return _values(everybody, sort, Subquery(number))[:A_PAGE]


def _values(rows: PersonQuerySet, sort: str, number: Any = None) -> QuerySet[Any, Any]:
    """Values in this order: the person, then optionally the time they are sorted by and the total."""
    columns = ["pk", "name", "headline", "organisation", "source"]
    if sort == "contact":
        rows = rows.annotate(last_contact=_last_contact())
        columns.append("last_contact")
    elif sort == "newest":
        columns.append("created_at")
    if number is not None:
        rows = rows.annotate(number=number)
        columns.append("number")
    return rows.order_by(*_order(sort)).values_list(*columns)


def _cut(words: str, letters: int) -> str:
    """The text, truncated with an ellipsis."""
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"


def _row(when: str, pk: int, name: str, headline: str, organisation: str, source: str) -> PersonRow:
    """The row of one person. Long texts are truncated; the person's page shows them in full."""
    role = ", ".join(part for part in (_cut(headline, 70), _cut(organisation, 50)) if part)
    return {
        "pk": str(pk),
        "name": _cut(name, 80),
        "facts": " · ".join(part for part in (role, _SOURCES[source], when) if part),
        "badge": "",
        "done": False,
        "tags": "",
    }


def _when(user: User, sort: str, at: tuple[dt.datetime | None, ...]) -> str:
    if sort not in {"newest", "contact"}:
        return ""
    day = f"{user.local(at[0]):%-d %B %Y}" if at[0] else ""
    if sort == "newest":
        return f"Added {day}"
    return f"Last contact {day}" if day else "No contact noted"


def _decorate(user: User, filters: Filters, rows: list[PersonRow]) -> tuple[list[Choice], list[Choice]]:
    """Add tags and badges to the rows; return the tags and places for the filters. One query."""
    tags_of: dict[str, list[str]] = {row["pk"]: [] for row in rows}
    choices: dict[str, list[Choice]] = {"tag": [], "place": []}
    stands: dict[str, list[int]] = {row["pk"]: [] for row in rows}
    found = _beside(user.pk, [int(row["pk"]) for row in rows])
    worn: dict[int, list[str]] = defaultdict(list)
    for what, person, pk, name in sorted(found, key=lambda one: (one[3].casefold(), one[2])):
        if what == "worn":
            worn[pk].append(str(person))
        elif what == "stands":
            stands[str(person)].append(pk)
        else:
            choices[what].append(Choice(pk, name))
    for tag in choices["tag"]:
        for person in worn[tag.pk]:
            tags_of[person].append(tag.name)
    known = relations()
    for row in rows:
        row["tags"] = _tags(tags_of[row["pk"]])
        if stands[row["pk"]]:
            relation = known[min(stands[row["pk"]])]
            row["badge"], row["done"] = relation.badge, relation.done
    return _few(choices["tag"], filters.tag), _few(choices["place"], filters.place)


@compiled
def _beside(owner: int, people: list[int]) -> QuerySet[Any, Any]:
    """Tags, places and relations: kind, person, id and name; a relation's id is its index in :func:`relations`."""

    def kind(name: str) -> Value:
        return Value(name, CharField())

    def number(value: int) -> Value:
        return Value(value, IntegerField())

    nameless = Value("", CharField())
    parts = [
        Tag.objects.filter(owner=owner).values_list(kind("tag"), number(0), "pk", "name"),
        PlaceToLook.objects.filter(owner=owner).values_list(kind("place"), number(0), "pk", "name"),
        PersonTag.objects.filter(person__in=people).values_list(kind("worn"), "person", "tag", nameless),
    ]
    for place, relation in enumerate(relations()):
        true_of = relation.rows(owner).filter(person__in=people)
        parts.append(true_of.values_list(kind("stands"), "person", number(place), nameless))
    first, *others = [part.order_by() for part in parts]
    return first.union(*others, all=True)


def _tags(names: list[str]) -> str:
    shown = ", ".join(names[:TAGS_SHOWN])
    return f"{shown} +{len(names) - TAGS_SHOWN}" if len(names) > TAGS_SHOWN else shown


def _few(choices: list[Choice], chosen: int | None) -> list[Choice]:
    return [one for i, one in enumerate(choices) if i < CHOICES or one.pk == chosen]


def known_words(user: User, kind: str) -> list[str]:
    """The user's tags or organisations, most used first, as suggestions while typing."""
    people = Person.objects.for_user(user).order_by()
    column = "tags__name" if kind == "tag" else "organisation"
    used = people.exclude(**{column: ""}).filter(**{f"{column}__isnull": False}).values(column)
    return [
        name for name, _ in used.annotate(n=Count("pk")).order_by("-n", column).values_list(column, "n")[:SUGGESTED]
    ]
