"""Connecting a mailbox at Gmail or Microsoft 365 in the browser: there, back, used by a worker, disconnected."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from mail.connected import services
from mail.connected.opening import opened
from mail.connected.provider import Trouble
from mail.models import ConnectedMailbox
from tests.factories import make_user
from tests.fake_google import ME, FakeGoogle
from tests.fake_microsoft import FakeMicrosoft
from tests.fake_provider import FakeProvider, dies, status
from tests.mailboxes import look
from tests.web_mailboxes import mail

PAGE = "/settings/mailbox/"


def key_of(fake: FakeProvider) -> str:
    return "google" if isinstance(fake, FakeGoogle) else "microsoft"


def go_there(client: Client, fake: FakeProvider) -> str:
    """Press the button; returns the address that the page in between leads on to."""
    answer = client.post(f"{PAGE}{key_of(fake)}/")
    assert answer.status_code == 200
    return str(answer.context["there"])


def come_back(client: Client, there: str) -> Any:
    parts = urlsplit(there)
    return client.get(f"{parts.path}?{parts.query}", follow=True)


def connect(client: Client, fake: FakeProvider) -> Any:
    return come_back(client, fake.allow(go_there(client, fake)))


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def columns(mailbox: ConnectedMailbox) -> str:
    """All of the row as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mail_connectedmailbox WHERE id = %s", [mailbox.pk])
        return str(cursor.fetchall())


def test_one_press_and_a_yes_connect_a_mailbox(fake: Any, alice: User, alice_client: Client) -> None:
    answer = connect(alice_client, fake)
    assert answer.redirect_chain == [(PAGE, 302)]
    mailbox = ConnectedMailbox.objects.get(owner=alice)
    assert (mailbox.provider, mailbox.address, mailbox.work) == (key_of(fake), "alice@example.org", services.READ)
    assert mailbox.access_token in fake.tokens
    assert mailbox.refresh_token in fake.refresh_tokens
    assert mailbox.token_ends_at is not None
    fake.arrive(mail(1))
    with_it = opened(mailbox)
    assert len(with_it.look({}).headers) == 1
    with_it.close()


def test_tokens_are_encrypted_and_shown_on_no_page(fake: Any, alice: User, alice_client: Client) -> None:
    answer = connect(alice_client, fake)
    mailbox = ConnectedMailbox.objects.get(owner=alice)
    kept, session = columns(mailbox), str(dict(alice_client.session))
    for secret in (mailbox.access_token, mailbox.refresh_token):
        assert secret
        assert secret not in kept
        assert secret not in session
        assert secret not in answer.content.decode()
        assert secret not in repr(mailbox)


def test_who_presses_cancel_there_reads_that_it_is_fine(fake: Any, alice: User, alice_client: Client) -> None:
    answer = come_back(alice_client, fake.cancel(go_there(alice_client, fake)))
    [words] = said(answer)
    assert words.startswith("Nothing is connected")
    assert services.of(alice) is None


def test_nobody_connects_a_mailbox_to_somebody_elses_account(
    google: FakeGoogle, alice: User, alice_client: Client, charlie: User, charlie_client: Client
) -> None:
    """Charlie has Alice's browser open what his own brought back: his mailbox would be read as hers."""
    charlies = google.allow(go_there(charlie_client, google))
    go_there(alice_client, google)
    for there in (charlies, charlies.split("&state=")[0], f"{charlies.split('?')[0]}?code=c"):
        [words] = said(come_back(alice_client, there))
        assert "Please try again" in words
    assert not ConnectedMailbox.objects.exists()
    assert not any(one.path == "/token" for one in google.asked)


def test_what_came_back_once_is_good_for_nothing(google: FakeGoogle, alice: User, alice_client: Client) -> None:
    back = google.allow(go_there(alice_client, google))
    come_back(alice_client, back)
    services.disconnect(owner=alice)
    come_back(alice_client, back)
    assert services.of(alice) is None


def test_it_begins_with_a_post_and_a_recent_sign_in(google: FakeGoogle, alice_client: Client, clock_later: Any) -> None:
    assert alice_client.get(f"{PAGE}google/").status_code == 405
    answer = alice_client.post(f"{PAGE}google/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert google.asked == []


@pytest.fixture
def clock_later(alice_client: Client) -> None:
    """An hour after signing in."""
    session = alice_client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**one, "at": one["at"] - 3600} for one in records]
    session.save()


def test_a_provider_that_is_not_switched_on_is_not_there(alice_client: Client, settings) -> None:
    settings.MAILBOX_PROVIDERS = {}
    for path in (f"{PAGE}google/", f"{PAGE}yahoo/"):
        assert alice_client.post(path).status_code == 404
        assert alice_client.get(f"{path}back/").status_code == 404
    assert "Without a password" not in alice_client.get(f"{PAGE}connect/").content.decode()


def test_where_mailboxes_are_switched_off_nothing_is_asked(google: FakeGoogle, alice_client: Client, settings) -> None:
    settings.MAILBOXES = False
    assert alice_client.post(f"{PAGE}google/").status_code == 404


def test_the_page_offers_what_is_switched_on(
    google: FakeGoogle, microsoft: FakeMicrosoft, alice_client: Client
) -> None:
    page = alice_client.get(f"{PAGE}connect/").content.decode()
    assert "Connect Gmail" in page
    assert "Connect Microsoft 365" in page


@pytest.mark.parametrize(
    "happens", [dies, status(500, b"<html>"), status(200, b"[]"), status(200, {"emailAddress": "x"})]
)
def test_a_provider_in_trouble_connects_nothing_and_says_so(
    google: FakeGoogle, alice: User, alice_client: Client, happens: Any
) -> None:
    google.next(f"{ME}/profile", happens)
    answer = connect(alice_client, google)
    assert len(said(answer)) == 1
    assert said(answer)[0].startswith("Gmail")
    assert services.of(alice) is None


def test_an_error_of_the_provider_is_never_shown(google: FakeGoogle, alice_client: Client) -> None:
    there = google.cancel(go_there(alice_client, google)).replace("access_denied", "server_error<script>")
    [words] = said(come_back(alice_client, f"{there}&error_description=give+us+your+password"))
    assert words == "Gmail didn’t let us in. Please try again later."


# --- Renewing, connecting again, disconnecting ----------------------------------------------------


def test_a_rotated_token_is_kept_at_once(fake: Any, alice: User, alice_client: Client) -> None:
    connect(alice_client, fake)
    mailbox = ConnectedMailbox.objects.get(owner=alice)
    before = mailbox.refresh_token
    fake.tokens.clear()
    opened(mailbox).look({})
    again = ConnectedMailbox.objects.get(owner=alice)
    assert again.access_token in fake.tokens
    assert again.refresh_token in fake.refresh_tokens
    assert (again.refresh_token == before) is not fake.rotates
    assert mailbox.refresh_token == again.refresh_token, "also for whoever has the row in hand"


def test_a_worker_doesnt_bring_back_what_was_disconnected(fake: Any, alice: User, alice_client: Client) -> None:
    connect(alice_client, fake)
    mailbox = ConnectedMailbox.objects.get(owner=alice)
    session = opened(mailbox)
    ConnectedMailbox.objects.filter(pk=mailbox.pk).delete()
    fake.tokens.clear()
    with pytest.raises(Trouble, match="disconnected"):
        session.look({})
    assert not ConnectedMailbox.objects.exists()


def test_a_worker_doesnt_overwrite_a_permission_given_anew(fake: Any, alice: User, alice_client: Client) -> None:
    connect(alice_client, fake)
    old = ConnectedMailbox.objects.get(owner=alice)
    session = opened(old)
    connect(alice_client, fake)
    new = ConnectedMailbox.objects.get(owner=alice)
    assert new.pk == old.pk
    assert new.refresh_token != old.refresh_token
    fake.tokens.discard(old.access_token)
    with pytest.raises(Trouble, match="connected again"):
        session.look({})
    assert ConnectedMailbox.objects.get(owner=alice).refresh_token == new.refresh_token


def test_who_connects_the_same_mailbox_again_goes_on_where_it_was(
    google: FakeGoogle, alice: User, alice_client: Client
) -> None:
    connect(alice_client, google)
    ConnectedMailbox.objects.update(bookmark={"at": {"history": "7"}}, work="", trouble="Gmail no longer lets us in.")
    connect(alice_client, google)
    mailbox = ConnectedMailbox.objects.get(owner=alice)
    assert (mailbox.bookmark, mailbox.work) == ({"at": {"history": "7"}}, services.READ)
    assert google.revoked == [], "it would end the new permission, too"


@pytest.mark.django_db(transaction=True)
def test_disconnecting_forgets_the_tokens_and_gives_them_back(fake: Any) -> None:
    alice, client = alice_and_client()
    connect(client, fake)
    refresh = ConnectedMailbox.objects.get(owner=alice).refresh_token
    answer = client.post(f"{PAGE}off/", follow=True)
    assert not ConnectedMailbox.objects.exists()
    [words] = said(answer)
    if isinstance(fake, FakeGoogle):
        assert fake.revoked == [refresh]
        assert "We tell Gmail that our permission ends" in words
    else:
        assert "lets only you end it there, at https://myapps.microsoft.com" in words


@pytest.mark.django_db(transaction=True)
def test_it_is_forgotten_though_the_provider_is_away(google: FakeGoogle) -> None:
    _, client = alice_and_client()
    connect(client, google)
    google.next("/revoke", dies)
    assert client.post(f"{PAGE}off/").status_code == 302
    assert not ConnectedMailbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_another_mailbox_in_its_place_gives_the_first_one_back(google: FakeGoogle) -> None:
    alice, client = alice_and_client()
    connect(client, google)
    first = ConnectedMailbox.objects.get(owner=alice).refresh_token
    google.address = "ashe@gmail.example"
    back = google.allow(go_there(client, google))
    google.next("/revoke", status(200))
    come_back(client, back)
    assert ConnectedMailbox.objects.get(owner=alice).address == "ashe@gmail.example"
    [asked] = [one for one in google.asked if one.path == "/revoke"]
    assert first.encode() in asked.body


def alice_and_client() -> tuple[User, Client]:
    alice = make_user("alice@example.org", name="Alice Ashe")
    client = Client()
    client.force_login(alice)
    return alice, client


def test_a_withdrawn_permission_asks_its_user(fake: Any, alice: User, alice_client: Client) -> None:
    connect(alice_client, fake)
    fake.withdraw()
    mailbox = look(ConnectedMailbox.objects.get(owner=alice))
    assert mailbox.needs_its_user
    page = alice_client.get(PAGE).content.decode()
    assert "Connect your mailbox again" in page
    assert "Connect it again" in page
    assert "Change the password" not in page


def test_a_provider_that_was_switched_off_is_said(fake: Any, alice: User, alice_client: Client, settings) -> None:
    connect(alice_client, fake)
    settings.MAILBOX_PROVIDERS = {}
    mailbox = look(ConnectedMailbox.objects.get(owner=alice))
    assert "is switched off here" in mailbox.trouble
    assert not mailbox.needs_its_user


@pytest.mark.clock("2026-11-28 09:00", tick=True)
def test_a_provider_that_asks_to_wait_is_left_alone_so_long(fake: Any, alice: User, alice_client: Client) -> None:
    connect(alice_client, fake)
    fake.next("/gmail" if isinstance(fake, FakeGoogle) else "/v1.0", status(429, Retry_After="1800"))
    mailbox = look(ConnectedMailbox.objects.get(owner=alice))
    wait = mailbox.due_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(minutes=29) < wait <= dt.timedelta(minutes=30)
