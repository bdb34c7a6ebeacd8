"""Addresses that take no mail from users: whatever waits is stopped, whenever they are put on the list."""

from __future__ import annotations

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from mail import engine, suppression
from mail.batch_render import write_together
from mail.models import OutgoingMail, SuppressedAddress
from mail.smtp import MailServer
from tests.outbox import make_letter, outbox, register_letter, states
from tests.races import at_once
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
State, Reason = OutgoingMail.State, SuppressedAddress.Reason
MENTOR = OutgoingMail.Audience.MENTOR
BOB = "bob@example.org"


def stop(address: str = BOB) -> None:
    suppression.suppress(address=address, reason=Reason.ASKED)


def letter(number: int = 1, recipient: str = BOB, **fields: Any) -> OutgoingMail:
    return make_letter(number, recipient=recipient, audience=MENTOR, **fields)


def test_what_waits_is_stopped_with_the_reason_and_over_all_users(smtp: SmtpServer, alice: User, charlie: User) -> None:
    register_letter(audience=MENTOR)
    letter(1, owner=alice)
    letter(2, "BOB+x@Example.org", owner=charlie)
    letter(3, "bill@example.org", owner=alice)
    stop()
    assert states() == {1: State.STOPPED, 2: State.STOPPED, 3: State.QUEUED}
    assert OutgoingMail.objects.get(subject_id=1).last_error.startswith("bob@example.org doesn’t accept email")
    assert engine.deliver() == 1
    assert [mail.recipients for mail in smtp.mails] == [["bill@example.org"]]


def test_what_is_queued_afterwards_is_stopped_just_before_it_travels(smtp: SmtpServer) -> None:
    register_letter(audience=MENTOR)
    stop()
    letter()
    assert engine.deliver() == 0
    assert states() == {1: State.STOPPED}
    assert OutgoingMail.objects.get().content is None


def test_what_was_written_before_is_stopped_before_it_travels_again(smtp: SmtpServer) -> None:
    register_letter(audience=MENTOR)
    mail = letter()
    smtp.behave["RCPT"] = "451 4.3.0 Later"
    engine.deliver()
    SuppressedAddress.objects.create(key=BOB, address=BOB, reason=Reason.ASKED)  # without what stops it at once
    smtp.behave.clear()
    OutgoingMail.objects.update(due_at=mail.created_at)
    assert engine.deliver() == 0
    assert states() == {1: State.STOPPED}


def test_what_is_stopped_when_it_is_written_already_does_not_travel(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody presses while the worker is about to begin with it."""
    register_letter(audience=MENTOR)
    letter(1)
    letter(2)
    mark = engine._Batch._mark

    def stopped_before(batch: Any, **which: Any) -> set[int]:
        assert State.FROZEN in states().values()
        stop()
        return mark(batch, **which)

    monkeypatch.setattr(engine._Batch, "_mark", stopped_before)
    assert engine.deliver() == 0
    assert smtp.mails == []
    assert set(states().values()) == {State.STOPPED}


def test_mail_that_somebody_asks_for_themselves_still_goes(smtp: SmtpServer) -> None:
    register_letter()
    stop("alice@example.org")
    make_letter()
    assert engine.deliver() == 1


def test_a_letter_to_a_mentor_is_never_written_together_with_others() -> None:
    mail, token = letter(), uuid.uuid4()
    OutgoingMail.objects.update(state=State.CLAIMED, claim_token=token, lease_until=mail.created_at, purpose="digest")
    with transaction.atomic():
        assert write_together([mail.pk], token) == {}
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {State.CLAIMED}


def test_a_failed_mail_that_an_operator_tries_again_is_stopped(smtp: SmtpServer) -> None:
    register_letter(audience=MENTOR)
    letter()
    stop("somebody@example.org")
    OutgoingMail.objects.update(state=State.FAILED)
    stop()
    assert states() == {1: State.FAILED}
    OutgoingMail.objects.update(state=State.QUEUED)
    assert engine.deliver() == 0
    assert states() == {1: State.STOPPED}


def test_lifted_it_goes_again_but_not_what_was_stopped(smtp: SmtpServer) -> None:
    register_letter(audience=MENTOR)
    letter(1)
    row, _ = suppression.suppress(address=BOB, reason=Reason.ASKED)
    suppression.lift(suppressed=row)
    letter(2)
    assert engine.deliver() == 1
    assert states() == {1: State.STOPPED, 2: State.SENT}


def test_a_persons_own_wish_outlasts_a_bounce_and_no_bounce_outlasts_it() -> None:
    for reason in (Reason.BOUNCED, Reason.ASKED, Reason.BOUNCED):
        suppression.suppress(address=BOB, reason=reason)
    assert SuppressedAddress.objects.get().reason == Reason.ASKED


def test_four_presses_at_once_are_one_row() -> None:
    letter()
    at_once(*[stop] * 4)
    assert SuppressedAddress.objects.count() == 1
    assert states() == {1: State.STOPPED}


# --- Bounces --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pipelining", [True, False])
def test_an_address_that_does_not_exist_gets_no_more(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, pipelining: bool
) -> None:
    register_letter(audience=MENTOR)
    smtp.behave["RCPT"] = lambda address: "550 5.1.1 Nobody here" if address == BOB else None
    if not pipelining:
        smtp.behave["EHLO"] = None
        real = MailServer.connect

        def plain(server: MailServer) -> None:
            real(server)
            assert server._talk is not None
            server._talk.esmtp_features.pop("pipelining", None)

        monkeypatch.setattr(MailServer, "connect", plain)
    for number in (1, 2):
        letter(number)
    letter(3, "bill@example.org")
    assert engine.deliver() == 1
    assert states() == {1: State.FAILED, 2: State.STOPPED, 3: State.SENT}
    row = SuppressedAddress.objects.get()
    assert (row.reason, row.note) == (Reason.BOUNCED, "550 5.1.1 Nobody here")
    assert "came back" in OutgoingMail.objects.get(subject_id=2).last_error


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("RCPT", "554 5.7.1 Relay access denied"),
        ("RCPT", "550 5.7.1 Your network is on our list"),
        ("RCPT", "550 Relaying is not permitted"),
        ("RCPT", "552 5.2.2 Mailbox full"),
        ("RCPT", "450 4.1.1 Greylisted"),
        ("BODY", "550 5.1.1 We take no such words"),
        ("MAIL", "550 5.1.1 Not from you"),
    ],
)
def test_what_is_about_us_or_the_words_suppresses_nobody(smtp: SmtpServer, step: str, answer: str) -> None:
    register_letter(audience=MENTOR)
    smtp.behave[step] = answer
    letter()
    engine.deliver()
    assert not SuppressedAddress.objects.exists()


def test_a_users_own_address_is_not_put_on_the_list(smtp: SmtpServer) -> None:
    register_letter()
    smtp.behave["RCPT"] = "550 5.1.1 Nobody here"
    make_letter()
    engine.deliver()
    assert not SuppressedAddress.objects.exists()


# --- Headers --------------------------------------------------------------------------------------


def test_every_mail_to_a_mentor_can_be_stopped_and_traced_whoever_wrote_it(
    smtp: SmtpServer, settings: Any, alice: User
) -> None:
    register_letter(audience=MENTOR)
    settings.ABUSE_CONTACT = "abuse@example.org"
    letter(owner=alice)
    engine.deliver()
    headers = smtp.mails[0].message
    assert headers["List-Unsubscribe"].strip().startswith("<http://localhost:8000/stop/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    user, *rest = headers["Feedback-ID"].split(":")
    assert (len(user), rest) == (16, ["letter", "mentorfolio"])
    assert headers["CFBL-Address"] == "abuse@example.org; report=arf"
    assert headers["CFBL-Feedback-ID"] == f"{user}:{OutgoingMail.objects.get().pk}"


def test_without_an_abuse_contact_nobody_is_named(smtp: SmtpServer) -> None:
    register_letter(audience=MENTOR)
    letter()
    engine.deliver()
    assert smtp.mails[0].message["CFBL-Address"] is None
    assert outbox()[0].to == BOB


# --- The command ----------------------------------------------------------------------------------


def command(*words: str) -> str:
    out = StringIO()
    call_command("suppress", *words, stdout=out)
    return out.getvalue()


def test_the_command_stops_lists_and_lifts() -> None:
    assert command(BOB, "--reason", "complaint", "--note", "by mail") == f"{BOB}: stopped\n"
    assert command(BOB) == f"{BOB}: was stopped already\n"
    assert f"complaint  {BOB}  by mail" in command()
    assert command("Bob@example.org", "--lift") == "Bob@example.org: can be written to again\n"
    assert command(BOB, "--lift") == f"{BOB}: is not on the list\n"
    assert command() == ""


def test_the_command_takes_addresses_only() -> None:
    with pytest.raises(CommandError, match="nothing was changed: nobody"):
        command(BOB, "nobody")
    assert not SuppressedAddress.objects.exists()
