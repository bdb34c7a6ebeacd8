"""The JSON is whole: a canary in every field of every table with an owner is found in it, or the field is left out for
a reason."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from accounts.export import tables
from accounts.export.document import export_all, schema
from accounts.export.parts import Part, parts
from accounts.management.commands import exportschema
from accounts.models import Export, SecurityEvent, StoredFile, User
from accounts.private_notes import PrivateJSONField, PrivateNote
from mail.models import SendingDay
from mail.sending_limits import days_of
from outreach.models import Message
from portfolio.models import (
    ContactImport,
    ImportedContact,
    ImportKey,
    ImportRow,
    NewPost,
    Person,
    PersonPhone,
    ReflectionLink,
)
from reminders import kinds
from tests import factories as make
from tests.access_world import World, make_world
from tests.stored_data import kept_models

pytestmark = pytest.mark.django_db

# Tables that belong to the site and not to one user.
OF_THE_SITE = {
    *("accounts.FailedSignIn", "accounts.SignUpLink", "mail.SuppressedAddress", "mail.Heartbeat"),
    *("socialaccount.SocialApp",),
}


def test_every_table_is_in_it_or_left_out_for_a_reason() -> None:
    spoken_of = {table._meta.label for table in tables.exported()} | {"accounts.User"} | OF_THE_SITE
    spoken_of |= {table._meta.label for table in kept_models() if tables.left_out(table)}
    assert {table._meta.label for table in kept_models()} == spoken_of


def test_what_is_left_out_or_stays_exists_and_has_a_reason() -> None:
    labels = set()
    for table in [*kept_models(), Export.__mro__[1]]:  # also the abstract jobs
        labels |= {table._meta.label, *(f"{table._meta.label}.{field.name}" for field in table._meta.fields)}
    for part in parts.values():
        named = {*part.left_out, *part.stays, *part.rows, *part.added, *part.points_at}
        assert named - labels == set()
        assert all(why.endswith(".") for why in (*part.left_out.values(), *part.stays.values()))


@pytest.fixture
def full(alice: User) -> User:
    """The world, with what no field may be without: it can't be written after the row is made."""
    world = make_world(alice, "aliceonly")
    make.make_item(world.meeting, "carried", carried_from=world.item)
    make.make_introduction(world.spare, world.mentor, state="made", closed_on=dt.date(2026, 3, 1))
    make.make_approach(world.spare, outcome="declined", ended_at=timezone.now())
    asked = {"introduction": world.introduction, "person": world.mentor}
    Message.objects.create(owner=alice, purpose="introduction", body="Could you?", **asked)
    for name, row in (("person", world.spare), ("need", world.need)):
        ReflectionLink.objects.create(owner=alice, reflection=world.reflection, **{name: row})
    make_import(world)
    PersonPhone.objects.create(owner=alice, person=world.spare, number="+44 20 7946 0000")
    SecurityEvent.objects.create(owner=alice, kind="export", what="canary", network="82.13.4.0", agent="canary agent")
    SendingDay.objects.create(sender=days_of(alice).query.where.children[0].rhs, day=dt.date(2026, 3, 2), count=1)
    return alice


def make_import(world: World) -> None:
    """An import of contacts, with all that hangs on it."""
    owner = world.owner
    batch = ContactImport.objects.create(owner=owner, name="canary.csv", source="circle")
    ContactImport.objects.create(owner=owner, name="another.csv", file=world.stored_file)
    first, second = (
        ImportRow.objects.create(owner=owner, batch=batch, number=number, line=number, outcome="new", choice="add")
        for number in (1, 2)
    )
    ImportRow.objects.filter(pk=second.pk).update(same_as=first, person=world.spare, result="added")
    ImportKey.objects.create(owner=owner, batch=batch, key="canary", row=first)
    ImportedContact.objects.create(owner=owner, person=world.spare, batch=batch)
    NewPost.objects.create(owner=owner, person=world.spare, batch=batch)


numbers = itertools.count(101)


def canaries(field: models.Field[Any, Any], row: models.Model) -> Iterator[Any]:  # noqa: C901 - a table
    """Values to try, the one that tells most first; the database may refuse some."""
    number = next(numbers)
    now = getattr(row, field.attname)
    match field:
        case models.ForeignKey():
            rows = field.related_model._base_manager.filter(owner=row.owner_id)  # type: ignore[union-attr,attr-defined]
            yield from rows.exclude(pk=now).values_list("pk", flat=True)
        case PrivateJSONField() | models.JSONField():
            yield {"words": f"canary{number}x"} if field.default is dict else [f"canary{number}x"]
        case models.BooleanField():
            yield not now
        case models.Field(choices=choices) if choices:
            yield from (value for value, _ in field.flatchoices if value != now)
        case models.DateTimeField():
            yield dt.datetime(2031, 1, 1, 9, 0, 0, 123456, dt.UTC) + dt.timedelta(days=number)
        case models.DateField():
            yield dt.date(2031, 1, 1) + dt.timedelta(days=number)
        case models.TimeField():
            yield dt.time(7, number % 60, number % 59)
        case models.DecimalField():
            yield Decimal(number) / 10
        case models.UUIDField():
            yield uuid.uuid4()
        case models.GenericIPAddressField():
            yield f"82.13.5.{number % 256}"
        case models.IntegerField():
            yield from (number, 5, 4, 3, 2, 1)
        case models.URLField():
            yield f"https://canary{number}x.example.org/"
        case models.CharField(max_length=int(length)) if not isinstance(field, PrivateNote) and length < 15:
            yield f"{number}"[:length]
            yield "135"
        case _:
            yield f"canary{number}x@example.org"
            yield f"canary{number}x"


def write(row: models.Model, field: models.Field[Any, Any]) -> bool:
    """Whether the database takes a canary; the row has it then."""
    before = getattr(row, field.attname)
    for value in canaries(field, row):
        try:
            with transaction.atomic():
                setattr(row, field.attname, value)
                if isinstance(field, PrivateNote):
                    models.Model.save(row, update_fields=[field.name])
                else:
                    type(row)._base_manager.filter(pk=row.pk).update(**{field.attname: value})
        except DatabaseError:
            setattr(row, field.attname, before)
        else:
            return True
    return False


FIXED = {"mfa.Authenticator.type"}  # what else is in the row is read by it


def test_a_canary_in_every_field_is_found(full: User) -> None:
    """Where a constraint ties a field to others, so that none can be written, the value there is looked for."""
    planted: dict[str, list[tuple[models.Model, str]]] = {}
    for table in [User, *tables.exported()]:
        rows = list(tables.rows_of(table, full))
        assert rows, f"no row of {table._meta.label} in the world"
        for field in table._meta.concrete_fields:
            if field.primary_key or field is tables.owner_of(table) or tables.left_out(table, field):
                continue
            label = tables.label_of(field)
            row = next((row for row in reversed(rows) if label not in FIXED and write(row, field)), None)
            row = row or next((row for row in rows if getattr(row, field.attname) not in (None, "")), None)
            assert row is not None, f"{label} says nothing in any row of the world"
            planted.setdefault(table._meta.label_lower, []).append((row, field.attname))
    exported = export_all(full)
    found = {**exported["tables"], "accounts.user": [exported["account"]]}
    missing = []
    for label, fields in planted.items():
        by_id = {row["id"]: row for row in found[label]}
        for row, name in fields:
            field = row._meta.get_field(name)
            if by_id[row.pk].get(field.name, "absent") != as_json(getattr(row, name)):
                missing.append(f"{label}.{field.name}: {getattr(row, name)!r}")
    assert missing == []


def as_json(value: Any) -> Any:
    """How the value stands in JSON, by other means than those of the export."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
    return value if isinstance(value, int | str | dict | list | None) else str(value)


def test_a_field_that_is_forgotten_is_noticed(full: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above might pass whatever is exported."""
    fields_of = tables.fields_of
    monkeypatch.setattr(tables, "fields_of", lambda table: [f for f in fields_of(table) if f.name != "why_them"])
    with pytest.raises(AssertionError, match=r"outreach\.approach\.why_them"):
        test_a_canary_in_every_field_is_found(full)


def test_no_secret_is_in_it(full: User) -> None:
    text = json.dumps(export_all(full))
    keys = [session.session_key for session in full.usersession_set.all()]
    factors = [factor.data for factor in full.authenticator_set.all()]
    secrets = [full.password, *keys]
    secrets += [str(value) for data in factors for value in data.values() if len(str(value)) > 5]
    assert len(secrets) > 4
    names = {str(factor) for factor in full.authenticator_set.all()}
    assert [secret for secret in secrets if secret in text and secret not in names] == []


def test_every_reference_leads_to_a_row(full: User) -> None:
    found = export_all(full)["tables"]
    ids = {label: {row["id"] for row in rows} for label, rows in found.items()}
    count = 0
    for table in tables.exported():
        for field in tables.fields_of(table):
            target = tables.target_of(field)
            for row in found[table._meta.label_lower] if target else ():
                value = row[field.name]
                count += value is not None
                assert value is None or value in ids[target._meta.label_lower], (table, field)  # type: ignore[union-attr]
    assert count > 50


def test_what_was_added_meanwhile_and_points_at_what_is_not_in_it_waits_for_the_next(
    full: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_of = tables.rows_of
    late = Person.objects.for_user(full).last()
    assert late is not None
    make.make_contact(late, note="came too late")

    def as_it_was(table: Any, user: User) -> Any:
        rows = rows_of(table, user)
        return rows.exclude(pk=late.pk) if table is Person else rows

    monkeypatch.setattr(tables, "rows_of", as_it_was)
    assert "came too late" not in json.dumps(export_all(full))
    test_every_reference_leads_to_a_row(full)


def test_a_reminder_says_in_which_table_its_subject_is(full: User) -> None:
    assert [kind.name for kind in kinds.kinds.values() if kind.about is None] == []
    found = export_all(full)["tables"]
    for reminder in found["reminders.reminder"]:
        assert reminder["subject_id"] in [row["id"] for row in found[reminder["subject_table"]]]


def test_times_are_exact_and_utc(alice: User, bob: Person) -> None:
    at = dt.datetime(2026, 3, 2, 9, 0, 0, 123456, dt.UTC)
    make.make_contact(bob, at=at)
    assert export_all(alice)["tables"]["portfolio.contact"][0]["at"] == "2026-03-02T09:00:00.123456Z"


def test_nothing_of_somebody_else_is_in_it(full: User, charlie: User) -> None:
    theirs = export_all(charlie)
    assert {label for label, rows in theirs["tables"].items() if rows} <= {"account.emailaddress"}
    assert "aliceonly" not in json.dumps(theirs)


# --- The schema -----------------------------------------------------------------------------------


def test_the_export_is_as_its_schema_says(full: User, charlie: User) -> None:
    validator = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    validator.check_schema(schema())
    for user in (full, charlie):
        document = export_all(user)
        assert [error.message for error in validator.iter_errors(document)] == []
    document["tables"]["portfolio.person"] = [{"id": "one"}]
    assert [*validator.iter_errors(document)]


def test_the_published_schema_is_up_to_date() -> None:
    call_command("exportschema", "--check")


def test_the_published_schema_is_written_anew(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exportschema, "PLACE", tmp_path / "export.schema.json")
    with pytest.raises(CommandError, match="exportschema"):
        call_command("exportschema", "--check")
    call_command("exportschema")
    call_command("exportschema", "--check")
    assert json.loads((tmp_path / "export.schema.json").read_text())["title"].startswith("Mentorfolio")


def test_a_field_that_json_has_no_value_for_must_be_left_out() -> None:
    """So that a new kind of field is decided about: here the parts of files, if they were not left out."""
    with parts.restored_after(empty=True):
        parts.register("accounts", Part())
        with pytest.raises(TypeError, match="leave it out, and say why"):
            schema()
    assert StoredFile in tables.exported()
