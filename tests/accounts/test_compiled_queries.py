"""Compiled queries return the same rows as plain querysets, for any arguments, on both databases."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet, Value, Window
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.compiled_queries import LONGEST_LIST, MOST_KEPT, UNDOCUMENTED, NotCompilable, compiled
from accounts.models import User
from portfolio.models import Contact, Mentorship, Need, Person
from tests.factories import make_contact, make_mentorship, make_need, make_person

UTC = dt.UTC


@pytest.fixture(autouse=True)
def _compiling(settings: Any) -> None:
    """Turn compiling on, even if the suite runs with PLAIN_QUERIES=1."""
    settings.PLAIN_QUERIES = False


def at(hour: int, day: int = 3) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture
def people(alice: User, charlie: User) -> list[Person]:
    names = ["Ann", "50% of Ben", "under_score", "Back\\slash", "Åsa", "Quote '\"; --"]
    rows = [make_person(alice, name) for name in names]
    for i, row in enumerate(rows):
        make_contact(row, at=at(i))
    make_contact(make_person(charlie, "Ann"), at=at(5))
    make_mentorship(rows[0])
    return rows


def contacts(owner: int, after: dt.datetime, until: dt.datetime) -> QuerySet[Contact]:
    return Contact.objects.filter(owner=owner, at__gt=after, at__lte=until).select_related("person")


def test_rows_are_those_of_the_queryset_with_their_relations(alice: User, people: list[Person]) -> None:
    ask = compiled(contacts)
    for after, until in [(at(0), at(3)), (at(2), at(9)), (at(9), at(9))]:
        with CaptureQueriesContext(connection) as queries:
            found = ask(alice.pk, after, until)
            names = [row.person.name for row in found]
        plain = list(contacts(alice.pk, after, until))
        assert (found, names) == (plain, [row.person.name for row in plain])
        assert len(queries) == 1
        assert [row.at for row in found] == [row.at for row in plain]


def test_the_query_is_put_together_once(alice: User, charlie: User) -> None:
    built = []

    @compiled
    def ask(owner: int) -> QuerySet[Person]:
        built.append(owner)
        return Person.objects.filter(owner=owner)

    make_person(alice, "Ann"), make_person(charlie, "Cho")
    assert [[row.name for row in ask(user.pk)] for user in (alice, charlie, alice)] == [["Ann"], ["Cho"], ["Ann"]]
    assert len(built) == 1


def found_by(owner: int, words: list[str], *, sort: str) -> QuerySet[Any, Any]:
    rows = Person.objects.filter(owner=owner)
    for word in words:
        rows = rows.filter(name__contains=word)
    return rows.annotate(number=Window(Count("pk"))).order_by(sort).values_list("name", "number")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["%", "_", "\\", "n", "50%", "'", '"', "--", "Å", "{}", "%s", "%%", "zz"]), max_size=5))
def test_words_are_looked_for_as_they_stand(alice: User, people: list[Person], words: list[str]) -> None:
    ask = compiled(found_by)
    for sort in ("name", "-name"):
        assert ask(alice.pk, words, sort=sort) == list(found_by(alice.pk, words, sort=sort))


def test_a_keyword_is_another_query(alice: User, people: list[Person]) -> None:
    ask = compiled(found_by)
    up, down = ask(alice.pk, [], sort="pk"), ask(alice.pk, [], sort="-pk")
    assert (len(up), up) == (6, down[::-1])


def those(ids: list[int], *, of: int) -> QuerySet[Any, Any]:
    mentor = Mentorship.objects.filter(person=OuterRef("pk")).running()
    first = Person.objects.filter(owner=of, pk__in=ids).order_by().values_list("pk", Exists(mentor))
    second = (
        Person.objects.filter(owner=of, pk__in=ids, name__startswith="A")
        .order_by()
        .values_list("pk", Value(False, BooleanField()))
    )
    return first.union(second, all=True)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 6])
def test_lists_of_any_length_in_a_union(alice: User, people: list[Person], number: int) -> None:
    ids = [row.pk for row in people][:number]
    ask = compiled(those)
    assert sorted(ask(ids, of=alice.pk), key=str) == sorted(those(ids, of=alice.pk), key=str)


def test_a_very_long_list_is_asked_plainly(alice: User, people: list[Person]) -> None:
    ask = compiled(those)
    ids = [*range(10**9, 10**9 + LONGEST_LIST), *(row.pk for row in people)]
    assert len(ask(ids, of=alice.pk)) == 6 + 1


def test_days_are_those_of_the_zone_one_is_in(alice: User) -> None:
    person = make_person(alice, "Ann")
    make_contact(person, at=dt.datetime(2026, 3, 3, 23, 30, tzinfo=UTC))

    @compiled
    def on(day: dt.date) -> QuerySet[Contact]:
        return Contact.objects.filter(at__date=day)

    third, fourth = dt.date(2026, 3, 3), dt.date(2026, 3, 4)
    for zone, seen in {"UTC": [1, 0], "Asia/Tokyo": [0, 1], "America/New_York": [1, 0]}.items():
        with timezone.override(zone):
            assert [len(on(third)), len(on(fourth))] == seen


def test_dates_reach_the_database(alice: User) -> None:
    make_need(alice, "one", opened_on=dt.date(2026, 3, 3))

    @compiled
    def opened(owner: int, since: dt.date) -> QuerySet[Need]:
        return Need.objects.filter(owner=owner, opened_on__gte=since)

    assert [len(opened(alice.pk, dt.date(2026, 3, day))) for day in (2, 3, 4)] == [1, 1, 0]


def test_a_moment_of_its_own_is_refused(alice: User) -> None:
    @compiled
    def ahead(owner: int) -> QuerySet[Contact]:
        return Contact.objects.filter(owner=owner, at__gt=timezone.now())

    with pytest.raises(NotCompilable, match="pass it as an argument"):
        ahead(alice.pk)


def test_an_argument_that_is_changed_on_the_way_is_refused(alice: User) -> None:
    @compiled
    def odd(owner: int) -> QuerySet[Person]:
        return Person.objects.filter(owner=owner + 1)

    with pytest.raises(NotCompilable, match="does not reach the query"):
        odd(alice.pk)


def test_a_number_that_is_no_id_is_refused(alice: User) -> None:
    """Otherwise a small column would be compared with a value it can't hold, and no row would ever match."""

    @compiled
    def every(weeks: int) -> QuerySet[Mentorship]:
        return Mentorship.objects.filter(rhythm_weeks=weeks)

    if connection.vendor == "sqlite":  # which has only one integer size
        assert every(6) == []
    else:
        with pytest.raises(NotCompilable, match="can never find anything"):
            every(6)


def test_prefetching_is_refused(alice: User) -> None:
    @compiled
    def tagged(owner: int) -> QuerySet[Person]:
        return Person.objects.filter(owner=owner).prefetch_related("tags")

    with pytest.raises(NotCompilable, match="prefetches"):
        tagged(alice.pk)


@pytest.mark.parametrize("value", [True, None, 1.5, b"x", object()])
def test_other_arguments_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="takes ids, words, dates and moments"):
        compiled(lambda one: Person.objects.filter(pk=one))(value)


def test_what_can_hold_nothing_gives_nothing(alice: User) -> None:
    ask = compiled(lambda ids: Person.objects.filter(pk__in=ids))
    assert ask([]) == []


def test_so_many_are_kept_and_no_more(alice: User, people: list[Person]) -> None:
    @compiled
    def named(owner: int, *, letter: str) -> QuerySet[Person]:
        return Person.objects.filter(Q(name__startswith=letter), owner=owner)

    for number in range(MOST_KEPT + 5):
        assert named(alice.pk, letter=f"no {number}") == []
    assert [row.name for row in named(alice.pk, letter="Ann")] == ["Ann"]


@pytest.mark.django_db(transaction=True)
def test_many_threads_at_once_while_the_kept_ones_are_let_go(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person(alice, "Ann")
    monkeypatch.setattr("accounts.compiled_queries.MOST_KEPT", 1)  # so that nearly every call clears the cache

    @compiled
    def named(owner: int, *, letter: str) -> QuerySet[Person]:
        return Person.objects.filter(Q(name__startswith=letter), owner=owner)

    def ask(number: int) -> list[str]:
        try:
            return [row.name for row in named(alice.pk, letter="An" if number % 2 else "no")]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(200)))
    assert found == [["Ann"] if number % 2 else [] for number in range(200)]


def test_with_plain_queries_django_compiles_each_time(settings: Any, alice: User, people: list[Person]) -> None:
    built = []

    @compiled
    def mine(owner: int) -> QuerySet[Person]:
        built.append(owner)
        return Person.objects.filter(owner=owner).order_by("pk")

    once = [mine(alice.pk) for _ in range(2)]
    assert (len(built), built[0] == alice.pk) == (1, False)
    settings.PLAIN_QUERIES = True
    assert [mine(alice.pk) for _ in range(2)] == once
    assert built[1:] == [alice.pk, alice.pk]


def test_what_it_takes_of_django_beyond_its_documentation_is_there_and_listed() -> None:
    there = {
        "QuerySet": Person.objects.all(),
        "Query": Query(Person),
        "SQLCompiler": SQLCompiler,
        "BaseDatabaseOperations": BaseDatabaseOperations,
    }
    for name in UNDOCUMENTED:
        owner, _, attribute = name.partition(".")
        assert hasattr(there[owner], attribute), name
    source = Path("accounts/compiled_queries.py").read_text(encoding="utf-8")
    private = set(re.findall(r"\.(_[a-z]\w+)", source.split('"""', 2)[2])) - {"_compiler", "_queryset", "_places"}
    assert private == {name.partition(".")[2] for name in UNDOCUMENTED if "._" in name}
