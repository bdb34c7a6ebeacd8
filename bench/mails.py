"""Reminders per second, and whether claim time and worker memory stay constant as the number of mails grows.

The mail server is Debian's ``smtp-sink`` (package postfix), which accepts and discards every mail.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.utils import timezone

from bench import house
from bench.figures import table
from tests.servers import Process, all_of, answers, celery_worker, free_port, wait_until

PEOPLE, ROUNDS, WARM_UP = 4000, 3, 200
CLAIMED = 500
SIZES = (100_000, 1_000_000, 10_000_000)
MANY = int(os.environ.get("BENCH_MAILS", "100000"))


def find_sink() -> str | None:
    """The path in ``SMTP_SINK``, or the installed program."""
    return os.environ.get("SMTP_SINK") or shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def sink() -> Iterator[int]:
    """Run a mail server that accepts everything; yields its port."""
    found, port = find_sink(), free_port()
    assert found
    root = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to run as root without it
    with Process([found, *root, "-c", f"127.0.0.1:{port}", "1000"], name="smtp-sink"):
        wait_until(lambda: answers(port), what="smtp-sink")
        yield port


def run() -> dict[str, object]:
    """Run all mail benchmarks; report those skipped if smtp-sink is missing."""
    with house.database() as env:
        django.setup()
        results: dict[str, object] = {}
        if find_sink() is None:
            print("Reminders a second and memory were not measured: smtp-sink is missing (sudo apt install postfix).")
        else:
            with sink() as port:
                reached = {**env, "EMAIL_PORT": str(port), "SWEEP_SECONDS": "60"}
                results |= throughput(reached, port) | memory(reached)
        return results | claiming()


# --- Reminders a second ---------------------------------------------------------------------------


def throughput(env: dict[str, str], port: int) -> dict[str, object]:
    """Measure both in turn, so that other load affects both alike; the result is the median of the pairs' ratios.

    Both send a few mails first to warm up.
    """
    from chaos.load import Plan, wish_for
    from reminders.models import Reminder

    workers = [celery_worker(env, name=f"worker{n}", threads=1) for n in (1, 2)]
    with all_of(*workers):
        for worker in workers:
            worker.wait_for("ready", timeout=60)
        wish_for(Plan(one=WARM_UP + ROUNDS * PEOPLE, five=0, gone=0, mentors=0, seconds=0))
        ids = list(Reminder.objects.order_by("pk").values_list("pk", flat=True))
        Reminder.objects.update(due_at=timezone.now() + dt.timedelta(days=1))
        plain_loop(port, WARM_UP)
        by_two_workers(ids[:WARM_UP])
        rounds = [
            (by_two_workers(ids[first : first + PEOPLE]), plain_loop(port, PEOPLE))
            for first in range(WARM_UP, len(ids), PEOPLE)
        ]
    ours, plain = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(one / other for one, other in rounds)
    rows = [["by two workers", f"{ours:.0f}"], ["a plain loop", f"{plain:.0f}"], ["ratio (goal 1)", f"{ratio:.2f}"]]
    print(f"\nReminders a second, {ROUNDS} times {PEOPLE} people\n" + table(["", "a second"], rows))
    return {
        "reminders_per_second": round(ours, 1),
        "plain_per_second": round(plain, 1),
        "ratio": round(ratio, 3),
        "rounds": [[round(one, 1), round(other, 1)] for one, other in rounds],
    }


def by_two_workers(ids: list[int]) -> float:
    """Reminders per second, from the first sweep until the last mail is marked as sent."""
    from django.db.models import Max

    from mail.models import OutgoingMail
    from reminders.models import Reminder

    sent = OutgoingMail.objects.filter(state=OutgoingMail.State.SENT)
    wanted = sent.count() + len(ids)
    begun = timezone.now()
    Reminder.objects.filter(pk__in=ids).update(due_at=begun)
    while sent.count() < wanted:
        _ask_for_sweeps()
        time.sleep(0.5)
    last = sent.aggregate(last=Max("sent_at"))["last"]
    return len(ids) / (last - begun).total_seconds()


def _ask_for_sweeps() -> None:
    """Queue sweeps as beat would, to these workers' queue."""
    from mentoring.celery import app

    for _ in range(2):
        app.send_task("reminders.tasks.sweep", expires=2)


def plain_loop(port: int, count: int) -> float:
    """What Django itself costs: the same mails, rendered and sent over one connection, without a queue."""
    from django.core.mail import get_connection
    from django.urls import reverse

    from accounts.models import User
    from portfolio.mentorships.scheduling import LOOK_AGAIN
    from reminders.digest import write_digest
    from reminders.kinds import Item
    from reminders.models import Reminder

    smtp = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    smtp.open()
    begun = time.perf_counter()
    for number in range(1, count + 1):
        item = Item(
            f"Look at Register {number}-0 again",
            "You meant to come back about now: perhaps somebody new is listed there.",
            reverse("place", args=[number]),
            button="See your notes",
        )
        user = User(pk=number, email=f"user{number}@example.org", time_zone="UTC")
        # The same kind of message as ours: text, HTML, signed links and List-Unsubscribe headers.
        smtp.send_messages([write_digest(user, [(Reminder(pk=number, kind=LOOK_AGAIN), item)])])
    seconds = time.perf_counter() - begun
    smtp.close()
    return count / seconds


# --- Memory ---------------------------------------------------------------------------------------


def memory(env: dict[str, str]) -> dict[str, object]:
    """A worker's memory in MB after a tenth of the mails and after all of them."""
    from django.core.mail import EmailMessage

    from mail.models import OutgoingMail
    from mail.rendering import render_into

    def letters(count: int) -> None:
        rows = []
        for _ in range(count):
            row = OutgoingMail(purpose="letter", due_at=timezone.now())
            render_into(row, EmailMessage("A letter", "Some words.\n" * 100, to=["a@example.org"]))
            rows.append(row)
        OutgoingMail.objects.bulk_create(rows, batch_size=1000)

    def left() -> bool:
        _ask_for_sweeps()
        return not OutgoingMail.objects.filter(state__in=OutgoingMail.OPEN).exists()

    sizes = []
    with celery_worker(env, threads=2) as worker:
        worker.wait_for("ready", timeout=60)
        for _ in range(10):
            letters(MANY // 10)
            wait_until(left, 3600, what="a tenth of the mails", every=1)
            sizes.append(_megabytes(worker.pid))
    print(f"\nA worker's memory over {MANY} mails, MB after each tenth: {', '.join(f'{size:.0f}' for size in sizes)}")
    return {"memory_mb": sizes, "mails": MANY}


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(resident.split()[1]) / 1024, 1)


# --- Claiming -------------------------------------------------------------------------------------


def claiming() -> dict[str, object]:
    """Milliseconds to claim 500 due mails in a table with many sent mails."""
    from django.db import connection

    from mail.models import OutgoingMail

    OutgoingMail.objects.all().delete()
    times, there = {}, 0
    for size in SIZES:
        _insert(size - there, "sent")
        there = size
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE mail_outgoingmail")
            cursor.execute("CHECKPOINT")  # so that writing the test rows to disk does not overlap with the measurement
        times[size] = _claim_time()
    ratio = times[SIZES[-1]] / times[SIZES[0]]
    rows = [[f"{size:,}", f"{ms:.1f}"] for size, ms in times.items()]
    print(f"\nClaiming {CLAIMED} due mails among so many\n" + table(["mails", "ms"], rows))
    print(f"The last is {ratio:.2f} times the first (goal: at most 1.5).")
    return {"claim_ms": {str(size): round(ms, 2) for size, ms in times.items()}, "claim_ratio": round(ratio, 3)}


def _claim_time() -> float:
    from mail import engine
    from mail.models import OutgoingMail

    taken = []
    for _ in range(11):
        _insert(CLAIMED, "queued")
        begun = time.perf_counter()
        token = engine.claim(CLAIMED)
        taken.append((time.perf_counter() - begun) * 1000)
        mine = OutgoingMail.objects.filter(claim_token=token)
        assert mine.count() == CLAIMED
        OutgoingMail.objects.filter(state__in=("claimed", "queued")).delete()
    return statistics.median(taken[1:])


def _insert(count: int, state: str) -> None:
    from django.db import connection

    columns = "purpose, audience, priority, recipient, state, due_at, attempts, subject, message_id, created_at"
    columns += ", last_error, may_be_there"
    values = "'letter', 'user', 10, 'a@example.org', %s, now() - interval '1 hour', 0, 'A letter'"
    values += ", CASE WHEN %s = 'sent' THEN gen_random_uuid()::text ELSE '' END, now(), '', false"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO mail_outgoingmail ({columns}) SELECT {values} FROM generate_series(1, %s)",
            [state, state, count],
        )
