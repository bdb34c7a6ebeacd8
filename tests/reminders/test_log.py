"""What became of each reminder, for its user to see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from mail.models import OutgoingMail
from reminders.models import Reminder
from reminders.services import plan
from reminders.tasks import sweep
from tests.reminders.kinds_for_tests import Matters
from tests.smtp_server import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("matters")]
WEDNESDAY = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)
THURSDAY_NINE = dt.datetime(2026, 6, 11, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(WEDNESDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.host, server.port, 1
        yield server
        server.release()


@pytest.fixture
def browser(clock: time_machine.Coordinates, alice_client: Client) -> Client:
    return alice_client


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().replace("&#x27;", "'").split())


def tomorrow(user: User, *numbers: int) -> Reminder:
    for number in numbers:
        reminder = plan(owner=user, kind="nudge", subject_id=number, on=dt.date(2026, 6, 11))
    return reminder


def test_what_is_coming_is_shown_with_its_local_hour(browser: Client, alice: User) -> None:
    tomorrow(alice, 1)
    page = words(browser, "/reminders/")
    assert "Write to Bob 1" in page
    assert "Thursday 11 June 2026, 09:00" in page
    assert "Nothing was mailed so far." in page


def test_what_was_mailed_says_when_and_under_which_id(
    browser: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice, 1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    sent = OutgoingMail.objects.get()
    message_id = sent.message_id.replace("<", "&lt;").replace(">", "&gt;")
    for address in ("/reminders/", f"/reminders/{reminder.pk}/"):
        page = words(browser, address)
        assert "Write to Bob 1" in page
        assert "11 June 2026, 09:00:00</time> Accepted by the mail server." in page
        assert f"Message-ID {message_id}" in page
    assert "Mailed. It stands on Today until it is settled." in page
    assert "10 June 2026, 13:00:00</time> Planned." in page


def test_what_could_not_be_sent_says_why(
    browser: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice, 1)
    smtp.behave["RCPT"] = "550 5.1.1 Nobody <here>"
    clock.move_to(THURSDAY_NINE)
    sweep()
    page = words(browser, f"/reminders/{reminder.pk}/")
    assert "It could not be sent. What was in it stands on Today." in page
    assert "The mail server said: 550 5.1.1 Nobody &lt;here&gt;" in page


def test_what_is_tried_again_says_when(
    browser: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice, 1)
    smtp.behave["RCPT"] = "451 4.3.0 Later, please"
    clock.move_to(THURSDAY_NINE)
    sweep()
    assert "11 June 2026, 09:01:00</time> Tried once; the next try." in words(browser, "/reminders/")


def test_a_title_stays_as_it_was_told_when_the_matter_is_gone(
    browser: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, matters: Matters
) -> None:
    reminder = tomorrow(alice, 1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    matters.true.clear()
    assert "<h1>Write to Bob 1</h1>" in words(browser, f"/reminders/{reminder.pk}/")


def test_a_stranger_sees_nothing(charlie_client: Client, alice: User, matters: Matters) -> None:
    reminder = tomorrow(alice, 1)
    assert charlie_client.get(f"/reminders/{reminder.pk}/").status_code == 404
    assert "Write to Bob" not in words(charlie_client, "/reminders/")


@pytest.mark.parametrize("count", [1, 40])
def test_the_page_asks_little_however_much_there_is(
    browser: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, count: int
) -> None:
    tomorrow(alice, *range(1, count + 1))
    clock.move_to(THURSDAY_NINE)
    sweep()
    for number in range(count):
        plan(owner=alice, kind="nudge", subject_id=200 + number, on=dt.date(2026, 6, 15))
    browser.get("/reminders/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        browser.get("/reminders/")
    assert len(asked) <= 6


def test_a_test_arrives_and_is_in_the_log(browser: Client, smtp: SmtpServer, alice: User) -> None:
    browser.post("/reminders/test/")
    sweep()
    (mail,) = smtp.mails
    assert mail.recipients == ["alice@example.org"]
    assert "Your reminders come at 09:00 (Europe/London), on your working days" in mail.text
    assert "A test: your reminders arrive" in words(browser, "/reminders/")


def test_tests_are_few(browser: Client, clock: time_machine.Coordinates, alice: User) -> None:
    for _ in range(5):
        answer = browser.post("/reminders/test/", follow=True)
    assert OutgoingMail.objects.count() == 3
    assert "You had three tests within the hour." in answer.content.decode()
    clock.shift(dt.timedelta(minutes=61))
    browser.post("/reminders/test/")
    assert OutgoingMail.objects.count() == 4


def test_a_test_that_could_not_go_within_the_hour_does_not_come_later(
    browser: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    browser.post("/reminders/test/")
    clock.shift(dt.timedelta(minutes=61))
    sweep()
    assert smtp.mails == []
    assert "Nothing in it was true any more" in words(browser, "/reminders/")
