from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.recent_sign_in import RECENT
from meetings import services
from meetings.development_log import Year, entries, of_year, years
from portfolio.models import Contact, Person
from portfolio.people.contacts import record_contact
from tests.factories import make_item, make_meeting, make_mentorship, make_need, make_support
from tests.queries import count

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-03-02T10:00:00Z")]

PAGE, CSV = "/development-log/", "/development-log/csv/"


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


def held(person: Person, *parts: int, minutes: int = 60, **fields: Any) -> None:
    meeting = make_meeting(person, starts_at=utc(*parts), minutes=minutes, **fields)
    services.hold_meeting(meeting=meeting, at=utc(*parts))


def text(client: Client, address: str = PAGE) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_a_meeting_is_counted_once_though_it_left_a_contact(alice: User, bob: Person) -> None:
    held(bob, 2026, 1, 5, 9, minutes=45)
    held(bob, 2026, 1, 6, 9, kind="initial")
    assert Contact.objects.filter(minutes__isnull=False).count() == 2
    assert [(entry.on.day, entry.minutes) for entry in entries(alice)] == [(5, 45), (6, 60)]


def test_calls_count_where_their_length_is_known(alice: User, bob: Person) -> None:
    record_contact(person=bob, at=utc(2026, 2, 1, 9), kind="call", minutes=20)
    record_contact(person=bob, at=utc(2026, 2, 2, 9), kind="call")
    make_meeting(bob, starts_at=utc(2026, 2, 3, 9))
    make_meeting(bob, starts_at=utc(2026, 2, 4, 9), state="cancelled")
    assert [(entry.what, entry.minutes) for entry in entries(alice)] == [("A call", 20)]


def test_another_meeting_at_the_same_time_with_somebody_else_counts(alice: User, bob: Person) -> None:
    held(bob, 2026, 1, 5, 9)
    other = Person.objects.create(owner=alice, name="Eve")
    record_contact(person=other, at=utc(2026, 1, 5, 9), kind="meeting", minutes=30)
    assert sum(entry.minutes for entry in entries(alice)) == 90


def test_it_says_what_was_served(alice: User, bob: Person) -> None:
    lead, write = make_need(alice, "lead a team"), make_need(alice, "write well")
    mentorship = make_mentorship(bob)
    make_support(mentorship, need=lead, since=dt.date(2026, 1, 1), until=dt.date(2026, 1, 31))
    held(bob, 2026, 1, 5, 9)
    held(bob, 2026, 2, 5, 9)
    meeting = make_meeting(bob, starts_at=utc(2026, 2, 6, 9))
    make_item(meeting, "my draft", need=write)
    services.hold_meeting(meeting=meeting, at=utc(2026, 2, 6, 9))
    assert [entry.served for entry in entries(alice)] == [("lead a team",), (), ("write well",)]


@pytest.mark.parametrize(
    ("kind", "day", "year", "named"),
    [
        (Year.CALENDAR, dt.date(2026, 1, 1), 2026, "2026"),
        (Year.CALENDAR, dt.date(2026, 12, 31), 2026, "2026"),
        (Year.ACADEMIC, dt.date(2026, 7, 31), 2025, "2025/26"),
        (Year.ACADEMIC, dt.date(2026, 8, 1), 2026, "2026/27"),
        (Year.FINANCIAL, dt.date(2026, 3, 31), 2025, "2025/26"),
        (Year.FINANCIAL, dt.date(2026, 4, 1), 2026, "2026/27"),
        (Year.ACADEMIC, dt.date(1999, 9, 1), 1999, "1999/00"),
    ],
)
def test_years_begin_where_people_say_so(kind: Year, day: dt.date, year: int, named: str) -> None:
    assert (kind.of(day), kind.named(kind.of(day))) == (year, named)
    assert kind.begins(year) <= day < kind.begins(year + 1)


def test_each_conversation_is_in_one_year_of_each_kind(alice: User, bob: Person) -> None:
    for month in range(1, 13):
        held(bob, 2025, month, 5, 9)
    found = entries(alice)
    for kind in Year:
        logs = [of_year(found, kind, year) for year in years(found, kind, alice.today())]
        assert sum(log.minutes for log in logs) == 12 * 60


def test_days_are_the_users_own(alice: User, bob: Person) -> None:
    alice.time_zone = "Pacific/Auckland"
    alice.save(update_fields=["time_zone"])
    held(bob, 2025, 12, 31, 20)
    assert [entry.on for entry in entries(alice)] == [dt.date(2026, 1, 1)]


def test_the_page_adds_up(alice: User, bob: Person, alice_client: Client) -> None:
    eve = Person.objects.create(owner=alice, name="Eve Ash")
    held(bob, 2026, 1, 5, 9, minutes=90)
    held(bob, 2026, 1, 6, 9, minutes=60)
    held(eve, 2026, 1, 6, 11, minutes=30)
    held(bob, 2025, 5, 5, 9, minutes=45)
    page = text(alice_client)
    assert "2026: 3 hours of mentoring, in 3 conversations on 2 days." in page
    assert page.index("Dr Bob Brook") < page.index("Eve Ash")
    assert "2025/26 (August to July)" not in page
    assert "45 minutes of mentoring, in 1 conversation on 1 day." in text(alice_client, f"{PAGE}?year=2025")
    assert "2025/26 (April to March): 3 h 45 min" in text(alice_client, f"{PAGE}?year=2025&kind=financial")


def test_without_names_there_are_none(alice: User, bob: Person, alice_client: Client) -> None:
    held(bob, 2026, 1, 5, 9)
    page = text(alice_client, f"{PAGE}?names=no")
    assert "1 hour of mentoring" in page
    assert "Bob" not in page
    csv = b"".join(alice_client.get(f"{CSV}?names=no").streaming_content).decode("utf-8-sig")
    assert csv.splitlines() == ["Date,What,Minutes,What it served", "2026-01-05,Regular meeting,60,"]


def test_the_spreadsheet_holds_the_same(alice: User, bob: Person, alice_client: Client, clock: Any) -> None:
    bob.name = "=HYPERLINK(1)"
    bob.save(update_fields=["name"])
    held(bob, 2026, 1, 5, 9)
    answer = alice_client.get(CSV)
    assert answer["Content-Disposition"] == 'attachment; filename="mentorfolio-development-log-2026-03-02.csv"'
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines == ["\ufeffDate,With,What,Minutes,What it served", "2026-01-05,'=HYPERLINK(1),Regular meeting,60,"]
    clock.shift(RECENT)
    assert alice_client.get(CSV).url.startswith("/account/reauthenticate/?next=")


@pytest.mark.parametrize("query", ["year=x", "year=99999", "year=0000", "year=٢٠٢٦", "kind=x", "names=x", "year=9999"])
def test_nonsense_shows_a_year(alice: User, alice_client: Client, query: str) -> None:
    assert alice_client.get(f"{PAGE}?{query}").status_code == 200
    assert alice_client.get(f"{CSV}?{query}").status_code == 200


def test_it_is_found_from_the_settings(alice: User, alice_client: Client) -> None:
    assert f'href="{PAGE}">Your development log</a>' in alice_client.get("/settings/").content.decode()


def test_somebody_elses_hours_are_not_in_it(bob: Person, charlie_client: Client) -> None:
    held(bob, 2026, 1, 5, 9)
    page = text(charlie_client)
    assert "no conversation whose length is known" in page
    assert "Bob" not in page


def test_queries_do_not_grow(alice: User, bob: Person, alice_client: Client) -> None:
    held(bob, 2026, 1, 5, 9)
    few = queries(alice_client)
    for day in range(6, 16):
        held(bob, 2026, 1, day, 9)
    assert queries(alice_client) == few


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    return count(asked)
