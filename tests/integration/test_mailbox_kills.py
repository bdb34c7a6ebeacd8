"""Whoever sends from a mailbox, or reads it, is killed again and again: one letter at most, and no answer lost."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts import jobs
from accounts.models import User
from mail import engine
from mail.models import ConnectedMailbox, OutgoingMail
from outreach.drafts import own_mailbox
from outreach.models import Message
from tests.factories import make_approach, make_message, make_person, make_user
from tests.imap_server import USER, find_dovecot
from tests.mailboxes import HOST, Provider, a_provider, look
from tests.outreach.incoming.mails import reply
from tests.portfolio.contact_imports.test_kills import killed_after
from tests.smtp_server import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]
KILLS = 50  # of sending, and of reading
LETTERS = 12
State = Message.State


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    if find_dovecot() is None:
        pytest.skip("Dovecot is not installed (dovecot-imapd).")
    settings.OUTBOUND_ALLOWED = [HOST]
    settings.MAIL_LEASE_SECONDS = 0  # whoever was killed holds nothing up
    monkeypatch.setattr(jobs, "BREAK", 0)
    monkeypatch.setattr(jobs, "LEASE", dt.timedelta(milliseconds=1))
    with a_provider() as both:
        yield both


def kill_workers(mailbox: ConnectedMailbox, times: int, chance: random.Random) -> None:
    for _ in range(times):
        ConnectedMailbox.objects.filter(pk=mailbox.pk).update(due_at=mailbox.created_at)
        killed_after(chance.uniform(0.02, 0.35), lambda: jobs.run(seconds=60))
        engine.take_back_lapsed()


def let_all_go(mailbox: ConnectedMailbox) -> None:
    """Until each letter has gone or is in doubt. One whose worker was killed twice waits, as if its time had come."""

    def is_done() -> bool:
        engine.take_back_lapsed()
        OutgoingMail.objects.filter(state=OutgoingMail.State.QUEUED).update(due_at=mailbox.created_at)
        look(mailbox)
        return not OutgoingMail.objects.filter(state__in=OutgoingMail.OPEN).exists()

    wait_until(is_done, 60, what="every letter to go, or to be in doubt")
    look(mailbox)


def send(message: Message) -> None:
    own_mailbox.hand_over(message=message, seen=message.updated_at.isoformat())


def test_no_letter_goes_twice_and_no_answer_is_lost(provider: Provider) -> None:
    chance, wanda = random.Random(37), make_user(USER, name="Wanda Wren")
    mailbox = look(provider.connect(wanda))
    people = [make_person(wanda, f"Person {n}", email=f"p{n}@example.org") for n in range(LETTERS)]
    letters = [make_message(make_approach(one), subject=f"Question to {one.name}", body="May I ask?") for one in people]
    provider.smtp.answers_after = 0.1  # so that many are killed when the letter has gone, and they don't know it
    for message in letters:
        send(message)
    kill_workers(mailbox, KILLS, chance)
    provider.smtp.answers_after = 0
    let_all_go(mailbox)
    for message in letters:
        tell_the_truth(wanda, message, provider)
    let_all_go(mailbox)
    for message in letters:
        message.refresh_from_db()
        assert message.state == State.SENT
        assert len(provider.smtp.to(message.sent_to)) == 1
        assert message.approach is not None
        assert [event.kind for event in message.approach.events.all()] == ["sent"]
    assert len(provider.smtp.mails) == LETTERS
    assert not OutgoingMail.objects.filter(content__isnull=False).exists()

    for message in letters:
        provider.imap.put(
            reply(
                f"Answer to {message.subject}",
                to_id=f"<{message.message_id}>",
                sender=message.sent_to,
                message_id=f"<answer.{message.pk}@mail.example.org>",
            ).as_bytes()
        )
    kill_workers(mailbox, KILLS, chance)
    received = Message.objects.filter(state=State.RECEIVED)
    wait_until(lambda: look(mailbox) and received.count() >= LETTERS, 60, what="every answer to be noted")
    look(mailbox)
    for message in letters:
        answers = Message.objects.filter(approach=message.approach, state=State.RECEIVED)
        assert [answer.body.strip() for answer in answers] == [f"Answer to {message.subject}"]
    assert len(provider.smtp.mails) == LETTERS


def tell_the_truth(wanda: User, message: Message, provider: Provider) -> None:
    """Of a letter of which nobody knows, what its user finds; one that didn't go is sent again."""
    message.refresh_from_db()
    if message.state == State.SENDING:
        assert own_mailbox.is_uncertain(message)
        it_went = bool(provider.smtp.to(message.sent_to))
        own_mailbox.decide(message, it_went=it_went)
        message.refresh_from_db()
        if not it_went:
            send(message)
