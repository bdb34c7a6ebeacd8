"""The migration converts undo records of single rows from the old format to the current one."""

from __future__ import annotations

import datetime as dt
import json
from importlib import import_module

import pytest
import time_machine
from django.core import serializers
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolio.models import EvaluationDate, Person, Undoable, WhatCameOfIt
from portfolio.people.deletion import delete_people
from portfolio.people.undo import delete_row
from tests.factories import make_evaluation, make_mentorship, make_need, make_outcome, make_person, make_terms

pytestmark = pytest.mark.django_db


MIGRATION = "0012_one_way_to_keep_deleted_rows"


def migrate() -> None:
    apps = MigrationExecutor(connection).loader.project_state(("portfolio", MIGRATION)).apps
    import_module(f"portfolio.migrations.{MIGRATION}").one_format(apps, connection.schema_editor())


def kept_as_before(row: models.Model, owner: User) -> Undoable:
    text = serializers.serialize("json", [row])
    row.delete()
    return Undoable.objects.create(owner=owner, kind="deleted", rows=text)


def values_of(row: models.Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@time_machine.travel(dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC), tick=False)  # the old format has milliseconds
@pytest.mark.parametrize("migrated", [True, False])
def test_every_value_of_an_outcome_comes_back(alice: User, bob: Person, alice_client: Client, migrated: bool) -> None:
    mentorship = make_mentorship(bob)
    row = make_outcome(mentorship, "A “talk”\n🜁", need=make_need(alice), on=dt.date(2026, 1, 5))
    before = values_of(WhatCameOfIt.objects.get())
    kept = kept_as_before(row, alice) if migrated else delete_row(row)
    migrate()
    alice_client.post(reverse("put_back", args=[kept.pk]))
    assert values_of(WhatCameOfIt.objects.get()) == before


@time_machine.travel(dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC), tick=False)
def test_evaluation_comes_back(alice: User, bob: Person, alice_client: Client) -> None:
    row = make_evaluation(make_terms(make_mentorship(bob)), dt.date(2026, 6, 1))
    before = values_of(EvaluationDate.objects.get())
    kept = kept_as_before(row, alice)
    migrate()
    alice_client.post(reverse("put_back", args=[kept.pk]))
    assert values_of(EvaluationDate.objects.get()) == before


def test_what_was_kept_of_many_people_stays_as_it_is_and_nonsense_is_emptied(alice: User) -> None:
    people = delete_people(owner=alice, ids=[make_person(alice, "Gone").pk]).undoable
    assert people
    unknown = json.dumps([{"model": "portfolio.nothing", "pk": 1, "fields": {}}])
    nonsense = [Undoable.objects.create(owner=alice, kind="deleted", rows=text) for text in ("[nonsense", unknown)]
    migrate()
    migrate()
    assert Undoable.objects.get(pk=people.pk).rows == people.rows
    assert {Undoable.objects.get(pk=one.pk).rows for one in nonsense} == {""}
