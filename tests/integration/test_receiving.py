"""The real receiver, spoken to by SMTP and LMTP as a mail server does."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts.models import User
from mail import drops
from mail.models import IncomingMail
from outreach.models import Message
from tests.factories import make_approach, make_message, make_person
from tests.outreach.incoming.mails import letter
from tests.servers import Process, all_of, celery_beat, celery_worker, free_port, mail_receiver, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(wanderer: User) -> Message:
    julie = make_person(wanderer, "Julie Hart", email="julie@example.org")
    return make_message(make_approach(julie), subject="15 minutes", body="Dear Julie")


@contextmanager
def receiving(env: dict[str, str], port: int, *options: str) -> Iterator[Process]:
    with mail_receiver(env, port, *options) as receiver:
        receiver.wait_for("Takes mail for in.example.org", 60)
        yield receiver


def test_a_copy_by_smtp_is_noted_by_the_worker(service_env: dict[str, str], draft: Message) -> None:
    address = drops.address(drops.renew(draft.owner), draft.pk)
    port = free_port()
    copy = letter("wanda@example.org").as_bytes()
    with receiving(service_env, port) as receiver, smtplib.SMTP("127.0.0.1", port, timeout=30) as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            server.sendmail("x@example.org", ["nobody@in.example.org", "x@elsewhere.example.org"], copy)
        assert {code for code, _ in refused.value.recipients.values()} == {550}
        with pytest.raises(smtplib.SMTPSenderRefused, match="552"):
            server.sendmail("x@example.org", [address], b"x" * (26 * 1024 * 1024))
        assert server.sendmail("", ["nobody@in.example.org", address.upper()], copy).keys() == {"nobody@in.example.org"}
        server.sendmail("", [address], copy)  # the same again, because the answer was lost
        assert IncomingMail.objects.count() == 1
        with all_of(celery_worker(service_env), celery_beat(service_env)):
            wait_until(lambda: Message.objects.filter(state="sent").exists(), 60, what="the note that it was sent")
        receiver.kill()  # what was kept stays
    assert IncomingMail.objects.get().state == "applied"
    assert Message.objects.get().sent_body.startswith("Dear Julie,\n\nmay I ask you")


def test_lmtp_answers_for_each_recipient(service_env: dict[str, str], draft: Message) -> None:
    drop = drops.renew(draft.owner)
    port = free_port()
    with receiving(service_env, port, "--lmtp") as receiver, smtplib.LMTP("127.0.0.1", port) as server:
        server.ehlo_or_helo_if_needed()
        server.mail("")
        assert server.rcpt(drops.address(drop, draft.pk))[0] == 250
        assert server.rcpt("nobody@in.example.org")[0] == 550
        assert server.rcpt(drops.address(drop))[0] == 250
        assert server.data(letter("wanda@example.org").as_bytes())[0] == 250
        assert server.getreply() == (250, b"2.0.0 Kept")  # the second recipient's
        assert server.noop()[0] == 250
        assert receiver.stop() == 0
    mail = IncomingMail.objects.get()
    assert mail.recipients == [drops.address(drop, draft.pk), drops.address(drop)]
