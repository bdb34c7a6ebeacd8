"""A connected mailbox with real servers: Dovecot for IMAP, a real SMTP server, and whatever goes wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from mail.models import IncomingMail, OutgoingMail, SuppressedAddress
from outreach.drafts import own_mailbox
from outreach.errors import OutreachError
from outreach.incoming import answers
from outreach.models import FollowUp, Message
from reminders.models import Reminder
from tests.factories import make_approach, make_message, make_person, make_user
from tests.imap_server import USER, find_dovecot
from tests.mailboxes import HOST, Provider, a_provider, look
from tests.outreach.incoming.mails import letter, reply
from tests.smtp_server import Drop

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]
SENT = "Sent Items"


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    if find_dovecot() is None:
        pytest.skip("Dovecot is not installed (dovecot-imapd).")
    settings.OUTBOUND_ALLOWED = [HOST]
    with a_provider() as both:
        yield both


@pytest.fixture
def wanda(db: None) -> User:
    return make_user(USER, name="Wanda Wren")


@pytest.fixture
def draft(wanda: User) -> Message:
    julie = make_person(wanda, "Julie Hart", email="julie@example.org")
    return make_message(
        make_approach(julie),
        subject="15 minutes of your time",
        body="Dear Julie,\n\nmay I ask you for fifteen minutes?\n\nWanda",
    )


def send(message: Message) -> None:
    own_mailbox.hand_over(message=message, seen=message.updated_at.isoformat())


def test_a_letter_goes_from_it_once_and_its_answer_is_noted(provider: Provider, wanda: User, draft: Message) -> None:
    mailbox = look(provider.connect(wanda))
    assert (mailbox.trouble, mailbox.cannot_send) == ("", "")
    assert provider.smtp.mails == []

    send(draft)
    look(mailbox)
    [went] = provider.smtp.mails
    assert (went.sender, went.recipients) == (USER, ["julie@example.org"])
    assert str(went.message["From"]) == f"Wanda Wren <{USER}>"
    assert not {"List-Unsubscribe", "Feedback-ID", "Bcc", "X-Unsent"} & set(went.message.keys())
    draft.refresh_from_db()
    assert draft.state == Message.State.SENT
    assert mailbox.due_at < timezone.now() + dt.timedelta(minutes=15)  # since its answer is waited for
    assert f"<{draft.message_id}>" == str(went.message["Message-ID"]).lower()
    [(flags, copy)] = provider.imap.mails(SENT)
    assert b"may I ask you for fifteen minutes?" in copy
    assert r"\Seen" in flags
    assert OutgoingMail.objects.get().content is None
    assert FollowUp.objects.get().state == FollowUp.State.PLANNED

    provider.imap.put(reply(to_id=f"<{draft.message_id}>", to=USER).as_bytes())
    provider.imap.put(letter("shop@example.org", USER, "Sale", message_id="<sale@x>").as_bytes())
    look(mailbox)
    assert not FollowUp.objects.filter(state=FollowUp.State.PLANNED).exists()
    answer = Message.objects.get(state=Message.State.RECEIVED)
    assert answer.body.strip() == "Gladly. How about Tuesday?"
    assert answer.recorded_by is not None
    assert answer.recorded_by.mailbox == mailbox
    assert IncomingMail.objects.count() == 1  # nothing of the shop's, not even a row
    assert [flags for flags, _ in provider.imap.mails() if r"\Seen" in flags] == []
    assert len(provider.smtp.mails) == 1


def test_a_wrong_password_is_said_plainly_and_nothing_is_lost(provider: Provider, wanda: User, draft: Message) -> None:
    mailbox = look(provider.connect(wanda, password="wrong"))
    assert "didn’t accept the user name and password" in mailbox.trouble
    assert mailbox.needs_its_user
    with pytest.raises(OutreachError, match="can’t send just now"):
        send(draft)
    mailbox = look(provider.connect(wanda))
    assert (mailbox.trouble, mailbox.failing_since, mailbox.needs_its_user) == ("", None, False)

    send(draft)
    mailbox.refresh_from_db()
    mailbox.password = "another"  # changed at the provider meanwhile
    mailbox.save()
    for _ in range(3):
        look(mailbox)
    assert mailbox.needs_its_user
    draft.refresh_from_db()
    assert draft.state == Message.State.DRAFT
    assert "didn’t accept" in own_mailbox.trouble_of(draft)
    assert provider.smtp.mails == []


def test_a_password_that_only_reads_sends_nothing_and_is_not_tried_again_and_again(
    provider: Provider, wanda: User, draft: Message
) -> None:
    mailbox = look(provider.connect(wanda))
    send(draft)
    provider.smtp.users[USER] = "another"
    provider.smtp.steps.clear()
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.DRAFT
    assert "didn’t accept" in own_mailbox.trouble_of(draft)
    assert (mailbox.trouble, mailbox.needs_its_user) == ("", False)  # it can be read
    assert mailbox.due_at > timezone.now() + dt.timedelta(minutes=5)
    for _ in range(3):
        look(mailbox)
    assert "didn’t accept" in mailbox.cannot_send
    assert provider.smtp.steps.count("CONNECT") == 1


def test_a_server_that_takes_nothing_just_now_is_asked_again_later(
    provider: Provider, wanda: User, draft: Message
) -> None:
    mailbox = look(provider.connect(wanda))
    send(draft)
    provider.smtp.behave["CONNECT"] = "421 4.3.2 Later"
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.SENDING
    assert mailbox.due_at > timezone.now() + dt.timedelta(minutes=5)
    provider.smtp.behave.clear()
    OutgoingMail.objects.update(due_at=timezone.now())
    look(mailbox)
    draft.refresh_from_db()
    assert (draft.state, mailbox.cannot_send) == (Message.State.SENT, "")


def test_no_such_address_makes_it_a_draft_again_and_concerns_nobody_else(
    provider: Provider, wanda: User, draft: Message
) -> None:
    provider.smtp.behave["RCPT"] = "550 5.1.1 Nobody here"
    mailbox = look(provider.connect(wanda))
    send(draft)
    look(mailbox)
    draft.refresh_from_db()
    assert (draft.state, draft.sent_body) == (Message.State.DRAFT, "")
    assert "Nobody here" in own_mailbox.trouble_of(draft)
    assert not SuppressedAddress.objects.exists()  # somebody's own server must not stop the mail of all
    assert Reminder.objects.get(kind=own_mailbox.KIND).state == "planned"
    provider.smtp.behave.clear()
    send(draft)
    look(mailbox)
    assert len(provider.smtp.mails) == 1
    assert Reminder.objects.get(kind=own_mailbox.KIND).state == "cancelled"


@pytest.mark.parametrize("it_went", [True, False])
def test_a_lost_answer_is_never_sent_twice_and_asks(
    provider: Provider, wanda: User, draft: Message, it_went: bool
) -> None:
    provider.smtp.behave["BODY"] = Drop(keep=it_went)
    mailbox = look(provider.connect(wanda))
    send(draft)
    look(mailbox)
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.SENDING
    assert own_mailbox.is_uncertain(draft)
    assert Reminder.objects.get(kind=own_mailbox.KIND).state == "planned"
    assert len(provider.smtp.mails) == it_went
    provider.smtp.behave.clear()
    own_mailbox.decide(draft, it_went=it_went)
    draft.refresh_from_db()
    assert draft.state == (Message.State.SENT if it_went else Message.State.DRAFT)
    if not it_went:
        send(draft)
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.SENT
    assert len(provider.smtp.mails) == 1


def test_a_lost_answer_is_found_among_what_was_sent(provider: Provider, wanda: User, draft: Message) -> None:
    provider.smtp.behave["BODY"] = Drop(keep=True)
    mailbox = look(provider.connect(wanda))
    send(draft)
    look(mailbox)
    provider.imap.put(provider.smtp.mails[0].content, SENT)  # as providers do that keep a copy themselves
    look(mailbox)
    draft.refresh_from_db()
    assert draft.state == Message.State.SENT
    assert len(provider.smtp.mails) == 1
    assert Reminder.objects.get(kind=own_mailbox.KIND).state == "cancelled"


def test_what_was_sent_from_another_program_is_noted_by_its_words_or_asks(
    provider: Provider, wanda: User, draft: Message
) -> None:
    mailbox = look(provider.connect(wanda))
    other = make_message(
        make_approach(make_person(wanda, "Mo Kell", email="mo@example.org")), subject="A question", body="Dear Mo, one?"
    )
    own = letter(USER, text="Dear Julie,\n\nmay I ask you\nfor fifteen minutes?\n\nWanda", message_id="<own.1@x>")
    provider.imap.put(own.as_bytes(), SENT)
    changed = letter(USER, "mo@example.org", "A question", "Dear Mo, two?", message_id="<own.2@x>")
    provider.imap.put(changed.as_bytes(), SENT)
    provider.imap.put(letter(USER, "aunt@example.org", "Cake", message_id="<own.3@x>").as_bytes(), SENT)
    look(mailbox)
    draft.refresh_from_db()
    other.refresh_from_db()
    assert (draft.state, draft.message_id, draft.sent_to) == (Message.State.SENT, "own.1@x", "julie@example.org")
    assert other.state == Message.State.DRAFT
    asks = IncomingMail.objects.get(state="asks")
    assert answers.suggestions(wanda, [asks])[asks.pk] == [other.person]
    answers.answer(asks, person=other.person, what=answers.I_WROTE)
    other.refresh_from_db()
    assert (other.state, other.sent_body.strip()) == (Message.State.SENT, "Dear Mo, two?")
    assert IncomingMail.objects.count() == 2


def test_the_same_mails_with_new_uids_apply_once(provider: Provider, wanda: User, draft: Message) -> None:
    mailbox = look(provider.connect(wanda))
    send(draft)
    look(mailbox)
    draft.refresh_from_db()
    provider.imap.put(reply(to_id=f"<{draft.message_id}>", to=USER).as_bytes())
    look(mailbox)
    before = mailbox.bookmark
    provider.imap.change_validity()
    look(mailbox)
    assert mailbox.trouble == ""
    assert mailbox.bookmark["at"]["inbox"]["validity"] != before["at"]["inbox"]["validity"]
    assert Message.objects.filter(state=Message.State.RECEIVED).count() == 1
    assert IncomingMail.objects.count() == 1


def test_a_server_that_is_down_hangs_or_talks_nonsense_is_tried_later_and_later(
    provider: Provider, wanda: User, draft: Message
) -> None:
    mailbox = look(provider.connect(wanda))
    send(draft)
    provider.imap.stop()
    look(mailbox)  # the letter goes, though nothing can be read
    assert [mail.recipients for mail in provider.smtp.mails] == [["julie@example.org"]]
    draft.refresh_from_db()
    assert draft.state == Message.State.SENT
    waits = []
    for _ in range(3):
        look(mailbox)
        waits.append(mailbox.due_at - timezone.now())
    assert waits == sorted(waits)
    assert waits[2] > dt.timedelta(minutes=30)
    assert "couldn’t connect" in mailbox.trouble
    assert not mailbox.needs_its_user
    provider.imap.start()
    look(mailbox)
    assert (mailbox.trouble, mailbox.failures) == ("", 0)


def test_five_thousand_unrelated_mails_are_seen_by_their_headers_only(
    provider: Provider, wanda: User, draft: Message
) -> None:
    mailbox = look(provider.connect(wanda))
    send(draft)
    look(mailbox)
    draft.refresh_from_db()
    provider.imap.fill(5_000)
    provider.imap.put(reply(to_id=f"<{draft.message_id}>", to=USER).as_bytes())
    bytes_before = provider.imap.bytes_out()
    look(mailbox)
    assert Message.objects.filter(state=Message.State.RECEIVED).count() == 1
    assert IncomingMail.objects.count() == 1
    assert not [flags for flags in provider.imap.flags() if r"\Seen" in flags]
    assert provider.imap.bytes_out() - bytes_before < 3_000_000  # 5,000 bodies would be 20 MB
