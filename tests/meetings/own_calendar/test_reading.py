"""What calendars of Google, Outlook, Apple and Nextcloud look like, and what comes out."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.own_calendar import reading
from meetings.own_calendar.reading import Busy, NoCalendar, read

FIRST, LAST = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
LONDON = ZoneInfo("Europe/London")


def calendar(*events: str, head: str = "") -> bytes:
    bodies = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n{head}{bodies}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def busy(*events: str, head: str = "", **more) -> list[str]:
    """As "03-04 10:00 to 11:00", in UTC."""
    found = read(calendar(*events, head=head), first=FIRST, last=LAST, zone=LONDON, **more)
    return [said(one) for one in found.busy]


def said(one: Busy) -> str:
    same = one.starts.date() == one.ends.date()
    return f"{one.starts:%m-%d %H:%M} to {one.ends:{'%H:%M' if same else '%m-%d %H:%M'}}"


def event(**fields: str) -> str:
    fields = {"UID": "a@example.org", "DTSTAMP": "20260101T000000Z", **fields}
    return "\n".join(f"{name.replace('__', ';')}:{value}" for name, value in fields.items())


def test_a_time_in_utc_and_one_in_a_zone() -> None:
    assert busy(
        event(UID="1", DTSTART="20260304T100000Z", DTEND="20260304T110000Z"),
        "UID:2\nDTSTART;TZID=America/New_York:20260305T100000\nDURATION:PT30M",
    ) == ["03-04 10:00 to 11:00", "03-05 15:00 to 15:30"]


def test_a_zone_with_a_windows_name() -> None:
    assert busy(
        "UID:1\nDTSTART;TZID=W. Europe Standard Time:20260304T100000\nDTEND;TZID=W. Europe Standard Time:"
        "20260304T110000"
    ) == ["03-04 09:00 to 10:00"]


def test_a_zone_that_only_the_file_knows() -> None:
    head = """BEGIN:VTIMEZONE
TZID:Our own
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""
    assert busy("UID:1\nDTSTART;TZID=Our own:20260304T100000\nDTEND;TZID=Our own:20260304T110000", head=head) == [
        "03-04 07:00 to 08:00"
    ]


def test_a_time_without_a_zone_is_the_users(settings) -> None:
    assert busy("UID:1\nDTSTART:20260403T100000\nDTEND:20260403T110000") == ["04-03 09:00 to 10:00"]


def test_a_whole_day_is_the_users_day_and_lasts_to_its_end() -> None:
    assert busy("UID:1\nDTSTART;VALUE=DATE:20260403\nDTEND;VALUE=DATE:20260405") == ["04-02 23:00 to 04-04 23:00"]
    assert busy("UID:1\nDTSTART;VALUE=DATE:20260403") == [
        "04-02 23:00 to 23:00".replace("23:00 to 23:00", "23:00 to 04-03 23:00")
    ]


def test_what_comes_back_keeps_its_time_on_the_wall_without_the_exceptions() -> None:
    assert busy(
        "UID:1\nDTSTART;TZID=Europe/London:20260310T100000\nDTEND;TZID=Europe/London:20260310T110000\n"
        "RRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=Europe/London:20260324T100000",
        "UID:1\nRECURRENCE-ID;TZID=Europe/London:20260317T100000\nDTSTART;TZID=Europe/London:20260318T140000\n"
        "DTEND;TZID=Europe/London:20260318T150000",
    ) == ["03-10 10:00 to 11:00", "03-18 14:00 to 15:00", "03-31 09:00 to 10:00", "04-07 09:00 to 10:00"]


def test_one_of_many_that_is_cancelled_is_not_busy() -> None:
    assert busy(
        "UID:1\nDTSTART:20260310T100000Z\nDTEND:20260310T110000Z\nRRULE:FREQ=WEEKLY;COUNT=2",
        "UID:1\nRECURRENCE-ID:20260317T100000Z\nDTSTART:20260317T100000Z\nSTATUS:CANCELLED",
    ) == ["03-10 10:00 to 11:00"]


def test_a_rule_that_began_years_ago_goes_on_and_one_that_ended_does_not() -> None:
    years = "DTSTART:20150302T100000Z\nDTEND:20150302T110000Z\nRRULE:FREQ=WEEKLY"
    assert len(busy(f"UID:1\n{years}")) == 9
    assert busy(f"UID:1\n{years};UNTIL=20251231T000000Z") == []


@pytest.mark.parametrize(
    "free",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Alice@example.org",
    ],
)
def test_what_leaves_one_free_is_not_busy(free: str) -> None:
    timed = "UID:1\nDTSTART:20260304T100000Z\nDTEND:20260304T110000Z\n"
    assert busy(timed + free, own={"alice@example.org"}) == []
    assert len(busy(f"{timed}ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org", own={"alice@example.org"})) == 1


def test_our_own_invitations_are_left_out_since_we_know_them() -> None:
    assert busy(event(UID="1234@mentorfolio", DTSTART="20260304T100000Z", DTEND="20260304T110000Z")) == []


def test_times_that_touch_become_one_and_what_sticks_out_is_cut_off() -> None:
    assert busy(
        event(UID="1", DTSTART="20260304T100000Z", DTEND="20260304T110000Z"),
        event(UID="2", DTSTART="20260304T110000Z", DTEND="20260304T120000Z"),
        event(UID="3", DTSTART="20260304T103000Z", DTEND="20260304T104500Z"),
        event(UID="4", DTSTART="20260220T100000Z", DTEND="20260301T010000Z"),
    ) == ["03-01 00:00 to 01:00", "03-04 10:00 to 12:00"]


def test_folded_lines_and_other_line_ends_are_read() -> None:
    folded = calendar(event(DTSTART="20260304T100000Z", DTEND="20260304T110000Z", SUMMARY="x" * 50))
    folded = folded.replace(b"DTSTART:2026", b"DTSTART\r\n :20\r\n 26").replace(b"\r\n", b"\n")
    assert len(read(b"\xef\xbb\xbf" + folded, first=FIRST, last=LAST, zone=LONDON).busy) == 1


# --- What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><title>Calendar</title>", b"BEGIN:VCARD\nEND:VCARD", b"\0" * 99]
)
def test_what_is_no_calendar_is_said(content: bytes) -> None:
    with pytest.raises(NoCalendar, match="secret address in iCal format"):
        read(content, first=FIRST, last=LAST, zone=LONDON)


def test_an_event_that_makes_no_sense_costs_no_other() -> None:
    good = event(UID="good", DTSTART="20260304T100000Z", DTEND="20260304T110000Z")
    bad = [
        "UID:1\nDTSTART:20260304T990000Z\nDTEND:20260304T110000Z",
        "UID:2\nDTSTART:20260305T100000Z\nRRULE:FREQ=SOMETIMES",
        "UID:3\nDTSTART:20260305T100000Z\nDTEND:yesterday",
        "UID:4\nDTSTART;TZID=Nowhere/At all:20260399T100000",
        "UID:5\nRRULE:FREQ=DAILY",
    ]
    for one in bad:
        found = read(calendar(one, good), first=FIRST, last=LAST, zone=LONDON)
        assert "03-04 10:00 to 11:00" in [said(each) for each in found.busy], one


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=1",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=999999999",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=10",
        "FREQ=DAILY;UNTIL=99991231T000000Z",
    ],
)
def test_a_rule_without_an_end_ends(rule: str) -> None:
    began = time.monotonic()
    read(
        calendar(f"UID:1\nDTSTART:20260101T100000Z\nDTEND:20260101T100001Z\nRRULE:{rule}"),
        first=FIRST,
        last=LAST,
        zone=LONDON,
    )
    assert time.monotonic() - began < 30  # and not for ever


def test_a_calendar_of_a_full_decade_is_read_quickly() -> None:
    old = [
        event(
            UID=f"{n}", DTSTART=f"20{10 + n % 15}0304T100000Z", DTEND=f"20{10 + n % 15}0304T110000Z", SUMMARY="x" * 200
        )
        for n in range(20_000)
    ]
    began = time.monotonic()
    found = read(
        calendar(*old, event(UID="now", DTSTART="20260304T100000Z", DTEND="20260304T110000Z")),
        first=FIRST,
        last=LAST,
        zone=LONDON,
    )
    assert [said(one) for one in found.busy] == ["03-04 10:00 to 11:00"]
    assert time.monotonic() - began < 30  # and not for ever


def test_there_is_an_end_to_what_is_read() -> None:
    many = [
        event(UID=f"{n}", DTSTART="20260304T100000Z", DTEND="20260304T110000Z") for n in range(reading.MOST_EVENTS + 1)
    ]
    with pytest.raises(NoCalendar, match="more in this calendar"):
        read(calendar(*many), first=FIRST, last=LAST, zone=LONDON)


@given(st.binary(max_size=300), st.lists(st.text(max_size=60), max_size=5))
def test_any_bytes_give_times_or_a_word(noise: bytes, lines: list[str]) -> None:
    for content in (noise, calendar("\n".join(lines)), calendar("DTSTART:20260304T100000Z\n" + "\n".join(lines))):
        try:
            found = read(content, first=FIRST, last=LAST, zone=LONDON)
        except NoCalendar:
            continue
        assert all(FIRST <= one.starts < one.ends <= LAST for one in found.busy)


# --- Whom one meets -------------------------------------------------------------------------------

ME, JULIE, TOM = "alice@example.org", "julie@example.org", "tom@example.org"
TIMED = "DTSTART:20260304T100000Z\nDTEND:20260304T110000Z\n"


def talks(*events: str, since: dt.datetime = FIRST) -> list[reading.Talk]:
    return read(calendar(*events), first=FIRST, last=LAST, zone=LONDON, own={ME}, talks_since=since).talks


def with_them(*lines: str, timed: str = TIMED) -> list[tuple[str, ...]]:
    return [talk.addresses for talk in talks(f"UID:1\nSUMMARY:Coffee\n{timed}" + "\n".join(lines))]


def test_whom_one_meets_is_told_by_attendees_and_organiser() -> None:
    assert with_them(f"ORGANIZER:MAILTO:Julie@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}") == [(JULIE,)]
    assert with_them(f"ORGANIZER:mailto:{ME}", f"ATTENDEE:mailto:{JULIE}", f"ATTENDEE:mailto:{TOM}") == [(JULIE, TOM)]


def test_it_is_not_told_unless_it_is_asked_for() -> None:
    content = calendar(f"UID:1\n{TIMED}ATTENDEE:mailto:{JULIE}")
    assert read(content, first=FIRST, last=LAST, zone=LONDON).talks == []


@pytest.mark.parametrize(
    "lines",
    [
        "SUMMARY:By myself",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{JULIE}",
        f"ORGANIZER:mailto:{JULIE}\nATTENDEE;PARTSTAT=DECLINED:mailto:{JULIE}",
        f"ATTENDEE;CUTYPE=ROOM:mailto:{JULIE}",
        f"ATTENDEE;CUTYPE=GROUP:mailto:all@example.org\nATTENDEE:mailto:{JULIE}",
        "\n".join(f"ATTENDEE:mailto:p{n}@example.org" for n in range(4)),
        f"TRANSP:TRANSPARENT\nATTENDEE:mailto:{JULIE}",
        "ATTENDEE:urn:uuid:1",
    ],
)
def test_it_is_no_talk(lines: str) -> None:
    assert with_them(lines) == []


@pytest.mark.parametrize(
    "timed",
    [
        "DTSTART;VALUE=DATE:20260304\n",
        "DTSTART:20260304T100000Z\nDTEND:20260304T200000Z\n",
        "DTSTART:20260304T100000Z\nDTEND:20260304T100000Z\n",
        "DTSTART:20260304T100000Z\nDTEND:20260304T100400Z\n",
    ],
)
def test_a_whole_day_a_long_one_and_a_moment_are_no_talk(timed: str) -> None:
    assert with_them(f"ATTENDEE:mailto:{JULIE}", timed=timed) == []


def test_one_that_is_off_is_told_as_that() -> None:
    cancelled = talks(f"UID:1\n{TIMED}STATUS:CANCELLED\nATTENDEE:mailto:{JULIE}")
    declined = talks(f"UID:1\n{TIMED}ATTENDEE;PARTSTAT=DECLINED:mailto:{ME}\nATTENDEE:mailto:{JULIE}")
    assert [(one.off, one.addresses) for one in cancelled + declined] == [(True, ()), (True, ())]
    assert cancelled[0].key == talks(f"UID:1\n{TIMED}ATTENDEE:mailto:{JULIE}")[0].key


def test_a_time_of_many_is_the_same_wherever_it_is_moved_and_a_single_one_too() -> None:
    weekly = f"UID:1\n{TIMED}RRULE:FREQ=WEEKLY;COUNT=3\nATTENDEE:mailto:{JULIE}"
    moved = f"UID:1\nRECURRENCE-ID:20260311T100000Z\nDTSTART:20260312T090000Z\nDTEND:20260312T100000Z\nATTENDEE:{JULIE}"
    before, after = talks(weekly), talks(weekly, moved)
    assert len({one.key for one in before}) == 3
    assert {one.key for one in before} == {one.key for one in after}
    assert len({one.series for one in before + after}) == 1
    one, other = (
        talks(f"UID:2\n{TIMED}ATTENDEE:{JULIE}"),
        talks(f"UID:2\nDTSTART:20260320T100000Z\nDTEND:20260320T110000Z\nATTENDEE:{JULIE}"),
    )
    assert one[0].key == other[0].key


def test_none_of_its_words_come_out() -> None:
    found = talks(f"UID:secret-uid\n{TIMED}SUMMARY:secret\nLOCATION:secret\nATTENDEE;CN=secret:mailto:{JULIE}")
    assert "secret" not in repr(found)


def test_talks_may_be_asked_for_from_before_the_busy_times() -> None:
    past = f"UID:1\nDTSTART:20260220T100000Z\nDTEND:20260220T110000Z\nATTENDEE:mailto:{JULIE}"
    found = read(calendar(past), first=FIRST, last=LAST, zone=LONDON, talks_since=FIRST - dt.timedelta(days=14))
    assert (len(found.talks), found.busy) == (1, [])
    assert talks(past) == []
