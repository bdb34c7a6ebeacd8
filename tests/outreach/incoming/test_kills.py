"""Whoever takes mail in, or reads it, is killed again and again: no sign of life is lost, and none counts twice."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest

from accounts import jobs
from accounts.models import StoredFile, StoredPart, User
from mail import arrivals, drops
from mail.models import IncomingMail, OutgoingMail
from outreach.models import Approach, Message
from portfolio.models import Contact
from tests.factories import make_approach, make_message, make_person
from tests.outreach.incoming.mails import drop_of, letter, reply
from tests.portfolio.contact_imports.test_kills import killed_after

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 50  # of each
LETTERS = 12


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BREAK", 0)
    monkeypatch.setattr(jobs, "LEASE", timedelta(milliseconds=1))


def letters_of(user: User) -> list[Message]:
    people = [make_person(user, f"Person {n}", email=f"p{n}@example.org") for n in range(LETTERS)]
    return [make_message(make_approach(person), subject="15 minutes", body="Dear you") for person in people]


def mails_for(user: User, letters: list[Message]) -> list[tuple[str, bytes]]:
    """(recipient, bytes) of a copy of each letter, then of an answer to each."""
    drop, found = drop_of(user), []
    for n, message in enumerate(letters):
        copy = letter(to=f"p{n}@example.org", message_id=f"<sent.{n}@mail.example.org>")
        found.append((drops.address(drop, message.pk), copy.as_bytes()))
    for n, _ in enumerate(letters):
        to_id, name = f"<sent.{n}@mail.example.org>", f"<reply.{n}@mail.example.org>"
        answer = reply(f"Answer {n}", to_id=to_id, sender=f"p{n}@example.org", message_id=name)
        found.append((drops.address(drop), answer.as_bytes()))
    return found


def handed_over(recipient: str, content: bytes, seconds: float) -> bool:
    """Whether the receiver answered "kept" before it was killed; otherwise the mail server in front tries again."""
    ours, theirs = os.pipe()

    def receive() -> None:
        arrivals.receive(recipients=[recipient], sender="", content=content)
        os.write(theirs, b"250")

    killed_after(seconds, receive)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answer:
        return answer.read() == b"250"


def test_nothing_is_lost_or_doubled_however_often_they_are_killed(alice: User) -> None:
    chance = random.Random(14)
    letters = letters_of(alice)
    killed = 0
    for recipient, content in mails_for(alice, letters):
        while not handed_over(recipient, content, chance.uniform(0, 0.03) if killed < KILLS else 1):
            killed += 1
    assert killed >= KILLS / 2  # on a fast machine some are through before
    mails = IncomingMail.objects.order_by("pk")
    assert [mail.state for mail in mails] == ["received"] * 2 * LETTERS
    assert StoredFile.objects.count() == 2 * LETTERS

    for _ in range(KILLS):
        killed_after(chance.uniform(0.005, 0.06), lambda: jobs.run(seconds=60))
    while jobs.run(seconds=60):
        pass
    assert [mail.state for mail in mails.all()] == ["applied"] * 2 * LETTERS
    for n, message in enumerate(letters):
        events = [event.kind for event in message.approach.events.all()]
        assert events == ["sent", "replied"]
        answers = Message.objects.filter(approach=message.approach, state="received")
        assert [answer.body for answer in answers] == [f"Answer {n}"]
        assert Contact.objects.filter(person=message.person).count() == 1
    assert Approach.objects.filter(replied_at__isnull=False).count() == LETTERS
    assert not StoredFile.objects.exists()
    assert not StoredPart.objects.exists()
    assert not OutgoingMail.objects.filter(audience=OutgoingMail.Audience.MENTOR).exists()
