"""A change of addresses: asked for again, told everywhere, undone by a link."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import addresses
from accounts.models import AddressChange, User
from reminders.models import Reminder
from tests import factories as make
from tests.outbox import outbox
from tests.races import at_once

pytestmark = pytest.mark.django_db

OLD, NEW = "alice@example.org", "evil@example.com"
PAGE = "/account/email/"


@pytest.fixture
def second(alice: User) -> EmailAddress:
    return EmailAddress.objects.create(user=alice, email=NEW, verified=True, primary=False)


def add(client: Client, email: str = NEW) -> Any:
    return client.post(PAGE, {"action_add": "", "email": email})


def make_main(client: Client, email: str = NEW) -> Any:
    return client.post(PAGE, {"action_primary": "", "email": email})


def remove(client: Client, email: str = OLD) -> Any:
    return client.post(PAGE, {"action_remove": "", "email": email})


def confirm(client: Client) -> Any:
    found = [re.search(r"(/account/confirm-email/[^\s]+)", mail.body) for mail in outbox()]
    return client.post(next(match[1] for match in found if match))


def undo_link() -> str:
    found = [re.search(r"(/account/email/undo/[^\s]+)", mail.body) for mail in outbox()]
    return next(match[1] for match in found if match)


def told(subject: str = "The addresses of your account were changed") -> list[str]:
    return sorted(mail.to for mail in outbox() if mail.subject == subject)


def test_adding_one_is_told_to_the_old_address_only_with_a_way_to_undo_it(alice_client: Client) -> None:
    add(alice_client)
    assert told() == [OLD]
    assert "Before: alice@example.org\nNow: alice@example.org, evil@example.com" in outbox()[-1].body
    assert undo_link()


def test_a_takeover_is_told_to_the_old_address_at_each_step_and_undone_by_its_first_link(
    alice: User, alice_client: Client
) -> None:
    add(alice_client)
    confirm(alice_client)
    first = undo_link()
    make_main(alice_client)
    remove(alice_client)
    alice.refresh_from_db()
    assert alice.email == NEW
    assert told().count(OLD) == 4  # added, confirmed, made the main one, and the old one removed
    thief, owner = alice_client, Client()
    assert owner.get(first).status_code == 200
    assert EmailAddress.objects.filter(user=alice, email=NEW).exists()  # opening the page changes nothing
    assert "Your addresses are back" in owner.post(first).content.decode()
    alice.refresh_from_db()
    assert alice.email == OLD
    assert addresses.stored(alice) == [[OLD, True, True]]
    assert thief.get("/today/").status_code == 302  # the thief's session has ended
    assert told("Your addresses are back as they were") == sorted([OLD, NEW])
    assert not AddressChange.objects.filter(undone_at=None).exists()


def test_the_undo_works_once(alice: User, alice_client: Client) -> None:
    add(alice_client)
    link = undo_link()
    Client().post(link)
    again = Client()
    again.force_login(User.objects.get())
    add(again, "own@example.org")
    assert "Your addresses are back" in Client().post(link).content.decode()
    assert EmailAddress.objects.filter(user=alice, email="own@example.org").exists()


@pytest.mark.clock("2026-01-05 10:00Z")
def test_the_undo_works_for_seven_days(alice: User, alice_client: Client, clock: Any) -> None:
    add(alice_client)
    link = undo_link()
    clock.shift(addresses.UNDO_WITHIN - dt.timedelta(seconds=1))
    assert Client().get(link).status_code == 200
    clock.shift(2)
    assert Client().post(link).status_code == 404
    assert EmailAddress.objects.filter(user=alice, email=NEW).exists()


def test_an_altered_link_changes_nothing(alice_client: Client, alice: User) -> None:
    add(alice_client)
    link = undo_link()
    for wrong in (link[:-2] + "/", link.replace("undo/", "undo/x"), "/account/email/undo/nonsense/"):
        answer = Client().post(wrong)
        assert answer.status_code == 404
        assert "Nothing was changed" in answer.content.decode()
    assert EmailAddress.objects.filter(user=alice, email=NEW).exists()


def test_an_address_that_another_account_has_by_now_is_not_taken_back(alice: User, second: EmailAddress) -> None:
    client = Client()
    client.force_login(alice)
    make_main(client)
    remove(client)
    link = undo_link()
    other = make.make_user("other@example.org")
    EmailAddress.objects.create(user=other, email=OLD, verified=True, primary=False)
    assert "belongs to another account by now" in Client().post(link).content.decode()
    alice.refresh_from_db()
    assert alice.email == NEW


@pytest.mark.parametrize("change", [make_main, lambda client: remove(client, NEW)], ids=["main", "removed"])
def test_a_change_ends_the_other_sessions_and_the_links_mailed_before(
    alice: User, alice_client: Client, second: EmailAddress, change: Any
) -> None:
    day, at = dt.date(2030, 1, 7), dt.datetime(2030, 1, 7, 9, tzinfo=dt.UTC)
    when = {"wished_on": day, "wall_date": day, "wall_time": at.time(), "zone": "UTC", "due_at": at}
    reminder = Reminder.objects.create(owner=alice, kind="any", subject_id=1, **when)
    elsewhere = Client()
    elsewhere.force_login(alice)
    change(alice_client)
    assert elsewhere.get("/today/").status_code == 302
    assert alice_client.get("/today/").status_code == 200
    assert Reminder.objects.get(pk=reminder.pk).link_version == reminder.link_version + 1


def test_a_new_password_ends_the_other_sessions_and_is_told_to_every_address(
    alice: User, alice_client: Client, second: EmailAddress
) -> None:
    elsewhere = Client()
    elsewhere.force_login(alice)
    new = "quite another long phrase"
    fields = {"oldpassword": "correct horse battery", "password1": new, "password2": new}
    assert alice_client.post("/account/password/change/", fields).status_code == 302
    assert elsewhere.get("/today/").status_code == 302
    assert alice_client.get("/today/").status_code == 200
    assert told("Your password was changed") == sorted([OLD, NEW])


def test_news_goes_to_an_address_removed_in_the_last_seven_days_too(
    alice: User, alice_client: Client, second: EmailAddress
) -> None:
    make_main(alice_client)
    remove(alice_client)
    assert addresses.everywhere(User.objects.get()) == [NEW, OLD]


def test_a_session_from_before_the_version_existed_goes_on(alice: User, alice_client: Client) -> None:
    assert alice.session_version == 0
    assert ":" not in alice.get_session_auth_hash()
    assert alice_client.get("/today/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_tabs_changing_them_at_once_leave_one_main_address(alice: User, second: EmailAddress) -> None:
    third = EmailAddress.objects.create(user=alice, email="third@example.org", verified=True, primary=False)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(alice)
    at_once(
        lambda: make_main(clients[0], second.email),
        lambda: make_main(clients[1], third.email),
    )
    alice.refresh_from_db()
    assert [row.email for row in EmailAddress.objects.filter(user=alice, primary=True)] == [alice.email]


def test_confirming_the_first_address_is_no_change_to_be_told_of(client: Client) -> None:
    fields = {"name": "Dana Dell", "email": "dana@example.org", "password1": "seven quiet herons wading"}
    client.post("/account/signup/", fields)
    assert confirm(client).status_code == 302
    assert EmailAddress.objects.get(email="dana@example.org").verified
    assert told() == []
    assert not AddressChange.objects.exists()
