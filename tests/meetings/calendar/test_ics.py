"""Two independent parsers read every calendar, in ten zones."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from meetings.calendar import ics

ZONES = [
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
]
CHANGED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ALICE = ics.Somebody("alice@example.org", 'Alice "A." Ashe; PhD, ☃', "ACCEPTED", sent_by="hello@example.org")
BOB = ics.Somebody("bob@example.org", "Dr Bob Brook")


def entry(starts: dt.datetime, zone: str = "Europe/London", minutes: int = 60, **fields) -> ics.CalendarEntry:
    return ics.CalendarEntry(
        uid="one-for-life@example.org",
        summary="Regular meeting with Dr Bob Brook",
        starts=starts,
        minutes=minutes,
        changed=CHANGED,
        zone=ZoneInfo(zone),
        **{"sequence": 3, "organizer": ALICE, "attendees": (ALICE, BOB), **fields},
    )


def lawful(content: bytes) -> None:
    """Check the format: CRLF at line ends, no line over 75 octets, no lone line break."""
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)


numbers = itertools.count()


def by_its_own_rules(content: bytes, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """Parse it with vobject under an unknown zone name, so that it uses only the rules in the calendar."""
    cal = vobject.readOne(content.decode().replace(zone, f"N{next(numbers)}"))  # vobject caches names
    walls = cal.vevent.dtstart.value, cal.vevent.dtend.value
    rules = cal.vtimezone.tzinfo if walls[0].tzinfo is None else None
    starts, ends = (wall.replace(tzinfo=rules) if rules else wall for wall in walls)
    return starts.astimezone(dt.UTC), ends.astimezone(dt.UTC)


def read_back(content: bytes, zone: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """Start and end in UTC according to each parser."""
    lawful(content)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    known_by_name = (event["dtstart"].dt.astimezone(dt.UTC), event["dtend"].dt.astimezone(dt.UTC))
    return [known_by_name, by_its_own_rules(content, zone)]


instants = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2031, 12, 31), timezones=st.just(dt.UTC))


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=40)
@given(starts=instants.map(lambda at: at.replace(second=0, microsecond=0)), minutes=st.integers(5, 1440))
def test_times_come_back_in_every_zone(zone: str, starts: dt.datetime, minutes: int) -> None:
    wanted = (starts, starts + dt.timedelta(minutes=minutes))
    content = ics.calendar([entry(starts, zone, minutes)], method="REQUEST")
    assert read_back(content, zone) == [wanted, wanted]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2026, 2027])
def test_times_around_each_change_of_the_clocks_come_back(zone: str, year: int) -> None:
    ends = dt.datetime(year, 1, 1, tzinfo=dt.UTC), dt.datetime(year + 1, 1, 1, tzinfo=dt.UTC)
    for change in ics.transitions(ZoneInfo(zone), *ends):
        for minutes in (-150, -90, -60, -30, -1, 0, 1, 30, 59, 60, 90):
            starts = change + dt.timedelta(minutes=minutes)
            wanted = (starts, starts + dt.timedelta(minutes=45))
            content = ics.calendar([entry(starts, zone, 45)], method="REQUEST")
            assert read_back(content, zone) == [wanted, wanted], (zone, starts)


def test_clocks_change_when_they_do() -> None:
    year = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert ics.transitions(ZoneInfo("Europe/London"), *year) == [
        dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 1, tzinfo=dt.UTC),
    ]
    assert ics.transitions(ZoneInfo("Asia/Kolkata"), *year) == []


def test_rules_of_a_zone_begin_on_the_clock_that_was_valid_before() -> None:
    content = ics.calendar([entry(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC))]).decode()
    daylight = content.split("BEGIN:DAYLIGHT")[1].split("END:DAYLIGHT")[0].split("\r\n")
    assert set(daylight) >= {"DTSTART:20260329T010000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", "TZNAME:BST"}
    assert "DTSTART;TZID=Europe/London:20260601T100000" in content


def test_a_wall_time_that_comes_twice_is_told_in_utc() -> None:
    content = ics.calendar([entry(dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC))]).decode()
    assert "DTSTART:20261025T003000Z" in content
    assert "VTIMEZONE" not in content


def test_a_request_names_organizer_and_attendees() -> None:
    content = ics.calendar([entry(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC))], method="REQUEST")
    cal = Calendar.from_ical(content)
    assert (cal["method"], cal["version"]) == ("REQUEST", "2.0")
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert (event["uid"], event["sequence"], event["status"]) == ("one-for-life@example.org", 3, "CONFIRMED")
    assert event["organizer"].params["SENT-BY"] == "mailto:hello@example.org"
    assert [(str(one), one.params["PARTSTAT"], one.params["RSVP"]) for one in event["attendee"]] == [
        ("mailto:alice@example.org", "ACCEPTED", "FALSE"),
        ("mailto:bob@example.org", "NEEDS-ACTION", "TRUE"),
    ]
    other = vobject.readOne(content.decode())
    assert other.method.value == "REQUEST"
    assert other.vevent.sequence.value == "3"
    assert [one.value for one in other.vevent.attendee_list] == ["mailto:alice@example.org", "mailto:bob@example.org"]
    assert other.vevent.organizer.params["CN"] == ["Alice ’A.’ Ashe; PhD, ☃"]


HOSTILE = [
    "a\r\nATTENDEE:mailto:evil@example.org",
    "a\nEND:VEVENT\nBEGIN:VALARM",
    "; , \\ : \" '",
    "\u202eevil \x00\x07\x1b",
    "a\x85b\u2028c\u2029d\x0be\x9f",
    "ü" * 500,
    "🜁" * 200,
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_stay_words(words: str) -> None:
    one = entry(
        dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC),
        place=words,
        words=words,
        attendees=(ics.Somebody("bob@example.org", words),),
    )
    content = ics.calendar([one], method="REQUEST")
    lawful(content)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    attendees = event["attendee"] if isinstance(event["attendee"], list) else [event["attendee"]]
    assert [str(attendee) for attendee in attendees] == ["mailto:bob@example.org"]
    assert len(Calendar.from_ical(content).walk()) == 2 + 1 + len(
        Calendar.from_ical(content).walk("VTIMEZONE")[0].subcomponents
    )
    assert event["location"] == ics.clean(words).replace("\r\n", "\n")
    other = vobject.readOne(content.decode()).vevent
    assert len(other.attendee_list) == 1


def test_a_whole_day_is_a_date_and_keeps_nobody_busy() -> None:
    day = ics.WholeDay("a@example.org", "Write to Gwen", dt.date(2026, 3, 2), CHANGED)
    content = ics.calendar([day])
    lawful(content)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert (event["dtstart"].dt, event["dtend"].dt, event["transp"]) == (
        dt.date(2026, 3, 2),
        dt.date(2026, 3, 3),
        "TRANSPARENT",
    )
    assert vobject.readOne(content.decode()).vevent.dtstart.value == dt.date(2026, 3, 2)


def test_addresses_of_other_calendars_carry_the_same_times() -> None:
    one = entry(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), place="Room 1 & 2")
    assert "dates=20260601T090000Z%2F20260601T100000Z" in ics.google(one)
    assert "location=Room%201%20%26%202" in ics.google(one)
    assert "startdt=2026-06-01T09%3A00%3A00Z" in ics.outlook(one)
    assert ics.outlook(one).startswith("https://outlook.office.com/calendar/0/action/compose?rru=addevent&")
    for link in (ics.google(one), ics.outlook(one)):
        assert "+" not in link  # Outlook would show it
