"""A worker reads calendars from a real CalDAV server, Radicale: what it says, and what goes wrong."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest

from accounts import jobs
from accounts.models import User
from meetings.models import BusyTime, CalendarTalk, OwnCalendar
from meetings.own_calendar import caldav, services, talk_answers
from portfolio.models import Person
from tests.meetings.own_calendar.test_talks import entry
from tests.servers import RadicaleServer

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
PASSWORD = "app password"


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture
def radicale(settings) -> Iterator[RadicaleServer]:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    with RadicaleServer() as server:
        yield server


def read() -> OwnCalendar:
    OwnCalendar.objects.update(due_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    jobs.run()
    return OwnCalendar.objects.get()


def connected(alice: User, address: str, password: str = PASSWORD) -> OwnCalendar:
    services.connect(owner=alice, address=address, username="alice", password=password, with_talks=True)
    return read()


def test_all_calendars_of_the_account_are_found_and_read(
    radicale: RadicaleServer, alice: User, bob: Person, now: dt.datetime
) -> None:
    radicale.put("work", entry("1", now + DAY), entry("old", now - 400 * DAY))
    radicale.put("home", entry("2", now + 3 * DAY))
    mine = connected(alice, radicale.url)
    assert (mine.trouble, sorted(str(one["name"]) for one in mine.calendars)) == ("", ["Home", "Work"])
    assert [one.starts_at for one in BusyTime.objects.all()] == [now + DAY, now + 3 * DAY]
    assert CalendarTalk.objects.filter(person=bob).count() == 2


def test_one_calendar_may_be_named_by_its_own_address(radicale: RadicaleServer, alice: User, now: dt.datetime) -> None:
    radicale.put("work", entry("1", now + DAY))
    radicale.put("home", entry("2", now + 3 * DAY))
    connected(alice, f"{radicale.url}alice/work/")
    assert [one.starts_at for one in BusyTime.objects.all()] == [now + DAY]


def test_only_the_chosen_ones_are_read(radicale: RadicaleServer, alice: User, now: dt.datetime) -> None:
    radicale.put("work", entry("1", now + DAY))
    radicale.put("home", entry("2", now + 3 * DAY))
    mine = connected(alice, radicale.url)
    work = [str(one["url"]) for one in mine.calendars if one["name"] == "Work"]
    assert services.choose_calendars(owner=alice, wanted=work)
    assert sorted(str(one["name"]) for one in read().calendars if one["read"]) == ["Work"]
    assert [one.starts_at for one in BusyTime.objects.all()] == [now + DAY]


def test_what_has_not_changed_is_not_sent_again(
    radicale: RadicaleServer, alice: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    radicale.put("work", entry("1", now + DAY))
    connected(alice, radicale.url)
    asked: list[list[str]] = []
    events = caldav.Account.events

    def noted(account: caldav.Account, urls: list[str], *between: dt.datetime) -> bytes:
        asked.append(urls)
        return events(account, urls, *between)

    monkeypatch.setattr(caldav.Account, "events", noted)
    read()
    assert asked == []
    radicale.put("work", entry("1", now + 2 * DAY))
    read()
    assert len(asked) == 1
    assert [one.starts_at for one in BusyTime.objects.all()] == [now + 2 * DAY]


def test_a_wrong_password_is_said_and_never_shown(
    radicale: RadicaleServer, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    radicale.put("work")
    mine = connected(alice, radicale.url, password="wr0ng-one")
    assert "doesn’t take that name and password" in mine.trouble
    assert "wr0ng-one" not in mine.trouble + caplog.text


def test_a_server_that_is_down_is_said_and_what_was_read_stays(
    radicale: RadicaleServer, alice: User, now: dt.datetime
) -> None:
    radicale.put("work", entry("1", now + DAY))
    connected(alice, radicale.url)
    radicale.process.kill()
    assert "It didn’t answer" in read().trouble
    assert BusyTime.objects.count() == 1


def test_a_moved_event_moves_its_meeting(radicale: RadicaleServer, alice: User, bob: Person, now: dt.datetime) -> None:
    radicale.put("work", entry("1", now + 2 * DAY))
    connected(alice, radicale.url)
    meeting = talk_answers.plan(CalendarTalk.objects.get(), kind="regular")
    assert meeting is not None
    radicale.put("work", entry("1", now + 4 * DAY))
    read()
    meeting.refresh_from_db()
    assert meeting.starts_at == now + 4 * DAY


def test_a_calendar_that_is_gone_leaves_its_meeting_to_be_asked_about(
    radicale: RadicaleServer, alice: User, bob: Person, now: dt.datetime
) -> None:
    radicale.put("work", entry("1", now + 2 * DAY))
    radicale.put("home")
    connected(alice, radicale.url)
    talk_answers.plan(CalendarTalk.objects.get(), kind="regular")
    radicale.delete("work")
    assert read().trouble == ""
    assert CalendarTalk.objects.get().news == "gone"
    assert not BusyTime.objects.exists()


def test_a_calendar_with_5000_events_is_read_in_time(
    radicale: RadicaleServer, alice: User, bob: Person, now: dt.datetime
) -> None:
    """Most are years old, so that the server leaves them out."""
    old = [entry(f"{n}", now - (400 + n) * DAY) for n in range(4_900)]
    radicale.put("work", *old, *(entry(f"new {n}", now + n * DAY) for n in range(1, 101)))
    began = time.monotonic()
    assert connected(alice, radicale.url).trouble == ""
    assert time.monotonic() - began < caldav.SECONDS
    assert BusyTime.objects.count() == 100
