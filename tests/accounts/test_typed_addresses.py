"""Mail to whatever address somebody types: only so many to one mailbox and from one network, and nothing told by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from accounts import typed_addresses
from accounts.models import User
from mail.models import OutgoingMail, SuppressedAddress
from mail.suppression import suppress
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]

HOME, PHRASE = "192.0.2.1", "seven quiet herons wading"
KNOWN, UNKNOWN = "alice@example.org", "bob@example.org"
HOUR, MINUTES = dt.timedelta(hours=1), dt.timedelta(minutes=4)  # longer than allauth's own wait for each form
Send = Callable[..., Any]


def post(client: Client, url: str, source: str, **data: str) -> Any:
    return client.post(url, data, REMOTE_ADDR=source)


def sign_up(email: str, *, client: Client | None = None, source: str = HOME) -> Any:
    return post(client or Client(), "/account/signup/", source, name="Dana Dell", email=email, password1=PHRASE)


def new_password(email: str, *, client: Client | None = None, source: str = HOME) -> Any:
    return post(client or Client(), "/account/password/reset/", source, email=email)


def code(email: str, *, client: Client | None = None, source: str = HOME) -> Any:
    return post(client or Client(), "/account/login/code/", source, email=email)


def add(email: str, *, client: Client, source: str = HOME) -> Any:
    return client.post("/account/email/", {"action_add": "", "email": email}, REMOTE_ADDR=source)


FORMS = [sign_up, new_password, code]


def mails(email: str) -> int:
    return OutgoingMail.objects.filter(recipient=email, purpose="account").count()


def page(answer: Any, email: str) -> str:
    """What is told, without the address that was typed."""
    return f"{answer.status_code} {answer.headers.get('Location', '')} {answer.content.decode()}".replace(email, "…")


def use_up(email: str, clock: Any, send: Send = new_password, times: int = 5) -> Any:
    """Use up the hour's mails to this address, in less than the hour."""
    answers = []
    for number in range(times):
        answers.append(send(email, source=f"203.0.113.{number}"))
        clock.shift(MINUTES)
    return answers[-1]


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("send", FORMS)
def test_a_mailbox_gets_five_an_hour_and_ten_a_day_and_the_page_says_the_same(
    alice: User, clock: Any, send: Send, email: str
) -> None:
    first = page(use_up(email, clock, send), email)
    assert mails(email) == 5
    assert page(send(email), email) == first
    assert mails(email) == 5
    clock.shift(HOUR)
    use_up(email, clock, send, times=6)
    assert mails(email) == 10
    clock.shift(HOUR)
    send(email)
    assert mails(email) == 10
    clock.shift(24 * HOUR)
    send(email)
    assert mails(email) == 11


def test_all_forms_count_together_whatever_the_spelling(alice: User, clock: Any) -> None:
    for email, send in (("Bob@Example.org", sign_up), ("bob+1@example.org", code), ("bob+2@example.org", new_password)):
        use_up(email, clock, send, times=2)
    assert OutgoingMail.objects.filter(purpose="account").count() == 5
    before = mails(UNKNOWN)
    add(UNKNOWN, client=client_of(alice))
    assert mails(UNKNOWN) == before


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_other_addresses_are_not_concerned(alice: User, clock: Any) -> None:
    use_up(UNKNOWN, clock)
    new_password(KNOWN)
    assert mails(KNOWN) == 1


def test_a_user_who_adds_one_is_told_and_keeps_what_was_typed(alice: User, clock: Any) -> None:
    use_up(UNKNOWN, clock)
    answer = add(UNKNOWN, client=client_of(alice))
    said = answer.content.decode()
    assert typed_addresses.FULL in said
    assert f'value="{UNKNOWN}"' in said
    assert not EmailAddress.objects.filter(email=UNKNOWN).exists()


def test_a_user_who_wants_the_link_again_is_told_and_may_have_it_later(alice: User, clock: Any) -> None:
    mine = client_of(alice)
    add(UNKNOWN, client=mine)
    again = {"action_send": "", "email": UNKNOWN}
    for _ in range(5):
        clock.shift(MINUTES)
        mine.force_login(alice)
        mine.post("/account/email/", again)
    assert mails(UNKNOWN) == 5
    assert typed_addresses.FULL in mine.get("/account/email/").content.decode()
    clock.shift(HOUR)
    mine.force_login(alice)
    mine.post("/account/email/", again)
    assert mails(UNKNOWN) == 6


def test_strangers_do_not_keep_the_owner_out_in_a_browser_that_was_signed_in_before(alice: User, clock: Any) -> None:
    mine = Client()
    mine.post("/account/login/", {"login": KNOWN, "password": "correct horse battery"})
    use_up(KNOWN, clock)
    code(KNOWN)
    assert mails(KNOWN) == 5

    def from_mine(email: str, **_: Any) -> Any:
        signed_out = Client()
        signed_out.cookies["device"] = mine.cookies["device"].value
        return code(email, client=signed_out)

    use_up(KNOWN, clock, from_mine, times=6)
    assert mails(KNOWN) == 10


def test_one_network_causes_thirty_an_hour_and_is_told_so_before_an_account_is_made(clock: Any) -> None:
    send = [sign_up, new_password, code]
    for number in range(30):
        assert send[number % 3](f"user{number}@example.org").status_code == 302
        clock.shift(60)
    answer = sign_up("last@example.org")
    assert answer.status_code == 429
    assert "That was a little fast" in answer.content.decode()
    assert not User.objects.filter(email="last@example.org").exists()
    assert sign_up("last@example.org", source="198.51.100.7").status_code == 302
    clock.shift(HOUR)
    assert sign_up("later@example.org").status_code == 302


def test_a_form_with_a_mistake_counts_for_no_network(clock: Any) -> None:
    for _ in range(31):
        assert post(Client(), "/account/password/reset/", HOME, email="no address").status_code == 200
        clock.shift(60)
    assert new_password(UNKNOWN).status_code == 302


@pytest.mark.parametrize("send", FORMS)
def test_an_address_that_stopped_mail_gets_none_and_the_page_says_the_same(send: Send) -> None:
    suppress(address="Bob+list@example.org", reason=SuppressedAddress.Reason.ASKED)
    other = "somebody@example.org"
    assert page(send(UNKNOWN), UNKNOWN) == page(send(other), other)
    assert (mails(UNKNOWN), mails(other)) == (0, 1)


def test_signing_up_says_to_everybody_what_to_do_if_they_stopped_mail() -> None:
    assert "once stopped all mail" in Client().get("/account/confirm-email/").content.decode()


def test_adding_an_address_that_stopped_mail_sends_none(alice: User) -> None:
    suppress(address=UNKNOWN, reason=SuppressedAddress.Reason.COMPLAINT)
    assert add(UNKNOWN, client=client_of(alice)).status_code == 302
    assert mails(UNKNOWN) == 0


def test_the_owner_of_an_account_gets_in_though_they_stopped_mail_as_somebodys_mentor(alice: User) -> None:
    suppress(address=KNOWN, reason=SuppressedAddress.Reason.ASKED)
    code(KNOWN)
    new_password(KNOWN)
    assert mails(KNOWN) == 2


def test_an_account_whose_address_nobody_confirmed_does_not_bring_mail_back() -> None:
    make_user(UNKNOWN, confirmed=False)
    suppress(address=UNKNOWN, reason=SuppressedAddress.Reason.ASKED)
    new_password(UNKNOWN)
    assert mails(UNKNOWN) == 0


def test_what_is_counted_tells_no_address() -> None:
    new_password(UNKNOWN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM django_cache")
        kept = str(cursor.fetchall())
    assert "typed_address" in kept
    assert "bob" not in kept
