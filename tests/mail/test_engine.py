"""The states of a mail, with a real SMTP server that works or fails."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from mail import engine
from mail.models import OutgoingMail
from mail.retry_schedule import RETRIES
from mail.services import cancel, purge
from mail.smtp import MailServer
from tests.factories import make_user
from tests.outbox import beside, make_letter, register_letter, states
from tests.races import at_once
from tests.servers import Delay, Drop, Hang, SmtpServer, free_port

pytestmark = pytest.mark.django_db(transaction=True)
State = OutgoingMail.State
MENTOR = OutgoingMail.Audience.MENTOR
NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
AT_ONCE = dt.timedelta()
LAST = len(RETRIES)  # so many tries failed: the next one is the last


def test_due_mail_is_sent_once_with_its_message_id(smtp: SmtpServer) -> None:
    register_letter()
    mail = make_letter()
    assert engine.deliver() == 1
    assert engine.deliver() == 0
    mail.refresh_from_db()
    (received,) = smtp.mails
    assert (mail.state, mail.claim_token, mail.lease_until) == (State.SENT, None, None)
    assert mail.frozen_at is not None
    assert mail.sent_at is not None
    assert mail.frozen_at <= mail.sent_at
    assert received.recipients == ["alice@example.org"]
    assert received.sender == "hello@localhost"
    assert received.message["Message-ID"] == mail.message_id
    assert received.message["Subject"] == "Letter 1"
    assert received.text.splitlines() == ["Good morning.", ".", "..dots"]


def test_mail_waits_for_its_time(smtp: SmtpServer) -> None:
    register_letter()
    make_letter(due_at=timezone.now() + dt.timedelta(minutes=5))
    assert engine.deliver() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        assert engine.deliver() == 1


def test_sign_in_mail_goes_first(smtp: SmtpServer) -> None:
    register_letter()
    make_letter(1)
    late = make_letter(2)
    OutgoingMail.objects.filter(pk=late.pk).update(priority=OutgoingMail.Priority.SIGN_IN)
    engine.deliver()
    assert smtp.subjects == ["Letter 2", "Letter 1"]


def test_sign_in_mail_is_claimed_first_however_many_wait() -> None:
    for number in range(1, 4):
        make_letter(number, due_at=timezone.now() - dt.timedelta(hours=1))
    late = make_letter(9)
    OutgoingMail.objects.filter(pk=late.pk).update(priority=OutgoingMail.Priority.SIGN_IN)
    token = engine.claim(size=1)
    assert OutgoingMail.objects.get(claim_token=token).subject_id == 9


def test_only_sign_in_mail_goes_between_the_mails_of_a_batch() -> None:
    make_letter(1)
    assert engine.claim(1, only_sign_in=True) is None
    OutgoingMail.objects.update(priority=OutgoingMail.Priority.SIGN_IN)
    assert engine.claim(1, only_sign_in=True) is not None


@pytest.mark.parametrize(("due_in", "claimed"), [(-MINUTE, True), (AT_ONCE, True), (MINUTE, False)])
def test_what_is_claimed_bears_a_token_and_a_whole_lease(due_in: dt.timedelta, claimed: bool) -> None:
    make_letter(due_at=NOW + due_in)
    with time_machine.travel(NOW, tick=False):
        token = engine.claim()
    mine = (State.CLAIMED, token, NOW + engine.lease())
    row = OutgoingMail.objects.values_list("state", "claim_token", "lease_until").get()
    assert row == (mine if claimed else (State.QUEUED, None, None))
    assert (token is not None) == claimed


def test_a_worker_claims_fifty_at_most_those_that_waited_longest() -> None:
    for number in range(60, 0, -1):
        make_letter(number, due_at=NOW + number * MINUTE)
    token = engine.claim()
    claimed = OutgoingMail.objects.filter(claim_token=token).order_by("subject_id")
    assert list(claimed.values_list("subject_id", flat=True)) == list(range(1, 51))


def test_what_was_sent_long_ago_takes_nobodys_place() -> None:
    for number in (1, 2):
        make_letter(number, due_at=NOW + number * MINUTE)
    OutgoingMail.objects.filter(subject_id=1).update(state=State.SENT)
    assert engine.claim(size=1) is not None
    assert states() == {1: State.SENT, 2: State.CLAIMED}


def test_what_waited_longest_goes_first(smtp: SmtpServer) -> None:
    register_letter()
    for number in (1, 2, 3):
        make_letter(number, due_at=NOW - number * MINUTE)
    engine.deliver()
    assert [mail.message["Subject"] for mail in smtp.mails] == ["Letter 3", "Letter 2", "Letter 1"]


def test_a_worker_sees_to_what_bears_its_own_token(smtp: SmtpServer) -> None:
    register_letter()
    for number in (1, 2):
        make_letter(number)
    mine, _ = engine.claim(size=1), engine.claim(size=1)
    assert mine is not None
    with MailServer() as server:
        assert engine.send_batch(mine, server) == [engine.Went.SENT]
    assert states() == {1: State.SENT, 2: State.CLAIMED}


def test_a_batch_uses_one_connection(smtp: SmtpServer) -> None:
    register_letter()
    for number in range(5):
        make_letter(number)
    assert engine.deliver() == 5
    assert smtp.steps.count("CONNECT") == 1


def test_nothing_still_true_expires(smtp: SmtpServer) -> None:
    register_letter(lambda mail: None)
    make_letter()
    engine.deliver()
    row = OutgoingMail.objects.get()
    assert (row.state, row.claim_token, row.lease_until) == (State.EXPIRED, None, None)
    assert smtp.mails == []


def test_mail_past_its_end_expires_unwritten(smtp: SmtpServer) -> None:
    written = register_letter()
    for number, end in enumerate((-MINUTE, AT_ONCE, MINUTE), 1):
        make_letter(number, due_at=NOW - MINUTE, expires_at=NOW + end)
    with time_machine.travel(NOW, tick=False):
        engine.deliver()
    assert states() == {1: State.EXPIRED, 2: State.EXPIRED, 3: State.SENT}
    assert (written, len(smtp.mails)) == ([3], 1)


def test_a_mail_that_comes_with_its_bytes_is_sent_though_nobody_can_write_it(smtp: SmtpServer) -> None:
    make_letter()
    OutgoingMail.objects.update(content=b"From: hello@localhost\nSubject: Your link\n\nHere it is.\n")
    assert engine.deliver() == 1
    assert smtp.mails[0].message["Subject"] == "Your link"


# --- Answers of the server --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "step", "answer", "before", "state", "may_be_there", "wait"),
    [
        # Refused, to anybody: nothing would be otherwise next time.
        ("user", "RCPT", "550 Nobody", 0, State.FAILED, False, None),
        ("mentor", "BODY", "550 Nobody", 3, State.FAILED, False, None),
        # It surely did not arrive: once more, later and later, for about a day.
        ("user", "RCPT", "451 Later", 0, State.QUEUED, False, RETRIES[0]),
        ("user", "BODY", "451 Later", 3, State.QUEUED, False, RETRIES[3]),
        ("mentor", "DATA", Drop(), 0, State.QUEUED, False, RETRIES[0]),
        ("mentor", "DATA", "451 Later", LAST - 1, State.QUEUED, False, RETRIES[-1]),
        ("mentor", "DATA", "451 Later", LAST, State.FAILED, False, None),
        # It may have arrived: to the user the same bytes again, to a mentor never.
        ("user", "BODY", Drop(keep=True), 0, State.QUEUED, True, RETRIES[0]),
        ("user", "BODY", Drop(keep=True), 3, State.QUEUED, True, RETRIES[3]),
        ("user", "BODY", Drop(keep=True), LAST, State.FAILED, True, None),
        ("mentor", "BODY", Drop(keep=True), 0, State.UNCERTAIN, False, None),
        ("mentor", "BODY", Drop(keep=True), 3, State.UNCERTAIN, False, None),
    ],
)
def test_what_becomes_of_a_mail_the_server_did_not_accept(
    smtp: SmtpServer,
    caplog: pytest.LogCaptureFixture,
    audience: str,
    step: str,
    answer: str | Drop,
    before: int,
    state: str,
    may_be_there: bool,
    wait: dt.timedelta | None,
) -> None:
    """Whoever reads the row or the log sees that it was tried once more, and what was said."""
    register_letter(audience=audience)
    mail = make_letter(audience=audience, due_at=NOW - MINUTE)
    OutgoingMail.objects.update(attempts=before)
    smtp.behave[step] = answer
    with time_machine.travel(NOW, tick=False):
        assert engine.deliver() == 0
    row = OutgoingMail.objects.get()
    assert (row.state, row.may_be_there, row.attempts) == (state, may_be_there, before + 1)
    assert row.due_at == (NOW - MINUTE if wait is None else NOW + wait)
    assert (row.claim_token, row.lease_until, row.sent_at) == (None, None, None)
    assert row.last_error.startswith(answer if isinstance(answer, str) else "The mail server went away")
    assert f"mail {mail.pk} " in caplog.text


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_refusal_fails_this_mail_and_the_next_one_goes(smtp: SmtpServer, step: str) -> None:
    register_letter()
    make_letter(1)
    make_letter(2)
    answers = iter(["550 5.1.1 Nobody here\x00", None])
    smtp.behave[step] = lambda value: next(answers)
    engine.deliver()
    assert states() == {1: State.FAILED, 2: State.SENT}
    failed = OutgoingMail.objects.get(subject_id=1)
    assert failed.last_error.startswith("550 5.1.1 Nobody here")
    assert "\x00" not in failed.last_error
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_not_now_waits_and_goes_as_the_same_bytes(
    smtp: SmtpServer, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    written = register_letter()
    make_letter(audience=MENTOR)
    smtp.behave[step] = "451 4.3.0 Later, please"
    engine.deliver()
    mail = OutgoingMail.objects.get()
    frozen, message_id, frozen_at = bytes(mail.content or b""), mail.message_id, mail.frozen_at
    assert (mail.state, mail.attempts, mail.last_error) == (State.QUEUED, 1, "451 4.3.0 Later, please")
    assert "Traceback" not in caplog.text  # nothing was to be taken back
    assert dt.timedelta(seconds=50) < mail.due_at - timezone.now() <= dt.timedelta(minutes=1)
    smtp.behave.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        engine.deliver()
    mail.refresh_from_db()
    assert (mail.state, bytes(mail.content or b""), mail.message_id) == (State.SENT, frozen, message_id)
    assert mail.frozen_at == frozen_at  # the log keeps the time of the first rendering
    assert written == [1]
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [Hang(), Drop()], ids=["hang", "drop"])
def test_a_server_lost_before_the_body_spares_the_rest(smtp: SmtpServer, step: str, trouble: object) -> None:
    register_letter()
    for number in (1, 2, 3):
        make_letter(number, audience=MENTOR)
    smtp.behave[step] = trouble  # type: ignore[assignment]
    engine.deliver()
    rows = OutgoingMail.objects.order_by("subject_id")
    assert [(row.state, row.attempts) for row in rows] == [(State.QUEUED, 1), (State.QUEUED, 1), (State.QUEUED, 0)]
    assert timezone.now() < rows[2].due_at <= timezone.now() + dt.timedelta(seconds=30)
    smtp.behave.clear()
    smtp.release()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        assert engine.deliver() == 3
    assert len(smtp.mails) == 3


def test_a_server_that_wants_another_sign_in_spares_the_rest(smtp: SmtpServer) -> None:
    register_letter()
    for number in (1, 2):
        make_letter(number)
    smtp.behave["MAIL"] = "530 5.7.0 Sign in first"
    assert engine.deliver() == 0
    rows = OutgoingMail.objects.order_by("subject_id")
    assert [(row.state, row.attempts) for row in rows] == [(State.QUEUED, 1), (State.QUEUED, 0)]


@pytest.mark.parametrize(
    ("step", "trouble", "attempts"), [("BODY", Drop(keep=True), [0, 1, 0, 0]), ("DATA", Drop(), [0, 1, 1, 0])]
)
def test_a_server_lost_in_the_middle_of_a_batch_spares_the_rest(
    smtp: SmtpServer, step: str, trouble: Drop, attempts: list[int]
) -> None:
    """At once when one may have arrived; else after one more, for the first may have been to blame."""
    register_letter()
    for number in (1, 2, 3, 4):
        make_letter(number)
    smtp.behave[step] = lambda value: trouble if smtp.mails else None
    assert engine.deliver() == 1
    assert list(OutgoingMail.objects.order_by("subject_id").values_list("attempts", flat=True)) == attempts
    assert states() == {1: State.SENT, 2: State.QUEUED, 3: State.QUEUED, 4: State.QUEUED}


@pytest.mark.parametrize("trouble", [Hang(), Drop(keep=False), "2x0 what?"], ids=["hang", "drop", "nonsense"])
def test_a_lost_answer_after_the_body_tries_user_mail_again(smtp: SmtpServer, trouble: object) -> None:
    register_letter()
    make_letter()
    smtp.behave["BODY"] = trouble  # type: ignore[assignment]
    engine.deliver()
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.attempts) == (State.QUEUED, 1)


@pytest.mark.parametrize("trouble", [Hang(), Drop(keep=True)], ids=["hang", "drop"])
def test_a_lost_answer_after_the_body_leaves_mentor_mail_uncertain(smtp: SmtpServer, trouble: object) -> None:
    register_letter(audience=MENTOR)
    make_letter(audience=MENTOR)
    smtp.behave["BODY"] = trouble  # type: ignore[assignment]
    engine.deliver()
    assert states() == {1: State.UNCERTAIN}
    smtp.behave.clear()
    smtp.release()
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        assert engine.deliver() == 0
    assert OutgoingMail.objects.get().last_error.startswith("The mail server went away before it answered")


def test_the_second_sending_has_the_same_bytes(smtp: SmtpServer) -> None:
    register_letter()
    make_letter()
    smtp.behave["BODY"] = Drop(keep=True)
    engine.deliver()
    smtp.behave.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        engine.deliver()
    first, second = smtp.mails
    assert first.content == second.content
    assert states() == {1: State.SENT}


def test_a_kept_connection_that_the_server_closed_is_renewed(smtp: SmtpServer) -> None:
    register_letter()
    for number in (1, 2, 3):
        make_letter(number)
    answers = iter([None, "421 4.3.2 Enough for one connection", None, None])
    smtp.behave["MAIL"] = lambda value: next(answers)
    assert engine.deliver() == 3
    assert smtp.steps.count("CONNECT") == 2
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {0}


def test_a_dead_server_spares_the_rest_and_writes_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1
    written = register_letter()
    for number in range(4):
        make_letter(number)
    assert engine.deliver() == 0
    rows = OutgoingMail.objects.order_by("subject_id")
    assert [(row.state, row.attempts) for row in rows] == [(State.QUEUED, 1)] + [(State.QUEUED, 0)] * 3
    assert rows[0].last_error.startswith("Could not reach the mail server")
    assert f"mail {rows[0].pk} waits " in caplog.text
    assert written == []
    rests = [(row.due_at - timezone.now()).total_seconds() for row in rows[1:]]
    assert [20 < seconds <= 30 for seconds in rests] == [True] * 3


@pytest.mark.parametrize(
    ("step", "trouble"),
    [("CONNECT", Hang()), ("CONNECT", Drop()), ("CONNECT", "554 Closed today"), ("EHLO", Hang()), ("EHLO", Drop())],
)
def test_a_server_that_turns_us_away_is_tried_later(smtp: SmtpServer, step: str, trouble: object) -> None:
    register_letter()
    make_letter()
    smtp.behave[step] = trouble  # type: ignore[assignment]
    engine.deliver()
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.attempts, mail.content) == (State.QUEUED, 1, None)


def test_an_address_the_server_chokes_on_holds_up_nobody(smtp: SmtpServer) -> None:
    register_letter()
    for number, name in enumerate(["a", "slow", "b", "slow", "c"], 1):
        make_letter(number, recipient=f"{name}@example.org")
    smtp.behave["RCPT"] = lambda address: Hang() if address.startswith("slow") else None
    assert engine.deliver() == 3
    assert states() == {1: "sent", 2: "queued", 3: "sent", 4: "queued", 5: "sent"}


def test_who_waits_to_sign_in_does_not_wait_for_a_batch_on_a_slow_server(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOOK_FOR_SIGN_INS", 0.0)

    def write(mail: OutgoingMail) -> EmailMessage:
        if mail.subject_id == 2:  # meanwhile somebody requests a password reset
            urgent = make_letter(99)
            OutgoingMail.objects.filter(pk=urgent.pk).update(priority=OutgoingMail.Priority.SIGN_IN)
        return EmailMessage(f"Letter {mail.subject_id}", "Words", to=[mail.recipient])

    register_letter(write)
    for number in range(1, 5):
        make_letter(number)
    assert engine.deliver() == 5
    assert [mail.message["Subject"][7:] for mail in smtp.mails] == ["1", "2", "99", "3", "4"]


def test_one_who_waits_to_sign_in_goes_between_every_two_and_nobody_else_does(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one would keep the batch waiting beyond its lease."""
    monkeypatch.setattr(engine, "LOOK_FOR_SIGN_INS", 0.0)

    def write(mail: OutgoingMail) -> EmailMessage:
        if mail.subject_id == 1:
            for number in (50, 98, 99):
                make_letter(number)
            OutgoingMail.objects.filter(subject_id__gt=90).update(priority=OutgoingMail.Priority.SIGN_IN)
        return EmailMessage(f"Letter {mail.subject_id}", "Words", to=[mail.recipient])

    register_letter(write)
    for number in (1, 2, 3, 4):
        make_letter(number)
    assert engine.deliver() == 7
    assert [mail.message["Subject"][7:] for mail in smtp.mails] == ["1", "98", "2", "99", "3", "4", "50"]


def test_a_mail_larger_than_the_server_takes_is_set_aside(smtp: SmtpServer) -> None:
    register_letter(
        lambda mail: EmailMessage(
            "Letter", ("x" * 70 + "\n") * (500_000 if mail.subject_id == 1 else 1), to=["a@b.org"]
        )
    )
    make_letter(1)
    make_letter(2)
    assert engine.deliver() == 1
    assert states() == {1: State.FAILED, 2: State.SENT}
    assert "larger than the mail server takes" in OutgoingMail.objects.get(subject_id=1).last_error


def test_a_server_that_stays_away_for_a_day_is_given_up(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1
    register_letter()
    start = timezone.now()
    make_letter()
    tries = 0
    while (mail := OutgoingMail.objects.get()).state == State.QUEUED:
        with time_machine.travel(mail.due_at + dt.timedelta(seconds=1), tick=False):
            engine.deliver()
        tries += 1
    assert mail.state == State.FAILED
    assert tries == len(RETRIES) + 1
    assert dt.timedelta(hours=20) < mail.due_at - start < dt.timedelta(hours=28)


def test_a_slow_server_is_no_failure(smtp: SmtpServer) -> None:
    register_letter()
    make_letter()
    smtp.behave["BODY"] = Delay(0.5)
    assert engine.deliver() == 1


def test_time_up_puts_the_rest_back(smtp: SmtpServer) -> None:
    register_letter()
    make_letter(9)
    anothers = engine.claim()
    for number in range(3):
        make_letter(number)
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 2  # once for the batch, once for its first mail

    assert engine.deliver(stop=stop) == 1
    rows = OutgoingMail.objects.order_by("subject_id").values_list("state", "claim_token", "lease_until")
    assert list(rows[:3]) == [(State.SENT, None, None), (State.QUEUED, None, None), (State.QUEUED, None, None)]
    assert rows[3][:2] == (State.CLAIMED, anothers)
    assert engine.deliver() == 2


# --- Mails that crash workers -----------------------------------------------------------------------


def test_a_mail_that_cannot_be_written_is_set_aside(smtp: SmtpServer) -> None:
    def write(mail: OutgoingMail) -> EmailMessage:
        if mail.subject_id == 1:
            raise ValueError("poison\x00")
        return EmailMessage("Fine", "Fine", to=[mail.recipient])

    register_letter(write)
    make_letter(1)
    make_letter(2)
    for day in range(4):
        with time_machine.travel(timezone.now() + dt.timedelta(days=day)):
            engine.deliver()
    poison = OutgoingMail.objects.get(subject_id=1)
    assert states() == {1: State.FAILED, 2: State.SENT}
    assert (poison.attempts, poison.claim_token, poison.lease_until) == (4, None, None)
    assert poison.last_error == "This mail could not be written (ValueError: poison )"
    assert len(smtp.mails) == 1


def test_a_mail_that_cannot_be_written_waits_between_its_tries(
    smtp: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    """And holds up no other, while somebody can read in the log which one it is."""

    def write(mail: OutgoingMail) -> EmailMessage:
        raise ValueError("poison")

    register_letter(write)
    mail = make_letter(due_at=NOW)
    for tries, wait in enumerate(RETRIES[:3], 1):
        with time_machine.travel(mail.due_at, tick=False):
            engine.deliver()
            mail.refresh_from_db()
            assert (mail.attempts, mail.due_at) == (tries, timezone.now() + wait)
    assert caplog.text.count(f"mail {mail.pk} waits ") == 3


def test_what_prepare_marked_is_taken_back_when_it_fails(smtp: SmtpServer) -> None:
    def write(mail: OutgoingMail) -> EmailMessage:
        OutgoingMail.objects.filter(subject_id=2).update(last_error="marked")
        return EmailMessage("Two\nlines", "A header injection", to=[mail.recipient])

    register_letter(write)
    make_letter(2, due_at=timezone.now() + dt.timedelta(days=1))
    make_letter(1)
    engine.deliver()
    assert OutgoingMail.objects.get(subject_id=2).last_error == ""
    assert "BadHeaderError" in OutgoingMail.objects.get(subject_id=1).last_error


@pytest.mark.parametrize("to", [[], ["one@example.org", "two@example.org"]])
def test_a_mail_to_nobody_or_to_two_is_not_sent(smtp: SmtpServer, to: list[str]) -> None:
    register_letter(lambda mail: EmailMessage("Hello", "Hello", to=to))
    make_letter()
    engine.deliver()
    assert smtp.mails == []
    assert f"A mail of the outbox has one recipient, not {len(to)}." in OutgoingMail.objects.get().last_error


def test_a_purpose_nobody_registered_is_told(smtp: SmtpServer) -> None:
    make_letter()
    engine.deliver()
    assert "Nobody has registered" in OutgoingMail.objects.get().last_error


@pytest.mark.parametrize("address", ["jürgen@example.org", "nobody", "a b@example.org"])
def test_an_impossible_address_fails_clearly(smtp: SmtpServer, address: str) -> None:
    register_letter(lambda mail: EmailMessage("Hello", "Hello", to=["fine@example.org"]))
    make_letter(recipient=address)
    token = engine.claim()
    assert token is not None
    mail = OutgoingMail.objects.get()
    frozen = engine.freeze(mail.pk, token)
    assert frozen is not None
    with MailServer() as server:
        OutgoingMail.objects.filter(pk=mail.pk).update(state=State.SENDING)
        frozen.recipient, frozen.content = address, b"From: a@b.c\n\n"
        engine._hand_over(frozen, server)
    mail.refresh_from_db()
    assert mail.state == State.FAILED
    assert mail.last_error.startswith("Mail can’t be sent to")


def test_an_address_with_an_international_domain_is_sent(smtp: SmtpServer) -> None:
    register_letter(lambda mail: EmailMessage("Grüße", "Schöne Grüße", to=["info@bücher.example"]))
    make_letter(recipient="info@bücher.example")
    engine.deliver()
    assert smtp.mails[0].recipients == ["info@xn--bcher-kva.example"]
    assert smtp.mails[0].message["Subject"] == "Grüße"
    assert smtp.mails[0].text.strip() == "Schöne Grüße"


# --- Leases -----------------------------------------------------------------------------------------


def lapse(state: str, *, audience: str = "user") -> OutgoingMail:
    """A mail whose worker died in this state, so that its lease has expired."""
    mail = make_letter(audience=audience)
    token = engine.claim()
    assert token is not None
    if state != State.CLAIMED:
        engine.freeze(mail.pk, token)
    past = timezone.now() - dt.timedelta(seconds=1)
    OutgoingMail.objects.filter(pk=mail.pk).update(state=state, lease_until=past)
    mail.refresh_from_db()
    return mail


@pytest.mark.parametrize("audience", ["user", "mentor"])
@pytest.mark.parametrize("state", [State.CLAIMED, State.FROZEN, State.SENDING])
@pytest.mark.parametrize(
    ("before", "wait"), [(0, AT_ONCE), (1, RETRIES[1]), (LAST - 1, RETRIES[-1]), (LAST, None)], ids=str
)
def test_what_becomes_of_the_mail_a_worker_died_at(
    caplog: pytest.LogCaptureFixture, state: str, audience: str, before: int, wait: dt.timedelta | None
) -> None:
    register_letter(audience=audience)
    mail = lapse(state, audience=audience)
    OutgoingMail.objects.update(lease_until=NOW - MINUTE, due_at=NOW - MINUTE, attempts=before)
    with time_machine.travel(NOW, tick=False):
        engine.take_back_lapsed()
    row = OutgoingMail.objects.get()
    assert (row.claim_token, row.lease_until) == (None, None)
    found = (row.state, row.attempts, row.may_be_there, row.due_at, row.last_error)
    if state == State.SENDING and audience == MENTOR:
        said = "The worker stopped while it handed this over."
        assert found == (State.UNCERTAIN, before, False, NOW - MINUTE, said)
        return
    said = "The worker stopped while it was at this mail."
    after, due_at = (State.FAILED, NOW - MINUTE) if wait is None else (State.QUEUED, NOW + wait)
    assert found == (after, before + 1, state == State.SENDING, due_at, said)
    assert f"mail {mail.pk} " in caplog.text


def test_a_lease_holds_to_its_very_end() -> None:
    register_letter()
    lapse(State.CLAIMED)
    OutgoingMail.objects.update(lease_until=NOW)
    for moment, state in ((NOW, State.CLAIMED), (NOW + dt.timedelta(microseconds=1), State.QUEUED)):
        with time_machine.travel(moment, tick=False):
            engine.take_back_lapsed()
        assert states() == {1: state}


def test_each_dead_worker_has_one_mail_to_blame_the_one_it_would_have_sent_next() -> None:
    register_letter()
    tokens = []
    for first in (1, 4):
        for number in (first, first + 1, first + 2):
            make_letter(number, due_at=NOW - number * MINUTE)  # so the last one goes first
        tokens.append(engine.claim())
    make_letter(7)
    living = engine.claim()
    OutgoingMail.objects.filter(subject_id=1).update(priority=OutgoingMail.Priority.SIGN_IN)
    OutgoingMail.objects.filter(claim_token__in=tokens).update(lease_until=NOW - MINUTE)
    OutgoingMail.objects.filter(claim_token=living).update(lease_until=NOW + MINUTE)
    with time_machine.travel(NOW, tick=False):
        engine.take_back_lapsed()
    rows = OutgoingMail.objects.order_by("subject_id").values_list("subject_id", "state", "attempts", "claim_token")
    assert list(rows) == [
        (1, State.QUEUED, 1, None),
        (2, State.QUEUED, 0, None),
        (3, State.QUEUED, 0, None),
        (4, State.QUEUED, 0, None),
        (5, State.QUEUED, 0, None),
        (6, State.QUEUED, 1, None),
        (7, State.CLAIMED, 0, living),
    ]


@pytest.mark.parametrize("audience", ["user", "mentor"])
@pytest.mark.parametrize("state", [State.CLAIMED, State.FROZEN])
def test_a_dead_workers_mail_is_taken_up_again(smtp: SmtpServer, state: str, audience: str) -> None:
    written = register_letter()
    before = lapse(state, audience=audience)
    engine.deliver()
    after = OutgoingMail.objects.get()
    assert (after.state, after.attempts, written) == (State.SENT, 1, [1])
    if before.content is not None:
        assert (bytes(after.content or b""), after.message_id) == (bytes(before.content), before.message_id)


def test_a_dead_workers_travelling_user_mail_goes_again_as_it_was(smtp: SmtpServer) -> None:
    register_letter()
    before = lapse(State.SENDING)
    engine.deliver()
    after = OutgoingMail.objects.get()
    assert (after.state, after.message_id, after.attempts) == (State.SENT, before.message_id, 1)


def test_a_dead_workers_travelling_mentor_mail_is_uncertain(smtp: SmtpServer) -> None:
    register_letter(audience=MENTOR)
    lapse(State.SENDING, audience=MENTOR)
    engine.deliver()
    assert states() == {1: State.UNCERTAIN}
    assert smtp.mails == []


def die_at(number: int) -> None:
    """A worker claims due mails and dies at the letter with this number; then its lease expires."""
    token = engine.claim()
    if token is None:
        return
    for mail in OutgoingMail.objects.filter(claim_token=token).order_by("priority", "due_at", "pk"):
        if mail.subject_id == number:
            break
        engine.freeze(mail.pk, token)
        OutgoingMail.objects.filter(pk=mail.pk).update(state=State.SENT, claim_token=None, lease_until=None)
    past = timezone.now() - dt.timedelta(seconds=1)
    OutgoingMail.objects.filter(claim_token=token).update(lease_until=past)
    engine.take_back_lapsed()


def test_a_mail_that_ends_every_worker_is_set_aside_and_holds_up_nobody(smtp: SmtpServer) -> None:
    register_letter()
    for number in range(1, 5):
        make_letter(number)
    die_at(2)
    rows = OutgoingMail.objects.order_by("subject_id").values_list("state", "attempts")
    assert list(rows) == [(State.SENT, 0), (State.QUEUED, 1), (State.QUEUED, 0), (State.QUEUED, 0)]
    die_at(2)  # the following mails are sent first
    assert states() == {1: State.SENT, 2: State.QUEUED, 3: State.SENT, 4: State.SENT}
    die_at(2)
    assert OutgoingMail.objects.get(subject_id=2).due_at > timezone.now()
    for day in range(1, len(RETRIES) + 1):
        with time_machine.travel(timezone.now() + dt.timedelta(days=day)):
            die_at(2)
    poison = OutgoingMail.objects.get(subject_id=2)
    assert (poison.state, poison.attempts) == (State.FAILED, len(RETRIES) + 1)
    assert poison.last_error == "The worker stopped while it was at this mail."


def test_only_the_mail_that_travelled_is_to_blame_for_a_dead_worker() -> None:
    register_letter()
    for number in (1, 2):
        make_letter(number)
    token = engine.claim()
    assert token is not None
    engine.freeze(OutgoingMail.objects.get(subject_id=2).pk, token)
    OutgoingMail.objects.filter(subject_id=2).update(state=State.SENDING)
    OutgoingMail.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    engine.take_back_lapsed()
    rows = OutgoingMail.objects.order_by("subject_id").values_list("state", "attempts")
    assert list(rows) == [(State.QUEUED, 0), (State.QUEUED, 1)]


def waits(
    act: Callable[[], object], *, while_runs: Callable[[], object], begun: threading.Event, done: threading.Event
) -> bool:
    """Whether ``act`` waits for ``while_runs``, which holds a lock from ``begun`` until ``done``."""
    slow = threading.Thread(target=lambda: beside(while_runs))
    slow.start()
    assert begun.wait(10)
    quick = threading.Thread(target=lambda: beside(act))
    quick.start()
    quick.join(10)
    waited = quick.is_alive()
    done.set()
    slow.join()
    quick.join()
    return waited


def test_nobody_waits_for_a_mail_that_takes_long_to_write(smtp: SmtpServer) -> None:
    """Its lease expires while it is being rendered in a transaction that locks its row."""
    if not connection.features.has_select_for_update_skip_locked:
        return  # SQLite has one writer at a time
    begun, done = threading.Event(), threading.Event()

    def write(mail: OutgoingMail) -> EmailMessage:
        if mail.subject_id == 1:
            begun.set()
            assert done.wait(20)
        return EmailMessage(f"Letter {mail.subject_id}", "Words", to=[mail.recipient])

    register_letter(write)
    make_letter(1)
    token = engine.claim()
    assert token is not None
    OutgoingMail.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    locked = OutgoingMail.objects.get().pk
    make_letter(2)
    assert not waits(engine.deliver, while_runs=lambda: engine.freeze(locked, token), begun=begun, done=done)
    assert states() == {1: State.FROZEN, 2: State.SENT}


def test_a_living_lease_is_left_alone(smtp: SmtpServer) -> None:
    register_letter()
    make_letter()
    token = engine.claim()
    assert engine.deliver() == 0
    assert OutgoingMail.objects.get().claim_token == token


def test_a_worker_that_lost_its_lease_sends_nothing(smtp: SmtpServer) -> None:
    register_letter()
    make_letter()
    slow = engine.claim()
    assert slow is not None
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        assert engine.deliver() == 1
    with MailServer() as server:
        assert engine.send_batch(slow, server) == []
    assert len(smtp.mails) == 1


def test_a_lost_lease_in_the_middle_of_a_batch_stops_at_that_mail(smtp: SmtpServer) -> None:
    """Another worker takes the second mail while the first one is being sent."""
    register_letter()
    make_letter(1)
    make_letter(2)
    token = engine.claim()
    assert token is not None

    def steal() -> None:
        OutgoingMail.objects.filter(subject_id=2).update(claim_token=uuid.uuid4())

    smtp.behave["BODY"] = lambda content: beside(steal)
    with MailServer() as server:
        engine.send_batch(token, server)
    assert len(smtp.mails) == 1
    assert states() == {1: State.SENT, 2: State.CLAIMED}


def test_a_worker_extends_its_own_leases_and_no_dead_ones() -> None:
    for number in (1, 2):
        make_letter(number)
    mine, _ = engine.claim(size=1), engine.claim(size=1)
    assert mine is not None
    OutgoingMail.objects.update(lease_until=NOW)
    with time_machine.travel(NOW, tick=False):
        engine.extend(mine)
    leases = OutgoingMail.objects.order_by("subject_id").values_list("lease_until", flat=True)
    assert list(leases) == [NOW + engine.lease(), NOW]


def test_the_lease_of_the_rest_is_extended_while_the_server_is_slow(smtp: SmtpServer, settings: Settings) -> None:
    settings.MAIL_LEASE_SECONDS = 1
    register_letter()
    for number in range(4):
        make_letter(number)
    smtp.behave["BODY"] = Delay(0.4)
    token = engine.claim()
    assert token is not None
    stolen: list[int] = []

    def thief() -> None:
        """Another worker that takes over expired claims."""
        try:
            for _ in range(15):
                engine.take_back_lapsed()
                stolen.append(OutgoingMail.objects.filter(state=State.QUEUED).count())
                threading.Event().wait(0.1)
        finally:
            connection.close()

    other = threading.Thread(target=thief)
    other.start()
    with MailServer() as server:
        went = engine.send_batch(token, server)
    other.join()
    assert len(went) == 4
    assert set(stolen) == {0}
    assert len(smtp.mails) == 4


def test_each_mail_begins_to_travel_with_a_whole_lease(smtp: SmtpServer) -> None:
    """Because one session may take the full time, however much of the lease the batch has already used."""
    register_letter()
    for number in (1, 2, 3):
        make_letter(number)
    token = engine.claim()
    assert token is not None
    OutgoingMail.objects.update(lease_until=timezone.now() + dt.timedelta(seconds=20))
    left: list[dt.timedelta] = []

    def look() -> None:
        (travelling,) = OutgoingMail.objects.filter(state=State.SENDING)
        assert travelling.lease_until
        left.append(travelling.lease_until - timezone.now())

    smtp.behave["BODY"] = lambda content: beside(look)
    with MailServer() as server:
        engine.send_batch(token, server)
    assert [lease > engine.lease() - dt.timedelta(seconds=10) for lease in left] == [True] * 3


@pytest.mark.parametrize("audience", ["user", "mentor"])
def test_a_late_mark_still_counts_as_sent(smtp: SmtpServer, caplog: pytest.LogCaptureFixture, audience: str) -> None:
    """The lease expired and was released before the slow server answered."""
    register_letter(audience=audience)
    make_letter(1, audience=audience)
    make_letter(2, due_at=timezone.now() + dt.timedelta(hours=1))

    def give_up() -> None:
        OutgoingMail.objects.filter(subject_id=1).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        engine.take_back_lapsed()

    smtp.behave["BODY"] = lambda content: beside(give_up)
    assert engine.deliver() == 1
    row = OutgoingMail.objects.get(subject_id=1)
    assert states() == {1: State.SENT, 2: State.QUEUED}
    assert (row.last_error, row.claim_token) == ("", None)
    assert row.sent_at is not None
    assert "another worker" not in caplog.text


@pytest.mark.parametrize("state", [State.CLAIMED, State.FROZEN, State.SENDING, State.CANCELLED])
def test_a_late_mark_leaves_alone_what_another_worker_or_its_owner_has_decided(
    smtp: SmtpServer, caplog: pytest.LogCaptureFixture, state: str
) -> None:
    register_letter()
    mail = make_letter()
    held = {"claim_token": uuid.uuid4(), "lease_until": timezone.now() + dt.timedelta(minutes=5)}
    theirs = {"state": state} | (held if state in engine.IN_HAND else dict.fromkeys(held))

    smtp.behave["BODY"] = lambda content: beside(lambda: OutgoingMail.objects.update(**theirs))
    engine.deliver()
    assert list(OutgoingMail.objects.values(*theirs)) == [theirs]
    assert f"mail {mail.pk} was accepted after its lease had gone to another worker" in caplog.text


@pytest.mark.parametrize("answer", ["550 Nobody", "451 Later", Drop(keep=True)], ids=["no", "later", "lost"])
@pytest.mark.parametrize("audience", ["user", "mentor"])
def test_what_went_wrong_too_late_is_no_matter_of_the_worker_that_holds_it_now(
    smtp: SmtpServer, audience: str, answer: str | Drop
) -> None:
    register_letter(audience=audience)
    make_letter(audience=audience)
    theirs = {"claim_token": uuid.uuid4(), "lease_until": timezone.now() + dt.timedelta(minutes=5)}

    def answer_late(content: bytes) -> str | Drop:
        beside(lambda: OutgoingMail.objects.update(**theirs))
        return answer

    smtp.behave["BODY"] = answer_late
    engine.deliver()
    expected = theirs | {"state": State.SENDING, "attempts": 0, "last_error": "", "may_be_there": False}
    assert list(OutgoingMail.objects.values(*expected)) == [expected]


def test_frozen_mail_that_nobody_wants_any_more_is_not_tried_again(smtp: SmtpServer) -> None:
    register_letter(still_wanted=lambda mail: mail.subject_id != 1)
    for number in (1, 2):
        make_letter(number)
    smtp.behave["MAIL"] = "451 4.3.0 Later"
    engine.deliver()
    smtp.behave.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        engine.deliver()
    assert states() == {1: State.EXPIRED, 2: State.SENT}
    assert len(smtp.mails) == 1


def test_cancelling_works_until_it_travels(smtp: SmtpServer) -> None:
    register_letter()
    mail = make_letter(1)
    token = engine.claim()
    assert token is not None
    assert cancel(mail) is True
    assert engine.freeze(mail.pk, token) is None
    assert cancel(mail) is False
    frozen = make_letter(2)
    token = engine.claim()
    assert token is not None
    engine.freeze(frozen.pk, token)
    OutgoingMail.objects.filter(pk=frozen.pk).update(state=State.SENDING)
    assert cancel(frozen) is False


@pytest.mark.parametrize("whose", [1, 2], ids=["the one that travels", "the next one"])
def test_an_account_erased_while_its_mail_is_in_hand_stops_nobody(
    smtp: SmtpServer, settings: Settings, whose: int
) -> None:
    settings.EMAIL_TIMEOUT = 20  # to erase one takes long on a busy machine
    register_letter()
    for number in (1, 2, 3):
        make_letter(number, owner=make_user(f"user{number}@example.org"))

    def erase() -> None:
        User.objects.filter(email=f"user{whose}@example.org").delete()

    smtp.behave["BODY"] = lambda content: beside(erase)
    engine.deliver()
    gone, *kept = (whose, *{1, 2, 3} - {whose})
    assert states() == dict.fromkeys(kept, State.SENT)
    assert (f"Letter {gone}" in smtp.subjects) == (whose == 1)


def test_what_is_written_can_still_be_taken_back(smtp: SmtpServer) -> None:
    register_letter()
    mail = make_letter()
    token = engine.claim()
    assert token is not None
    assert engine.freeze(mail.pk, token) is not None
    assert cancel(mail) is True
    with MailServer() as server:
        engine.send_batch(token, server)
    assert (states(), smtp.mails) == ({1: State.CANCELLED}, [])


def test_claimers_at_once_never_share_a_mail() -> None:
    register_letter()
    for number in range(60):
        make_letter(number)
    tokens: list[uuid.UUID | None] = []

    def claimer() -> None:
        while (token := engine.claim(size=7)) is not None:
            tokens.append(token)

    at_once(*[claimer] * 4)
    claimer()  # a worker may find only locked rows and stop early; the remaining rows can still be claimed
    held = list(OutgoingMail.objects.values_list("claim_token", flat=True))
    assert len(held) == 60
    assert set(held) == set(tokens)
    assert max(held.count(token) for token in tokens) <= 7


def test_a_claimer_passes_by_what_another_is_about_to_claim() -> None:
    """Else it would wait, and then find nothing."""
    if not connection.features.has_select_for_update_skip_locked:
        return  # SQLite has one writer at a time
    for number in (1, 2):
        make_letter(number)
    begun, done = threading.Event(), threading.Event()

    def hold_the_first() -> None:
        with transaction.atomic():
            OutgoingMail.objects.select_for_update().get(subject_id=1)
            begun.set()
            assert done.wait(20)

    assert not waits(lambda: engine.claim(size=1), while_runs=hold_the_first, begun=begun, done=done)
    assert states() == {1: State.QUEUED, 2: State.CLAIMED}


def test_deliverers_at_once_send_each_mail_once(smtp: SmtpServer) -> None:
    register_letter()
    for number in range(40):
        make_letter(number)
    at_once(*[engine.deliver] * 3)
    engine.deliver()
    ids = [mail.message["Message-ID"] for mail in smtp.mails]
    assert (len(ids), len(set(ids))) == (40, 40)


def test_two_freezers_write_once() -> None:
    """Both believe they hold the mail; the row lock and the conditional update allow only one."""
    written = register_letter()
    mail = make_letter()
    token = engine.claim()
    assert token is not None
    got = at_once(*[lambda: engine.freeze(mail.pk, token)] * 2)
    assert sum(1 for row in got if row is not None) == 1
    assert written == [1]


# --- Rows -------------------------------------------------------------------------------------------


def test_contents_are_dropped_some_days_after_sending(smtp: SmtpServer) -> None:
    register_letter()
    make_letter()
    engine.deliver()
    assert purge() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        make_letter(2)
        engine.deliver()
        assert purge() == 1
    assert [bool(mail.content) for mail in OutgoingMail.objects.order_by("subject_id")] == [False, True]
    assert OutgoingMail.objects.get(subject_id=1).subject == "Letter 1"


def test_contents_of_what_is_still_to_go_stay_however_long_nothing_ran(smtp: SmtpServer) -> None:
    register_letter()
    make_letter()
    smtp.behave["RCPT"] = "451 4.3.0 Later"
    engine.deliver()
    with time_machine.travel(timezone.now() + dt.timedelta(days=30)):
        assert purge() == 0
        smtp.behave.clear()
        assert engine.deliver() == 1
    assert len(smtp.mails) == 1


def test_a_frozen_mail_must_have_content() -> None:
    mail = make_letter()
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(
            state=State.FROZEN, claim_token=uuid.uuid4(), lease_until=timezone.now()
        )


def test_a_mail_in_hand_must_have_a_lease() -> None:
    mail = make_letter()
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(state=State.CLAIMED)


@pytest.mark.parametrize("fields", [{"EMAIL_HOST_USER": "mentorfolio"}, {"EMAIL_USE_TLS": True}])
def test_a_server_without_what_was_asked_for_gets_no_mail(
    smtp: SmtpServer, settings: Settings, fields: dict[str, object]
) -> None:
    """Without sign-in or TLS, the mail waits instead of being sent unencrypted."""
    for name, value in fields.items():
        setattr(settings, name, value)
    register_letter()
    make_letter()
    engine.deliver()
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.attempts, smtp.mails) == (State.QUEUED, 1, [])
    assert mail.last_error.startswith("Could not reach the mail server")
