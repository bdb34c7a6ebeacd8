"""The feed, and the files of single meetings."""

from __future__ import annotations

import datetime as dt

import pytest
import vobject
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import User
from meetings.calendar.feed import token_for
from meetings.models import CalendarFeed, Meeting
from meetings.signed_links import token_for as page_token
from portfolio.models import Person
from tests.factories import (
    make_action,
    make_approach,
    make_follow_up,
    make_meeting,
    make_person,
    make_share_link,
)
from tests.meetings.calendar.test_ics import ZONES, lawful

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def feed(alice: User) -> CalendarFeed:
    return CalendarFeed.objects.create(owner=alice)


def address(feed: CalendarFeed) -> str:
    return reverse("calendar_feed", args=[token_for(feed)])


def read(feed: CalendarFeed, **headers: str) -> list[tuple[str, object]]:
    """The feed's entries, according to two parsers."""
    content = Client().get(address(feed), headers=headers).content
    lawful(content)
    one = [(str(event["summary"]), event["dtstart"].dt) for event in Calendar.from_ical(content).walk("VEVENT")]
    calendar = vobject.readOne(content.decode())
    other = [(event.summary.value, event.dtstart.value) for event in getattr(calendar, "vevent_list", [])]
    assert one == other
    return one


def test_the_feed_holds_meetings_and_by_choice_the_rest(alice: User, bob: Person, feed: CalendarFeed) -> None:
    meeting = make_meeting(bob, starts_at=NOW + HOUR)
    make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW)
    make_meeting(bob, starts_at=NOW + 2 * HOUR, state="cancelled")
    make_follow_up(make_approach(bob), due_on=dt.date(2026, 3, 4))
    make_action(meeting, "Read the report", due_on=dt.date(2026, 3, 5))
    make_action(meeting, "Done already", due_on=dt.date(2026, 3, 5), done_at=NOW)
    make_action(meeting, "Kindly offered", whose="theirs")
    met = [
        ("Regular meeting with Dr Bob Brook", NOW + HOUR),
        ("Regular meeting with Dr Bob Brook", NOW - HOUR),
    ]
    assert read(feed) == met
    CalendarFeed.objects.update(with_follow_ups=True, with_actions=True)
    assert read(feed) == [
        *met,
        ("Write to Dr Bob Brook once more", dt.date(2026, 3, 4)),
        ("Read the report", dt.date(2026, 3, 5)),
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_the_feed_tells_the_very_instant_in_every_zone(bob: Person, feed: CalendarFeed, zone: str) -> None:
    starts = [dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC) for hour in range(24)]
    for at in starts:
        make_meeting(bob, starts_at=at, zone=zone)
    assert [at for _, at in read(feed)] == starts[::-1]


def test_nothing_has_changed_is_said_in_few_bytes(bob: Person, feed: CalendarFeed) -> None:
    meeting = make_meeting(bob, starts_at=NOW + HOUR)
    first = Client().get(address(feed))
    tag = first["ETag"]
    again = Client().get(address(feed), headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    Meeting.objects.filter(pk=meeting.pk).update(place="Elsewhere")
    assert Client().get(address(feed), headers={"If-None-Match": tag}).status_code == 200
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Type"].startswith("text/calendar")


def test_two_thousand_meetings_cost_six_queries_at_most(
    bob: Person, feed: CalendarFeed, django_assert_max_num_queries
) -> None:
    CalendarFeed.objects.update(with_follow_ups=True, with_actions=True)
    Meeting.objects.bulk_create(
        Meeting(owner=bob.owner, person=bob, starts_at=NOW + n * HOUR, zone="Europe/London") for n in range(2000)
    )
    with django_assert_max_num_queries(6):
        content = Client().get(address(feed)).content
    assert content.count(b"BEGIN:VEVENT") == 2000


def test_the_feed_is_replaced_and_switched_off(alice_client: Client) -> None:
    def press(name: str) -> str:
        return alice_client.post(reverse(name), follow=True).content.decode()

    assert "Switch it on" in alice_client.get(reverse("calendar")).content.decode()
    press("calendar_open")
    first = address(CalendarFeed.objects.get())
    assert first in alice_client.get(reverse("calendar")).content.decode()
    alice_client.post(reverse("calendar"), {"with_actions": "on"})
    assert "A new address" in press("calendar_open")
    feed = CalendarFeed.objects.get()
    assert (feed.version, feed.with_actions, feed.with_follow_ups) == (2, True, False)
    assert [Client().get(one).status_code for one in (first, address(feed))] == [404, 200]
    press("calendar_close")
    assert Client().get(address(feed)).status_code == 404


def test_a_feed_opens_nothing_but_itself_and_writes_nothing(alice: User, charlie: User, feed: CalendarFeed) -> None:
    make_meeting(make_person(charlie, "Somebody else"), starts_at=NOW + HOUR)
    assert read(feed) == []
    token = token_for(feed)
    link = make_share_link(make_person(alice, "Bea"))
    for wrong in (token[:-1], token.replace(".1.", ".2."), page_token(link), "x", "..", "9" * 2000):
        assert Client().get(reverse("calendar_feed", args=[wrong])).status_code == 404
    assert Client().get(reverse("mentor_page", args=[token])).status_code == 404
    assert Client().post(address(feed)).status_code == 405
    assert not Client().get(address(feed)).cookies
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    assert Client().get(address(feed)).status_code == 404


def test_a_meeting_is_a_file_and_two_addresses(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW + HOUR, place="Room 1")
    answer = alice_client.get(reverse("meeting_file", args=[meeting.pk]))
    lawful(answer.content)
    event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert (event["dtstart"].dt, event["location"]) == (NOW + HOUR, "Room 1")
    assert answer["Content-Disposition"] == 'attachment; filename="meeting.ics"'
    page = alice_client.get(meeting.get_absolute_url()).content.decode()
    assert "calendar.google.com" in page
    assert "outlook.office.com" in page


def test_a_mentor_takes_the_next_meeting_along(bob: Person) -> None:
    link = make_share_link(bob)
    file = reverse("mentor_file", args=[page_token(link)])
    assert Client().get(file).status_code == 404
    make_meeting(bob, starts_at=NOW + HOUR, private_notes="Hidden")
    answer = Client().get(file)
    assert str(Calendar.from_ical(answer.content).walk("VEVENT")[0]["summary"]) == "Regular meeting with Alice Ashe"
    assert b"Hidden" not in answer.content
    assert b"/meetings/" not in answer.content
    assert answer["Cache-Control"] == "no-store"
