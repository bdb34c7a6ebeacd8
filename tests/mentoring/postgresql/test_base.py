from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import User
from mentoring.postgresql import base
from portfolio.models import Person, Tag
from tests.factories import make_person

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


def test_more_values_than_the_protocol_counts_are_sent_all_the_same(alice: User) -> None:
    bob = make_person(alice, "Bob Brook")
    others = range(bob.pk + 1, bob.pk + 1 + base.MOST_VALUES)
    assert list(Person.objects.for_user(alice).filter(pk__in=[bob.pk, *others])) == [bob]
    half = base.MOST_VALUES // 2
    Tag.objects.bulk_create(Tag(owner=alice, name=f"100 % {number}") for number in range(half + 1))
    assert Tag.objects.filter(owner=alice, name=f"100 % {half}").exists()


@pytest.mark.parametrize(
    ("version", "kept"), [(140_013, False), (150_008, False), (150_009, True), (170_000, False), (180_000, True)]
)
def test_plans_are_kept_where_postgresql_minds_the_role(version: int, kept: bool) -> None:
    assert base.keeps_plans_by_role(version) == kept


def test_an_older_postgresql_plans_each_query_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def new_threshold() -> int | None:
        session = connection.get_new_connection(connection.get_connection_params())
        session.close()
        threshold: int | None = session.prepare_threshold
        return threshold

    assert new_threshold() == 5
    monkeypatch.setattr(base, "MINDS_THE_ROLE", {connection.pg_version // 10_000: 9_999})
    assert new_threshold() is None
