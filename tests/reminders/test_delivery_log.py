"""The user's log of reminders."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from mail.models import Heartbeat, OutgoingMail
from reminders.delivery_log import SHOWN, history
from reminders.models import Reminder
from reminders.services import plan, snooze
from reminders.tasks import sweep
from tests import queries
from tests.reminders.kinds_for_tests import Matters
from tests.smtp_server import SmtpServer

WEDNESDAY = dt.datetime(2026, 6, 10, 12, 0, tzinfo=dt.UTC)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("matters"),
    pytest.mark.clock(WEDNESDAY),
]
THURSDAY_NINE = dt.datetime(2026, 6, 11, 8, 0, tzinfo=dt.UTC)


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().replace("&#x27;", "'").split())


def tomorrow(user: User, *numbers: int) -> Reminder:
    for number in numbers:
        reminder = plan(owner=user, kind="nudge", subject_id=number, on=dt.date(2026, 6, 11))
    return reminder


def test_what_is_coming_is_shown_with_its_local_hour(alice_client: Client, alice: User) -> None:
    tomorrow(alice, 1)
    page = words(alice_client, "/reminders/")
    assert "Write to Bob 1" in page
    assert "Thursday 11 June 2026, 09:00" in page
    assert "Nothing was mailed so far." in page


def test_what_was_mailed_says_when_and_under_which_id(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice, 1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    sent = OutgoingMail.objects.get()
    message_id = sent.message_id.replace("<", "&lt;").replace(">", "&gt;")
    for address in ("/reminders/", f"/reminders/{reminder.pk}/"):
        page = words(alice_client, address)
        assert "Write to Bob 1" in page
        assert "11 June 2026, 09:00:00</time> Accepted by the mail server." in page
        assert f"Message-ID {message_id}" in page
    assert "Mailed. It stands on Today until it is settled." in page
    assert "10 June 2026, 13:00:00</time> Planned." in page


def test_what_could_not_be_sent_says_why(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice, 1)
    smtp.behave["RCPT"] = "550 5.1.1 Nobody <here>"
    clock.move_to(THURSDAY_NINE)
    sweep()
    page = words(alice_client, f"/reminders/{reminder.pk}/")
    assert "It could not be sent. What was in it stands on Today." in page
    assert "The mail server said: 550 5.1.1 Nobody &lt;here&gt;" in page


def test_what_is_tried_again_says_when(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    tomorrow(alice, 1)
    smtp.behave["RCPT"] = "451 4.3.0 Later, please"
    clock.move_to(THURSDAY_NINE)
    sweep()
    assert "11 June 2026, 09:01:00</time> Tried once; the next try." in words(alice_client, "/reminders/")


def test_a_title_stays_as_it_was_told_when_the_matter_is_gone(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, matters: Matters
) -> None:
    reminder = tomorrow(alice, 1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    matters.true.clear()
    assert "<h1>Write to Bob 1</h1>" in words(alice_client, f"/reminders/{reminder.pk}/")


def test_a_stranger_sees_nothing(charlie_client: Client, alice: User, matters: Matters) -> None:
    reminder = tomorrow(alice, 1)
    mailed(alice, "sent", subject="Write to Bob 1", sent_at=THURSDAY_NINE)
    assert charlie_client.get(f"/reminders/{reminder.pk}/").status_code == 404
    page = words(charlie_client, "/reminders/")
    assert "Write to Bob" not in page
    assert "Nothing was mailed so far." in page


def test_what_is_settled_offers_nothing_to_do(alice_client: Client, alice: User) -> None:
    reminder = tomorrow(alice, 1)
    address = f"/reminders/{reminder.pk}/"
    assert '<p><a class="button" href=' in words(alice_client, address)
    Reminder.objects.update(state="cancelled")
    page = words(alice_client, address)
    assert '<p><a class="button" href=' not in page
    assert "Settled. No more mail about it." in page


@pytest.mark.parametrize("count", [1, 40])
def test_the_page_asks_little_however_much_there_is(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User, count: int
) -> None:
    tomorrow(alice, *range(1, count + 1))
    clock.move_to(THURSDAY_NINE)
    sweep()
    for number in range(count):
        plan(owner=alice, kind="nudge", subject_id=200 + number, on=dt.date(2026, 6, 15))
    alice_client.get("/reminders/")
    with CaptureQueriesContext(connection) as asked:
        alice_client.get("/reminders/")
    assert queries.count(asked) <= 6


def test_a_test_arrives_and_is_in_the_log(alice_client: Client, smtp: SmtpServer, alice: User) -> None:
    alice_client.post("/reminders/test/")
    sweep()
    (mail,) = smtp.mails
    assert mail.recipients == ["alice@example.org"]
    assert "Your reminders come at 09:00 (Europe/London), on your working days" in mail.text
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "A test: your reminders arrive" in words(alice_client, "/reminders/")


def test_tests_are_few(alice_client: Client, clock: time_machine.Coordinates, alice: User) -> None:
    for _ in range(5):
        answer = alice_client.post("/reminders/test/", follow=True)
    assert OutgoingMail.objects.count() == 3
    assert "You had three tests within the hour." in answer.content.decode()
    clock.shift(dt.timedelta(minutes=61))
    alice_client.post("/reminders/test/")
    assert OutgoingMail.objects.count() == 4


def test_who_is_switched_off_meanwhile_gets_no_test(alice_client: Client, smtp: SmtpServer, alice: User) -> None:
    alice_client.post("/reminders/test/")
    User.objects.update(is_active=False)
    sweep()
    assert (smtp.mails, OutgoingMail.objects.get().state) == ([], "expired")


@pytest.mark.parametrize(("minutes", "late"), [(None, True), (6, True), (4, False)])
def test_a_test_says_when_nothing_is_running_to_send_it(alice_client: Client, minutes: int | None, late: bool) -> None:
    if minutes is not None:
        Heartbeat.objects.create(name="sweep", at=WEDNESDAY - dt.timedelta(minutes=minutes))
    page = " ".join(alice_client.post("/reminders/test/", follow=True).content.decode().split())
    assert ("Your test is waiting, but mail is running late here" in page) == late
    assert ("A test is on its way to alice@example.org." in page) == (not late)
    assert OutgoingMail.objects.count() == 1


def test_a_test_that_could_not_go_within_the_hour_does_not_come_later(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    alice_client.post("/reminders/test/")
    clock.shift(dt.timedelta(minutes=61))
    sweep()
    assert smtp.mails == []
    assert "It could not go within the hour, so it was dropped." in words(alice_client, "/reminders/")


# --- Texts about problems ---------------------------------------------------------------------------


def mailed(alice: User, state: str, *, purpose: str = "test_mail", **fields: object) -> OutgoingMail:
    letter = {"owner": alice, "recipient": alice.email, "audience": "user", "purpose": purpose}
    return OutgoingMail.objects.create(state=state, **{**letter, **fields})


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        ("expired", {"attempts": 2}, "It could not go within the hour, so it was dropped."),
        ("expired", {"purpose": "digest"}, "Nothing in it was true any more, so it was not sent."),
        ("failed", {}, "It could not be sent.<"),
        ("failed", {"purpose": "digest"}, "It could not be sent. What was in it stands on Today.<"),
        ("aside", {}, "It was set aside by whoever runs this site.<"),
        ("uncertain", {}, "It may have arrived: the connection broke at the last moment."),
        ("cancelled", {}, "It was taken back, and is not sent."),
        ("queued", {"attempts": 2}, "Tried 2 times; the next try."),
        ("queued", {}, "On its way."),
    ],
)
def test_each_state_is_said_in_plain_words(
    alice_client: Client, alice: User, state: str, more: dict[str, object], said: str
) -> None:
    mailed(alice, state, last_error="Could not reach the mail server: timed out", **more)
    page = words(alice_client, "/reminders/")
    assert said in page
    assert "The mail server said" not in page


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        ("failed", {}, '<span class="badge warn">Could not be sent</span>'),
        ("uncertain", {}, '<span class="badge warn">May have been sent</span>'),
        ("expired", {}, "Not sent within the hour"),
        ("queued", {"attempts": 1}, "Tried once, and waiting"),
        ("queued", {"attempts": 3}, "Tried 3 times, and waiting"),
        ("queued", {}, "Waiting"),
    ],
)
def test_the_list_says_where_each_mail_stands(
    alice_client: Client, alice: User, state: str, more: dict[str, object], said: str
) -> None:
    mailed(alice, state, **more)
    assert f'<span class="row-meta">{said}</span>' in words(alice_client, "/reminders/")


def test_the_servers_words_are_told_from_ours(alice_client: Client, alice: User) -> None:
    mailed(alice, "failed", last_error="550 5.1.1 Nobody here")
    mailed(alice, "failed", last_error="This mail could not be written (ValueError)")
    page = words(alice_client, "/reminders/")
    assert "The mail server said: 550 5.1.1 Nobody here" in page
    assert "The mail server said: This" not in page
    assert "This mail could not be written (ValueError)" in page


def test_the_steps_of_a_mail_stay_together_and_the_last_says_how_it_stands(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    """A reminder that is mailed, snoozed, and refused the second time."""
    reminder = tomorrow(alice, 1)
    clock.move_to(THURSDAY_NINE)
    sweep()
    clock.move_to(THURSDAY_NINE + dt.timedelta(hours=2))
    snooze(Reminder.objects.get(), on=dt.date(2026, 6, 12))
    smtp.behave["RCPT"] = "550 5.1.1 Nobody here"
    clock.move_to(THURSDAY_NINE + dt.timedelta(days=1))
    sweep()
    steps = [step.words for step in history(Reminder.objects.get(pk=reminder.pk))]
    assert steps == [
        "Planned.",
        "Put into the outbox.",
        "Written.",
        "Accepted by the mail server.",
        "Put into the outbox.",
        "Written.",
        "It could not be sent. What was in it stands on Today.",
        "It stands on Today until it is settled.",
    ]
    assert "You put it off to 12 June 2026." in words(alice_client, f"/reminders/{reminder.pk}/")


def test_what_nothing_ran_for_is_told_where_it_belongs(
    alice_client: Client, clock: time_machine.Coordinates, smtp: SmtpServer, alice: User
) -> None:
    reminder = tomorrow(alice, 1)
    clock.move_to(THURSDAY_NINE + dt.timedelta(hours=10))
    sweep()
    clock.move_to(THURSDAY_NINE + dt.timedelta(days=1))
    sweep()
    steps = [step.words for step in history(Reminder.objects.get(pk=reminder.pk))]
    assert steps[:3] == [
        "Planned.",
        "Came due, but nothing was running here. It joins the next mail.",
        "Put into the outbox.",
    ]


@pytest.mark.parametrize("count", [SHOWN, SHOWN + 1])
def test_a_long_list_says_that_there_is_more(alice_client: Client, alice: User, count: int) -> None:
    tomorrow(alice, *range(1, count + 1))
    OutgoingMail.objects.bulk_create(
        OutgoingMail(owner=alice, recipient=alice.email, purpose="test_mail", state="failed") for _ in range(count)
    )
    page = words(alice_client, "/reminders/")
    assert page.count("What happened") == SHOWN
    assert ("And more, further off." in page, "Those before are not shown" in page) == (count > SHOWN, count > SHOWN)
