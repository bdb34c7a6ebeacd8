"""Invitations, updates and cancellations, sent by the real engine to a real mail server."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

import pytest
import time_machine
import vobject
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import User
from mail import engine, suppression
from mail.models import OutgoingMail, SuppressedAddress
from meetings import services
from meetings.calendar.invitations import invite, uid_of
from meetings.models import Invitation, Meeting
from portfolio.models import Person, PersonEmail
from tests.factories import make_meeting, make_offer, make_share_link
from tests.meetings.calendar.test_ics import lawful
from tests.smtp_server import ReceivedMail, SmtpServer

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(NOW)]
HOUR = dt.timedelta(hours=1)
BOB = "bob@example.org"


@pytest.fixture
def meeting(bob: Person) -> Meeting:
    return make_meeting(bob, starts_at=NOW + 24 * HOUR, place="Room 1", purpose="Funding")


def event_of(message: EmailMessage) -> Calendar:
    """The calendar of a mail, after checking it with two parsers and comparing the part with the attachment."""
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    (file,) = [part for part in message.walk() if part.get_content_type() == "application/ics"]
    words = part.get_payload(decode=True)
    content = words.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert content == file.get_payload(decode=True)
    lawful(content)
    calendar = Calendar.from_ical(content)
    other = vobject.readOne(content.decode())
    assert part.get_param("method") == calendar["method"] == other.method.value
    assert other.vevent.uid.value == calendar.walk("VEVENT")[0]["uid"]
    return calendar


def told(smtp: SmtpServer) -> list[tuple[str, str, int, dt.datetime]]:
    """Send waiting mail; returns who got what since, with sequence and time."""
    smtp.mails.clear()
    engine.deliver()
    found = []
    for mail in smtp.mails:
        calendar = event_of(mail.message)
        event = calendar.walk("VEVENT")[0]
        found.append((mail.recipients[0], str(calendar["method"]), event["sequence"], event["dtstart"].dt))
    return sorted(found)


def test_an_invitation_a_change_and_a_cancellation_bear_one_uid(
    smtp: SmtpServer, meeting: Meeting, clock: time_machine.Coordinates
) -> None:
    begins, later = NOW + 24 * HOUR, NOW + 72 * HOUR
    invite(meeting=meeting, me=True, mentor=BOB)
    assert told(smtp) == [("alice@example.org", "REQUEST", 0, begins), (BOB, "REQUEST", 0, begins)]
    uids = {str(event_of(mail.message).walk("VEVENT")[0]["uid"]) for mail in smtp.mails}
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    assert told(smtp) == [("alice@example.org", "REQUEST", 1, later), (BOB, "REQUEST", 1, later)]
    uids |= {str(event_of(mail.message).walk("VEVENT")[0]["uid"]) for mail in smtp.mails}
    services.cancel_meeting(meeting=meeting)
    assert told(smtp) == [("alice@example.org", "CANCEL", 2, later), (BOB, "CANCEL", 2, later)]
    assert {str(event_of(mail.message).walk("VEVENT")[0]["status"]) for mail in smtp.mails} == {"CANCELLED"}
    uids |= {str(event_of(mail.message).walk("VEVENT")[0]["uid"]) for mail in smtp.mails}
    clock.shift(24 * HOUR)  # a fourth mail to him has to wait for another day
    services.reinstate_meeting(meeting=meeting)
    assert [line[1:3] for line in told(smtp)] == [("REQUEST", 3), ("REQUEST", 3)]
    assert uids == {uid_of(meeting)}


def test_the_mentors_is_the_users_own_invitation_by_our_hand(smtp: SmtpServer, bob: Person, meeting: Meeting) -> None:
    make_share_link(bob)
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    (mail,) = smtp.mails
    assert str(mail.message["From"]) == "Alice Ashe by Mentorfolio <hello@localhost>"
    assert mail.message["Reply-To"] == "alice@example.org"
    assert mail.message["Subject"] == ("Regular meeting with Alice Ashe, Tuesday 3 March 2026, 10:00 (Europe/London)")
    assert "/with/" in mail.text
    event = event_of(mail.message).walk("VEVENT")[0]
    assert str(event["organizer"]) == "mailto:alice@example.org"
    assert event["organizer"].params["SENT-BY"] == "mailto:hello@localhost"
    assert [str(one) for one in event["attendee"]] == ["mailto:alice@example.org", f"mailto:{BOB}"]
    assert "/meetings/" not in event.to_ical().decode()
    assert OutgoingMail.objects.get().audience == "mentor"


def test_the_users_own_asks_nothing_of_them(smtp: SmtpServer, meeting: Meeting) -> None:
    invite(meeting=meeting, me=True, mentor="")
    engine.deliver()
    event = event_of(smtp.mails[0].message).walk("VEVENT")[0]
    assert event["attendee"].params["PARTSTAT"] == "ACCEPTED"
    assert event["attendee"].params["RSVP"] == "FALSE"
    assert smtp.mails[0].message["Auto-Submitted"] == "auto-generated"


def test_nobody_is_written_to_unasked_and_nobody_twice(smtp: SmtpServer, meeting: Meeting) -> None:
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    services.cancel_meeting(meeting=meeting)
    services.reinstate_meeting(meeting=meeting)
    assert told(smtp) == []
    for _ in range(3):
        invite(meeting=meeting, me=False, mentor=BOB)
    assert len(told(smtp)) == 1
    assert told(smtp) == []


def test_what_a_later_change_has_overtaken_is_not_sent(smtp: SmtpServer, meeting: Meeting) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    assert told(smtp) == [(BOB, "REQUEST", 1, NOW + 72 * HOUR)]
    assert sorted(OutgoingMail.objects.values_list("state", flat=True)) == ["expired", "sent"]


def test_what_never_arrived_is_not_cancelled(smtp: SmtpServer, meeting: Meeting) -> None:
    invite(meeting=meeting, me=True, mentor=BOB)
    services.cancel_meeting(meeting=meeting)
    assert told(smtp) == []
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"expired"}


def test_who_is_left_out_later_gets_a_cancellation(smtp: SmtpServer, meeting: Meeting) -> None:
    invite(meeting=meeting, me=True, mentor=BOB)
    told(smtp)
    invite(meeting=meeting, me=True, mentor="")
    assert [line[:3] for line in told(smtp)] == [("alice@example.org", "REQUEST", 1), (BOB, "CANCEL", 1)]


def test_who_is_invited_again_gets_something_newer_than_the_cancellation(smtp: SmtpServer, meeting: Meeting) -> None:
    for mentor in (BOB, "", BOB):
        invite(meeting=meeting, me=False, mentor=mentor)
        smtp.mails.clear()
        engine.deliver()
    (mail,) = smtp.mails
    assert event_of(mail.message)["method"] == "REQUEST"
    assert event_of(mail.message).walk("VEVENT")[0]["sequence"] == 2
    assert mail.message["Subject"].startswith("Changed: ")


def test_the_first_word_of_a_meeting_that_was_moved_before_is_no_change(smtp: SmtpServer, meeting: Meeting) -> None:
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    assert smtp.mails[0].message["Subject"].startswith("Regular meeting with Alice Ashe")
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 6, 10), zone="Europe/London")
    engine.deliver()
    assert smtp.mails[1].message["Subject"].startswith("Changed: Regular meeting with Alice Ashe")


def test_words_alone_write_to_nobody_but_time_length_and_place_do(smtp: SmtpServer, meeting: Meeting) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    told(smtp)
    same = {"starts_local": dt.datetime(2026, 3, 3, 10), "zone": "Europe/London"}
    services.change_meeting(meeting=meeting, **same, purpose="Something else", kind="review")
    assert told(smtp) == []
    services.change_meeting(meeting=meeting, **same, place="Room 2")
    services.change_meeting(meeting=meeting, **same, minutes=30)
    assert [line[2] for line in told(smtp)] == [2]


def test_a_mail_to_a_mentor_that_may_have_gone_is_not_sent_again(smtp: SmtpServer, meeting: Meeting) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    OutgoingMail.objects.update(state="uncertain")
    invite(meeting=meeting, me=False, mentor=BOB)
    assert told(smtp) == []


def test_a_closed_account_sends_nothing(smtp: SmtpServer, alice: User, meeting: Meeting) -> None:
    invite(meeting=meeting, me=True, mentor=BOB)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert told(smtp) == []


@pytest.mark.parametrize("words", ["a\r\nBcc: evil@example.org", "Ünï ☃ " * 20, "x" * 120])
def test_hostile_names_and_places_stay_words(smtp: SmtpServer, alice: User, bob: Person, words: str) -> None:
    User.objects.filter(pk=alice.pk).update(name=words[:120])
    Person.objects.filter(pk=bob.pk).update(name=words)
    meeting = make_meeting(bob, starts_at=NOW + 24 * HOUR, place=words, purpose=words)
    invite(meeting=Meeting.objects.get(pk=meeting.pk), me=True, mentor=BOB)
    assert len(told(smtp)) == 2
    assert all(mail.message["Bcc"] is None for mail in smtp.mails)


# --- after a change of addresses ------------------------------------------------------------------

NEW = "alice@new.example.org"


def move_to_a_new_address(alice: User, *, keep: bool) -> None:
    """The user's main address becomes another; the old one is kept beside it, or not."""
    EmailAddress.objects.filter(user=alice).update(primary=False)
    EmailAddress.objects.create(user=alice, email=NEW, verified=True, primary=True)
    if not keep:
        EmailAddress.objects.filter(user=alice).exclude(email=NEW).delete()
    User.objects.filter(pk=alice.pk).update(email=NEW)
    alice.refresh_from_db()


def organizer_of(mail: ReceivedMail) -> str:
    return str(event_of(mail.message).walk("VEVENT")[0]["organizer"])


@pytest.mark.parametrize("keep", [True, False])
def test_the_first_organizer_stays_and_answers_go_to_the_new_address(
    smtp: SmtpServer, alice: User, meeting: Meeting, keep: bool
) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    told(smtp)
    assert organizer_of(smtp.mails[0]) == "mailto:alice@example.org"
    move_to_a_new_address(alice, keep=keep)
    services.change_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    assert [line[:3] for line in told(smtp)] == [(BOB, "REQUEST", 1)]
    assert organizer_of(smtp.mails[0]) == "mailto:alice@example.org"
    assert smtp.mails[0].message["Reply-To"] == NEW
    services.cancel_meeting(meeting=meeting)
    assert [line[:3] for line in told(smtp)] == [(BOB, "CANCEL", 2)]
    assert organizer_of(smtp.mails[0]) == "mailto:alice@example.org"


def test_a_meeting_first_invited_to_after_the_change_has_the_new_organizer(
    smtp: SmtpServer, alice: User, meeting: Meeting
) -> None:
    move_to_a_new_address(alice, keep=True)
    invite(meeting=Meeting.objects.get(), me=False, mentor=BOB)
    told(smtp)
    assert organizer_of(smtp.mails[0]) == f"mailto:{NEW}"


def test_a_cancellation_reaches_the_calendar_of_the_users_old_address(
    smtp: SmtpServer, alice: User, meeting: Meeting
) -> None:
    invite(meeting=meeting, me=True, mentor="")
    told(smtp)
    move_to_a_new_address(alice, keep=False)
    services.cancel_meeting(meeting=meeting)
    assert [line[:3] for line in told(smtp)] == [("alice@example.org", "CANCEL", 1)]
    assert told(smtp) == []


def test_a_change_reaches_both_of_the_users_addresses_and_leaves_one_they_gave_up(
    smtp: SmtpServer, alice: User, meeting: Meeting
) -> None:
    invite(meeting=meeting, me=True, mentor="")
    told(smtp)
    move_to_a_new_address(alice, keep=True)
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    assert [line[:3] for line in told(smtp)] == [("alice@example.org", "REQUEST", 1), (NEW, "REQUEST", 1)]
    EmailAddress.objects.exclude(email=NEW).delete()
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 6, 10), zone="Europe/London")
    assert [line[:3] for line in told(smtp)] == [("alice@example.org", "CANCEL", 2), (NEW, "REQUEST", 2)]
    services.cancel_meeting(meeting=meeting)
    assert [line[:3] for line in told(smtp)] == [(NEW, "CANCEL", 3)]


def test_the_mentors_old_address_is_told_although_a_later_change_overtook_it(
    smtp: SmtpServer, bob: Person, meeting: Meeting
) -> None:
    """He is invited at another address, and before that mail went, the meeting is called off."""
    invite(meeting=meeting, me=False, mentor=BOB)
    told(smtp)
    PersonEmail.objects.create(owner=bob.owner, person=bob, address="bob@new.example.org")
    invite(meeting=meeting, me=False, mentor="bob@new.example.org")
    services.cancel_meeting(meeting=meeting)
    assert [line[:3] for line in told(smtp)] == [(BOB, "CANCEL", 2)]
    assert told(smtp) == []


def test_a_stopped_address_is_not_told_of_it_either(smtp: SmtpServer, bob: Person, meeting: Meeting) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    told(smtp)
    suppression.suppress(address=BOB, reason=SuppressedAddress.Reason.ASKED)
    invite(meeting=meeting, me=False, mentor="")
    services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 5, 10), zone="Europe/London")
    assert told(smtp) == []


# --- from the page --------------------------------------------------------------------------------


def press(client: Client, meeting: Meeting, **fields: str) -> str:
    return client.post(reverse("meeting_invite", args=[meeting.pk]), fields, follow=True).content.decode()


def test_the_page_invites_at_an_address_that_is_known_and_no_other(alice_client: Client, meeting: Meeting) -> None:
    assert "Choose one of their addresses" in press(alice_client, meeting, mentor="evil@example.org")
    assert not Invitation.objects.exists()
    assert "On its way" in press(alice_client, meeting, me="on", mentor=BOB)
    assert sorted(Invitation.objects.values_list("address", flat=True)) == ["alice@example.org", BOB]


@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"starts_at": NOW - HOUR}])
def test_what_is_not_to_come_invites_nobody(alice_client: Client, bob: Person, fields: dict[str, object]) -> None:
    meeting = make_meeting(bob, **fields)
    assert "still to come" in press(alice_client, meeting, me="on")
    assert not Invitation.objects.exists()


def test_nobody_is_invited_while_times_are_on_offer(alice_client: Client, meeting: Meeting) -> None:
    make_offer(meeting, NOW + 48 * HOUR)
    assert "still on offer" in press(alice_client, meeting, me="on")
    assert not Invitation.objects.exists()


def test_the_edit_page_sends_the_update(smtp: SmtpServer, alice_client: Client, meeting: Meeting) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    told(smtp)
    fields = {
        "kind": "regular",
        "purpose": "Funding",
        "day": "2026-03-05",
        "time": "10:00",
        "zone": "Europe/London",
        "minutes": "45",
        "place": "Room 9",
    }
    alice_client.post(reverse("meeting_edit", args=[meeting.pk]), fields)
    assert told(smtp) == [(BOB, "REQUEST", 1, NOW + 72 * HOUR)]
    assert "Room 9" in smtp.mails[0].text
