"""Asking for everything, seeing how far it is, fetching it, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from accounts import jobs, row_security, stored_files
from accounts.export import archive, making
from accounts.models import Export, SecurityEvent, StoredFile, StoredPart, User
from mail.models import OutgoingMail
from mail.tasks import deliver
from portfolio.models import Person
from reminders.tasks import sweep
from tests import exports
from tests.access_world import make_world
from tests.factories import make_user
from tests.smtp_server import SmtpServer

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-03-02T10:00:00Z")]

PAGE, FILE = "/settings/export/", "/settings/export/file/"


def said(client: Client) -> str:
    return " ".join(client.get(PAGE).content.decode().split())


def test_it_is_asked_for_made_and_fetched(alice: User, alice_client: Client, bob: Person) -> None:
    page = said(alice_client)
    assert "Make the file" in page
    assert "http-equiv" not in page
    assert alice_client.post(PAGE).url == PAGE
    page = said(alice_client)
    assert "Your file is being made" in page
    assert '<meta http-equiv="refresh" content="3">' in page
    assert ">Look again</a>" in page
    jobs.run()
    page = said(alice_client)
    assert "Monday 2 March, 10:00" in page
    assert "until Thursday 5 March, 10:00" in page
    assert "http-equiv" not in page
    response = alice_client.post(FILE)
    assert response["Content-Disposition"] == 'attachment; filename="mentorfolio-2026-03-02.zip"'
    content = b"".join(response.streaming_content)
    assert response["Content-Length"] == str(len(content))
    with ZipFile(io.BytesIO(content)) as whole:
        assert whole.testzip() is None
        assert [row["name"] for row in json.loads(whole.read("mentorfolio.json"))["tables"]["portfolio.person"]] == [
            "Dr Bob Brook"
        ]


def test_asking_again_while_it_is_made_changes_nothing(alice: User, alice_client: Client) -> None:
    alice_client.post(PAGE)
    before = list(Export.objects.values())
    assert "It is being made already." in " ".join(alice_client.post(PAGE, follow=True).content.decode().split())
    assert list(Export.objects.values()) == before
    assert SecurityEvent.objects.filter(kind="export_asked").count() == 1


def test_a_new_one_takes_the_place_of_the_old(alice: User) -> None:
    first = exports.made(alice)
    second = exports.made(alice)
    assert [export.pk for export in Export.objects.all()] == [second.pk]
    assert [file.pk for file in StoredFile.objects.all()] == [second.file_id]
    assert first.pk != second.pk


def test_each_user_gets_their_own(alice: User, charlie: User, alice_client: Client, charlie_client: Client) -> None:
    exports.made(alice)
    assert "Your file is ready" not in said(charlie_client)
    assert charlie_client.post(FILE).status_code == 404
    exports.made(charlie)
    assert json.loads(exports.zip_of(charlie).read("mentorfolio.json"))["account"]["email"] == charlie.email


def test_it_is_told_by_mail_without_what_is_in_it(alice: User, alice_client: Client, smtp: SmtpServer) -> None:
    alice_client.post(PAGE)
    jobs.run()
    [mail] = OutgoingMail.objects.filter(purpose="export_ready")
    assert (mail.owner, mail.recipient, mail.expires_at) == (alice, alice.email, Export.objects.get().kept_until)
    deliver()
    [sent] = smtp.mails
    assert sent.recipients == [alice.email]
    kinds = [part.get_content_type() for part in sent.message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert "/settings/export/" in sent.text
    assert "Thursday 5 March, 10:00" in sent.text


def test_no_mail_goes_for_a_file_that_is_gone(alice: User, smtp: SmtpServer) -> None:
    making.delete(exports.made(alice))
    deliver()
    assert smtp.mails == []


def test_no_mail_goes_to_an_address_that_was_theirs(alice: User, smtp: SmtpServer) -> None:
    exports.made(alice)
    User.objects.filter(pk=alice.pk).update(email="other@example.org")
    deliver()
    assert smtp.mails == []


def test_it_is_deleted_after_three_days(alice: User, alice_client: Client, clock: Any) -> None:
    exports.made(alice)
    clock.shift(dt.timedelta(days=3))
    sweep()
    assert StoredPart.objects.exists()
    clock.shift(1)
    sweep()
    assert (Export.objects.exists(), StoredFile.objects.exists(), StoredPart.objects.exists()) == (False, False, False)
    alice_client.force_login(alice)
    assert alice_client.post(FILE).status_code == 404
    assert "Make the file" in said(alice_client)


def test_making_and_fetching_are_in_the_security_log(alice: User, alice_client: Client) -> None:
    exports.text_of(alice_client)
    assert [*SecurityEvent.objects.filter(owner=alice).order_by("pk").values_list("kind", flat=True)][-2:] == [
        "export_asked",
        "export",
    ]


def test_what_failed_says_so_and_can_be_asked_for_again(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    alice_client.post(PAGE)
    with monkeypatch.context() as patch:
        patch.setattr(archive, "write_on", lambda *args, **options: 1 / 0)
        for _ in range(jobs.TRIES):
            jobs.run()
            clock.shift(3_600)
    alice_client.force_login(alice)
    assert jobs.GENERAL in said(alice_client)
    assert not StoredFile.objects.exists()
    alice_client.post(PAGE)
    jobs.run()
    assert "Your file is ready" in said(alice_client)


# --- In several steps -----------------------------------------------------------------------------


def test_it_is_the_same_however_many_steps_it_takes(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_world(alice, "aliceonly")
    Export.objects.all().delete()
    StoredFile.objects.all().delete()
    at_once = exports.zip_of(alice)
    monkeypatch.setattr(making, "A_STEP", 0)
    monkeypatch.setattr(stored_files, "PART", 1_000)
    export, _ = making.ask_for(alice)
    assert jobs.run() > 10
    export.refresh_from_db()
    assert export.file is not None
    in_steps = ZipFile(io.BytesIO(stored_files.opened(export.file).read()))
    assert in_steps.testzip() is None
    assert in_steps.namelist() == at_once.namelist()
    differ = [name for name in at_once.namelist() if at_once.read(name) != in_steps.read(name)]
    assert differ == ["mentorfolio.json"]  # which holds the exports that were made before


def test_a_step_that_was_lost_is_done_again(alice: User, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a worker is killed: what it did in its last step is rolled back, and another goes on."""
    monkeypatch.setattr(making, "A_STEP", 0)
    export, _ = making.ask_for(alice)
    jobs.run(stop=lambda: True)
    steps = 0
    whole = archive.write_on

    def killed_every_other_time(*args: Any, **options: Any) -> bool:
        nonlocal steps
        steps += 1
        done = whole(*args, **options)
        if steps % 2:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(archive, "write_on", killed_every_other_time)
    for _ in range(100):
        try:
            jobs.run()
        except KeyboardInterrupt:
            Export.objects.update(lease_until=None)
    export.refresh_from_db()
    assert (export.work, steps > 20) == ("", True)
    assert export.file is not None
    with ZipFile(io.BytesIO(stored_files.opened(export.file).read())) as zipped:
        assert zipped.testzip() is None
        assert len(zipped.namelist()) == len(set(zipped.namelist()))


# --- What is in it for people ---------------------------------------------------------------------


@pytest.fixture
def zipped(alice: User) -> ZipFile:
    make_world(alice, "aliceonly")
    return exports.zip_of(alice)


def test_the_page_leads_to_every_kind_of_file_and_needs_nothing_else(zipped: ZipFile) -> None:
    page = zipped.read("index.html").decode()
    links = re.findall(r'href="([^"]+)"', page)
    assert set(links) <= set(zipped.namelist())
    assert {"mentorfolio.json", "people.vcf", "meetings.ics", "spreadsheets/people.csv"} <= set(links)
    assert re.findall(r"<script|src=|url\(|https?:", page) == []


def test_names_of_files_are_safe_everywhere(zipped: ZipFile, alice: User) -> None:
    for name in zipped.namelist():
        assert re.fullmatch(r"(?:[a-z0-9-]+/)*[a-z0-9-]+(?:\.schema)?\.[a-z]{2,4}", name), name
    for hostile in ("../../etc/passwd", "CON", "a" * 300, "…", "佐藤", "x\x00y", "Å. Østergård"):
        assert re.fullmatch(r"[a-z0-9-]{0,40}", archive.safe_name(hostile))


def test_the_schema_in_it_is_the_published_one(zipped: ZipFile) -> None:
    with open("docs/export.schema.json", encoding="utf-8") as published:
        assert json.loads(zipped.read("export.schema.json")) == json.load(published)


def test_notes_are_there_to_read(zipped: ZipFile) -> None:
    texts = {name: zipped.read(name).decode() for name in zipped.namelist() if name.endswith(".md")}
    assert "aliceonly notes" in next(text for name, text in texts.items() if name.startswith("notes/people/"))
    meeting = next(text for name, text in texts.items() if "aliceonly private" in text)
    assert "aliceonly outcome" in meeting
    assert "aliceonly answer" in texts["notes/reflections.md"]
    assert "Good for me" in texts["notes/reviews.md"]


def test_an_account_that_is_erased_meanwhile_ends_the_work() -> None:
    user = make_user("gone@example.org")
    making.ask_for(user)
    user.delete()
    assert jobs.run() == 0
    assert not StoredFile.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_database_lets_the_file_through_while_it_is_sent(alice: User) -> None:
    """After the request's transaction, with the role of the web: see ``row_security.streamed``."""
    export = exports.made(alice)
    assert export.file is not None
    assert len(b"".join(row_security.streamed(alice.pk, stored_files.pieces(export.file)))) == export.file.size
