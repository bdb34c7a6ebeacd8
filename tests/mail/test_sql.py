"""One statement marks the accepted mail as sent and the next one as being sent; another stores rendered mails."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from mail.models import OutgoingMail
from mail.sql import bulk_freeze, mark_sent_and_start_next

pytestmark = pytest.mark.django_db
State = OutgoingMail.State
MINE, OTHERS = uuid.UUID(int=1), uuid.UUID(int=2)
NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
UNTIL = NOW + dt.timedelta(minutes=5)


def make(state: str, token: uuid.UUID = MINE) -> int:
    lease = NOW + dt.timedelta(seconds=1)
    made = OutgoingMail.objects.create(
        purpose="letter", state=state, claim_token=token, lease_until=lease, content=b"x", last_error="451 Later"
    )
    return made.pk


def row(pk: int) -> tuple[Any, ...]:
    return OutgoingMail.objects.values_list("state", "claim_token", "lease_until", "sent_at", "last_error").get(pk=pk)


SENT = (State.SENT, None, None, NOW, "")
BEGUN = (State.SENDING, MINE, UNTIL, None, "451 Later")


def test_one_is_sent_and_the_next_begins() -> None:
    accepted, begins, another = make(State.SENDING), make(State.FROZEN), make(State.FROZEN)
    before = row(another)
    assert mark_sent_and_start_next(MINE, accepted=accepted, begins=begins, now=NOW, lease_until=UNTIL) == {
        accepted,
        begins,
    }
    assert (row(accepted), row(begins), row(another)) == (SENT, BEGUN, before)


def test_either_goes_alone() -> None:
    accepted, begins = make(State.SENDING), make(State.FROZEN)
    assert mark_sent_and_start_next(MINE, accepted=None, begins=begins, now=NOW, lease_until=UNTIL) == {begins}
    assert mark_sent_and_start_next(MINE, accepted=accepted, begins=None, now=NOW, lease_until=UNTIL) == {accepted}
    assert (row(accepted), row(begins)) == (SENT, BEGUN)


@pytest.mark.parametrize(
    ("accepted", "begins"),
    [(state, State.FROZEN) for state in OutgoingMail.OPEN if state not in (State.QUEUED, State.SENDING)]
    + [(State.SENDING, state) for state in (State.CLAIMED, State.SENDING)],
)
def test_what_is_not_where_it_should_be_stays(accepted: str, begins: str) -> None:
    first, second = make(accepted), make(begins)
    before = {first: row(first), second: row(second)}
    marked = mark_sent_and_start_next(MINE, accepted=first, begins=second, now=NOW, lease_until=UNTIL)
    assert marked == ({first} if accepted == State.SENDING else {second})
    for pk in {first, second} - marked:
        assert row(pk) == before[pk]


def test_what_another_worker_holds_stays() -> None:
    accepted, begins = make(State.SENDING, OTHERS), make(State.FROZEN, OTHERS)
    assert mark_sent_and_start_next(MINE, accepted=accepted, begins=begins, now=NOW, lease_until=UNTIL) == set()
    assert [row(pk)[0] for pk in (accepted, begins)] == [State.SENDING, State.FROZEN]


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_written_is_stored_with_its_own_mail_and_with_no_other(count: int) -> None:
    written = [OutgoingMail.objects.get(pk=make(State.CLAIMED)) for _ in range(count)]
    another = make(State.CLAIMED)
    before = list(OutgoingMail.objects.filter(pk=another).values())
    for number, mail in enumerate(written):
        mail.content, mail.message_id, mail.frozen_at = f"Letter {number}".encode(), f"<{number}@x>", NOW
        mail.subject, mail.recipient = f"Subject {number}", f"{number}@example.org"
    bulk_freeze(written)
    for number, mail in enumerate(OutgoingMail.objects.exclude(pk=another).order_by("pk")):
        assert (mail.state, mail.frozen_at, mail.claim_token) == (State.FROZEN, NOW, MINE)
        assert bytes(mail.content or b"") == f"Letter {number}".encode()
        found = (mail.message_id, mail.subject, mail.recipient)
        assert found == (f"<{number}@x>", f"Subject {number}", f"{number}@example.org")
    assert list(OutgoingMail.objects.filter(pk=another).values()) == before
