"""Queries that each process compiles to SQL once and then reuses.

Django takes longer to build a query than PostgreSQL takes to run it: a union of a few parts costs milliseconds in
each request, and gives the same SQL each time. ``@compiled`` caches the SQL::

    @compiled
    def _latest(person: int) -> QuerySet[Contact]:
        return Contact.objects.filter(person=person)[:9]

    contacts = _latest(person.pk)  # a list

The function is called once, with placeholder values for its arguments; every later call sends the same SQL with the
real arguments. So the function must not inspect its arguments, only pass them to the query, and everything that differs
between calls (ids, dates, "now") must be a positional argument. What changes the query itself must be a keyword
argument: a separate query is compiled for each of its values.

Use it on the pages that are opened most; use a plain queryset everywhere else. PLAIN_QUERIES=1 turns the cache off, to
find out whether it causes a bug. See docs/decisions/0014-compiled-queries.md.
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

P = ParamSpec("P")
Row = TypeVar("Row")

# The undocumented parts of Django used here; a test compares this list with this file and with Django.
UNDOCUMENTED = (
    "QuerySet._prefetch_related_lookups",
    "QuerySet._iterable_class",
    "Query.get_compiler",
    "SQLCompiler.as_sql",
    "SQLCompiler.results_iter",
    "SQLCompiler.execute_sql",
    "BaseDatabaseOperations.adapt_datetimefield_value",
    "BaseDatabaseOperations.adapt_datefield_value",
    "BaseDatabaseOperations.prep_for_like_query",
)
# Placeholder values that no column holds, so that each can be found among the query's parameters. Ids are the only
# numbers that may be arguments.
_FIRST_ID = 2**62
_FIRST_DAY = dt.datetime(8000, 1, 1, tzinfo=dt.UTC)
# A list is padded with its last item to one of a few lengths; a query with a longer list is not cached.
LONGEST_LIST = 512
# The most queries cached per function: one for each combination of list lengths, keywords, database and time zone.
MOST_KEPT = 256


class NotCompilable(TypeError):
    """The query can't be cached: it changes an argument, or contains a date or time that is not an argument."""


class _Place(NamedTuple):
    """Which parameter takes which argument; ``before`` and ``after`` are wildcards around it (``LIKE '%word%'``)."""

    parameter: int
    argument: int
    before: str = ""
    after: str = ""


class _CompiledQuery:
    """One query for one database: its SQL, and which parameter takes which argument."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], arguments: list[Any], shape: dict[str, Any]) -> None:
        numbers = iter(range(len(_flat(arguments))))
        stand_ins = [
            [_stand_in(one, next(numbers)) for one in value]
            if isinstance(value, list)
            else _stand_in(value, next(numbers))
            for value in arguments
        ]
        self.queryset = build(*stand_ins, **shape)
        if self.queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise NotCompilable(f"{build.__qualname__} prefetches; prefetch the rows instead.")
        connection = connections[DEFAULT_DB_ALIAS]
        self.compiler: SQLCompiler = self.queryset.query.get_compiler(connection=connection)
        self.sql, parameters = self.compiler.as_sql()
        self.parameters = list(parameters)
        written = [_written(value, connection) for value in _flat(stand_ins)]
        self.places = [place for number, value in enumerate(written) for place in self._places(number, value)]
        if [] not in arguments and len({place.argument for place in self.places}) < len(written):
            raise NotCompilable(f"{build.__qualname__}: an argument does not reach the query as it is.")
        filled = {place.parameter for place in self.places}
        own = [one for i, one in enumerate(self.parameters) if i not in filled and _is_moment(one)]
        if own:
            raise NotCompilable(f"{build.__qualname__} holds a moment of its own ({own[0]}): pass it as an argument.")

    def _places(self, number: int, stand_in: Any) -> Iterator[_Place]:
        for i, parameter in enumerate(self.parameters):
            if parameter == stand_in:
                yield _Place(i, number)
            elif isinstance(stand_in, str) and isinstance(parameter, str) and parameter.strip("%") == stand_in:
                before, _, after = parameter.partition(stand_in)
                yield _Place(i, number, before, after)

    def rows(self, arguments: list[Any]) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        values = [_written(value, connection) for value in _flat(arguments)]
        bound = self.parameters.copy()
        for i, number, before, after in self.places:
            value = values[number]
            if before or after:
                value = f"{before}{connection.ops.prep_for_like_query(value)}{after}"
            elif isinstance(value, int):
                # psycopg chooses bigint or int by the Python type; Django wraps each number in the type of its column.
                value = type(bound[i])(value)
            bound[i] = value
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(bound))
        source: Any = _Source(self.queryset, compiler)
        iterable: Any = self.queryset._iterable_class
        return list(iterable(source))


class _Source:
    """Stands in for the queryset and the query that Django's iterables expect, with a compiler that is ready."""

    def __init__(self, queryset: QuerySet[Any, Any], compiler: SQLCompiler) -> None:
        self._queryset, self._compiler = queryset, compiler
        self.query = self

    def get_compiler(self, *_: object, **__: object) -> SQLCompiler:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._queryset, name)
        except AttributeError:
            return getattr(self._queryset.query, name)


def compiled(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """Cache the SQL of the queryset that ``build`` returns; calling the result gives the rows as a list.

    Arguments may be ids, dates, aware datetimes, search terms, and lists of ids or search terms. Keywords select
    the query and must be hashable. The first call raises :class:`NotCompilable` for a query that can't be cached; an
    argument of another type raises TypeError.
    """
    kept: dict[tuple[Any, ...], _CompiledQuery | None] = {}
    missing: Any = object()

    @functools.wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[Row]:
        if settings.PLAIN_QUERIES:
            return list(build(*args, **kwargs))
        arguments = [_filled(value) for value in args]
        lengths = [len(value) for value in arguments if isinstance(value, list)]
        if any(length > LONGEST_LIST for length in lengths):
            return list(build(*args, **kwargs))
        # Django writes the current time zone into queries that take the date of a datetime.
        where = (connections[DEFAULT_DB_ALIAS].vendor, timezone.get_current_timezone_name())
        key = (*where, len(args), *lengths, *kwargs.items())
        # One lookup only: another thread may clear the cache between two.
        query = kept.get(key, missing)
        if query is missing:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            query = kept[key] = _compile(build, arguments, dict(kwargs))
        return query.rows(arguments) if query else []

    return rows


def _compile(
    build: Callable[..., QuerySet[Any, Any]], arguments: list[Any], shape: dict[str, Any]
) -> _CompiledQuery | None:
    """None if the query can't match any row because a list is empty."""
    try:
        return _CompiledQuery(build, arguments, shape)
    except EmptyResultSet as error:
        if [] in arguments:
            return None
        # For example, a number that is not an id: the column's type can't hold its placeholder.
        raise NotCompilable(f"{build.__qualname__} can never find anything.") from error


def _filled(value: Any) -> Any:
    """The list padded to the next power of two, so that few lengths need compiling."""
    if not isinstance(value, list) or not value:
        return value
    return [*value, *[value[-1]] * ((1 << (len(value) - 1).bit_length()) - len(value))]


def _flat(arguments: list[Any]) -> list[Any]:
    return [one for value in arguments for one in (value if isinstance(value, list) else [value])]


def _stand_in(value: Any, number: int) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, str, dt.date)):
        raise TypeError(f"A compiled query takes ids, words, dates and moments, not {value!r}.")
    if isinstance(value, int):
        return _FIRST_ID + number
    if isinstance(value, str):
        return f"\N{OBJECT REPLACEMENT CHARACTER}{number}."
    moment = _FIRST_DAY + dt.timedelta(days=number)
    return moment if isinstance(value, dt.datetime) else moment.date()


def _is_moment(parameter: Any) -> bool:
    if isinstance(parameter, str):  # SQLite stores dates as text
        return re.match(r"\d{4}-\d\d-\d\d", parameter) is not None
    return isinstance(parameter, dt.date)


def _written(value: Any, connection: Any) -> Any:
    """The value as this database's parameters hold it: SQLite stores dates and datetimes as text."""
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, dt.date):
        return connection.ops.adapt_datefield_value(value)
    return value
