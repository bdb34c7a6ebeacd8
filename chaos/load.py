"""Creates what is to be sent: users with one or five reminders, messages to mentors, and unknown addresses."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import User
from mail.models import OutgoingMail
from mail.rendering import render_into
from portfolio.mentorships.scheduling import LOOK_AGAIN
from portfolio.models import PlaceToLook
from reminders.models import Reminder

BATCH = 1000


@dataclass(frozen=True)
class Plan:
    """How much is to be sent, and the faults. ``seconds``: the time over which the mails come due; ``hang_up``: the
    probability that the mail server closes the connection instead of answering, with or without accepting the mail.

    On a slow machine the run takes longer.
    """

    one: int = 10_000
    five: int = 500
    mentors: int = 500
    gone: int = 20
    kills: int = 100
    seconds: float = 240
    workers: int = 3
    threads: int = 2
    seed: int = 1
    hang_up: float = 0.01


@dataclass(frozen=True)
class Wish:
    """What one address should get in one mail, and the earliest time (Unix time)."""

    due: float
    things: frozenset[str]


def wish_for(plan: Plan) -> dict[str, Wish]:
    """Create all rows and return the wishes by address. All reminders of one user come due at the same time."""
    dice, start = random.Random(plan.seed), timezone.now() + dt.timedelta(seconds=5)
    addresses = [f"user{n}@example.org" for n in range(plan.one + plan.five)]
    addresses += [f"gone{n}@example.org" for n in range(plan.gone)]
    anybody = {"password": "!", "time_zone": "UTC", "country": "XX", "working_days": "1234567"}
    User.objects.bulk_create([User(email=address, **anybody) for address in addresses], batch_size=BATCH)
    users = list(User.objects.filter(email__endswith="@example.org").order_by("pk"))
    due = {user.pk: start + dt.timedelta(seconds=dice.random() * plan.seconds) for user in users}
    places = [
        PlaceToLook(owner=user, name=f"Register {user.pk}-{n}", look_again_on=start.date())
        for index, user in enumerate(users)
        for n in range(5 if plan.one <= index < plan.one + plan.five else 1)
    ]
    PlaceToLook.objects.bulk_create(places, batch_size=BATCH)
    Reminder.objects.bulk_create(
        [_reminder(place, due[place.owner_id]) for place in PlaceToLook.objects.order_by("pk")], batch_size=BATCH
    )
    things: dict[int, set[str]] = {}
    for place in places:
        things.setdefault(place.owner_id, set()).add(place.name.removeprefix("Register "))
    return {user.email: Wish(due[user.pk].timestamp(), frozenset(things[user.pk])) for user in users}


def _reminder(place: PlaceToLook, due: dt.datetime) -> Reminder:
    return Reminder(
        owner_id=place.owner_id,
        kind=LOOK_AGAIN,
        subject_id=place.pk,
        wished_on=due.date(),
        wall_date=due.date(),
        wall_time=due.time(),
        zone="UTC",
        due_at=due,
    )


def write_to_mentors(plan: Plan) -> dict[str, float]:
    """Queue messages to mentors, which must never arrive twice; returns due times (Unix time) by Message-ID."""
    dice, start = random.Random(plan.seed + 1), timezone.now() + dt.timedelta(seconds=5)
    letters = []
    for number in range(plan.mentors):
        letter = OutgoingMail(
            purpose="letter to a mentor",
            audience=OutgoingMail.Audience.MENTOR,
            due_at=start + dt.timedelta(seconds=dice.random() * plan.seconds),
        )
        render_into(letter, EmailMessage("A letter", f"Letter {number}.", to=[f"mentor{number}@mentors.example"]))
        letters.append(letter)
    OutgoingMail.objects.bulk_create(letters, batch_size=BATCH)
    return {letter.message_id: letter.due_at.timestamp() for letter in letters}


def what_is_left() -> int:
    """How many reminders and mails are not finished yet."""
    on_its_way = OutgoingMail.objects.filter(state__in=OutgoingMail.OPEN).count()
    waiting = Reminder.objects.filter(state__in=(Reminder.State.PLANNED, Reminder.State.GATHERED)).count()
    return on_its_way + waiting


def share_told() -> float:
    """The share of the wishes that have been written into mails, from 0 to 1."""
    states = (Reminder.State.PLANNED, Reminder.State.GATHERED)
    return 1 - Reminder.objects.filter(state__in=states).count() / max(Reminder.objects.count(), 1)
