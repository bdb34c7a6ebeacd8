"""Wrong passwords: growing waits for whoever types them, and nobody locked out by strangers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts import sign_in_limits
from accounts.models import FailedSignIn, User
from accounts.sign_in_limits import ADDRESS, NETWORK, OWN
from tests.factories import make_user
from tests.outbox import outbox
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-05 10:00Z")]

ALICE, RIGHT = "alice@example.org", "correct horse battery"
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.9"
WAIT = "Too many wrong passwords from here. Please try again in"


@pytest.fixture(autouse=True)
def _alice_has_an_account(alice: User) -> None: ...


def sign_in(client: Client, password: str = RIGHT, *, email: str = ALICE, network: str = HOME) -> Any:
    return client.post("/account/login/", {"login": email, "password": password}, REMOTE_ADDR=network)


def got_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer.url == "/today/"


def guess(times: int, *, email: str = ALICE, network: str = ELSEWHERE, client: Client | None = None) -> Any:
    client = client or Client()
    answers = [sign_in(client, f"guess number {number}", email=email, network=network) for number in range(times)]
    return answers[-1].content.decode()


def test_six_wrong_passwords_from_elsewhere_lock_nobody_out() -> None:
    assert WAIT in guess(6)
    assert got_in(sign_in(Client()))


def test_the_right_password_must_wait_too_where_the_wrong_ones_came_from() -> None:
    guess(5)
    assert WAIT in sign_in(Client(), network=ELSEWHERE).content.decode()


def test_the_waits_grow_to_an_hour_and_end(clock: Any) -> None:
    said = [guess(5)]
    for _ in range(8):
        said.append(sign_in(Client(), network=ELSEWHERE).content.decode())
        row = FailedSignIn.objects.get(key=sign_in_limits._key(ALICE, f"network {ELSEWHERE}"))
        clock.move_to(row.blocked_until)
        guess(1)
    waits = [text.partition(WAIT)[2].partition(".")[0].strip() for text in said[1:]]
    assert waits == ["1 minute", "2 minutes", "4 minutes", "8 minutes", "16 minutes", "32 minutes", "1 hour", "1 hour"]
    clock.shift(dt.timedelta(hours=1))
    assert got_in(sign_in(Client(), network=ELSEWHERE))


def test_what_was_typed_stays_in_the_form() -> None:
    assert f'value="{ALICE}"' in guess(6)


def test_a_right_password_forgets_the_wrong_ones_before_it() -> None:
    client = Client()
    for _ in range(4):
        guess(4, network=HOME)
        assert got_in(sign_in(client))
    assert not FailedSignIn.objects.filter(tries__gt=16).exists()


def test_a_device_that_has_signed_in_before_keeps_a_way_in_whatever_strangers_do() -> None:
    mine = Client()
    sign_in(mine)
    mine.post("/account/logout/", REMOTE_ADDR=HOME)
    for number in range(ADDRESS.free + 5):
        guess(1, network=f"203.0.113.{number}")
    guess(6, network=HOME)  # even from the same network
    assert WAIT in sign_in(Client(), network="198.51.100.1").content.decode()
    assert got_in(sign_in(mine))


def test_a_known_device_waits_after_its_own_wrong_passwords() -> None:
    mine = Client()
    sign_in(mine)
    mine.post("/account/logout/", REMOTE_ADDR=HOME)
    assert WAIT in guess(6, network=HOME, client=mine)


def test_a_cookie_of_another_account_or_an_altered_one_is_of_no_use() -> None:
    make_user("mallory@example.org")
    theirs = Client()
    sign_in(theirs, email="mallory@example.org")
    theirs.post("/account/logout/", REMOTE_ADDR=HOME)
    for number in range(ADDRESS.free):
        guess(1, network=f"203.0.113.{number}")
    assert WAIT in sign_in(theirs).content.decode()
    theirs.cookies["device"] = theirs.cookies["device"].value + "x"
    assert WAIT in sign_in(theirs).content.decode()


def test_one_network_that_tries_many_addresses_waits() -> None:
    for number in range(NETWORK.free):
        guess(1, email=f"user{number}@example.org")
    assert WAIT in guess(1, email="another@example.org")
    assert WAIT not in guess(1, email="another@example.org", network=HOME)


def test_the_addresses_of_one_ipv6_subscriber_count_together() -> None:
    for number in range(5):
        guess(1, network=f"2001:db8:1:2::{number + 1:x}")
    assert WAIT in guess(1, network="2001:db8:1:2:aaaa::1")
    assert WAIT not in guess(1, network="2001:db8:1:3::1")


def test_an_address_without_an_account_is_treated_alike_and_mailed_nothing() -> None:
    with_account, without = guess(6), guess(6, email="nobody@example.org", network="203.0.113.10")
    assert without.partition("<main")[2].replace("nobody@example.org", ALICE) != ""
    assert WAIT in with_account
    assert WAIT in without
    assert [mail.to for mail in outbox()] == [ALICE]


def test_the_owner_is_told_once_a_wait_begins() -> None:
    guess(4)
    assert outbox() == []
    guess(3)
    [mail] = outbox()
    assert (mail.to, mail.subject) == (ALICE, "Wrong passwords for your account")
    assert f"5 wrong passwords, from {ELSEWHERE}" in " ".join(mail.body.split())


def test_nothing_readable_is_kept_and_it_is_forgotten_after_a_day(clock: Any) -> None:
    guess(6)
    kept = str(list(FailedSignIn.objects.values_list()))
    assert ALICE not in kept
    assert ELSEWHERE not in kept
    clock.shift(sign_in_limits.FORGOTTEN_AFTER)
    guess(1, email="somebody@example.org", network="198.51.100.7")
    assert FailedSignIn.objects.count() == 3  # that one's: its own, its address's, its network's


def test_asking_once_more_counts_for_the_session_only(alice_client: Client) -> None:
    guess(6)
    answer = alice_client.post("/account/reauthenticate/", {"password": RIGHT}, REMOTE_ADDR=ELSEWHERE)
    assert answer.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted() -> None:
    def once() -> bool:
        try:
            sign_in_limits.begin(ALICE, "network x", "x")
        except sign_in_limits.MustWait:
            return False
        return True

    assert sum(at_once(*[once] * 8)) == OWN.free


def test_signing_out_leaves_the_device_known_though_the_browser_forgets_all_cookies() -> None:
    mine = Client()
    sign_in(mine)
    after = mine.post("/account/logout/", REMOTE_ADDR=HOME)
    mine.cookies.clear()  # as Clear-Site-Data has it
    mine.get(after.url)
    for number in range(ADDRESS.free):
        guess(1, network=f"203.0.113.{number}")
    assert got_in(sign_in(mine))


def test_a_carried_device_is_taken_by_no_browser_that_has_one_and_only_for_a_minute(clock: Any) -> None:
    mine, other = Client(), Client()
    sign_in(mine)
    sign_in(other)
    known = other.cookies["device"].value
    after = mine.post("/account/logout/", REMOTE_ADDR=HOME)
    other.post("/account/logout/", REMOTE_ADDR=HOME)
    other.get(after.url)
    assert other.cookies["device"].value == known
    clock.shift(61)
    late = Client()
    late.get(after.url)
    assert "device" not in late.cookies
