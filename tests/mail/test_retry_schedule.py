"""How long a mail waits before the next try."""

from __future__ import annotations

import datetime as dt

from pytest_django import Settings

from mail.retry_schedule import RETRIES, server_rest, wait_after


def test_waits_grow_and_end_after_about_a_day() -> None:
    waits = [wait_after(tries) for tries in range(1, len(RETRIES) + 1)]
    assert waits == sorted(waits)  # type: ignore[type-var]
    assert wait_after(len(RETRIES) + 1) is None
    assert dt.timedelta(hours=22) < sum(RETRIES, dt.timedelta()) < dt.timedelta(hours=26)


def test_the_first_tries_come_soon_and_the_last_ones_every_four_hours() -> None:
    first, last = wait_after(1), wait_after(len(RETRIES))
    assert (first, last) == (dt.timedelta(minutes=1), dt.timedelta(hours=4))


def test_waits_keep_their_proportion_to_the_first(settings: Settings) -> None:
    settings.MAIL_WAIT_SECONDS = 2
    assert [wait_after(tries) for tries in (1, 2, 4)] == [dt.timedelta(seconds=seconds) for seconds in (2, 4, 30)]
    assert server_rest() == dt.timedelta(seconds=1)


def test_the_rest_of_a_batch_waits_for_half_a_minute() -> None:
    """Less than the mail that was tried: it is not to blame that the server was away."""
    assert server_rest() == dt.timedelta(seconds=30)
