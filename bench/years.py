"""What five years of use leave behind, before and after ``accounts.retention``: rows and bytes of each table.

One busy user on a database of its own: a mail each working morning with what it told, a follow-up or a meeting most
days, an invitation a week, a sign-in each month from two devices, something deleted each week, and visitors who never
signed in. Everything is as old as it would be today.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import django

from bench import house
from bench.figures import table

YEARS = 5
WORKING = (0, 1, 2, 3, 4)  # weekdays, Monday is 0
TABLES = (
    *("reminders_reminder", "reminders_digest", "reminders_telling", "mail_outgoingmail", "mail_mailmonth"),
    *("portfolio_undoable", "django_session", "usersessions_usersession", "django_cache", "accounts_addresschange"),
)


def run() -> dict[str, Any]:
    """Fill, measure, apply the rules, measure again; returns rows and bytes by table."""
    with house.database():
        django.setup()
        from accounts import retention

        print(f"Living through {YEARS} years.", flush=True)
        live()
        before = sizes()
        begun = dt.datetime.now(dt.UTC)
        while not retention.apply():
            pass
        seconds = (dt.datetime.now(dt.UTC) - begun).total_seconds()
        after = sizes()
    found = {name: {"before": before[name], "after": after[name]} for name in TABLES}
    rows = [
        [name, *(f"{number:,}" for number in (*before[name], *after[name]))]
        for name in (*TABLES, "all of these")
        if name in before
    ]
    print("", table(["table", "rows", "kB", "rows after", "kB after"], rows), sep="\n")
    print(f"Deleted in {seconds:.1f} s.")
    return {**found, "seconds": round(seconds, 1)}


def sizes() -> dict[str, tuple[int, int]]:
    """(rows, kB with indexes) of each table, without what is deleted and not given back yet."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"VACUUM FULL ANALYZE {name}")
            cursor.execute(f"SELECT count(*) FROM {name}")
            (rows,) = cursor.fetchone()
            cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [name])
            (size,) = cursor.fetchone()
            found[name] = (rows, size // 1024)
    found["all of these"] = (sum(rows for rows, _ in found.values()), sum(size for _, size in found.values()))
    return found


def live() -> None:
    from django.core.cache import cache
    from django.db import connection
    from django.utils import timezone

    from accounts.models import AddressChange
    from mail.models import OutgoingMail
    from portfolio.models import Undoable
    from reminders.models import Digest, Reminder, Telling
    from tests import factories as make

    chance = random.Random(5)
    now = timezone.now()
    user = make.make_user("years@example.org", name="Yara Years", date_joined=now - dt.timedelta(days=365 * YEARS))
    mentorship = make.make_mentorship(make.make_person(user, "Priya Nand"))
    states = (
        [Reminder.State.CANCELLED] * 6 + [Reminder.State.EXPIRED] * 2 + [Reminder.State.MAILED, Reminder.State.LET_GO]
    )
    for ago in range(365 * YEARS, 0, -1):
        at = now - dt.timedelta(days=ago)
        if at.weekday() in WORKING:
            digest = Digest.objects.create(owner=user, local_date=at.date(), created_at=at, frozen_at=at)
            made = [
                Reminder(
                    owner=user,
                    kind="keep_in_touch",
                    subject_id=mentorship.pk,
                    occurrence=f"{ago}-{number}",
                    wished_on=at.date(),
                    wall_date=at.date(),
                    wall_time=dt.time(9),
                    zone="Europe/London",
                    due_at=at,
                    created_at=at,
                    state=chance.choice(states),
                    digest=digest,
                )
                for number in range(chance.choice([1, 1, 2, 3]))
            ]
            Reminder.objects.bulk_create(made)
            Telling.objects.bulk_create(
                Telling(owner=user, reminder=one, digest=digest, title="Write to Priya Nand once more") for one in made
            )
            _mail(
                user, at, purpose="digest", subject_id=digest.pk, subject="2 things for today: Priya Nand, Callum Reith"
            )
        if at.weekday() == 0:
            _mail(
                user,
                at,
                purpose="invitation_mentor",
                audience="mentor",
                recipient=f"mentor{ago % 20}@example.org",
                subject_id=ago,
                expires_at=at + dt.timedelta(days=14),
                subject="First conversation with Yara Years",
            )
            kept = Undoable.objects.create(
                owner=user, kind=Undoable.Kind.DELETED_ROW, rows='{"tables": {}}' + " " * 800
            )
            Undoable.objects.filter(pk=kept.pk).update(at=at)
        if ago % 30 == 0:
            for _ in range(2):
                make.make_session(user, last_seen_at=at, created_at=at, expire_date=at + dt.timedelta(days=14))
            _mail(user, at, purpose="account", subject="Your code", priority=0)
        if ago % 400 == 0:
            change = AddressChange.objects.create(owner=user, before=[["a@example.org", True, True]], after=[])
            AddressChange.objects.filter(pk=change.pk).update(at=at)
        cache.set(f"visitor-{ago}", [1], timeout=1)
    assert OutgoingMail.objects.count() > 1_000
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_cache SET expires = expires - interval '1 hour'")


def _mail(user: Any, at: dt.datetime, **fields: Any) -> None:
    from mail.models import OutgoingMail

    values = {"owner": user, "recipient": user.email, "state": "sent", **fields}
    OutgoingMail.objects.create(
        **values,
        created_at=at,
        due_at=at,
        frozen_at=at,
        sent_at=at,
        message_id=f"<{at.timestamp()}.{fields['purpose']}@x>",
    )
