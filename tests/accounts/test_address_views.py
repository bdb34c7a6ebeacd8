"""Two tabs that change the addresses at once: nothing is lost, and what happened is said."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from tests.factories import make_user
from tests.races import at_once

ADDRESS = "/account/email/"
GONE = "That address is no longer with your account, so nothing was changed."


@pytest.fixture
def two_addresses(alice: User) -> User:
    EmailAddress.objects.create(user=alice, email="second@example.org", verified=True)
    return alice


def primary(user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user, primary=True).values_list("email", flat=True))


def test_what_the_other_tab_removed_is_told(two_addresses: User, alice_client: Client) -> None:
    alice_client.post(ADDRESS, {"email": "second@example.org", "action_remove": ""})
    for action in ("action_primary", "action_remove", "action_send"):
        answer = alice_client.post(ADDRESS, {"email": "second@example.org", action: ""}, follow=True)
        assert GONE in answer.content.decode(), action
    assert primary(two_addresses) == [two_addresses.email]


def test_two_tabs_that_choose_a_main_address_leave_one(two_addresses: User, alice_client: Client) -> None:
    for email in ("second@example.org", two_addresses.email, "second@example.org"):
        alice_client.post(ADDRESS, {"email": email, "action_primary": ""})
        assert primary(two_addresses) == [email]
    two_addresses.refresh_from_db()
    assert two_addresses.email == "second@example.org"


def test_the_same_new_address_from_two_tabs_is_added_once(two_addresses: User, alice_client: Client) -> None:
    for _ in range(2):
        alice_client.post(ADDRESS, {"email": "third@example.org", "action_add": ""})
    assert EmailAddress.objects.filter(email="third@example.org").count() == 1


def test_anothers_address_is_like_none(two_addresses: User, alice_client: Client) -> None:
    other = make_user("charlie@example.org")
    answer = alice_client.post(ADDRESS, {"email": other.email, "action_remove": ""}, follow=True)
    assert GONE in answer.content.decode()
    assert EmailAddress.objects.filter(user=other).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_the_very_same_moment_leave_one_main_address(two_addresses: User) -> None:
    tabs = [Client(), Client()]
    for tab in tabs:
        tab.force_login(two_addresses)
    EmailAddress.objects.create(user=two_addresses, email="third@example.org", verified=True)

    def choose(tab: Client, email: str) -> int:
        return tab.post(ADDRESS, {"email": email, "action_primary": ""}).status_code

    for _ in range(2):
        acts = [lambda: choose(tabs[0], "second@example.org"), lambda: choose(tabs[1], "third@example.org")]
        assert at_once(*acts) == [302, 302]
        [chosen] = primary(two_addresses)
        two_addresses.refresh_from_db()
        assert two_addresses.email == chosen
        choose(tabs[0], "alice@example.org")
