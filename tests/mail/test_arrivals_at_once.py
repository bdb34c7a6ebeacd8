"""Two requests for one user at the very same moment: the second waits for the first, and finds what it made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from mail import arrivals, drops
from mail.models import DropAddress, IncomingMail
from tests.factories import make_drop, make_user
from tests.smtp_server import wait_until

# SQLite lets the second begin only when the first has ended.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
T = TypeVar("T")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def while_another_does(act: Callable[[], T]) -> tuple[T, T]:
    """What it came to in two transactions: the second has looked before the first is committed."""
    second_may_begin = threading.Event()

    def second() -> T:
        try:
            second_may_begin.wait(20)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(second)
        with transaction.atomic():
            first = act()
            second_may_begin.set()
            wait_until(somebody_waits_for_us, what="the second")
        return first, later.result(20)


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


@pytest.fixture
def bob() -> User:
    """Another user, with an address and the very same mail."""
    other = make_user("bob@example.org", name="Bob Brook")
    arrivals.receive(recipients=[drops.address(make_drop(other))], sender="", content=b"Subject: x\r\n\r\nx")
    return other


def test_the_same_bytes_at_once_are_one_mail_of_its_own_user(alice: User, bob: User) -> None:
    address = drops.address(make_drop(alice))
    first, second = while_another_does(
        lambda: arrivals.receive(recipients=[address], sender="", content=b"Subject: x\r\n\r\nx")
    )
    assert first == second == list(IncomingMail.objects.filter(owner=alice))
    assert IncomingMail.objects.filter(owner=bob).count() == 1


def test_two_wishes_for_an_address_at_once_make_one_of_its_own_user(alice: User, bob: User) -> None:
    first, second = while_another_does(lambda: drops.renew(alice))
    assert first == second == DropAddress.objects.get(owner=alice)
    assert DropAddress.objects.get(owner=bob).ended_at is None
