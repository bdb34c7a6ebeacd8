"""The pages on which a mailbox is connected by password, and from which a letter goes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from mail.models import ConnectedMailbox, OutgoingMail
from outreach.models import Message
from portfolio.models import Person
from tests.factories import make_approach, make_mailbox, make_mentorship, make_message, make_uncertain

SERVERS = {"imap_host": "imap.example.org", "smtp_host": "smtp.example.org"}


def connect(client: Client, **data: Any) -> Any:
    return client.post(reverse("connected_mailbox_connect"), {"password": "app pass", **data})


def test_a_known_provider_needs_only_address_and_password(alice_client: Client, alice: User) -> None:
    assert connect(alice_client, address="alice@fastmail.com").status_code == 302
    mailbox = ConnectedMailbox.objects.get(owner=alice)
    assert (mailbox.imap_host, mailbox.imap_port, mailbox.imap_security) == ("imap.fastmail.com", 993, "tls")
    assert (mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security) == ("smtp.fastmail.com", 465, "tls")
    page = alice_client.get(reverse("connected_mailbox")).content.decode()
    assert "We are trying it now" in page
    assert "app pass" not in page


def test_starttls_where_the_port_says_so(alice_client: Client) -> None:
    connect(alice_client, address="alice@icloud.com")
    mailbox = ConnectedMailbox.objects.get()
    assert (mailbox.smtp_port, mailbox.smtp_security) == (587, "starttls")


def test_an_unknown_provider_asks_for_its_servers(alice_client: Client) -> None:
    answer = connect(alice_client, address="alice@uni.example.org")
    assert answer.status_code == 422
    assert "We don’t know the servers of this provider" in answer.content.decode()
    assert connect(alice_client, address="alice@uni.example.org", **SERVERS).status_code == 302
    assert ConnectedMailbox.objects.get().host == "imap.example.org"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"address": "nonsense"}, "valid email address"),
        ({"address": "a@hotmail.com"}, "Microsoft lets no program in by password"),
        ({"address": "a@b.example", **SERVERS, "imap_port": "22"}, "Usual are 143 and 993"),
        ({"address": "a@b.example", **SERVERS, "smtp_port": "25"}, "Usual are 465 and 587"),
        ({"address": "a@b.example", **SERVERS, "imap_host": "0x7f.1"}, "no host we can connect to"),
        ({"address": "a@b.example", **SERVERS, "imap_host": "host name"}, "no host we can connect to"),
        ({"address": "a@b.example", **SERVERS, "password": ""}, "required"),
    ],
)
def test_what_can_not_work_is_said_at_once(alice_client: Client, data: dict[str, str], words: str) -> None:
    answer = connect(alice_client, **data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ConnectedMailbox.objects.exists()


def test_another_mailbox_takes_the_place_and_the_same_goes_on_where_it_was(alice_client: Client, alice: User) -> None:
    before = make_mailbox(alice, address="alice@fastmail.com", host="imap.fastmail.com", bookmark={"at": {"x": 1}})
    connect(alice_client, address="alice@fastmail.com")
    same = ConnectedMailbox.objects.get()
    assert (same.pk, same.bookmark, same.read_at) == (before.pk, {"at": {"x": 1}}, None)
    connect(alice_client, address="alice@gmx.de")
    other = ConnectedMailbox.objects.get()
    assert (other.address, other.bookmark) == ("alice@gmx.de", {})


def test_switched_off_there_is_no_page(settings: Settings, alice_client: Client) -> None:
    settings.MAILBOXES = False
    assert alice_client.get(reverse("connected_mailbox")).status_code == 404
    assert connect(alice_client, address="alice@fastmail.com").status_code == 404
    assert reverse("connected_mailbox") not in alice_client.get(reverse("settings")).content.decode()


def test_disconnecting_makes_waiting_letters_drafts_again(alice_client: Client, alice: User, bob: Person) -> None:
    make_mailbox(alice)
    draft = make_message(make_approach(bob), subject="15 minutes", body="Dear Bob, may I ask?")
    page = alice_client.get(draft.get_absolute_url()).content.decode()
    assert f"Send it from {alice.email}" in page
    data = {"version": draft.updated_at.isoformat()}
    sending = alice_client.post(reverse("message_send", args=[draft.pk]), data, follow=True).content.decode()
    assert "Your mailbox is sending it" in sending
    assert "Disconnect your mailbox?" in alice_client.get(reverse("connected_mailbox_off")).content.decode()
    alice_client.post(reverse("connected_mailbox_off"))
    draft.refresh_from_db()
    assert draft.state == Message.State.DRAFT
    assert OutgoingMail.objects.get(purpose="own_letter").state == OutgoingMail.State.FAILED
    page = alice_client.get(draft.get_absolute_url()).content.decode()
    assert "was disconnected before it went" in page
    assert "Send it from" not in page


def test_a_letter_can_be_stopped_while_it_waits(alice_client: Client, alice: User, bob: Person) -> None:
    make_mailbox(alice)
    draft = make_message(make_approach(bob), subject="15 minutes", body="Dear Bob, may I ask?")
    data = {"version": draft.updated_at.isoformat()}
    alice_client.post(reverse("message_send", args=[draft.pk]), data)
    again = alice_client.post(reverse("message_send", args=[draft.pk]), data, follow=True).content.decode()
    assert "already. Nothing was changed" in again
    alice_client.post(reverse("message_stop", args=[draft.pk]))
    draft.refresh_from_db()
    assert draft.state == Message.State.DRAFT
    late = alice_client.post(reverse("message_stop", args=[draft.pk]), follow=True).content.decode()
    assert "too late to stop it" in late


def test_a_draft_that_changed_meanwhile_is_not_sent(alice_client: Client, alice: User, bob: Person) -> None:
    make_mailbox(alice)
    draft = make_message(make_approach(bob), subject="15 minutes", body="Dear Bob, may I ask?")
    answer = alice_client.post(reverse("message_send", args=[draft.pk]), {"version": "2020-01-01"}, follow=True)
    assert "changed elsewhere meanwhile" in answer.content.decode()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(("went", "state"), [("yes", "sent"), ("no", "draft")])
def test_the_user_says_whether_it_went(alice_client: Client, bob: Person, went: str, state: str) -> None:
    letter = make_uncertain(make_mentorship(bob), subject="Thank you", body="Dear Bob, thank you.")
    assert "Did it go?" in alice_client.get(letter.get_absolute_url()).content.decode()
    alice_client.post(reverse("message_went", args=[letter.pk]), {"went": went})
    letter.refresh_from_db()
    assert letter.state == state
    answer = alice_client.post(reverse("message_went", args=[letter.pk]), {"went": went}, follow=True)
    assert "settled already" in answer.content.decode()
