"""Private notes: with ENCRYPT_NOTES, none of their words are in the database, and every page shows them as ever."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.functions import Upper
from django.urls import reverse

from accounts import private_notes
from accounts.encryption import MARK
from accounts.export.document import export_all
from accounts.models import User
from accounts.private_notes import (
    WORDS,
    NoteUnreadable,
    PrivateJSONField,
    PrivateNote,
    PrivateTextField,
    Unreadable,
    private_fields,
)
from outreach.approaches import research
from outreach.drafts.services import stored_values
from outreach.models import Message
from portfolio.models import Contact, Knows, Person, Reflection, Undoable
from portfolio.people.deletion import delete_people
from portfolio.people.merging import merge
from tests import access_world, stored_data
from tests.access_world import World, make_world
from tests.factories import make_contact, make_need, make_person, make_user
from tests.mentoring.test_env import read_settings

pytestmark = pytest.mark.django_db

KEY, NEW = "key-" * 12, "new-" * 12

# Every text field that is not a private note, and why not. Choices are left out: they say one of a few things.
NOT_PRIVATE = {
    "which the database searches, sorts or compares": """
        portfolio.Person.name portfolio.Person.headline portfolio.Person.organisation portfolio.Person.sector
        portfolio.Person.source_detail portfolio.Person.search_text portfolio.Person.name_key
        portfolio.Person.organisation_key portfolio.Person.sector_words portfolio.Tag.name portfolio.PersonEmail.address
        portfolio.PersonLink.url portfolio.Need.words portfolio.Need.sector portfolio.PlaceToLook.name
        portfolio.PlaceToLook.link accounts.User.email
    """,
    "a fact or a title, which says nothing in confidence": """
        portfolio.FormalTerms.programme portfolio.FormalTerms.organisation portfolio.FormalTerms.co_ordinator
        portfolio.EvaluationDate.words portfolio.Person.time_zone portfolio.Brief.contexts outreach.Message.put_away
        outreach.MessageTemplate.name outreach.MessageTemplate.subject outreach.MessageTemplate.body
        meetings.SavedAgenda.name meetings.SavedAgenda.points meetings.Meeting.zone accounts.User.name
        accounts.User.organisation accounts.User.time_zone accounts.User.country accounts.User.working_days
    """,
    "sent to others in invitations and calendars": """
        meetings.Meeting.place meetings.Meeting.purpose meetings.Meeting.invites_mentor meetings.Invitation.address
        meetings.Meeting.organizer outreach.Message.sent_to
    """,
    "our own words": """
        outreach.ApproachEvent.what outreach.FollowUp.stopped_because reminders.Digest.slot reminders.Reminder.kind
        accounts.Export.work accounts.Export.trouble accounts.Export.directory accounts.Restore.work
        accounts.Restore.trouble
        reminders.Reminder.occurrence reminders.Reminder.zone accounts.SecurityEvent.what accounts.SecurityEvent.network
        accounts.SecurityEvent.agent accounts.AddressChange.before accounts.AddressChange.after
    """,
    "a mail on its way: the bytes are deleted some days after it was sent": """
        mail.OutgoingMail.purpose mail.OutgoingMail.recipient mail.OutgoingMail.subject mail.OutgoingMail.message_id
        mail.OutgoingMail.content mail.OutgoingMail.last_error
    """,
    "of a mail that came in: found by, our own words, or whose it is, as in one's people": """
        mail.DropAddress.local mail.IncomingMail.digest mail.IncomingMail.envelope_sender mail.IncomingMail.recipients
        mail.IncomingMail.kind mail.IncomingMail.why mail.IncomingMail.sender mail.IncomingMail.sender_name
        mail.IncomingMail.message_id mail.IncomingMail.noted mail.IncomingMail.work mail.IncomingMail.trouble
        mail.IncomingMail.checks mail.IncomingMail.folder outreach.Message.message_id
    """,
    "where a mailbox is, and said of it by its server, or by us": """
        mail.ConnectedMailbox.work mail.ConnectedMailbox.trouble
        mail.ConnectedMailbox.address mail.ConnectedMailbox.host mail.ConnectedMailbox.username
        mail.ConnectedMailbox.imap_host mail.ConnectedMailbox.smtp_host
        mail.ConnectedMailbox.bookmark mail.ConnectedMailbox.cannot_send
    """,
    "of the operator, or counted": """
        mail.SuppressedAddress.key mail.SuppressedAddress.address mail.SuppressedAddress.note mail.SendingDay.sender
        mail.Heartbeat.name accounts.FailedSignIn.key accounts.SignUpLink.note accounts.User.password
    """,
    "encrypted anyway, or the name of such a file": "accounts.StoredFile.name accounts.StoredPart.data",
    "said by a calendar's server, or by us of it": """
        meetings.OwnCalendar.work meetings.OwnCalendar.trouble meetings.OwnCalendar.etag
        meetings.OwnCalendar.last_modified meetings.CalendarTalk.key meetings.CalendarTalk.series
    """,
    "looked for, as the same in one's people, or said by us": """
        portfolio.PersonPhone.number portfolio.PersonLink.profile portfolio.ImportKey.key portfolio.ContactImport.name
        portfolio.ContactImport.kind portfolio.ContactImport.columns portfolio.ContactImport.counts
        portfolio.ContactImport.work portfolio.ContactImport.trouble portfolio.ImportRow.how
    """,
}


def test_each_text_field_is_private_or_has_a_reason_why_not() -> None:
    reasons = [name for names in NOT_PRIVATE.values() for name in names.split()]
    fields = [
        field
        for app in ("accounts", "mail", "reminders", "portfolio", "outreach", "meetings", "mentoring")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField | models.BinaryField)
        and not field.choices
    ]
    private = {field for field in fields if isinstance(field, PrivateNote)}
    assert {f"{field.model._meta.label}.{field.name}" for field in fields if field not in private} == {*reasons}


def test_private_notes_have_an_owner_and_are_text_in_the_database() -> None:
    for model, fields in private_fields().items():
        assert model._meta.get_field("owner").column == "owner_id"
        assert {field.db_type(connection) for field in fields} == {"text"}
        assert {field.deconstruct()[1] for field in fields} == {"django.db.models.TextField"}


# --- Nothing in the database, everything on the pages ---------------------------------------------


@pytest.fixture
def alices(db: None) -> World:
    return make_world(make_user("alice@example.org", name="Alice Ashe"), "alice")


def switch_on(settings: Any, *keys: str) -> None:
    settings.ENCRYPT_NOTES, settings.ENCRYPTION_KEYS = True, [*keys] or [KEY]


def test_the_setting_needs_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert read_settings(monkeypatch, tmp_path)["ENCRYPT_NOTES"] is False
    assert read_settings(monkeypatch, tmp_path, ENCRYPT_NOTES="1", ENCRYPTION_KEYS=KEY)["ENCRYPT_NOTES"] is True
    with pytest.raises(ImproperlyConfigured, match="ENCRYPT_NOTES needs ENCRYPTION_KEYS"):
        read_settings(monkeypatch, tmp_path, ENCRYPT_NOTES="1", ENCRYPTION_KEYS="")


def rotate() -> str:
    out = StringIO()
    call_command("rotate_encryption", stdout=out)
    return out.getvalue()


def write_canaries(world: World) -> dict[str, str]:
    """A word of its own in every private field of every row: where each is."""
    canaries: dict[str, str] = {}

    def canary(where: str) -> str:
        word = f"canary{len(canaries)}x"
        canaries[word] = where
        return word

    for model, fields in private_fields().items():
        if model is Undoable:
            continue  # it keeps rows that were deleted, below
        for row in model._base_manager.order_by("pk"):
            for field in fields:
                if field.always:
                    continue  # a secret, which no page shows, and which is never in plain
                as_json = isinstance(field, PrivateJSONField)
                words = in_json(field, canary) if as_json else canary(field.purpose)
                setattr(row, field.name, f"{words} {{about_me}}" if field.name == "body" else words)
            if isinstance(row, Reflection):
                row.question, row.comfort = Reflection.Question.OWN, None  # only that has words of its own
            row.save()
    gone = make_person(world.owner, "Gone", notes=canary("deleted"))
    make_contact(gone, note=canary("deleted"))
    delete_people(owner=world.owner, ids=[gone.pk])
    return canaries


def in_json(field: PrivateNote, canary: Callable[[str], str]) -> Any:
    if field.name == "field_values":
        return {"about_me": canary(field.purpose), "who_to_meet": canary(field.purpose)}
    shapes: dict[str, Any] = {
        "contact": lambda word: {"name": word},
        "problems": lambda word: [word],
        "changes": lambda word: [["headline", "", word, "merge"]],
        "before": lambda word: {"fields": {"headline": ["", word]}},
        "post": lambda word: {"headline": word},
        "calendars": lambda word: [{"url": "https://c.example.org/", "name": word, "read": True}],
    }
    if field.name in shapes:
        return shapes[field.name](canary(field.purpose))
    words = {name: canary(field.purpose) for name in ("subject", "body")}
    return [{**words, "channel": "email", "fields": {}, "version": "2026-01-05T09:00:00+00:00", "instead_of": ""}]


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every column of every row of every table, as the database holds it."""
    with connection.cursor() as cursor:
        tables = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            tables[table] = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor]
    return tables


KEYED = {"mentor_page", "mentor_file", "calendar_feed", "reminder_link"}


def addresses_of(world: World) -> list[str]:
    """Of every page: of each route, and of each row that has one of its own."""
    of_rows = [
        row.get_absolute_url()
        for model in stored_data.kept_models()
        if hasattr(model, "get_absolute_url")
        for row in model._default_manager.order_by("pk")
    ]
    return [*map(world.url, sorted({*access_world.MINE, *access_world.ROW_OF, *KEYED})), *of_rows]


def pages(world: World, addresses: Iterable[str]) -> dict[str, str]:
    client = stored_data.browser_of(world.owner)
    found = {}
    for address in addresses:
        with stored_data.taken_back(client):
            answer = client.get(address, {"private": "1"})
        assert answer.status_code < 500, address
        body: Any = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        found[address] = body.decode().replace("\r\n ", "")  # a calendar folds its lines
    return found


Seen = dict[str, set[str]]
# What no page shows: it is there to be put back, or compared with the next file.
UNSEEN = {"deleted", "portfolio.ImportRow.before", "portfolio.ImportedContact.contact"}


def seen(world: World, canaries: dict[str, str], before: Seen | None = None) -> Seen:
    """The canaries on each page that shows any: of all, or of those that did ``before``."""
    found = pages(world, before or addresses_of(world))
    return {at: words for at, text in found.items() if (words := {word for word in canaries if word in text}) or before}


def taken_along(user: User) -> dict[str, object]:
    """The export, without the account: signing in to look at pages adds to that."""
    own = ("portfolio.", "outreach.", "meetings.", "reminders.", "mail.")
    return {label: rows for label, rows in export_all(user)["tables"].items() if label.startswith(own)}


def test_no_word_is_in_the_database_and_every_page_shows_it(alices: World, settings: Any) -> None:
    canaries = write_canaries(alices)
    before, plain, taken_out = seen(alices, canaries), dump(), taken_along(alices.owner)
    assert {canaries[word] for word in set().union(*before.values())} == {*canaries.values()} - UNSEEN
    assert all(word in repr(plain) for word in canaries)

    switch_on(settings)
    assert seen(alices, canaries, before) == before  # not rotated yet
    assert "private notes encrypted with it" in rotate()
    text = repr(dump())
    assert [word for word in canaries if word in text] == []
    assert seen(alices, canaries, before) == before
    assert taken_along(alices.owner) == taken_out

    settings.ENCRYPT_NOTES = False
    assert seen(alices, canaries, before) == before
    assert "private notes decrypted" in rotate()
    assert without_second_factors(dump()) == without_second_factors(plain)


def without_second_factors(tables: dict[str, Any]) -> dict[str, Any]:
    """They are encrypted anew each time, as a calendar's address is, and asking pages may note a session's last use."""
    ours = {name: rows for name, rows in tables.items() if name.startswith(("portfolio", "outreach", "meetings"))}
    return {name: rows for name, rows in ours.items() if name != "meetings_owncalendar"}


def test_what_is_written_while_it_is_on_never_reaches_the_database(alices: World, settings: Any) -> None:
    switch_on(settings)
    rotate()
    client = stored_data.browser_of(alices.owner)
    with stored_data.taken_back(client):
        for route in sorted(access_world.ROW_OF):
            fields = alices.fields(route)
            fields |= {name: f"canary {name}" for name, value in fields.items() if value in WORDS_TYPED}
            with stored_data.taken_back(client), stored_data.writes() as tables:
                assert client.post(alices.url(route), fields).status_code < 500, route
                for model, field in every_field(tables):
                    assert not [text for text in as_stored(model, field).values() if "canary" in text], (route, field)


WORDS_TYPED = ("Some plain words", "Some words", "Because it is time", "Lead a group")


def every_field(tables: Collection[str] | None = None) -> list[tuple[type[models.Model], PrivateNote]]:
    """Of these tables, or of all."""
    return [
        (model, field)
        for model, fields in private_fields().items()
        for field in fields
        if tables is None or model._meta.db_table in tables
    ]


def as_stored(model: type[models.Model], field: PrivateNote) -> dict[Any, str]:
    rows = model._base_manager.annotate(stored=private_notes.as_it_is(field.name))
    return dict(rows.values_list("pk", "stored"))


# --- A lost key -----------------------------------------------------------------------------------


def test_with_the_key_lost_pages_say_so_and_no_form_overwrites_anything(alices: World, settings: Any) -> None:
    canaries = write_canaries(alices)
    before = seen(alices, canaries)
    switch_on(settings)
    rotate()
    sealed = {(model, field): as_stored(model, field) for model, field in every_field()}

    settings.ENCRYPTION_KEYS = [NEW]
    found = seen(alices, canaries, before)
    assert set().union(*found.values()) == set()
    said = {address for address, text in pages(alices, before).items() if WORDS in text}
    routes = ("person", "meeting", "mentorship", "reflection", "review", "brief", "place", "approach", "mentor_page")
    assert {alices.url(route) for route in routes} <= said
    assert json.dumps(export_all(alices.owner), default=str, ensure_ascii=False).count(WORDS) > 20

    client = stored_data.browser_of(alices.owner)
    faults = []
    for route in sorted(access_world.ROW_OF):
        with stored_data.taken_back(client):
            with stored_data.writes() as tables, transaction.atomic():
                answer = client.post(alices.url(route), alices.fields(route))
            if answer.status_code >= 500:
                faults.append(f"{route}: {answer.status_code}")
            for model, field in every_field(tables):
                tokens, now = sealed[model, field], as_stored(model, field)
                if any(now[pk] != token for pk, token in tokens.items() if pk in now and token.startswith(MARK)):
                    faults.append(f"{route} overwrites {field.purpose}")
    assert faults == []
    with pytest.raises(CommandError, match="left as they are"):
        rotate()

    settings.ENCRYPTION_KEYS = [NEW, KEY]
    assert seen(alices, canaries, before) == before
    rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    assert seen(alices, canaries, before) == before
    assert rotate().endswith("\n0 private notes encrypted with it\n")


# --- The field ------------------------------------------------------------------------------------


def raw(row: models.Model, name: str) -> str:
    return str(as_stored(type(row), row._meta.get_field(name))[row.pk])  # type: ignore[arg-type]


def write_raw(row: models.Model, name: str, text: str) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**{name: private_notes.Sealed(text)})


def test_a_note_copied_into_another_users_row_or_another_column_is_unreadable_there(
    alice: User, charlie: User, settings: Any
) -> None:
    switch_on(settings)
    hers, his = make_person(alice, "Bob", notes="only for Alice"), make_person(charlie, "Bob", notes="of Charlie")
    write_raw(his, "notes", raw(hers, "notes"))
    assert isinstance(Person.objects.get(pk=his.pk).notes, Unreadable)
    write_raw(contact := make_contact(hers, note="spoke"), "note", raw(hers, "notes"))
    assert isinstance(Contact.objects.get(pk=contact.pk).note, Unreadable)
    assert Person.objects.get(pk=hers.pk).notes == "only for Alice"


def test_an_encrypted_text_typed_into_another_column_or_with_its_place_is_only_text(alice: User, settings: Any) -> None:
    """Who has a copy of the database can't have the site decrypt it by typing it in."""
    switch_on(settings)
    sealed = raw(make_person(alice, "Bob", notes="the secret"), "notes")
    for typed in (sealed, f"{sealed} {alice.pk} portfolio.Person.notes"):
        for on in (True, False):
            settings.ENCRYPT_NOTES = on
            row = make_person(alice, "Bob", headline=typed[:300], notes=typed)
            make_contact(row, note=typed[:500])
            make_need(alice, typed[:200])
            row.refresh_from_db()
            assert (row.notes, row.contacts.get().note) == (typed, typed[:500])
            assert "the secret" not in Person.objects.filter(pk=row.pk).values_list("headline", "notes").get()


@pytest.mark.parametrize("on", [True, False])
def test_the_database_is_asked_only_whether_a_note_is_empty(alice: User, settings: Any, on: bool) -> None:
    settings.ENCRYPT_NOTES = on
    row, empty = make_person(alice, "Bob", notes="words"), make_person(alice, "Bea")
    assert list(Person.objects.exclude(notes="").values_list("pk", "notes")) == [(row.pk, "words")]
    assert Person.objects.get(notes="") == empty
    for asked in ({"notes": "words"}, {"notes__contains": "w"}, {"notes__in": ["words"]}, {"notes__gt": ""}):
        with pytest.raises(FieldError):
            Person.objects.filter(**asked).exists()
    with pytest.raises(FieldError, match="part of an expression"):
        list(Person.objects.annotate(both=Upper("notes", output_field=PrivateTextField())))


def test_update_and_bulk_update_write_no_plain_note_while_it_is_on(alice: User, settings: Any) -> None:
    row = make_person(alice, "Bob", notes="words")
    Person.objects.update(notes="other")
    switch_on(settings)
    with pytest.raises(TypeError, match=r"portfolio\.Person\.notes has to be written by save"), transaction.atomic():
        Person.objects.update(notes="plain")
    with pytest.raises(TypeError), transaction.atomic():
        Person.objects.bulk_update([row], ["notes"])
    Person.objects.bulk_create([Person(owner=alice, name="Bea", notes="in bulk")])
    assert all(
        text.startswith(MARK) for text in as_stored(Person, Person._meta.get_field("notes")).values() if text != "other"
    )  # type: ignore[arg-type]
    Person.objects.update(notes="")


def test_a_note_is_read_through_joins_unions_and_subqueries(alice: User, settings: Any) -> None:
    switch_on(settings)
    bob, bea = make_person(alice, "Bob", notes="of Bob"), make_person(alice, "Bea", notes="of Bea")
    Knows.objects.create(owner=alice, knower=bob, known=bea, note="a path")
    rows = Knows.objects.select_related("knower", "known")
    assert [(row.note, row.knower.notes, row.known.notes) for row in rows] == [("a path", "of Bob", "of Bea")]
    joined = Knows.objects.annotate(other=F("known__notes")).values_list("knower__notes", "other")
    assert list(joined) == [("of Bob", "of Bea")]
    one = Knows.objects.values_list("pk", "note")
    other = Person.objects.order_by().values_list("pk", "notes")
    assert sorted(words for _, words in one.union(other, all=True)) == ["a path", "of Bea", "of Bob"]
    newest = Person.objects.order_by("-pk").values("notes")[:1]
    assert set(Person.objects.annotate(n=models.Subquery(newest)).values_list("n", flat=True)) == {"of Bea"}
    assert Person.objects.defer("notes").get(pk=bob.pk).notes == "of Bob"


def test_an_unreadable_note_is_kept_by_save_undo_and_merging(alice: User, settings: Any, alice_client: Any) -> None:
    switch_on(settings)
    bob = make_person(alice, "Bob", notes="of Bob")
    sealed = raw(bob, "notes")
    settings.ENCRYPTION_KEYS = [NEW]
    other = make_person(alice, "Bert", notes="of Bert")
    bob = Person.objects.get(pk=bob.pk)
    bob.headline = "Chair"
    bob.save()
    assert raw(bob, "notes") == sealed
    for kept, let_go in ((other, bob), (bob, other)):
        with pytest.raises(NoteUnreadable), transaction.atomic():
            merge(kept=kept, other=let_go, choices={}, on=alice.today())
    assert Person.objects.filter(owner=alice).count() == 2
    gone = delete_people(owner=alice, ids=[bob.pk]).undoable
    assert gone
    alice_client.post(reverse("people_undo", args=[gone.pk]))
    assert raw(bob, "notes") == sealed
    settings.ENCRYPTION_KEYS = [KEY]
    assert Person.objects.get(pk=bob.pk).notes == "of Bob"
    assert alice_client.post(reverse("people_undo", args=[gone.pk])).status_code < 500


def test_notes_that_save_themselves_are_told_that_it_cant_be(alices: World, settings: Any) -> None:
    switch_on(settings)
    rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    before = raw(alices.meeting, "private_notes")
    address, words = reverse("meeting_notes", args=[alices.meeting.pk]), {"private_notes": "mine", "shared_notes": ""}
    answer = stored_data.browser_of(alices.owner).post(address, words, headers={"Accept": "application/json"})
    assert (answer.status_code, "can’t be read" in answer.json()["error"]) == (422, True)
    assert raw(alices.meeting, "private_notes") == before


def test_an_undo_that_cant_be_read_waits_until_it_can(alice: User, settings: Any, alice_client: Any) -> None:
    switch_on(settings)
    gone = delete_people(owner=alice, ids=[make_person(alice, "Bob", notes="of Bob").pk]).undoable
    assert gone
    settings.ENCRYPTION_KEYS = [NEW]
    assert alice_client.post(reverse("people_undo", args=[gone.pk])).status_code == 409
    settings.ENCRYPTION_KEYS = [KEY]
    alice_client.post(reverse("people_undo", args=[gone.pk]))
    assert Person.objects.get(name="Bob").notes == "of Bob"


def test_a_letter_is_filled_with_nothing_unreadable(alices: World, settings: Any) -> None:
    switch_on(settings)
    rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    assert WORDS not in "".join(Message.objects.get(pk=alices.draft.pk).field_values.values())
    alices.approach.refresh_from_db()
    assert research.feeds(alices.approach) == {}
    assert stored_values(alices.owner, alices.spare)["my_direction"] == ""


# --- Search, and the command ----------------------------------------------------------------------


def test_encrypted_notes_are_not_searched_and_the_page_says_so(alice: User, settings: Any, alice_client: Any) -> None:
    row, need = make_person(alice, "Bob Brook", notes="He chairs the moorland board"), make_need(alice, "moorland")
    address = f"{reverse('people')}?q=moorland"
    assert "Bob Brook" in alice_client.get(address).content.decode()
    assert "your notes mention" in alice_client.get(need.get_absolute_url()).content.decode()
    switch_on(settings)
    rotate()
    page = alice_client.get(address).content.decode()
    assert "Bob Brook" not in page
    assert "a word from your notes" not in page
    assert "notes are encrypted on this site, so they are not searched" in page
    page = alice_client.get(need.get_absolute_url()).content.decode()
    assert "your notes mention" not in page
    assert "so they are not looked through" in page
    assert "Bob Brook" in alice_client.get(f"{reverse('people')}?q=brook").content.decode()
    Person.objects.get(pk=row.pk).save()
    assert Person.objects.get(pk=row.pk).search_text == "bob brook\n\n\n"
    settings.ENCRYPT_NOTES = False
    rotate()
    assert "Bob Brook" in alice_client.get(address).content.decode()


def test_the_command_can_be_stopped_and_goes_on(alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_notes, "A_BATCH", 2)
    people = [make_person(alice, f"Bob {n}", notes=f"of {n}") for n in range(7)]
    switch_on(settings)
    encrypt, done = private_notes.encrypt, []

    def stopped(text: str, **bound: Any) -> str:
        if len(done) == 5:
            raise KeyboardInterrupt
        done.append(text)
        return encrypt(text, **bound)

    monkeypatch.setattr(private_notes, "encrypt", stopped)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        rotate()
    monkeypatch.setattr(private_notes, "encrypt", encrypt)
    assert rotate().endswith("private notes encrypted with it\n")
    assert {row.notes for row in Person.objects.all()} == {f"of {n}" for n in range(7)}
    before = [raw(row, "notes") for row in people]
    assert all(text.startswith(MARK) for text in before)
    assert rotate().endswith("\n0 private notes encrypted with it\n")
    assert [raw(row, "notes") for row in people] == before
    settings.ENCRYPTION_KEYS = [NEW, KEY]
    assert rotate().endswith("\n7 private notes encrypted with it\n")
    settings.ENCRYPTION_KEYS = [NEW]
    assert {row.notes for row in Person.objects.all()} == {f"of {n}" for n in range(7)}
