"""Whoever does the work is killed again and again, at random moments: nobody is doubled, and nobody lost."""

from __future__ import annotations

import io
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from accounts import jobs
from accounts.models import StoredFile, StoredPart, User
from accounts.stored_files import PART
from portfolio.contact_imports import applying, dry_run, services, undoing
from portfolio.models import ContactImport, ImportRow, Person
from tests.factories import make_person
from tests.portfolio.contact_imports.importing import LINKEDIN, as_stored

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 36  # of workers, besides those of web processes
PEOPLE = 240
State = ContactImport.State


def killed_after(seconds: float, work: Callable[[], object]) -> None:
    """Do this in a process of its own, which is killed with SIGKILL unless it has ended before."""
    connection.close()  # the child must not share it
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def file() -> str:
    rows = [f"Ann,No{n},https://linkedin.com/in/no{n},no{n}@example.org,Acme,Chair,\n" for n in range(PEOPLE)]
    return LINKEDIN + "".join(rows)


@pytest.fixture(autouse=True)
def _many_short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for part in (dry_run, applying, undoing):
        monkeypatch.setattr(part, "A_STEP", 3)
    monkeypatch.setattr(jobs, "BREAK", 0)
    monkeypatch.setattr(jobs, "LEASE", timedelta(milliseconds=1))


def wear_down(batch: ContactImport, chance: random.Random, kills: int) -> int:
    """Kill worker after worker until this many were killed or the work is done, then let one finish it."""
    killed = 0
    while killed < kills:
        batch.refresh_from_db()
        if not batch.work or batch.work == "forget":
            break
        killed_after(chance.uniform(0.005, 0.05), lambda: jobs.run(seconds=60))
        killed += 1
    while jobs.run(seconds=60):
        pass
    batch.refresh_from_db()
    return killed


def test_workers_that_are_killed_double_and_lose_nobody(alice: User) -> None:
    chance = random.Random(20261128)
    there = make_person(alice, "Ann No7", email="no7@example.org", notes="Kind.")
    there.save()
    before = as_stored(alice)
    batch = services.begin(user=alice, content=io.BytesIO(file().encode()), name="Connections.csv")
    killed = wear_down(batch, chance, KILLS // 3)
    assert batch.state == State.READY
    assert list(batch.rows.values_list("number", flat=True)) == list(range(1, PEOPLE + 1))
    assert batch.counts == {"new": PEOPLE - 1, "changed": 1}
    assert as_stored(alice) == before

    services.bring_in(batch)
    killed += wear_down(batch, chance, KILLS // 3)
    assert batch.state == State.DONE
    assert Counter(Person.objects.values_list("name", flat=True)) == Counter(f"Ann No{n}" for n in range(PEOPLE))
    assert batch.counts["results"] == {"added": PEOPLE - 1, "changed": 1}

    services.undo(batch)
    killed += wear_down(batch, chance, KILLS // 3)
    assert batch.state == State.UNDONE
    assert as_stored(alice) == before
    assert killed >= 30


def test_a_web_process_that_is_killed_leaves_a_whole_file_or_none(alice: User) -> None:
    chance = random.Random(7)
    content = file().encode() * 40
    parts = -(-len(content) // PART)
    for _ in range(12):
        killed_after(
            chance.uniform(0.0, 0.05),
            lambda: services.begin(user=alice, content=io.BytesIO(content), name="Connections.csv"),
        )
    for kept in StoredFile.objects.all():
        assert (kept.size, kept.parts.count()) == (len(content), parts)
    assert ContactImport.objects.count() == StoredFile.objects.count() == StoredPart.objects.count() // parts


def test_stopping_while_workers_are_killed_and_going_on(alice: User) -> None:
    chance = random.Random(11)
    batch = services.begin(user=alice, content=io.BytesIO(file().encode()), name="Connections.csv")
    jobs.run(seconds=60)
    services.bring_in(batch)
    killed_after(0.1, lambda: jobs.run(seconds=60))
    services.stop(batch)
    jobs.run(seconds=60)
    came = Person.objects.count()
    assert came == ImportRow.objects.filter(result="added").count()
    batch.refresh_from_db()
    assert batch.state == State.STOPPED
    services.bring_in(batch)
    wear_down(batch, chance, 3)
    assert Person.objects.count() == PEOPLE
    assert batch.state == State.DONE


def test_the_same_file_twice_at_once_brings_everybody_once(alice: User) -> None:
    batches = [
        services.begin(user=alice, content=io.BytesIO(file().encode()), name="Connections.csv") for _ in range(2)
    ]
    jobs.run(seconds=60)
    for batch in batches:
        services.bring_in(batch)
    jobs.run(seconds=60)
    assert Person.objects.count() == PEOPLE
    for batch in reversed(batches):
        batch.refresh_from_db()
        services.undo(batch)
        jobs.run(seconds=60)
    assert not Person.objects.exists()


def test_a_user_who_is_deleted_meanwhile(alice: User, charlie: User) -> None:
    batch = services.begin(user=alice, content=io.BytesIO(file().encode()), name="Connections.csv")
    jobs.run(seconds=60)
    services.bring_in(batch)
    stop = iter([False] * 5 + [True] * 100)
    jobs.run(seconds=60, stop=lambda: next(stop))
    alice.delete()
    assert jobs.run(seconds=60) == 0
    assert (Person.objects.count(), ImportRow.objects.count(), StoredPart.objects.count()) == (0, 0, 0)
