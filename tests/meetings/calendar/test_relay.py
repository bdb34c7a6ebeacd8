"""The relay test: whatever one account tries, little goes to strangers, and none of it in words that lure."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from email.utils import parseaddr
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from mail import engine, suppression
from mail.models import SuppressedAddress
from mail.to_others import NotSent
from meetings import services
from meetings.calendar.invitations import invite
from meetings.models import Invitation, Meeting
from portfolio.models import Person, PersonEmail
from tests.factories import make_meeting, make_person, make_share_link
from tests.mail.test_user_text import LINKED
from tests.meetings.calendar.test_invitations import event_of
from tests.smtp_server import SmtpServer

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(NOW)]
BOB = "bob@example.org"
LURE = "Verify at http://paypa1.example/login or www.paypa1.example, paypa1.example"


@pytest.fixture
def meeting(bob: Person) -> Meeting:
    return make_meeting(bob, starts_at=NOW + 48 * HOUR)


def lured(owner: User, number: int) -> Meeting:
    """A meeting with a stranger, the lure in every field of the user's."""
    stranger = make_person(owner, f"{LURE[:100]} {number}", email=f"stranger{number}@example.org")
    make_share_link(stranger)
    return make_meeting(stranger, starts_at=NOW + 20 * DAY, place=LURE, purpose=f"{LURE} \u202e")


def test_one_account_tries_two_hundred_strangers(
    smtp: SmtpServer, alice: User, clock: time_machine.Coordinates
) -> None:
    User.objects.filter(pk=alice.pk).update(name="PayPal Security, http://paypa1.example")
    alice.refresh_from_db()
    meetings = [lured(alice, number) for number in range(200)]

    def try_all() -> int:
        went = 0
        for meeting in meetings:
            with contextlib.suppress(NotSent):
                invite(meeting=meeting, me=False, mentor=meeting.person.emails.get().address)
                went += 1
        return went

    assert try_all() == 5
    engine.deliver()
    assert len(smtp.mails) == 5
    assert Meeting.objects.exclude(invites_mentor="").count() == 5
    clock.move_to(NOW + DAY)
    assert try_all() == 10  # the five of yesterday have theirs already
    engine.deliver()
    assert len(smtp.mails) == 10
    for mail in smtp.mails:
        assert str(mail.message["From"]) == "Mentorfolio <hello@localhost>"
        assert "paypa1" not in str(mail.message["Subject"]).lower()
        assert live_links(mail.text) == []
        event = event_of(mail.message).walk("VEVENT")[0]
        for name in ("summary", "location", "description"):
            assert LINKED.findall(str(event[name])) == []
        assert str(event["url"]).startswith("http://localhost:8000/with/")
        assert [one.params.get("CN", "") for one in event["attendee"]] == ["", ""]
        assert "\u202e" not in str(event)


def live_links(text: str) -> list[str]:
    """What a mail program may make a link of, without our own pages and the address the answer goes to."""
    ours = re.sub(r"http://localhost:8000/(?:(?:with|stop)/\S+|notes-about-me/)", "", text)
    return LINKED.findall(ours.replace("alice@example.org", ""))


@pytest.mark.parametrize(
    "name",
    ["Alice\r\nBcc: eve@example.org", "eve@example.org", "www.evil", "Alice\u202e", "x" * 120, "", "♥", "Mentorfolio"],
)
def test_a_name_that_is_none_stands_in_no_header(smtp: SmtpServer, alice: User, meeting: Meeting, name: str) -> None:
    User.objects.filter(pk=alice.pk).update(name=name)
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    message = smtp.mails[0].message
    assert parseaddr(str(message["From"])) == ("Mentorfolio", "hello@localhost")
    assert message["Subject"] == "Regular meeting, Wednesday 4 March 2026, 10:00 (Europe/London)"
    assert message["Bcc"] is None
    assert "alice@example.org would like to meet you" in smtp.mails[0].text


@pytest.mark.parametrize("name", ["Dr. Anna von der Ach", "Siobhán O'Brien-Łukasiewicz"])
def test_an_ordinary_name_does(smtp: SmtpServer, alice: User, meeting: Meeting, name: str) -> None:
    User.objects.filter(pk=alice.pk).update(name=name)
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    assert smtp.mails[0].message["From"].addresses[0].display_name == f"{name} by Mentorfolio"
    assert f"with {name}, " in smtp.mails[0].message["Subject"]


@pytest.mark.parametrize(("name", "greeted"), [("Dr Bob Brook", "Dear Bob,"), ("http://evil.example x", "Hello,")])
def test_the_mentors_name_is_the_users_word_too(smtp: SmtpServer, bob: Person, name: str, greeted: str) -> None:
    Person.objects.filter(pk=bob.pk).update(name=name)
    invite(meeting=make_meeting(Person.objects.get(pk=bob.pk), starts_at=NOW + DAY), me=False, mentor=BOB)
    engine.deliver()
    assert smtp.mails[0].text.startswith(greeted)


def test_the_link_to_a_meeting_service_stays_alive(smtp: SmtpServer, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW + DAY, place="https://us02web.zoom.us/j/1?pwd=x")
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    assert "https://us02web.zoom.us/j/1?pwd=x" in smtp.mails[0].text.splitlines()
    assert str(event_of(smtp.mails[0].message).walk("VEVENT")[0]["location"]) == meeting.place


def test_the_users_own_copy_keeps_their_words(smtp: SmtpServer, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW + DAY, place="https://meet.uni.example/x")
    invite(meeting=meeting, me=True, mentor="")
    engine.deliver()
    assert "https://meet.uni.example/x" in smtp.mails[0].text


# --- On the page ----------------------------------------------------------------------------------


def press(client: Client, meeting: Meeting, **fields: str) -> tuple[int, str]:
    page = client.post(reverse("meeting_invite", args=[meeting.pk]), fields, follow=True)
    return page.status_code, " ".join(page.content.decode().split())


def test_at_the_limit_the_form_keeps_its_choices_and_says_when(
    settings, alice_client: Client, bob: Person, meeting: Meeting
) -> None:
    settings.MAIL_NEW_RECIPIENTS_FIRST_WEEK = 0
    status, page = press(alice_client, meeting, me="on", mentor=BOB)
    assert status == 422
    assert "This one can go from Tuesday 3 March at 00:00. Nothing was sent, and the meeting stays as it is." in page
    assert f'<option value="{BOB}" selected>' in page
    assert re.search(r'name="me"[^>]* checked', page)
    meeting.refresh_from_db()
    assert (meeting.invites_me, meeting.invites_mentor, meeting.state) == (False, "", "planned")
    assert not Invitation.objects.exists()


def test_a_stopped_address_says_so_on_the_page(alice_client: Client, meeting: Meeting) -> None:
    suppression.suppress(address=BOB, reason=SuppressedAddress.Reason.ASKED)
    said = "bob@example.org doesn’t accept email sent through Mentorfolio. Nothing was sent"
    assert said in press(alice_client, meeting, mentor=BOB)[1]
    suppression.suppress(address="bill@example.org", reason=SuppressedAddress.Reason.BOUNCED)
    PersonEmail.objects.create(owner=meeting.owner, person=meeting.person, address="bill@example.org")
    assert "came back" in press(alice_client, meeting, mentor="bill@example.org")[1]


def test_mail_that_was_stopped_on_its_way_is_shown_with_the_reason(alice_client: Client, meeting: Meeting) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    assert "wasn’t sent" not in alice_client.get(meeting.get_absolute_url()).content.decode()
    suppression.suppress(address=BOB, reason=SuppressedAddress.Reason.ASKED)
    page = " ".join(alice_client.get(meeting.get_absolute_url()).content.decode().split())
    assert f"wasn’t sent. {BOB} doesn’t accept email sent through Mentorfolio." in page


def test_a_change_goes_through_though_they_stopped_mail_and_says_so(
    smtp: SmtpServer, alice_client: Client, meeting: Meeting
) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    suppression.suppress(address=BOB, reason=SuppressedAddress.Reason.ASKED)
    page = alice_client.post(reverse("meeting_cancel", args=[meeting.pk]), follow=True).content.decode()
    assert "wasn’t sent" in page
    meeting.refresh_from_db()
    assert meeting.state == "cancelled"
    page = alice_client.post(reverse("meeting_reinstate", args=[meeting.pk]), follow=True).content.decode()
    assert "wasn’t sent" in page
    assert engine.deliver() == 0
    press(alice_client, meeting, mentor="")  # who stopped mail can be left out
    meeting.refresh_from_db()
    assert meeting.invites_mentor == ""


def test_the_fourth_change_of_a_day_waits_and_the_page_says_until_when(
    smtp: SmtpServer, alice_client: Client, meeting: Meeting, clock: time_machine.Coordinates
) -> None:
    invite(meeting=meeting, me=False, mentor=BOB)
    engine.deliver()
    for hour in (11, 12, 13):
        services.move_meeting(meeting=meeting, starts_local=dt.datetime(2026, 3, 4, hour), zone="Europe/London")
        engine.deliver()
    assert len(smtp.mails) == 3
    page = " ".join(alice_client.get(meeting.get_absolute_url()).content.decode().split())
    assert "gets three emails a day from you at most, so the latest goes on Tuesday 3 March at 00:00." in page
    clock.move_to(NOW + DAY)
    assert engine.deliver() == 1
    assert event_of(smtp.mails[-1].message).walk("VEVENT")[0]["dtstart"].dt.hour == 13


def test_a_series_goes_three_a_day_and_none_is_lost(
    smtp: SmtpServer, alice_client: Client, bob: Person, clock: time_machine.Coordinates
) -> None:
    from meetings.series import plan_series

    first, *_ = plan_series(
        owner=bob.owner,
        person=bob,
        kind="regular",
        starts_local=dt.datetime(2026, 4, 1, 10),
        zone="Europe/London",
        weeks=2,
        count=8,
    )
    _, page = press(alice_client, first, mentor=BOB, series="on")
    assert f"On its way. {BOB} gets three emails a day at most, so five follow over the next days." in page
    assert [engine.deliver(), engine.deliver()] == [3, 0]
    for more in (3, 2, 0):
        clock.shift(DAY)
        assert engine.deliver() == more
    assert len({str(event_of(mail.message).walk("VEVENT")[0]["uid"]) for mail in smtp.mails}) == 8


def test_the_page_says_which_words_are_not_linked(alice_client: Client, bob: Person) -> None:
    known = make_meeting(bob, starts_at=NOW + DAY, place="https://zoom.us/j/1")
    other = make_meeting(bob, starts_at=NOW + 2 * DAY, place="https://meet.uni.example/x")
    said = "Only links to well-known meeting services"
    assert said not in alice_client.get(known.get_absolute_url()).content.decode()
    assert said in alice_client.get(other.get_absolute_url()).content.decode()


def test_the_private_page_links_to_what_an_invitation_may_link_to(bob: Person) -> None:
    from meetings.signed_links import link_to

    link = make_share_link(bob)
    meeting = make_meeting(bob, starts_at=NOW + DAY, place="https://zoom.us/j/1")
    path = link_to(link).removeprefix("http://localhost:8000")
    assert 'href="https://zoom.us/j/1"' in Client().get(path).content.decode()
    Meeting.objects.filter(pk=meeting.pk).update(place="https://evil.example/x")
    page = Client().get(path).content.decode()
    assert ("https://evil.example/x" in page, 'href="https://evil' in page) == (True, False)
    assert "evil.example" not in Client().get(f"{path}meeting.ics").content.decode()


def test_mail_to_mentors_is_queued_through_one_door() -> None:
    """``queue_to_other`` asks for everything; an app that queues to a mentor by itself would go round it."""
    root = Path(settings.ROOT)
    files = [path for app in settings.OWN_APPS if app != "mail" for path in (root / app).rglob("*.py")]
    named = [path for path in files if re.search(r"Audience\.MENTOR\b", path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(root)) for path in named] == ["meetings/apps.py"]  # registers how it is written
