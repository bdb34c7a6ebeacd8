"""Somebody asks to be removed: what names them goes, in every app, and what the user chooses in other notes."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import jobs, security_log, stored_files
from accounts.export import making
from accounts.models import StoredFile, User
from mail import suppression
from mail.models import OutgoingMail, SuppressedAddress
from meetings.calendar.invitations import PURPOSE_ME, PURPOSE_MENTOR
from meetings.models import Invitation, Meeting, MentorWord
from meetings.sharing import mentor_actions
from meetings.signed_links import link_to
from portfolio.models import (
    ImportRow,
    Mentorship,
    Person,
    PersonLink,
    PersonPhone,
    PersonTag,
    Reflection,
    Tag,
    Undoable,
)
from portfolio.people import erasing, undo
from reminders import kinds
from reminders import services as reminder_services
from reminders.models import Digest, Reminder, Telling
from tests import dump, stored_data
from tests.access_world import World, make_bystander, make_world
from tests.factories import (
    make_approach,
    make_contact,
    make_introduction,
    make_meeting,
    make_mentorship,
    make_message,
    make_person,
    make_place,
    make_reflection,
    make_share_link,
    make_template,
    make_user,
)
from tests.portfolio.contact_imports import importing

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]


def everything_mentioned(person: Person) -> list[str]:
    return [mention.key for mention in erasing.mentions(person, erasing.what_goes(person))]


# --- The whole world ------------------------------------------------------------------------------

NAME, ADDRESS = "Zebedee Quill", "zebedee.quill@example.org"


@pytest.fixture
def world(db: None) -> World:
    return make_world(make_user("aliceonly@example.org", name="Aliceonly Ashe"), "aliceonly")


@pytest.fixture
def zebedee(world: World) -> Person:
    """The mentor of the full world, under a name that is nowhere else; with all that we write about somebody, too."""
    owner, person = world.owner, world.mentor
    person.name, person.notes = f"Dr {NAME}", f"{NAME} was my supervisor"
    person.save()
    person.emails.update(address=ADDRESS)
    person.links.update(url="https://social.example.org/in/zquill/")
    person.save()
    Invitation.objects.filter(meeting=world.meeting).update(address=ADDRESS)
    invitation = Invitation.objects.get(meeting=world.meeting)
    mail: dict[str, Any] = {"owner": owner, "state": "sent", "content": f"Dear {NAME}".encode(), "subject": NAME}
    for purpose, audience, recipient in (
        (PURPOSE_MENTOR, "mentor", ADDRESS),
        (PURPOSE_ME, "user", owner.email),
    ):
        OutgoingMail.objects.create(
            **mail, purpose=purpose, audience=audience, recipient=recipient, subject_id=invitation.pk
        )
    reminder = reminder_services.plan(
        owner=owner, kind="keep_in_touch", subject_id=world.mentorship.pk, on=owner.today()
    )
    digest = Digest.objects.create(owner=owner, local_date=dt.date(2026, 1, 2), frozen_at=timezone.now())
    Telling.objects.create(owner=owner, reminder=reminder, digest=digest, title="Time to catch up with Zebedee?")
    OutgoingMail.objects.create(**mail, purpose="digest", audience="user", recipient=owner.email, subject_id=digest.pk)
    OutgoingMail.objects.create(
        **{**mail, "subject": "x"}, purpose="digest", recipient=owner.email, last_error=f"No {NAME}"
    )
    PersonTag.objects.create(owner=owner, person=person, tag=Tag.objects.create(owner=owner, name="Zebedee’s own"))
    old = Telling.objects.exclude(digest=digest).get()
    old.title = f"Write to {NAME}"
    old.save()
    security_log.note(owner, security_log.Kind.SHARED, f"{person.name}: made")
    undo.delete_row(make_contact(person, note="a word with Zebedee"))
    return person


def test_in_the_whole_world_nothing_names_them_any_more(world: World, zebedee: Person) -> None:
    owner = world.owner
    reflection = make_reflection(owner, answer=f"What would {NAME} say? Ask {ADDRESS}.")
    note = make_person(
        owner, "Olive Other", notes=f"Knows dr  {NAME.upper()}, see https://social.example.org/in/zquill"
    )
    letter = make_message(make_approach(note), field_values={"who": NAME, NAME: ["x", NAME]}, conflicts=[{"a": NAME}])
    template = make_template(owner, body=f"{NAME} told me about your work")
    words = [NAME, "Zebedee", ADDRESS, "zquill"]
    assert set(dump.found(words)) == set(words)
    erasing.erase(person=zebedee, replace=everything_mentioned(zebedee))
    assert dump.found(words) == {}
    reflection.refresh_from_db()
    note.refresh_from_db()
    letter.refresh_from_db()
    template.refresh_from_db()
    assert reflection.answer == "What would [someone] say? Ask [someone]."
    assert note.notes == "Knows [someone], see [someone]"
    assert letter.field_values == {"who": "[someone]", "[someone]": ["x", "[someone]"]}
    assert template.body == "[someone] told me about your work"
    assert Person.objects.for_user(owner).matching("someone").get() == note  # the search column is written anew


def test_others_lose_nothing_and_nothing_of_mine_about_others_goes(world: World, zebedee: Person) -> None:
    bystander = make_bystander()
    before = stored_data.snapshot(bystander)
    kept = [world.spare, world.need, world.approach, world.formal, world.held, world.letter, world.saved, world.place]
    erasing.erase(person=zebedee)
    assert stored_data.snapshot(bystander) == before
    assert [row for row in kept if not type(row)._base_manager.filter(pk=row.pk).exists()] == []
    assert not Mentorship.objects.filter(pk=world.mentorship.pk).exists()
    assert OutgoingMail.objects.filter(owner=world.owner, recipient=world.owner.email).exists()
    assert stored_data.crossings() == []


def test_where_notes_are_encrypted_they_are_found_all_the_same(
    settings: Settings, alice: User, bob: Person, charlie: User
) -> None:
    settings.ENCRYPT_NOTES, settings.ENCRYPTION_KEYS = True, ["k" * 50]
    reflection = make_reflection(alice, answer="Bob Brook asked me a good question")
    undo.delete_row(make_contact(bob, note="a word with Bob"))
    assert Undoable.objects.count() == 1
    erasing.erase(person=bob, replace=everything_mentioned(bob))
    reflection.refresh_from_db()
    assert reflection.answer == "[someone] asked me a good question"
    assert not Undoable.objects.exists()


# --- Shared history -------------------------------------------------------------------------------


def test_shared_history_that_deleting_stops_at_goes_too(alice: User, alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    make_meeting(bob, mentorship=mentorship, state=Meeting.State.HELD, held_at=timezone.now())
    other = make_person(alice, "Margaret Osei")
    make_introduction(bob, other)
    make_message(make_approach(bob))
    assert alice_client.post(reverse("person_delete", args=[bob.pk])).status_code == 409
    page = alice_client.get(reverse("person_erase", args=[bob.pk])).content.decode()
    for line in ("1 mentorship", "1 meeting", "1 introduction", "1 approach", "1 message", "1 e-mail address"):
        assert f"<li>{line}</li>" in page
    answer = alice_client.post(reverse("person_erase", args=[bob.pk]), follow=True)
    assert "Everything about them is erased." in answer.content.decode()
    assert "Undo" not in answer.content.decode()
    assert list(Person.objects.all()) == [other]
    assert not Undoable.objects.exists()


def test_their_page_leads_there(alice_client: Client, bob: Person) -> None:
    """Somebody may ask in a mail, or at the coffee machine."""
    assert reverse("person_erase", args=[bob.pk]) in alice_client.get(bob.get_absolute_url()).content.decode()


def test_opening_the_page_changes_nothing(alice_client: Client, bob: Person) -> None:
    before = stored_data.snapshot()
    alice_client.get(reverse("person_erase", args=[bob.pk]))
    assert stored_data.snapshot() == before


# --- Mentions -------------------------------------------------------------------------------------


def test_each_mention_is_listed_and_only_what_is_ticked_is_changed(
    alice: User, alice_client: Client, bob: Person
) -> None:
    first = make_reflection(alice, answer="I should ask Bob Brook")
    second = make_reflection(alice, answer="BOB  BROOK again")
    make_reflection(alice, answer="Bobby Brook and Bob Brooks are others, and so is Bob")
    page = alice_client.get(reverse("person_erase", args=[bob.pk])).content.decode()
    assert "in your other notes: 2" in page
    assert "I should ask Bob Brook" in page
    assert "Bobby" not in page
    assert reverse("reflection", args=[first.pk]) in page
    alice_client.post(reverse("person_erase", args=[bob.pk]), {"mention": f"portfolio.Reflection.answer.{first.pk}"})
    assert dict(Reflection.objects.filter(pk__in=[first.pk, second.pk]).values_list("pk", "answer")) == {
        first.pk: "I should ask [someone]",
        second.pk: "BOB  BROOK again",
    }


def test_a_made_up_mention_changes_nothing(alice: User, alice_client: Client, bob: Person, charlie: User) -> None:
    mine = make_reflection(alice, answer="Nothing about him")
    theirs = make_reflection(charlie, answer="Bob Brook")
    before = stored_data.snapshot(charlie)
    keys = [f"portfolio.Reflection.answer.{row.pk}" for row in (mine, theirs)]
    alice_client.post(reverse("person_erase", args=[bob.pk]), {"mention": [*keys, "nonsense", "accounts.User.name.1"]})
    mine.refresh_from_db()
    assert mine.answer == "Nothing about him"
    assert stored_data.snapshot(charlie) == before


def test_a_namesake_is_named_and_stays(alice: User, alice_client: Client, bob: Person) -> None:
    twin = make_person(alice, "dr bob brook", email="bob@example.org", organisation="Another Trust")
    page = alice_client.get(reverse("person_erase", args=[bob.pk])).content.decode()
    assert "There is another record of this name" in page
    assert "Another Trust" in page
    erasing.erase(person=bob, replace=everything_mentioned(bob))
    twin.refresh_from_db()
    assert (twin.name, twin.email) == ("dr bob brook", "bob@example.org")


def test_a_letter_to_somebody_else_at_their_address_keeps_no_address(alice: User, bob: Person) -> None:
    letter = make_message(make_approach(make_person(alice, "Olive Other")), sent_to="Bob@example.org")
    erasing.erase(person=bob, replace=everything_mentioned(bob))
    letter.refresh_from_db()
    assert letter.sent_to == ""


def test_a_place_with_their_page_and_a_note_with_their_number_are_mentions(alice: User, bob: Person) -> None:
    PersonLink.objects.create(owner=alice, person=bob, url="https://www.linkedin.com/in/bob-brook")
    PersonPhone.objects.create(owner=alice, person=bob, number="+44 1632 960001")
    place = make_place(alice, "A register", link="https://www.linkedin.com/in/bob-brook/")
    note = make_reflection(alice, answer="Ring +44 (1632) 960-001 on Monday, not 960001234.")
    keys = everything_mentioned(bob)
    assert keys == [f"portfolio.PlaceToLook.link.{place.pk}", f"portfolio.Reflection.answer.{note.pk}"]
    erasing.erase(person=bob, replace=keys)
    place.refresh_from_db()
    note.refresh_from_db()
    assert (place.link, note.answer) == ("", "Ring [someone] on Monday, not 960001234.")


def test_two_tags_that_would_be_alike_stay_as_they_are(alice: User, bob: Person) -> None:
    other = make_person(alice, "Olive Other")
    for name in ("[someone]", "Bob Brook"):
        PersonTag.objects.create(owner=alice, person=other, tag=Tag.objects.create(owner=alice, name=name))
    assert erasing.erase(person=bob, replace=everything_mentioned(bob)) == 0
    assert set(Tag.objects.values_list("name", flat=True)) == {"[someone]", "Bob Brook"}


# --- Mail and reminders ---------------------------------------------------------------------------


def test_nobody_is_told_and_no_list_is_written(alice: User, bob: Person) -> None:
    make_meeting(bob, invites_mentor="bob@example.org")
    erasing.erase(person=bob)
    assert not OutgoingMail.objects.exists()
    assert not SuppressedAddress.objects.exists()


def test_who_asked_for_silence_keeps_it(alice: User, bob: Person) -> None:
    suppression.suppress(address="bob@example.org", reason=SuppressedAddress.Reason.ASKED)
    erasing.erase(person=bob)
    assert suppression.is_stopped("bob@example.org")


def test_an_invitation_that_waits_is_not_sent_and_a_meeting_with_others_doesnt_invite_them(
    alice: User, bob: Person
) -> None:
    waiting = OutgoingMail.objects.create(
        owner=alice, purpose=PURPOSE_MENTOR, audience="mentor", recipient="Bob+work@example.org", subject_id=7
    )
    meeting = make_meeting(make_person(alice, "Olive Other"), invites_mentor="bob@example.org")
    Invitation.objects.create(
        owner=alice, meeting=meeting, whom="mentor", address="bob@example.org", method="REQUEST", sequence=0
    )
    erasing.erase(person=bob)
    meeting.refresh_from_db()
    assert meeting.invites_mentor == ""
    assert not Invitation.objects.exists()
    assert not OutgoingMail.objects.filter(pk=waiting.pk).exists()


def test_a_written_mail_with_them_in_it_is_not_sent_and_loses_its_words(alice: User, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    reminder = reminder_services.plan(owner=alice, kind="keep_in_touch", subject_id=mentorship.pk, on=alice.today())
    digest = Digest.objects.create(owner=alice, local_date=alice.today(), frozen_at=timezone.now())
    Telling.objects.create(owner=alice, reminder=reminder, digest=digest, title="Catch up with Bob")
    mail = OutgoingMail.objects.create(
        owner=alice, purpose="digest", subject_id=digest.pk, recipient=alice.email, content=b"Bob", subject="Bob"
    )
    erasing.erase(person=bob)
    mail.refresh_from_db()
    assert (mail.state, mail.content, mail.subject) == ("cancelled", None, "")
    assert not Reminder.objects.exists()


def test_each_kind_of_reminder_says_what_it_is_about() -> None:
    """Otherwise reminders of that kind would outlive somebody who is erased."""
    assert [kind.name for kind in kinds.kinds.values() if kind.about is None] == []


# --- Imported from a file -------------------------------------------------------------------------

FILE = (
    importing.LINKEDIN
    + "Bob,Brook,,bob@example.org,Brook Trust,Head,15 Jun 2024\r\nOlive,Other,,,Else,Head,15 Jun 2024\r\n"
)


def test_what_a_file_said_of_them_goes_and_taking_the_import_back_brings_nobody_back(alice: User, bob: Person) -> None:
    batch = importing.bring_in(importing.read(alice, FILE))
    waiting = importing.read(alice, FILE)
    assert {"portfolio_importrow", "portfolio_importedcontact"} <= dump.found(["bob@example.org"])["bob@example.org"]
    erasing.erase(person=bob)
    assert dump.found(["bob@example.org", "Bob Brook"]) == {}
    assert [row.contact["name"] for row in batch.rows.all()] == ["Olive Other"]
    batch.refresh_from_db()
    waiting.refresh_from_db()
    assert (batch.file, waiting.file, waiting.rows.count()) == (None, None, 1)
    importing.undo(batch)
    importing.bring_in(waiting)
    assert dump.found(["bob@example.org", "Bob Brook"]) == {}


def test_the_row_of_a_namesake_stays(alice: User, bob: Person) -> None:
    twin = make_person(alice, "Bob Brook", email="another@example.org")
    importing.bring_in(importing.read(alice, FILE.replace("bob@example.org", "another@example.org")))
    erasing.erase(person=bob)
    assert ImportRow.objects.filter(person=twin).exists()


# --- A file of everything -------------------------------------------------------------------------


def test_a_file_of_everything_that_waits_to_be_downloaded_goes(alice: User, bob: Person) -> None:
    making.ask_for(alice)
    jobs.run()
    assert making.latest(alice).file is not None
    erasing.erase(person=bob)
    assert making.latest(alice) is None
    assert not StoredFile.objects.exists()


def test_a_file_of_everything_that_is_being_made_begins_anew(
    alice: User, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "A_STEP", 0)
    making.ask_for(alice)
    jobs.run(stop=iter([False, True, True]).__next__)  # one step
    half = making.latest(alice)
    assert (half.work, half.file is not None, bool(half.directory)) == ("write", True, True)
    erasing.erase(person=bob)
    jobs.run()
    export = making.latest(alice)
    assert (export.work, export.file is not None) == ("", True)
    with zipfile.ZipFile(stored_files.opened(export.file)) as archive:
        for name in archive.namelist():
            assert b"Bob Brook" not in archive.read(name), name


# --- The mentor asks ------------------------------------------------------------------------------


def test_asked_on_their_page_it_takes_one_press(alice: User, alice_client: Client, bob: Person) -> None:
    link = make_share_link(bob)
    page = link_to(link).removeprefix("http://localhost:8000")
    assert "Ask Alice to remove it" in Client().get(page).content.decode()
    assert Client().post(page, {"act": "removal"}).status_code == 302
    shown = alice_client.get(reverse("share", args=[bob.pk])).content.decode()
    assert reverse("person_erase", args=[bob.pk]) in shown
    alice_client.post(reverse("person_erase", args=[bob.pk]))
    assert Client().get(page).status_code == 404
    assert not MentorWord.objects.exists()
    assert not Reminder.objects.exists()


def test_words_left_on_the_page_at_the_same_time_go_too(bob: Person) -> None:
    link = make_share_link(bob)
    mentor_actions.ask_removal(link=link, words="Please remove me, Bob Brook")
    erasing.erase(person=bob)
    assert dump.found(["Please remove me"]) == {}
