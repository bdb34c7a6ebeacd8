"""The page of the user's own calendar, and where busy times are said."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts import jobs
from accounts.models import User
from meetings.models import BusyTime, Meeting, MentorWord, OwnCalendar
from meetings.sharing import mentor_actions
from portfolio.models import Person
from tests.exports import zip_of
from tests.factories import make_busy, make_meeting, make_offer, make_own_calendar, make_share_link
from tests.meetings.test_diary import wish

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.clock(NOW)
PAGE = "/settings/calendar/"


@pytest.fixture
def calendar(alice: User) -> OwnCalendar:
    return make_own_calendar(alice)


def test_settings_lead_to_it(alice_client: Client) -> None:
    assert PAGE in alice_client.get("/settings/").content.decode()


def test_connecting_keeps_the_address_and_shows_it_nowhere(alice_client: Client) -> None:
    page = alice_client.post(PAGE, {"address": " webcal://calendar.example.org/s3cr3t.ics\n"}, follow=True).content
    assert OwnCalendar.objects.get().address == "https://calendar.example.org/s3cr3t.ics"
    assert b"s3cr3t" not in page
    assert b"s3cr3t" not in alice_client.get(PAGE).content
    assert b"hasn\xe2\x80\x99t been read yet" in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "This field is required."),
        ("http://calendar.example.org/a.ics", "It must begin with https://"),
        ("https://me:pass@calendar.example.org/", "name or password before the host"),
        ("https://0x7f.1/", "no host we can connect to"),
        ("calendar", "no host we can connect to"),
        ("https://calendar.example.org/a b", "Copy it once more"),
    ],
)
def test_an_address_that_can_not_be_one_is_refused_with_why(alice_client: Client, address: str, said: str) -> None:
    answer = alice_client.post(PAGE, {"address": address})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not OwnCalendar.objects.exists()


def test_a_private_address_is_refused_when_it_is_connected_to(alice_client: Client) -> None:
    alice_client.post(PAGE, {"address": "https://localhost/a.ics"})
    jobs.run()
    page = alice_client.get(PAGE).content.decode()
    assert "private network" in page
    assert "It couldn’t be read since" in page


def test_the_page_shows_when_one_is_busy(alice_client: Client, calendar: OwnCalendar) -> None:
    make_busy(calendar, NOW + 24 * HOUR)
    make_busy(calendar, NOW + 60 * HOUR, minutes=36 * 60)
    page = alice_client.get(PAGE).content.decode()
    said = [" ".join(line.split()) for line in page.split("<dt>")[1:]]
    assert [line.split("</dd>")[0].replace("</dt> <dd>", ": ") for line in said] == [
        "Tuesday 3 March: 10:00 to 11:00",
        "Wednesday 4 March: from 22:00",
        "Thursday 5 March: all day",
        "Friday 6 March: until 10:00",
    ]


def test_reading_now_is_asked_for_once_a_minute(alice_client: Client, calendar: OwnCalendar, clock) -> None:
    read = reverse("own_calendar_read")
    assert "read a moment ago" in alice_client.post(read, follow=True).content.decode()
    clock.move_to(NOW + dt.timedelta(minutes=2))
    alice_client.post(read)
    calendar.refresh_from_db()
    assert calendar.due_at == NOW + dt.timedelta(minutes=2)


def test_disconnecting_asks_first_and_forgets_at_once(alice_client: Client, calendar: OwnCalendar) -> None:
    off = reverse("own_calendar_off")
    assert "Disconnect your calendar?" in alice_client.get(off).content.decode()
    assert OwnCalendar.objects.exists()
    alice_client.post(off)
    assert not OwnCalendar.objects.exists()
    assert not BusyTime.objects.exists()
    assert alice_client.get(off).status_code == 302


def test_no_export_holds_the_address_or_the_times(alice: User, calendar: OwnCalendar) -> None:
    files = zip_of(alice)
    everything = b"".join(files.read(name) for name in files.namelist())
    assert b"s3cr3t" not in everything
    assert b'"meetings.busytime": [' not in everything


# --- Where it is said -----------------------------------------------------------------------------


def test_planning_at_a_busy_time_warns_and_goes_through_when_it_is_meant(
    alice_client: Client, bob: Person, calendar: OwnCalendar
) -> None:
    make_busy(calendar, NOW + 48 * HOUR, minutes=90)
    answer = alice_client.post(reverse("meeting_new"), wish(bob))
    assert answer.status_code == 422
    assert "Your calendar is busy on Wednesday 4 March at 10:00, until 11:30." in answer.content.decode()
    despite = answer.context["form"]["despite"].value()
    assert alice_client.post(reverse("meeting_new"), wish(bob, despite=despite)).status_code == 302


def test_a_meeting_that_stands_in_the_calendar_too_is_no_clash_with_itself(
    alice_client: Client, bob: Person, calendar: OwnCalendar
) -> None:
    """Somebody added it there by hand: moving it within its hour says nothing of that."""
    meeting = make_meeting(bob, starts_at=NOW + 48 * HOUR, minutes=60)
    make_busy(calendar, NOW + 48 * HOUR)
    answer = alice_client.post(reverse("meeting_edit", args=[meeting.pk]), wish(bob, time="10:15"))
    assert answer.status_code == 302


def test_offering_times_shows_when_one_is_busy_and_warns_of_a_clash(
    alice_client: Client, bob: Person, calendar: OwnCalendar
) -> None:
    meeting = make_meeting(bob, starts_at=NOW + 96 * HOUR)
    make_busy(calendar, NOW + 48 * HOUR)
    times = reverse("meeting_times", args=[meeting.pk])
    page = alice_client.get(times).content.decode()
    assert "When you are busy" in page
    assert "Wednesday 4 March" in page
    rows = {"day-0": "2026-03-04", "time-0": "10:30", "day-1": "2026-03-05", "time-1": "10:00"}
    answer = alice_client.post(times, rows)
    assert answer.status_code == 422
    assert "Your calendar is busy on Wednesday 4 March at 10:00, until 11:00." in answer.content.decode()
    alice_client.post(times, {**rows, "despite": answer.context["form"]["despite"].value()})
    assert meeting.offers.count() == 2


def test_offering_times_without_a_calendar_offers_to_connect_one(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW + 96 * HOUR)
    assert PAGE in alice_client.get(reverse("meeting_times", args=[meeting.pk])).content.decode()


def test_a_pick_at_a_busy_time_is_told_to_the_user_and_not_to_the_mentor(
    alice: User, bob: Person, calendar: OwnCalendar
) -> None:
    meeting = make_meeting(bob, starts_at=NOW + 96 * HOUR)
    offer = make_offer(meeting, NOW + 48 * HOUR)
    make_busy(calendar, NOW + 48 * HOUR + dt.timedelta(minutes=15))
    mentor_actions.pick_time(link=make_share_link(bob), offer=offer.pk)
    assert MentorWord.objects.get().words == "Chose Wednesday 4 March, 10:00. Your calendar is busy then."
    assert Meeting.objects.get().starts_at == NOW + 48 * HOUR


# --- An account on a CalDAV server ----------------------------------------------------------------

ACCOUNT = {
    "address": "https://cloud.example.org/dav/",
    "username": "alice",
    "password": " s3cr3t app ",
    "with_talks": "on",
}


def test_an_account_is_connected_and_its_password_shown_nowhere(alice_client: Client, alice: User) -> None:
    page = alice_client.post("/settings/calendar/account/", ACCOUNT, follow=True).content
    calendar = OwnCalendar.objects.get()
    assert (calendar.username, calendar.password, calendar.with_talks) == ("alice", " s3cr3t app ", True)
    assert b"s3cr3t" not in page + alice_client.get(PAGE).content
    files = zip_of(alice)
    assert b"s3cr3t" not in b"".join(files.read(name) for name in files.namelist())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "a:b"}, "with a colon"),
        ({"password": ""}, "required"),
        ({"address": "http://a.example.org"}, "https"),
    ],
)
def test_an_account_that_can_not_be_one_is_refused_with_why(
    alice_client: Client, wrong: dict[str, str], said: str
) -> None:
    answer = alice_client.post("/settings/calendar/account/", {**ACCOUNT, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "s3cr3t" not in answer.content.decode()
    assert not OwnCalendar.objects.exists()


def test_which_calendars_are_read_is_chosen_by_name(alice_client: Client, calendar: OwnCalendar) -> None:
    choose = reverse("own_calendar_choose")
    assert "nothing to choose" in alice_client.post(choose, follow=True).content.decode()
    calendar.calendars = [
        {"url": f"https://c.example.org/{one}/", "name": one, "read": True} for one in ("Work", "Home")
    ]
    calendar.save()
    page = alice_client.get(PAGE).content.decode()
    assert page.count("checked") == 3  # and that people are noticed
    alice_client.post(choose, {"calendar": ["https://c.example.org/Work/", "https://evil.example.org/"]})
    calendar.refresh_from_db()
    assert [(one["name"], one["read"]) for one in calendar.calendars] == [("Work", True), ("Home", False)]
    assert calendar.whole_at is None
