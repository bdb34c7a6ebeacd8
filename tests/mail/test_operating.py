"""What whoever runs this site can see and decide."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from mail import engine, operating
from mail.models import OutgoingMail
from mail.services import beat
from tests.factories import make_user
from tests.mail.letters import make_letter, register_letter, states
from tests.smtp_server import Drop, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
State = OutgoingMail.State


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(make_user("olga@example.org", is_staff=True))
    return client


def test_a_failed_mail_goes_again_as_the_same_bytes(smtp: SmtpServer, operator: Client) -> None:
    written = register_letter()
    mail = make_letter()
    smtp.behave["RCPT"] = "550 5.1.1 Nobody here"
    engine.deliver()
    mail.refresh_from_db()
    assert "550 5.1.1 Nobody here" in operator.get("/operator/mail/").content.decode()
    smtp.behave.clear()
    operator.post(f"/operator/mail/{mail.pk}/retry/")
    assert engine.deliver() == 1
    (received,) = smtp.mails
    assert received.message["Message-ID"] == mail.message_id
    assert written == [1]


def test_uncertain_mail_to_a_mentor_goes_again_only_when_a_person_says_so(smtp: SmtpServer, operator: Client) -> None:
    register_letter(audience=OutgoingMail.Audience.MENTOR)
    mail = make_letter(audience=OutgoingMail.Audience.MENTOR)
    smtp.behave["BODY"] = Drop(keep=False)
    engine.deliver()
    smtp.behave.clear()
    assert engine.deliver() == 0
    page = operator.get("/operator/mail/").content.decode()
    assert "Send again, even if it arrives twice" in page
    operator.post(f"/operator/mail/{mail.pk}/retry/")
    assert engine.deliver() == 1


def test_what_is_set_aside_stays_there(smtp: SmtpServer, operator: Client) -> None:
    register_letter()
    mail = make_letter()
    smtp.behave["RCPT"] = "451 4.3.0 Later, please"
    engine.deliver()
    assert "451 4.3.0 Later, please" in operator.get("/operator/mail/").content.decode()
    operator.post(f"/operator/mail/{mail.pk}/set-aside/")
    smtp.behave.clear()
    OutgoingMail.objects.update(due_at=timezone.now())
    assert engine.deliver() == 0
    assert states() == {1: State.ASIDE}
    answer = operator.post(f"/operator/mail/{mail.pk}/retry/", follow=True)
    assert "be tried again" in answer.content.decode()
    assert states() == {1: State.ASIDE}


@pytest.mark.parametrize("state", [State.SENT, State.EXPIRED, State.CANCELLED])
def test_what_is_settled_is_left_alone(state: str) -> None:
    mail = make_letter()
    OutgoingMail.objects.update(state=state)
    mail.refresh_from_db()
    assert (operating.retry(mail=mail), operating.set_aside(mail=mail)) == (False, False)
    assert states() == {1: state}


def test_words_that_were_dropped_are_not_written_anew(smtp: SmtpServer) -> None:
    register_letter()
    mail = make_letter()
    OutgoingMail.objects.update(state=State.FAILED, frozen_at=timezone.now(), content=None)
    mail.refresh_from_db()
    assert operating.retry(mail=mail) is False


def test_looking_at_the_buttons_addresses_does_nothing(operator: Client) -> None:
    mail = make_letter()
    OutgoingMail.objects.update(state=State.FAILED)
    assert operator.get(f"/operator/mail/{mail.pk}/retry/").status_code == 405
    assert states() == {1: State.FAILED}


def command(*words: str) -> str:
    out = StringIO()
    call_command("mail", *words, stdout=out)
    return out.getvalue()


def test_the_command_names_what_is_late_failed_and_uncertain() -> None:
    late, bad, perhaps = make_letter(1), make_letter(2), make_letter(3)
    OutgoingMail.objects.filter(pk=late.pk).update(due_at=timezone.now() - dt.timedelta(minutes=6))
    OutgoingMail.objects.filter(pk=bad.pk).update(state=State.FAILED, last_error="550 Nobody", attempts=1)
    OutgoingMail.objects.filter(pk=perhaps.pk).update(state=State.UNCERTAIN)
    beat("worker a")
    said = command("status")
    blocks = [block.splitlines() for block in said.split("\n\n")]
    assert [block[0] for block in blocks[1:]] == ["Late:", "Failed:", "Uncertain:"]
    assert [int(block[1].split()[0]) for block in blocks[1:]] == [late.pk, bad.pk, perhaps.pk]
    assert "1 tries  550 Nobody" in said
    assert "last worker a" in said


def test_the_command_tries_again_and_sets_aside() -> None:
    bad, perhaps = make_letter(1), make_letter(2)
    OutgoingMail.objects.filter(pk=bad.pk).update(state=State.FAILED)
    OutgoingMail.objects.filter(pk=perhaps.pk).update(state=State.UNCERTAIN)
    assert command("retry", str(bad.pk)) == f"{bad.pk}: done\n"
    assert command("set-aside", str(perhaps.pk), "0") == f"{perhaps.pk}: done\n0: nothing to do, or too late\n"
    assert states() == {1: State.QUEUED, 2: State.ASIDE}
    with pytest.raises(CommandError, match="Which mail"):
        command("retry")
