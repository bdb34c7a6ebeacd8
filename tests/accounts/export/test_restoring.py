"""An export, read into an empty account, changes nothing; and what is no export changes nothing at all."""

from __future__ import annotations

import copy
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import jobs
from accounts.export import reading, tables
from accounts.export.document import export_all
from accounts.export.reading import Refused
from accounts.export.restoring import restore
from accounts.models import Restore, SecurityEvent, StoredFile, User
from mail.models import OutgoingMail
from meetings.models import AgendaItem
from portfolio.models import ContactImport, ImportedContact, Person, PersonLink
from portfolio.people.services import fold_again
from reminders import services as reminder_services
from reminders.models import Reminder
from reminders.sweep import gather
from reminders.tasks import sweep
from tests import factories as make
from tests.access_world import World, add_what_could_be_mistaken, make_world
from tests.full_account import fill_full
from tests.stored_data import crossings, snapshot

pytestmark = pytest.mark.django_db

Document = dict[str, Any]


def zipped(document: Document, **more: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mentorfolio.json", json.dumps(document))
        for name, content in more.items():
            archive.writestr(name, content)
    return file


@pytest.fixture
def theirs(db: None) -> World:
    """What somebody else has, whose ids are taken."""
    return make_world(make.make_user("other@example.org", name="Otto Other"), "theirs")


@pytest.fixture
def dana(db: None) -> User:
    """Has an account with nothing in it."""
    return make.make_user("dana@example.org", name="Dana New")


@pytest.fixture
def full(theirs: World, alice: User) -> User:
    """All that an account may hold."""
    world = make_world(alice, "aliceonly")
    OutgoingMail.objects.update(subject_id=None)  # else it would be in the way of a mail that is made next
    add_what_could_be_mistaken(alice, theirs)
    make.make_item(world.meeting, "carried", carried_from=world.item)
    batch = ContactImport.objects.create(owner=alice, name="people.csv")
    ImportedContact.objects.create(
        owner=alice, person=world.spare, batch=batch, contact={"name": "Spare", "emails": ["a@example.org"]}
    )
    return alice


def normal(document: Document) -> Document:
    """The document without what is not restored, and with ids that count the rows of each table."""
    found = {table: document["tables"][table._meta.label_lower] for table in tables.restored()}
    places = {
        table._meta.label_lower: {row["id"]: place for place, row in enumerate(rows)} for table, rows in found.items()
    }
    result = {}
    for table, rows in found.items():
        fields = tables.fields_of(table)
        for row in copy.deepcopy(rows):
            for field in fields:
                target = tables.target_of(field)
                if target and row[field.name] is not None:
                    row[field.name] = places.get(target._meta.label_lower, {}).get(row[field.name])
            if "subject_table" in row:
                row["subject_id"] = places.get(row["subject_table"], {}).get(row["subject_id"], "gone")
            row["id"] = places[table._meta.label_lower][row["id"]]
            result.setdefault(table._meta.label_lower, []).append(row)
    stay = {field.name for field in tables.fields_of(User) if tables.stays(User, field)} | {"id", "has_password"}
    result["account"] = {name: value for name, value in document["account"].items() if name not in stay}
    return result


def without_due_mails(document: Document) -> Document:
    """What is restored of reminders that were due, or on their way: they stand on Today and are not mailed again."""
    now = timezone.now().isoformat()
    for row in document.get("reminders.reminder", ()):
        if (row["state"] == "planned" and row["due_at"] <= now) or row["state"] == "gathered":
            row["state"], row["digest"] = "mailed", None
    return document


def test_there_and_back_is_the_same(full: User, dana: User) -> None:
    before = export_all(full)
    restore(dana, zipped(before))
    after = export_all(dana)
    assert len(after["tables"]["portfolio.person"]) > 10
    for label, rows in without_due_mails(normal(before)).items():
        assert normal(after)[label] == rows, label


def test_there_and_back_with_very_much_is_the_same(alice: User, dana: User) -> None:
    fill_full(alice)
    before = export_all(alice)
    restore(dana, zipped(before))
    after = normal(export_all(dana))
    assert len(after["portfolio.person"]) > 2_000
    assert after == without_due_mails(normal(before))


def test_what_is_made_from_other_fields_is_made_anew(full: User, dana: User) -> None:
    fold_again(Person.objects.filter(owner=full).values_list("pk", flat=True))
    restore(dana, zipped(export_all(full)))
    for before, after in zip(
        Person.objects.filter(owner=full).order_by("pk"), Person.objects.filter(owner=dana).order_by("pk"), strict=True
    ):
        assert [getattr(before, name) for name in Person.FOLDED] == [getattr(after, name) for name in Person.FOLDED]


def test_nothing_of_others_is_touched_and_nothing_leads_to_them(full: User, dana: User) -> None:
    others = User.objects.exclude(pk=dana.pk)
    before = {user: snapshot(user) for user in others}
    restore(dana, zipped(export_all(full)))
    assert {user: snapshot(user) for user in others} == before
    assert crossings() == []


# --- What is refused ------------------------------------------------------------------------------


@pytest.fixture
def small(bob: Person) -> Document:
    """An export with a person, a meeting with two points, and what belongs to them."""
    meeting = make.make_meeting(bob)
    first = make.make_item(meeting, "first")
    make.make_item(meeting, "second", carried_from=first)
    make.make_message(make.make_approach(bob), body="Dear Bob")
    make.make_brief(bob.owner, contexts=["sector"])
    PersonLink.objects.create(owner=bob.owner, person=bob, url="https://bob.example.org/")
    return json.loads(json.dumps(export_all(bob.owner)))


def refused(user: User, file: io.BytesIO) -> str:
    """Why it is refused."""
    with pytest.raises(Refused) as caught:
        restore(user, file)
    said = str(caught.value)
    assert said.endswith(" Nothing was changed.")
    return said


Change = Callable[[Document], object]


def table(document: Document, label: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["tables"][label]
    return found


def first(label: str, **values: Any) -> Change:
    return lambda document: table(document, label)[0].update(values)


def circle(document: Document) -> None:
    one, two = table(document, "meetings.agendaitem")
    one["carried_from"], two["carried_from"] = two["id"], one["id"]


HOSTILE: dict[str, Change] = {
    "another format": lambda document: document.update(format="Somebody else’s export"),
    "no format": lambda document: document.pop("format"),
    "a newer version": lambda document: document.update(version=2),
    "no version": lambda document: document.update(version=None),
    "a version that is a truth": lambda document: document.update(version=True),
    "tables that are a list": lambda document: document.update(tables=[]),
    "an account that is a list": lambda document: document.update(account=[]),
    "a table nobody knows": lambda document: document["tables"].update({"auth.user": []}),
    "a table that is no list": lambda document: document["tables"].update({"portfolio.person": {}}),
    "a row that is no row": lambda document: table(document, "portfolio.person").append("Bob"),  # type: ignore[arg-type]
    "a row without an id": first("portfolio.person", id=None),
    "an id that is a truth": first("portfolio.person", id=True),
    "an id twice": lambda document: table(document, "portfolio.person").append(table(document, "portfolio.person")[0]),
    "an id too large": first("portfolio.person", id=2**63),
    "a field nobody knows": first("portfolio.person", is_staff=True),
    "an owner": first("portfolio.person", owner=1),
    "a person of somebody else": first("meetings.meeting", person=10**6),
    "a reference that is a text": first("meetings.meeting", person="1"),
    "a reference that is missing": lambda document: table(document, "meetings.meeting")[0].pop("person"),
    "nobody to meet": first("meetings.meeting", person=None),
    "a circle": circle,
    "a point carried from itself": lambda document: table(document, "meetings.agendaitem")[0].update(
        carried_from=table(document, "meetings.agendaitem")[0]["id"]
    ),
    "a point carried from nowhere": first("meetings.agendaitem", carried_from=10**6),
    "a name that is a number": first("portfolio.person", name=7),
    "no name": first("portfolio.person", name=""),
    "a name too long": first("portfolio.person", name="x" * 201),
    "notes too long": first("portfolio.person", notes="x" * 20_001),
    "a NUL": first("portfolio.person", name="Bob\0"),
    "half a character": first("portfolio.person", name="Bob\ud800"),
    "a source nobody knows": first("portfolio.person", source="spy"),
    "a script for a link": first("portfolio.personlink", url="javascript:alert(1)"),
    "an address that is none": first("portfolio.personemail", address="nobody"),
    "minutes that are a text": first("meetings.meeting", minutes="60"),
    "minutes below none": first("meetings.meeting", minutes=-5),
    "minutes of a fraction": first("meetings.meeting", minutes=59.5),
    "more minutes than a number holds": first("meetings.meeting", minutes=2**70),
    "a truth that is a number": first("meetings.meeting", invites_me=1),
    "a day that isn’t": first("portfolio.brief", started_at="2026-02-30T09:00:00Z"),
    "a time without a zone": first("meetings.meeting", starts_at="2026-03-02T09:00:00"),
    "a time before all others": first("meetings.meeting", starts_at="0001-01-01T00:00:00Z"),
    "a time that is a number": first("meetings.meeting", starts_at=1_700_000_000),
    "contexts that are a text": first("portfolio.brief", contexts="sector"),
    "contexts of numbers": first("portfolio.brief", contexts=[1]),
    "typed words that are a list": first("outreach.message", field_values=["x"]),
    "typed words deep down": first("outreach.message", field_values={"a": {"b": "c"}}),
    "words beside a draft that are none": first("outreach.message", conflicts=[{"version": "x"}]),
    "a number deep down": first("outreach.message", put_away=[7]),
    "too deep": first("outreach.message", conflicts=[{"fields": {"a": {"b": {"c": "d"}}}}]),
    "a state that its row contradicts": first("meetings.meeting", state="held", held_at=None),
    "a message of two things": first("outreach.message", approach=None),
    "an hour of the account that isn’t": lambda document: document["account"].update(reminder_time="25:00:00"),
    "no working day": lambda document: document["account"].update(working_days=""),
    "no weekday": lambda document: document["account"].update(weekly_on=9),
}


def test_what_was_changed_by_somebody_is_refused_and_changes_nothing(small: Document, dana: User) -> None:
    before, faults = snapshot(), []
    for what, change in HOSTILE.items():
        document = copy.deepcopy(small)
        change(document)
        try:
            said = refused(dana, zipped(document))
        except pytest.fail.Exception:
            faults.append(f"{what} was taken")
            continue
        if len(said) > 300 or not said.isprintable() or snapshot() != before:
            faults.append(f"{what}: {said}")
    assert faults == []


def test_unchanged_it_is_taken(small: Document, dana: User) -> None:
    """Otherwise all of the above might be refused for another reason."""
    restore(dana, zipped(small))
    assert Person.objects.get(owner=dana).name == "Dr Bob Brook"
    [carried] = AgendaItem.objects.filter(owner=dana, carried_from__isnull=False)
    assert (carried.words, carried.carried_from and carried.carried_from.words) == ("second", "first")


def test_what_an_earlier_version_did_not_have_is_as_for_a_new_row(small: Document, dana: User) -> None:
    del table(small, "meetings.meeting")[0]["shows_agreed"]
    del small["tables"]["portfolio.walkstop"]
    restore(dana, zipped(small))
    assert dana.email
    assert not Person.objects.get(owner=dana).meetings.get().shows_agreed


def test_the_json_alone_will_do(small: Document, dana: User) -> None:
    restore(dana, io.BytesIO(json.dumps(small).encode()))
    assert Person.objects.filter(owner=dana).exists()


def broken(document: Document) -> dict[str, bytes]:
    whole = zipped(document).getvalue()
    text = json.dumps(document)
    deep = f'{{"format": "Mentorfolio export", "version": 1, "account": {"[" * 200_000}'
    with_list = io.BytesIO()
    with zipfile.ZipFile(with_list, "w") as archive:
        archive.writestr("people.csv", "Name\nBob\n")
    lzma = io.BytesIO()
    with zipfile.ZipFile(lzma, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("mentorfolio.json", text)
    locked = bytearray(whole)
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(mark) + flags] |= 1
    return {
        "nothing": b"",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "half a zip": whole[: len(whole) // 2],
        "a zip of something else": with_list.getvalue(),
        "an unusual packing": lzma.getvalue(),
        "a password": bytes(locked),
        "a damaged zip": whole[:200] + b"\0" * 100 + whole[300:],
        "half a text": text[: len(text) // 2].encode(),
        "other letters": b'{"format": "\xff\xfe"}',
        "no number": text.replace('"version": 1', '"version": NaN').encode(),
        "a very long number": text.replace('"version": 1', f'"version": {"9" * 5_000}').encode(),
        "very deep": deep.encode(),
        "a list": b"[]",
    }


def test_what_is_broken_or_something_else_is_refused(small: Document, dana: User) -> None:
    before, faults = snapshot(), []
    for what, content in broken(small).items():
        try:
            said = refused(dana, io.BytesIO(content))
        except pytest.fail.Exception:
            faults.append(f"{what} was taken")
            continue
        if len(said) > 200 or not said.isprintable() or snapshot() != before:
            faults.append(f"{what}: {said}")
    assert faults == []


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    small: Document, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BIGGEST_JSON", 1_000)
    small["filler"] = " " * 10**6
    assert "more in this file" in refused(dana, zipped(small))
    monkeypatch.setattr(reading, "BIGGEST_FILE", 100)
    assert "larger than" in refused(dana, zipped(small))


def test_a_zip_with_very_many_files_is_refused_before_they_are_listed(
    small: Document, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BIGGEST_DIRECTORY", 1_000)
    assert "too many files" in refused(dana, zipped(small, **{f"{n}.md": b"" for n in range(100)}))


def test_an_account_with_something_in_it_takes_none(small: Document, dana: User) -> None:
    make.make_need(dana, "be heard")
    make.make_person(dana, "Eve")
    said = refused(dana, zipped(small))
    assert "this one has 1 need and 1 person" in said


def test_a_reminder_that_was_due_is_on_today_and_not_mailed(bob: Person, dana: User) -> None:
    make.make_follow_up(make.make_approach(bob), due_on=bob.owner.today())
    due = reminder_services.plan(owner=bob.owner, kind="rest_over", subject_id=1, on=bob.owner.today())
    Reminder.objects.filter(pk=due.pk).update(due_at=timezone.now() - dt.timedelta(hours=1))
    document = export_all(bob.owner)
    User.objects.filter(pk=bob.owner_id).delete()
    restore(dana, zipped(document))
    assert [*Reminder.objects.filter(owner=dana).values_list("state", flat=True)] == ["mailed"]
    gather()
    assert not OutgoingMail.objects.filter(owner=dana).exists()


def test_the_settings_come_along_and_signing_in_does_not(small: Document, dana: User) -> None:
    small["account"] |= {"name": "Dr Alice Ashe", "time_zone": "Europe/Paris", "is_staff": True, "is_superuser": True}
    restore(dana, zipped(small))
    dana.refresh_from_db()
    assert (dana.name, dana.time_zone) == ("Dr Alice Ashe", "Europe/Paris")
    assert (dana.email, dana.is_staff, dana.is_superuser) == ("dana@example.org", False, False)


# --- The page and the command ---------------------------------------------------------------------

PAGE = "/settings/bring-in/"


@pytest.fixture
def client_of_dana(dana: User) -> Client:
    client = Client()
    client.force_login(dana)
    return client


def said_on(client: Client) -> str:
    return " ".join(client.get(PAGE).content.decode().split())


def sent(client: Client, content: bytes) -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile("mentorfolio.zip", content)})


def test_it_is_brought_in_from_the_page(small: Document, dana: User, client_of_dana: Client) -> None:
    assert "Bring it in</button>" in said_on(client_of_dana)
    assert sent(client_of_dana, zipped(small).getvalue()).url == PAGE
    assert "We’re bringing it in" in said_on(client_of_dana)
    jobs.run()
    assert "Everything is here" in said_on(client_of_dana)
    assert Person.objects.get(owner=dana).name == "Dr Bob Brook"
    assert not StoredFile.objects.filter(owner=dana).exists()
    assert SecurityEvent.objects.filter(owner=dana, kind="restored").count() == 1


@pytest.mark.clock("2026-03-02T10:00:00Z")
def test_what_is_refused_says_why_and_can_be_tried_again(
    small: Document, dana: User, client_of_dana: Client, clock: Any
) -> None:
    sent(client_of_dana, b"{}")
    jobs.run()
    assert "This isn’t an export from Mentorfolio. Nothing was changed." in said_on(client_of_dana)
    assert not Person.objects.filter(owner=dana).exists()
    clock.shift(Restore.KEPT + dt.timedelta(seconds=1))
    sweep()
    assert not StoredFile.objects.filter(owner=dana).exists()
    client_of_dana.force_login(dana)
    sent(client_of_dana, zipped(small).getvalue())
    jobs.run()
    assert "Everything is here" in said_on(client_of_dana)


def test_without_a_file_the_page_says_so(client_of_dana: Client) -> None:
    answer = client_of_dana.post(PAGE, {})
    assert answer.status_code == 422
    assert "Choose the file that you downloaded." in answer.content.decode()


def test_a_second_one_is_not_begun_meanwhile(small: Document, dana: User, client_of_dana: Client) -> None:
    for _ in range(2):
        sent(client_of_dana, zipped(small).getvalue())
    assert Restore.objects.filter(owner=dana).count() == 1
    assert StoredFile.objects.filter(owner=dana).count() == 1


def test_an_account_with_something_in_it_is_told_before(dana: User, client_of_dana: Client) -> None:
    make.make_need(dana, "be heard")
    page = said_on(client_of_dana)
    assert "only be brought into an empty one" in page
    assert "Bring it in</button>" not in page


def test_an_operator_can_bring_it_in(small: Document, dana: User, tmp_path: Path) -> None:
    file = tmp_path / "mentorfolio.zip"
    file.write_bytes(zipped(small).getvalue())
    out = StringIO()
    call_command("import_account", str(file), "--user", "Dana@example.org", stdout=out)
    assert "No mail was sent." in out.getvalue()
    assert Person.objects.filter(owner=dana).exists()
    with pytest.raises(CommandError, match="Only an account with nothing in it"):
        call_command("import_account", str(file), "--user", "dana@example.org")
    with pytest.raises(CommandError, match="Nobody has an account"):
        call_command("import_account", str(file), "--user", "nobody@example.org")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_account", str(tmp_path / "none"), "--user", "dana@example.org")
