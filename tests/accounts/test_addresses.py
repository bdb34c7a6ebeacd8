"""A change of addresses: asked for again, told everywhere, undone by a link."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import signing
from django.test import Client

from accounts import added_since, addresses, security_log
from accounts.models import AddressChange, SecurityEvent, User
from reminders.models import Reminder
from tests import factories as make
from tests.outbox import outbox
from tests.races import at_once
from tests.second_factors import confirmed_client, make_app, make_codes, make_passkey

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


def undo_links(to: str) -> list[str]:
    """The links mailed to this address, the oldest first."""
    found = [re.search(r"(/account/email/undo/[^\s]+)", mail.body) for mail in outbox() if mail.to == to]
    return [match[1] for match in found if match]


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


# --- What was added since -------------------------------------------------------------------------


def take_over(thief: Client, alice: User, clock: Any) -> None:
    """What somebody does with an open session: their address first, then whatever lets them in again."""
    add(thief)
    confirm(thief)
    make_main(thief)
    remove(thief)
    clock.shift(60)
    make_passkey(alice, "Blue key")
    make_app(alice)
    make_codes(alice)
    SocialAccount.objects.create(user=alice, provider="university", uid="t-1", extra_data={"email": NEW})
    alice.set_password("the thief’s own phrase")
    alice.save()
    security_log.note(alice, SecurityEvent.Kind.PASSWORD)
    clock.shift(60)


ADDED = [
    "The passkey “Blue key”",
    "The authenticator app",
    "The recovery codes",
    f"Signing in with Example University as {NEW}",
    "The password",
]


def ways(user: User) -> list[str]:
    return sorted(str(row) for row in [*Authenticator.objects.filter(user=user), *user.socialaccount_set.all()])


def boxes(page: str) -> list[str]:
    return re.findall(r'name="remove" value="([^"]+)" checked', page)


@pytest.fixture
def own_key(alice: User, clock: Any) -> str:
    """A passkey of hers, from before."""
    make_passkey(alice, "Alice’s laptop")
    clock.shift(60)
    return "Alice’s laptop"


AT_TEN = pytest.mark.clock("2026-01-05 10:00Z")


@AT_TEN
def test_one_press_takes_away_all_that_was_added_since_and_nothing_from_before(
    alice: User, own_key: str, clock: Any
) -> None:
    thief, owner = confirmed_client(alice), Client()
    take_over(thief, alice, clock)
    [first, *_] = undo_links(OLD)
    page = html.unescape(owner.get(first).content.decode())
    assert [words in page for words in [*ADDED, own_key]] == [True] * 5 + [False]
    assert len(boxes(page)) == 5
    assert len(ways(alice)) == 5  # opening the page changed nothing
    sent = {"shown": boxes(page), "remove": boxes(page)}
    done = html.unescape(owner.post(first, sent).content.decode())
    assert [words in done for words in ADDED] == [True] * 5
    alice.refresh_from_db()
    assert ways(alice) == [own_key]
    assert (alice.email, alice.has_usable_password()) == (OLD, False)
    assert thief.get("/today/").status_code == 302
    news = next(mail.body for mail in outbox() if mail.subject == "Your addresses are back as they were")
    assert [f"- {words}" in news for words in ADDED] == [True] * 5
    noted = SecurityEvent.objects.filter(owner=alice, kind=SecurityEvent.Kind.FACTOR_REMOVED)
    assert sorted(noted.values_list("what", flat=True)) == sorted(ADDED)
    owner.post("/account/password/reset/", {"email": OLD})
    assert "/account/password/reset/key/" in outbox()[-1].body  # the way back to a password


@AT_TEN
def test_what_is_unticked_stays_and_what_came_while_the_page_was_open_goes(
    alice: User, own_key: str, clock: Any
) -> None:
    take_over(confirmed_client(alice), alice, clock)
    [first, *_] = undo_links(OLD)
    shown = boxes(Client().get(first).content.decode())
    app = f"factor-{Authenticator.objects.get(type='totp').pk}"
    make_passkey(alice, "Added this minute")
    Client().post(first, {"shown": shown, "remove": [key for key in shown if key not in (app, "password")]})
    alice.refresh_from_db()
    assert [str(row) for row in Authenticator.objects.filter(user=alice).order_by("pk")] == [
        own_key,
        "TOTP Authenticator",
    ]
    assert alice.has_usable_password()


@AT_TEN
def test_ids_of_others_and_nonsense_take_nothing_away(alice: User, charlie: User, own_key: str, clock: Any) -> None:
    make_passkey(charlie, "Charlie’s")
    add(confirmed_client(alice))
    clock.shift(60)
    [first, *_] = undo_links(OLD)
    ids = [f"factor-{pk}" for pk in Authenticator.objects.values_list("pk", flat=True)]
    Client().post(first, {"shown": [], "remove": [*ids, "factor-x", "password", "link-1", ""]})
    assert (ways(alice), ways(charlie)) == ([own_key], ["Charlie’s"])
    alice.refresh_from_db()
    assert alice.has_usable_password()


@AT_TEN
def test_the_link_to_a_thiefs_address_takes_away_nothing_of_the_owners(alice: User, clock: Any) -> None:
    """She throws the thief out and adds a passkey; the notice of that goes to the thief’s address, too."""
    thief = confirmed_client(alice)
    add(thief)
    confirm(thief)
    clock.shift(addresses.UNDO_WITHIN - dt.timedelta(hours=1))
    owner = confirmed_client(User.objects.get(pk=alice.pk))
    remove(owner, NEW)
    clock.shift(60)
    make_passkey(alice, "Alice’s new key")
    clock.shift(60)
    [to_thief] = undo_links(NEW)
    page = Client().get(to_thief).content.decode()
    assert boxes(page) == []
    assert "new key" not in page
    key = f"factor-{Authenticator.objects.get().pk}"
    Client().post(to_thief, {"shown": [key], "remove": [key]})
    Client().post(to_thief)
    assert ways(alice) == ["Alice’s new key"]
    # Hers undoes that again.
    assert "Your addresses are back" in Client().post(undo_links(OLD)[0], {"shown": [key]}).content.decode()
    assert addresses.stored(alice) == [[OLD, True, True]]
    assert ways(alice) == ["Alice’s new key"]


@AT_TEN
def test_an_address_confirmed_for_more_than_seven_days_may_take_away(
    alice: User, second: EmailAddress, clock: Any
) -> None:
    change = AddressChange.objects.create(owner=alice, before=[[OLD, True, True]], after=addresses.stored(alice))
    clock.shift(addresses.UNDO_WITHIN - dt.timedelta(seconds=1))
    add(confirmed_client(alice), "third@example.org")
    clock.shift(1)
    add(confirmed_client(alice), "fourth@example.org")
    [third, fourth] = AddressChange.objects.exclude(pk=change.pk).order_by("pk")
    assert [addresses.may_remove(row, NEW) for row in (change, third, fourth)] == [False, False, True]
    assert [addresses.may_remove(row, OLD) for row in (change, third, fourth)] == [True, True, True]


@AT_TEN
def test_what_happens_in_another_account_does_not_count(alice: User, charlie: User, clock: Any) -> None:
    AddressChange.objects.create(owner=charlie, before=[["other@example.org", True, True]], after=[])
    change = AddressChange.objects.create(owner=alice, before=[[OLD, True, True]], after=[])
    assert addresses.may_remove(change, OLD)
    clock.shift(60)
    security_log.note(charlie, security_log.Kind.PASSWORD)
    assert added_since.added_since(alice, change.at) == []


@AT_TEN
def test_a_link_mailed_before_it_named_an_address_puts_addresses_back_only(alice: User, clock: Any) -> None:
    take_over(confirmed_client(alice), alice, clock)
    change = AddressChange.objects.earliest("pk")
    link = f"/account/email/undo/{signing.dumps(change.pk, salt=addresses.SALT)}/"
    assert boxes(Client().get(link).content.decode()) == []
    assert "Your addresses are back" in Client().post(link).content.decode()
    assert len(ways(alice)) == 4


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
