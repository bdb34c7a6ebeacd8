from __future__ import annotations

import pytest
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, get_connection, send_mail
from pytest_django import Settings

from accounts.models import User
from mail import engine
from mail.models import OutgoingMail
from tests.servers import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _outbox(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "mail.backends.OutboxBackend"


def test_sign_in_mail_becomes_a_written_row(alice: User) -> None:
    assert send_mail("Confirm your address", "Follow this link", None, ["Alice <ALICE@example.org>"]) == 1
    mail = OutgoingMail.objects.get()
    assert (mail.purpose, mail.priority, mail.state) == ("account", OutgoingMail.Priority.SIGN_IN, "queued")
    assert (mail.recipient, mail.subject) == ("ALICE@example.org", "Confirm your address")
    assert b"Follow this link" in bytes(mail.content or b"")


def test_the_row_belongs_to_the_user_with_that_address(alice: User) -> None:
    send_mail("Hello", "Hello", None, ["alice@example.org", "new@example.org"])
    assert list(OutgoingMail.objects.order_by("recipient").values_list("recipient", "owner")) == [
        ("alice@example.org", alice.pk),
        ("new@example.org", None),
    ]


def test_each_recipient_has_a_row_and_a_message_id() -> None:
    message = EmailMessage("Hello", "Hello", to=["a@example.org"], cc=["b@example.org"], bcc=["c@example.org"])
    assert get_connection().send_messages([message, EmailMessage("Nobody", "Nobody")]) == 1
    mails = OutgoingMail.objects.order_by("recipient")
    assert [mail.recipient for mail in mails] == ["a@example.org", "b@example.org", "c@example.org"]
    assert len({mail.message_id for mail in mails}) == 3
    for mail in mails:
        content = bytes(mail.content or b"")
        assert b"To: a@example.org" in content
        assert b"Cc: b@example.org" in content
        assert b"c@example.org" not in content


@pytest.mark.parametrize(
    ("subject", "recipient"),
    [("Hello\nBcc: eve@example.org", "a@example.org"), ("Hello", "a@example.org\nBcc: eve@example.org")],
)
def test_a_line_break_in_a_header_is_refused(subject: str, recipient: str) -> None:
    with pytest.raises((BadHeaderError, ValueError)):
        send_mail(subject, "Hello", None, [recipient])
    assert OutgoingMail.objects.count() == 0


def test_what_was_given_is_what_arrives(smtp: SmtpServer) -> None:
    message = EmailMultiAlternatives("Grüße", "Schöne Grüße\n.\n", to=["a@example.org"])
    message.attach_alternative("<p>Schöne Grüße</p>", "text/html")
    message.send()
    engine.deliver()
    (received,) = smtp.mails
    assert received.message["Subject"] == "Grüße"
    assert received.text.splitlines() == ["Schöne Grüße", "."]
    assert received.message.get_body(("html",)).get_content().strip() == "<p>Schöne Grüße</p>"  # type: ignore[union-attr]
