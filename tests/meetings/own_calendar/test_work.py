"""A worker reads the user's calendar from a real server: once an hour, politely, and without a trace of its address."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from http.server import BaseHTTPRequestHandler

import pytest
import time_machine
from django.db import connection

from accounts import jobs
from accounts.models import User
from accounts.policies import Role
from meetings.models import BusyTime, OwnCalendar
from meetings.own_calendar import services, work
from reminders.models import Reminder
from reminders.sweep import gather
from tests.exports import made
from tests.factories import make_own_calendar, make_user
from tests.http_server import Inside, say
from tests.meetings.own_calendar.test_reading import calendar, event

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clock(NOW)]
ONE = event(UID="1", DTSTART="20260304T100000Z", DTEND="20260304T110000Z", SUMMARY="Scan at the hospital")
TWO = event(UID="2", DTSTART="20260305T100000Z", DTEND="20260305T110000Z")


class Shelf:
    """What the server shows: a calendar with an ETag, which answers 304 to whoever has it."""

    def __init__(self, *events: str) -> None:
        self.put(*events)
        self.asked: list[str] = []

    def put(self, *events: str) -> None:
        self.content = calendar(*events)
        self.etag = f'"{hash(self.content)}"'

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.headers.get("If-None-Match", ""))
        if request.headers.get("If-None-Match") == self.etag:
            say(request, 304, b"", {"ETag": self.etag})
        else:
            say(request, 200, self.content, {"ETag": self.etag})


@pytest.fixture
def shelf(server: Inside) -> Shelf:
    server.answer = shelf = Shelf(ONE)
    return shelf


@pytest.fixture
def mine(alice: User, server: Inside) -> OwnCalendar:
    address = services.usable_address(f"http://127.0.0.1:{server.port}/s3cr3t.ics")
    return services.connect(owner=alice, address=address)


def times() -> list[str]:
    return [f"{one.starts_at:%m-%d %H:%M}" for one in BusyTime.objects.all()]


def test_it_is_read_at_once_and_then_each_hour(
    shelf: Shelf, mine: OwnCalendar, clock: time_machine.Coordinates
) -> None:
    jobs.run()
    mine.refresh_from_db()
    assert times() == ["03-04 10:00"]
    assert (mine.read_at, mine.failing_since, mine.trouble) == (NOW, None, "")
    assert NOW + HOUR <= mine.due_at <= NOW + HOUR + work.SPREAD
    jobs.run()
    assert len(shelf.asked) == 1  # not before its time
    shelf.put(TWO)
    clock.move_to(mine.due_at)
    jobs.run()
    assert times() == ["03-05 10:00"]


def test_what_has_not_changed_is_not_sent_again_but_once_a_day(
    shelf: Shelf, mine: OwnCalendar, clock: time_machine.Coordinates
) -> None:
    for hours in (0, 2, 4, 30):
        clock.move_to(NOW + hours * HOUR)
        jobs.run()
    assert shelf.asked == ["", shelf.etag, shelf.etag, ""]
    assert times() == ["03-04 10:00"]


def test_nothing_of_an_event_is_kept_but_its_time(shelf: Shelf, mine: OwnCalendar) -> None:
    jobs.run()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert "hospital" not in repr(cursor.fetchall()).lower(), table


def test_the_address_is_encrypted_and_bound_to_its_owner(mine: OwnCalendar, charlie: User) -> None:
    """Also without ENCRYPT_NOTES. Whoever copies the column into another's row can't read it there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM meetings_owncalendar")
        (stored,) = cursor.fetchone()
        assert "s3cr3t" not in stored
        assert OwnCalendar.objects.get().address.endswith("s3cr3t.ics")
        theirs = make_own_calendar(charlie, "https://calendar.example.org/charlie.ics")
        cursor.execute("UPDATE meetings_owncalendar SET address = %s WHERE id = %s", [stored, theirs.pk])
    theirs = OwnCalendar.objects.get(pk=theirs.pk)
    assert "s3cr3t" not in theirs.address
    assert work.fetch(theirs).trouble == "Its address can’t be decrypted at present. Connect it again, or wait."


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", "no calendar at that address any more"),
        (403, b"", "no calendar at that address any more"),
        (500, b"", "has a problem"),
        (200, b"<html>Sign in</html>", "secret address in iCal format"),
    ],
)
def test_trouble_is_said_and_what_was_read_stays(
    server: Inside, shelf: Shelf, mine: OwnCalendar, clock, status: int, body: bytes, said: str, caplog
) -> None:
    jobs.run()
    server.answer = lambda request: say(request, status, body, {})
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            mine.refresh_from_db()
            clock.move_to(mine.due_at)
            jobs.run()
    mine.refresh_from_db()
    assert said in mine.trouble
    assert mine.failures == 3
    assert mine.failing_since is not None
    assert times() == ["03-04 10:00"]
    assert "s3cr3t" not in caplog.text + mine.trouble
    server.answer = shelf
    clock.move_to(mine.due_at)
    jobs.run()
    mine.refresh_from_db()
    assert (mine.trouble, mine.failing_since, mine.failures) == ("", None, 0)


def test_it_is_tried_later_and_later_but_at_least_every_six_hours(
    server: Inside, mine: OwnCalendar, clock: time_machine.Coordinates
) -> None:
    server.answer = lambda request: say(request, 500, b"", {})
    waits = []
    for _ in range(9):
        jobs.run()
        mine.refresh_from_db()
        waits.append(int((mine.due_at - dt.datetime.now(dt.UTC)).total_seconds() / 60))
        clock.move_to(mine.due_at)
    assert waits[:6] == [10, 20, 40, 80, 160, 320]
    assert waits[6:] == [360, 360, 360]


def test_an_error_of_ours_does_not_end_it(
    shelf: Shelf, mine: OwnCalendar, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(calendar: OwnCalendar, reading: object) -> None:
        raise RuntimeError(calendar.address)

    with monkeypatch.context() as patch:
        patch.setattr(work, "_keep", broken)
        for _ in range(jobs.TRIES):
            jobs.run()
            clock.shift(HOUR)
    mine.refresh_from_db()
    assert (mine.work, mine.claim_token) == ("read", None)
    clock.move_to(mine.due_at)
    jobs.run()
    assert times() == ["03-04 10:00"]


def test_disconnecting_while_it_is_read_keeps_nothing(server: Inside, mine: OwnCalendar, alice: User) -> None:
    def leave(request: BaseHTTPRequestHandler) -> None:
        thread = threading.Thread(target=_disconnect, args=(alice,))
        thread.start()
        thread.join(5)
        say(request, 200, calendar(ONE), {})

    server.answer = leave
    jobs.run()
    assert not OwnCalendar.objects.exists()
    assert not BusyTime.objects.exists()


def _disconnect(owner: User) -> None:
    try:
        services.disconnect(owner=owner)
    finally:
        connection.close()


def test_a_calendar_that_hangs_holds_up_no_other_work(server: Inside, mine: OwnCalendar, alice: User) -> None:
    """While one is being fetched, nothing is locked and another job is done."""
    other = make_user("dana@example.org")
    make_own_calendar(other)
    OwnCalendar.objects.filter(owner=other).update(lease_until=NOW + HOUR)
    make_own_calendar(make_user("erin@example.org"))
    OwnCalendar.objects.exclude(owner__in=[alice, other]).update(lease_until=NOW + HOUR)
    jobs.run()
    assert server.knocks == []  # two are in hand
    assert made(alice).file is not None


def test_of_two_workers_one_reads_it(shelf: Shelf, mine: OwnCalendar) -> None:
    threads = [threading.Thread(target=_run) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert len(shelf.asked) == 1
    assert times() == ["03-04 10:00"]


def _run() -> None:
    try:
        jobs.run()
    finally:
        connection.close()


def test_who_is_leaving_has_nothing_read(shelf: Shelf, mine: OwnCalendar, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(erase_at=NOW + 24 * HOUR)
    jobs.run()
    assert shelf.asked == []


def test_connecting_another_forgets_the_first(shelf: Shelf, mine: OwnCalendar, alice: User) -> None:
    jobs.run()
    services.connect(owner=alice, address="https://calendar.example.org/other.ics")
    assert not BusyTime.objects.exists()
    assert OwnCalendar.objects.get().pk != mine.pk


def test_that_it_failed_for_a_day_is_said_once(
    server: Inside, shelf: Shelf, mine: OwnCalendar, clock: time_machine.Coordinates
) -> None:
    """Failing since ten in the morning, it is said after a whole day of it, so the next day but one at seven."""
    server.answer = lambda request: say(request, 500, b"", {})
    for _ in range(20):
        jobs.run()
        gather()
        mine.refresh_from_db()
        clock.move_to(mine.due_at)
    reminders = Reminder.objects.filter(kind="calendar_unread")
    assert [(one.wished_on, one.state) for one in reminders] == [(dt.date(2026, 3, 4), "gathered")]
    server.answer = shelf
    jobs.run()
    assert [one.state for one in reminders.all()] == ["cancelled"]


@pytest.mark.postgresql
def test_a_worker_may_do_it_with_the_rights_it_has(server: Inside, shelf: Shelf, mine: OwnCalendar) -> None:
    """Also say that it can't be read: both write rows of the user."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {Role.WORKER}")
    try:
        jobs.run()
        server.answer = lambda request: say(request, 500, b"", {})
        OwnCalendar.objects.update(due_at=NOW)
        jobs.run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert times() == ["03-04 10:00"]
    assert Reminder.objects.get().kind == "calendar_unread"
