"""A mailbox connected by permission: a letter goes once, and its answer is noted. The servers speak as the real ones."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from mail.connected import oauth, services
from mail.models import ConnectedMailbox, IncomingMail, OutgoingMail
from outreach.drafts import own_mailbox
from outreach.models import FollowUp, Message
from tests.factories import make_approach, make_message, make_person, make_user
from tests.fake_google import FakeGoogle
from tests.fake_provider import FakeProvider, dies, status
from tests.mailboxes import look
from tests.outreach.incoming.mails import letter, reply
from tests.web_mailboxes import fake, google, microsoft

__all__ = ["fake", "google", "microsoft"]
pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]
USER = "wanda@example.org"


@pytest.fixture
def wanda(db: None) -> User:
    return make_user(USER, name="Wanda Wren")


@pytest.fixture
def draft(wanda: User) -> Message:
    julie = make_person(wanda, "Julie Hart", email="julie@example.org")
    return make_message(make_approach(julie), subject="15 minutes of your time", body="Dear Julie,\n\nmay I?\n\nWanda")


def connect(fake: FakeProvider, owner: User) -> ConnectedMailbox:
    fake.address = USER
    asked = oauth.provider("google" if isinstance(fake, FakeGoogle) else "microsoft")
    assert asked is not None
    given = fake.new_tokens()
    tokens = oauth.Tokens(given["access_token"], given["refresh_token"], timezone.now() + dt.timedelta(hours=1))
    if not isinstance(fake, FakeGoogle):
        fake.mail = USER  # type: ignore[attr-defined]
    return services.connect_by_permission(owner=owner, asked=asked, tokens=tokens)


def send(message: Message) -> None:
    own_mailbox.hand_over(message=message, seen=message.updated_at.isoformat())


def sending(fake: FakeProvider) -> str:
    return "/gmail/v1/users/me/messages/send" if isinstance(fake, FakeGoogle) else "/v1.0/me/sendMail"


def fetched(fake: FakeProvider) -> int:
    return sum("$value" in one.path or one.one("format") == "raw" for one in fake.asked)


@pytest.mark.parametrize("own_ids", [False, True])
def test_a_letter_goes_from_it_once_and_its_answer_is_noted(
    fake: Any, wanda: User, draft: Message, own_ids: bool
) -> None:
    """Also where Gmail puts a Message-ID of its own in place of ours, which the answer then names."""
    fake.own_message_ids = own_ids
    mailbox = look(connect(fake, wanda))
    assert (mailbox.trouble, mailbox.cannot_send) == ("", "")
    assert fake.sent == []

    send(draft)
    look(mailbox)
    [content] = fake.sent
    went = message_from_bytes(content)
    assert (went["From"], went["To"]) == (f"Wanda Wren <{USER}>", "julie@example.org")
    draft.refresh_from_db()
    assert draft.state == Message.State.SENT
    [copy] = fake.messages.values()
    named = str(message_from_bytes(copy.content)["Message-ID"])
    assert draft.message_id == named.strip("<>").lower()

    fake.tokens.clear()  # an hour later
    fake.arrive(reply(to_id=named, to=USER).as_bytes())
    for number in range(20):
        fake.arrive(letter("shop@example.org", USER, "Sale", message_id=f"<sale{number}@x>").as_bytes())
    before = fetched(fake)
    look(mailbox)
    assert not FollowUp.objects.filter(state=FollowUp.State.PLANNED).exists()
    answer = Message.objects.get(state=Message.State.RECEIVED)
    assert answer.body.strip() == "Gladly. How about Tuesday?"
    assert IncomingMail.objects.count() == 1
    assert fetched(fake) - before == 1, "of the shop's mails only the headers were looked at"
    look(mailbox)
    assert (Message.objects.count(), len(fake.sent)) == (2, 1)


@pytest.mark.parametrize("happens", [dies, status(500), status(503)])
def test_a_letter_that_may_have_gone_is_never_sent_again_by_itself(
    fake: Any, wanda: User, draft: Message, happens: Any
) -> None:
    mailbox = look(connect(fake, wanda))
    send(draft)
    fake.next(sending(fake), happens)
    for _ in range(3):
        look(mailbox)
    assert OutgoingMail.objects.get().state == OutgoingMail.State.UNCERTAIN
    assert sum(one.path == sending(fake) for one in fake.asked) == 1


def test_a_letter_that_may_have_gone_and_stands_in_sent_has_gone(fake: Any, wanda: User, draft: Message) -> None:
    mailbox = look(connect(fake, wanda))
    send(draft)

    def takes_it_and_dies(asked: Any) -> None:
        fake.send(_Silent(asked))
        asked.cut()

    fake.next(sending(fake), takes_it_and_dies)
    look(mailbox)
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.SENT
    assert len(fake.sent) == 1


class _Silent:
    """A request that is never answered."""

    def __init__(self, asked: Any) -> None:
        self.body, self.headers = asked.body, asked.headers

    def say(self, *args: object) -> None:
        pass


def test_a_letter_that_it_doesnt_take_is_a_draft_again(fake: Any, wanda: User, draft: Message) -> None:
    mailbox = look(connect(fake, wanda))
    send(draft)
    fake.next(sending(fake), status(400))
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.DRAFT
    assert "doesn’t take this letter" in own_mailbox.trouble_of(draft)


def test_a_letter_waits_while_it_asks_us_to(fake: Any, wanda: User, draft: Message) -> None:
    mailbox = look(connect(fake, wanda))
    send(draft)
    fake.next(sending(fake), status(429, Retry_After="5"))
    look(mailbox)
    assert OutgoingMail.objects.get().state == OutgoingMail.State.QUEUED
    assert fake.sent == []


def test_a_withdrawn_permission_makes_what_waits_a_draft_again(fake: Any, wanda: User, draft: Message) -> None:
    mailbox = look(connect(fake, wanda))
    send(draft)
    fake.withdraw()
    for _ in range(3):
        look(mailbox)
    assert ConnectedMailbox.objects.get().needs_its_user
    draft.refresh_from_db()
    assert draft.state == Message.State.DRAFT
    assert fake.sent == []


def test_5000_mails_of_others_leave_nothing_here(google: FakeGoogle, wanda: User, draft: Message) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(5_000):
        mail = letter("shop@example.org", USER, "Sale", message_id=f"<sale{number}@x>").as_bytes()
        google.arrive(mail, came=now - dt.timedelta(minutes=number), seen=True)
    mailbox = look(connect(google, wanda))
    assert mailbox.bookmark["at"] == {"history": str(google.history)}
    assert IncomingMail.objects.count() == 0
    assert fetched(google) == 0
