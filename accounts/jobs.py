"""Work for one user that takes longer than a page may: reading a file, writing an export.

The row is the work: what is to be done, how far it is, and who has it in hand. A worker claims it with a token and a
lease and does it in short steps, each in one transaction of that user together with its progress. So a worker that dies
loses one step, nothing is done twice, and another goes on when the lease is over. The user may close the page.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone

from accounts import row_security, workers
from accounts.ownership import Owned
from accounts.policies import WRITE, Access, Role
from accounts.registry import Registry

log = logging.getLogger(__name__)

TASK = "accounts.tasks.run_jobs"
LEASE = dt.timedelta(seconds=60)  # many times as long as a step takes
TRIES = 5  # of one step; then the job is given up
# SQLite has one writer, and who waits for it looks again every tenth of a second: without a break between two steps, a
# page that writes anything would wait until the whole job is done.
BREAK = 0.11  # seconds
AT_ONCE = 2  # jobs, so that they don't take all workers away from the mail
GENERAL = "Something went wrong on our side, several times. What was done before it is kept."


class JobFailed(Exception):
    """The job can't be done; the text says to the user why, what was kept and what to do."""


class Job(Owned):
    """Abstract. ``work`` says what workers are to do now; empty when there is nothing to do.

    ``due_at`` and ``lease_until`` are UTC.
    """

    row_access: ClassVar[Access] = {Role.WORKER: WRITE}
    work = models.CharField(max_length=20, blank=True)
    brought: object = None
    due_at = models.DateTimeField(default=timezone.now, help_text="UTC, not before")
    claim_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="UTC")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="failures since the last step that worked")
    trouble = models.CharField(max_length=500, blank=True, help_text="why it was given up, for the user")
    done = models.PositiveIntegerField(default=0, help_text="of ``total``, in whatever is counted")
    total = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    def start(self, work: str, *, total: int | None = None, due_at: dt.datetime | None = None) -> None:
        """Set this work before the workers, for now or a later instant (UTC); the caller saves, in a transaction."""
        self.work, self.done, self.total, self.trouble, self.attempts = work, 0, total, "", 0
        self.due_at, self.claim_token, self.lease_until = due_at or timezone.now(), None, None
        if due_at is None:
            wake_up()

    def finish(self) -> None:
        """Nothing is left to do; the caller saves."""
        self.work = ""


@dataclass(frozen=True)
class Kind:
    """``step(job)`` does a part of the work, a second at most, and at its end ``job.finish()`` or ``job.start(…)``.

    The row is locked meanwhile, and saved after the step in the same transaction. ``given_up(job)`` leaves it, in the
    same way, where the user can go on.

    ``outside(job)`` comes before each step, outside any transaction, for what waits for another machine; the step finds
    what it returned in ``job.brought``. Such jobs hold up no others: of each such kind ``at_once`` may be in hand, and
    of those alike in the field ``group`` only half of these, so that one dead machine leaves room for the rest.
    """

    model: type[Job]
    step: Callable[[Any], None]
    given_up: Callable[[Any], None] = lambda job: None
    outside: Callable[[Any], object] | None = None
    at_once: int = AT_ONCE
    group: str = ""


# Keyed by the model's label.
kinds: Registry[Kind] = Registry("work in the background")


def wake_up() -> None:
    transaction.on_commit(partial(workers.wake_up, TASK))


def waiting(model: type[Job]) -> QuerySet[Any]:
    """Jobs that may be claimed now."""
    now = timezone.now()
    rows = model._default_manager.exclude(work="").filter(due_at__lte=now, owner__erase_at__isnull=True)
    return rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now)).order_by("due_at", "pk")


def any_waiting() -> bool:
    return any(waiting(kind.model).exists() for kind in kinds.values())


def run(*, seconds: float = 50, stop: Callable[[], bool] = lambda: False) -> int:
    """Do what waits until nothing is left, time is up or ``stop()`` is true. Returns the number of steps."""
    end, steps = time.monotonic() + seconds, 0

    def enough() -> bool:
        return stop() or time.monotonic() >= end

    while not enough():
        claimed = _claim()
        if claimed is None:
            break
        steps += _work(*claimed, enough)
    return steps


def _in_hand(kind: Kind) -> QuerySet[Any]:
    return kind.model._default_manager.exclude(work="").filter(lease_until__gte=timezone.now())


def _free(kind: Kind) -> QuerySet[Any]:
    """Those of this kind that may be claimed now."""
    groups = Counter(_in_hand(kind).values_list(kind.group or Value(""), flat=True))
    if groups.total() >= kind.at_once:
        return waiting(kind.model).none()
    full = [group for group, count in groups.items() if kind.group and count >= max(1, kind.at_once // 2)]
    return waiting(kind.model).exclude(**{f"{kind.group}__in": full}) if full else waiting(kind.model)


def _claim() -> tuple[Kind, int, int, uuid.UUID] | None:
    """(kind, id, owner's id, token) of a job that is now ours."""
    inside = sum(_in_hand(kind).count() for kind in kinds.values() if kind.outside is None)
    for kind in kinds.values():
        free = _free(kind) if kind.outside or inside < AT_ONCE else waiting(kind.model).none()
        for pk, owner_id in free.values_list("pk", "owner_id")[:10]:
            token = uuid.uuid4()
            mine = waiting(kind.model).filter(pk=pk)
            if mine.order_by().update(claim_token=token, lease_until=timezone.now() + LEASE):
                return kind, pk, owner_id, token
    return None


def _work(kind: Kind, pk: int, owner_id: int, token: uuid.UUID, enough: Callable[[], bool]) -> int:
    steps = 0
    try:
        while _step(kind, pk, owner_id, token):
            steps += 1
            if enough():
                break
            if connection.vendor == "sqlite" and not connection.in_atomic_block:
                time.sleep(BREAK)
    except JobFailed as failed:
        _give_up(kind, pk, owner_id, token, str(failed))
    except Exception as error:
        # Not its text, which may quote what the user keeps.
        frames = [f"{frame.name} ({frame.lineno})" for frame in traceback.extract_tb(error.__traceback__)]
        what = f"{type(error).__name__} in {' > '.join(frames)}"
        log.error("a step of %s %s failed: %s", kind.model._meta.label, pk, what)
        _try_later(kind, pk, owner_id, token)
    else:
        # Behind those that have waited meanwhile, so that one long job doesn't keep others from beginning.
        _rows(kind, pk, token).update(claim_token=None, lease_until=None, due_at=timezone.now())
    return steps


def _step(kind: Kind, pk: int, owner_id: int, token: uuid.UUID) -> bool:
    """Whether there is more to do."""
    brought = _outside(kind, pk, token)
    with row_security.of_user(owner_id):
        mine = kind.model._default_manager.filter(pk=pk, claim_token=token, owner__erase_at__isnull=True)
        job = mine.exclude(work="").select_for_update(of=("self",)).first()
        if job is None:  # taken back by its user, who may be leaving, or another worker has it
            return False
        job.brought = brought
        kind.step(job)
        if job.claim_token == token:
            job.lease_until = timezone.now() + LEASE
        job.attempts = 0
        job.save()
        return bool(job.work) and job.claim_token == token


def _outside(kind: Kind, pk: int, token: uuid.UUID) -> object:
    job = _rows(kind, pk, token).exclude(work="").select_related("owner").first() if kind.outside else None
    return kind.outside(job) if kind.outside and job is not None else None


def _rows(kind: Kind, pk: int, token: uuid.UUID) -> QuerySet[Any]:
    return kind.model._default_manager.filter(pk=pk, claim_token=token)


def _give_up(kind: Kind, pk: int, owner_id: int, token: uuid.UUID, why: str) -> None:
    with row_security.of_user(owner_id):
        job = _rows(kind, pk, token).select_for_update(of=("self",)).first()
        if job is not None:
            job.finish()
            kind.given_up(job)
            job.trouble, job.claim_token, job.lease_until = why[:500], None, None
            job.save()


def _try_later(kind: Kind, pk: int, owner_id: int, token: uuid.UUID) -> None:
    rows = _rows(kind, pk, token)
    tries = rows.values_list("attempts", flat=True).first()
    if tries is None:
        return
    if tries + 1 >= TRIES:
        _give_up(kind, pk, owner_id, token, GENERAL)
    else:
        wait = dt.timedelta(seconds=5 * 4**tries)
        rows.update(attempts=F("attempts") + 1, due_at=timezone.now() + wait, claim_token=None, lease_until=None)
