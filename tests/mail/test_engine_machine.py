"""The engine with failures chosen by Hypothesis: `docs/mail-engine.md` as a test.

The engine and the database are real. The mail server is fake, because real sockets would be slow, and the test
controls the clock. A worker may die at any statement and at any step of an SMTP session: its open transaction is rolled
back and its memory is lost. Outside transactions it may also be delayed while time passes, other workers run, and users
cancel their mail, so that workers overlap.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Self

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mail import batch_render, engine, purposes
from mail.models import OutgoingMail
from mail.retry_schedule import RETRIES
from mail.services import cancel, queue
from mail.smtp import Dropped, Hung, NotNow, Refused, Unclear, Unreachable

State = OutgoingMail.State
CLOSED = {State.SENT, State.FAILED, State.EXPIRED, State.CANCELLED, State.UNCERTAIN}
START = dt.datetime(2026, 11, 2, 6, 0, tzinfo=dt.UTC)
DIGEST, NOTE, LETTER, SIGN_IN = "several", "note", "letter", "sign in"  # bulk; single; to a mentor; first
OK = "ok"
ANSWERS = [OK, "later", "later after the body", "refused", "dropped", "hung", "unclear, has it", "unclear, has it not"]
# What may happen to the worker during a session. Drawn like answers, so that it happens often enough.
DIES_BEFORE, DIES_AFTER = "the worker dies before the body", "the worker dies when the server has the body"
OVERTAKEN_BEFORE, OVERTAKEN_AFTER = "overtaken before the body", "overtaken after the body"
OVERTAKEN_BY_ONE_THAT_DIES = "overtaken by one that dies before the body"
NEXT_TAKEN_BACK = "somebody takes the next mail back"
FATES = [DIES_BEFORE, DIES_AFTER, OVERTAKEN_BEFORE, OVERTAKEN_AFTER, OVERTAKEN_BY_ONE_THAT_DIES, NEXT_TAKEN_BACK]
ACCEPTED = {OK, "unclear, has it", *FATES} - {DIES_BEFORE}
A_MOMENT, A_WHILE, LONGER_THAN_A_LEASE = 2, 70, 300  # seconds


class Crash(BaseException):
    """The worker dies. No code under test catches this."""


@dataclass(frozen=True)
class Happens:
    """An event at the ``at``-th point of a worker's run. ``value``: which mail, how long, or the other worker's run."""

    at: int | str  # the number of a point, or a step of the session
    what: str
    value: Any = None


@dataclass(frozen=True)
class Run:
    """The events of a worker's run, the server's answers, and whether the server is reachable.

    ``answered`` is the kind of mail that gets these answers, again and again, or "" for every kind; the server accepts
    all others.
    """

    happens: tuple[Happens, ...] = ()
    answers: tuple[str, ...] = ()
    reached: tuple[bool, ...] = ()
    answered: str = ""


@dataclass
class Worker:
    run: Run
    point: int = 0
    stopped: bool = False
    answered: int = 0
    connected: int = 0
    late: list[Happens] = field(default_factory=list)
    travelling: dict[int, dt.datetime] = field(default_factory=dict)  # the mails it is sending, and until when it may
    unmarked: set[int] = field(default_factory=set)  # mails with an answer that is not stored yet
    heard_yes: set[int] = field(default_factory=set)


class World:
    """What really happened, independent of the rows."""

    def __init__(self) -> None:
        self.workers: list[Worker] = []  # the last one is running, the others are delayed
        self.alive: list[Worker] = []
        self.wrong: list[str] = []
        self.kinds: dict[int, str] = {}
        self.untrue: set[int] = set()
        self.news = 0
        self.taken_back: set[int] = set()
        self.accepted: dict[int, list[bytes]] = {}
        self.refused: set[int] = set()
        self.settled: set[int] = set()  # whoever heard yes lived to write it down, however late
        self.doubtful: set[int] = set()  # a talk about it ended without an answer, or outlived its lease
        self.looked: dict[int, uuid.UUID | None] = {}
        self.depth = len(connection.savepoint_ids)

    # --- Time and events --------------------------------------------------------------------------

    def in_transaction(self) -> bool:
        return len(connection.savepoint_ids) > self.depth

    def at_a_point(self, place: str = "") -> None:
        """A point where a worker can die or be delayed."""
        worker = self.workers[-1] if self.workers else None
        if worker is None:
            return
        now = [event for event in worker.run.happens if event.at in (worker.point, place)]
        worker.point += 1
        worker.late += now
        if any(event.what == "crash" for event in now):
            raise Crash
        if self.in_transaction():
            return  # its locks block the others
        todo, worker.late = worker.late, []
        for event in todo:
            self.happen(event)

    def happen(self, event: Happens) -> None:
        match event.what:
            case "time":
                self.pass_by(event.value)
            case "stop":
                self.workers[-1].stopped = True
            case "worker":
                self.work(event.value)
            case "cancel" | "untrue":
                self.without_worker(lambda: self.change_mind(event.what, event.value))
            case "news":
                self.news += 1

    def pass_by(self, seconds: float) -> None:
        """While workers are held up, so that their leases may go to another."""
        CLOCK.pass_by(seconds)
        now = timezone.now()
        for worker in self.alive:
            self.doubtful |= worker.unmarked
            self.doubtful |= {pk for pk, until in worker.travelling.items() if until < now}

    def without_worker(self, what: Callable[[], object]) -> None:
        before, self.workers = self.workers, []
        try:
            what()
        finally:
            self.workers = before

    def change_mind(self, what: str, which: int) -> None:
        pks = OutgoingMail.objects.filter(state__in=OutgoingMail.OPEN).order_by("pk").values_list("pk", flat=True)
        if not pks:
            return
        pk = pks[which % len(pks)]
        if what == "untrue":
            self.untrue.add(pk)
        else:
            self.take_back(pk)

    def take_back(self, pk: int) -> None:
        if cancel(OutgoingMail.objects.get(pk=pk)) and not self.on_its_way(pk):
            self.taken_back.add(pk)

    def take_back_the_next(self) -> None:
        in_hand = OutgoingMail.objects.filter(state__in=(State.CLAIMED, State.FROZEN))
        for mail in in_hand.order_by("priority", "due_at", "pk")[:1]:
            self.take_back(mail.pk)

    def on_its_way(self, pk: int) -> bool:
        return any(pk in worker.travelling for worker in self.alive)

    def work(self, run: Run) -> None:
        worker = Worker(run)
        self.workers.append(worker)
        self.alive.append(worker)
        try:
            engine.deliver(stop=lambda: worker.stopped)
            self.settled |= worker.heard_yes
        except Crash:
            self.doubtful |= set(worker.travelling) | worker.unmarked
        finally:
            self.workers.pop()
            self.alive.remove(worker)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """A worker can die before or after any statement, except those that only end a transaction."""
        if not self.workers or sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        self.at_a_point()
        result = execute(sql, params, many, context)
        if self.in_transaction():
            self.at_a_point()
        return result

    # --- Invariants -------------------------------------------------------------------------------

    def began(self, pk: int, token: uuid.UUID, until: dt.datetime) -> None:
        for other in self.alive:
            if pk in other.travelling and other.travelling[pk] >= timezone.now():
                self.wrong.append(f"two workers hold {pk}")
        if self.kinds[pk] != SIGN_IN and self.looked.get(pk) != token:
            self.wrong.append(f"{pk} travels without having been looked at")
        self.workers[-1].travelling[pk] = until
        self.workers[-1].unmarked.clear()

    def arrived(self, pk: int, content: bytes) -> None:
        copies = self.accepted.setdefault(pk, [])
        if copies and self.kinds[pk] == LETTER:
            self.wrong.append(f"a mentor has {pk} twice")
        if copies and copies[0] != content:
            self.wrong.append(f"the second copy of {pk} is another one")
        if copies and pk not in self.doubtful:
            self.wrong.append(f"{pk} came twice without any need")
        if pk in self.taken_back:
            self.wrong.append(f"{pk} had been taken back")
        copies.append(content)


class Clock:
    """Replaces wall time and monotonic time with a clock that the test controls."""

    def start(self) -> None:
        self._travel = time_machine.travel(START, tick=False)
        self._frozen = self._travel.start()

    def pass_by(self, seconds: float) -> None:
        self._frozen.shift(dt.timedelta(seconds=seconds))

    def stop(self) -> None:
        self._travel.stop()

    def monotonic(self) -> float:
        return timezone.now().timestamp()


CLOCK = Clock()
WORLD: World


class Server:
    """A fake ``mail.smtp.MailServer`` that follows the worker's run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def connect(self) -> None:
        worker = WORLD.workers[-1]
        WORLD.at_a_point()
        worker.connected += 1
        if worker.run.reached[worker.connected - 1 : worker.connected] == (False,):
            raise Unreachable("nobody there")

    def send(self, content: bytes, recipient: str) -> None:
        worker = WORLD.workers[-1]
        if WORLD.in_transaction():
            WORLD.wrong.append("a talk inside a transaction")
        (pk,) = worker.travelling
        assert recipient == f"{pk}@example.org"
        assert re.search(rb"^Subject: Mail (\d+)$", content, re.MULTILINE)[1] == str(pk).encode()  # type: ignore[index]
        answer = OK
        if worker.run.answers and worker.run.answered in ("", WORLD.kinds[pk]):
            answer = worker.run.answers[worker.answered % len(worker.run.answers)]
            worker.answered += 1
        WORLD.at_a_point("before the body")
        if answer == DIES_BEFORE:
            raise Crash
        self._meanwhile(answer)
        self._answer(answer, pk, content)
        WORLD.at_a_point("after the body")
        if answer == DIES_AFTER:
            raise Crash
        if answer == OVERTAKEN_AFTER:
            self._overtaken(Run())
        if worker.travelling.pop(pk) < timezone.now():
            WORLD.doubtful.add(pk)
        worker.unmarked = {pk}
        if answer == "refused":
            WORLD.refused.add(pk)
        troubles = {
            "later": NotNow("451"),
            "later after the body": NotNow("451"),
            "refused": Refused("550"),
            "dropped": Dropped("gone"),
            "hung": Hung("gone"),
        }
        if answer.startswith("unclear"):
            WORLD.doubtful.add(pk)
            raise Unclear("gone")
        if answer in troubles:
            raise troubles[answer]
        worker.heard_yes.add(pk)

    def _meanwhile(self, answer: str) -> None:
        if answer == OVERTAKEN_BEFORE:
            self._overtaken(Run())
        if answer == OVERTAKEN_BY_ONE_THAT_DIES:
            self._overtaken(Run(answers=(DIES_BEFORE,)))
        if answer == NEXT_TAKEN_BACK:
            WORLD.without_worker(WORLD.take_back_the_next)

    def _overtaken(self, other: Run) -> None:
        """The session lasts longer than its lease, and another worker processes all due mails meanwhile."""
        WORLD.pass_by(LONGER_THAN_A_LEASE)
        WORLD.news += 1
        WORLD.work(other)

    def _answer(self, answer: str, pk: int, content: bytes) -> None:
        if WORLD.workers[-1].travelling[pk] < timezone.now():
            WORLD.doubtful.add(pk)  # another worker may have it now
        if answer in ACCEPTED:
            WORLD.arrived(pk, content)


# --- Rendering ------------------------------------------------------------------------------------


def write(mail: OutgoingMail) -> EmailMessage | None:
    if mail.pk in WORLD.untrue:
        return None
    WORLD.looked[mail.pk] = mail.claim_token
    return EmailMessage(f"Mail {mail.pk}", f"The news are {WORLD.news}.", to=[mail.recipient])


def write_several(mails: Sequence[OutgoingMail]) -> dict[int, EmailMessage]:
    return {mail.pk: message for mail in mails if (message := write(mail))}


def still_wanted(mail: OutgoingMail) -> bool:
    return write(mail) is not None


def take_back(mails: Sequence[OutgoingMail]) -> None:
    for mail in mails:
        WORLD.looked.pop(mail.pk, None)


# --- What Hypothesis may choose -------------------------------------------------------------------

# Most problems occur around the body, so half of all events happen there.
POINTS = st.one_of(st.integers(0, 45), st.sampled_from(["before the body", "after the body"]))
SECONDS = st.sampled_from([A_MOMENT, A_WHILE, LONGER_THAN_A_LEASE])
WHICH = st.integers(0, 7)
EVENTS = [
    st.builds(Happens, POINTS, st.just("crash")),
    st.builds(Happens, POINTS, st.just("time"), SECONDS),
    st.builds(Happens, POINTS, st.just("stop")),
    st.builds(Happens, POINTS, st.sampled_from(["cancel", "untrue", "news"]), WHICH),
]


FATE = st.sampled_from([*ANSWERS, *FATES])
TALKS = st.lists(FATE, min_size=1, max_size=4).map(tuple)


# Else those that go first would meet all of it: their trouble ends the run, and those behind them are put back.
ANSWERED = st.sampled_from(["", LETTER, DIGEST])
MAILS = st.lists(st.sampled_from([DIGEST, DIGEST, DIGEST, NOTE, LETTER, SIGN_IN]), max_size=5)
# Long enough for what was put back, for a second try, and for a fourth.
PAUSES = st.sampled_from([31, 61, 61, 3600, 3600])


def runs(events: list[Any]) -> Any:
    reached = st.sampled_from([(), (), (), (False,), (True, False)])
    return st.builds(Run, st.lists(st.one_of(events), max_size=4).map(tuple), TALKS, reached, ANSWERED)


# While a worker is delayed beyond its lease, another one runs, so two could hold the same mail.
OVERTAKEN = st.builds(
    lambda at, other: (Happens(at, "time", LONGER_THAN_A_LEASE), Happens(at, "worker", other)), POINTS, runs(EVENTS)
)
BESIDE = st.builds(Happens, POINTS, st.just("worker"), runs(EVENTS))
RUNS = st.one_of(
    runs(EVENTS),
    runs([*EVENTS, BESIDE]),
    st.builds(lambda run, both: replace(run, happens=(*run.happens, *both)), runs(EVENTS), OVERTAKEN),
)


# After ten examples Hypothesis begins to draw each of them five times over, with hardly a change: so there are ten of
# each seed, and always the same, so that a failure is one of this change.
STORMS, EXAMPLES, STEPS = 15, 10, 8
PHASES = (Phase.generate, Phase.shrink)


class Storm(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        global WORLD
        self.world = WORLD = World()
        self.before = transaction.savepoint()
        CLOCK.start()

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            CLOCK.stop()
            transaction.savepoint_rollback(self.before)

    def a_mail_is_queued(self, kind: str) -> None:
        audience = OutgoingMail.Audience.MENTOR if kind == LETTER else OutgoingMail.Audience.USER
        mail = queue(purpose=kind, subject_id=None, owner=None, recipient="-", audience=audience, wake=False)
        fields: dict[str, Any] = {"recipient": f"{mail.pk}@example.org"}
        if kind == SIGN_IN:
            message = f"Subject: Mail {mail.pk}\n\nHere is your link.\n".encode()
            fields |= {"content": message, "priority": OutgoingMail.Priority.SIGN_IN}
        OutgoingMail.objects.filter(pk=mail.pk).update(**fields)
        self.world.kinds[mail.pk] = kind

    @rule(kind=st.sampled_from([DIGEST, LETTER]), fates=st.lists(FATE, min_size=2, max_size=4))
    def mails_meet_one_thing_after_another(self, kind: str, fates: list[str]) -> None:
        """Each the first in the hands of another worker, whose way is smooth but for that."""
        for _ in fates:
            self.a_mail_is_queued(kind)
        for fate in fates:
            self.time_passes(3600)
            self.world.work(Run(answers=(fate, OK, OK, OK), answered=kind))

    @rule(mails=MAILS, run=RUNS, pause=PAUSES)
    def a_worker_works(self, mails: list[str], run: Run, pause: int) -> None:
        for kind in mails:
            self.a_mail_is_queued(kind)
        self.time_passes(pause)
        self.world.work(run)

    def time_passes(self, seconds: int) -> None:
        """And what is written from here on reads otherwise than before."""
        CLOCK.pass_by(seconds)
        self.world.news += 1

    @rule(what=st.sampled_from(["cancel", "untrue"]), which=WHICH)
    def somebody_thinks_again(self, what: str, which: int) -> None:
        self.world.change_mind(what, which)

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.world.wrong == []
        rows = OutgoingMail.objects.defer("content")
        for row in rows:
            accepted = len(self.world.accepted.get(row.pk, []))
            if row.state == State.SENT:
                assert accepted, f"{row.pk} is said to be sent"
            elif accepted:
                assert row.pk in self.world.doubtful, f"{row.pk} was accepted, and its row says {row.state}"
            if row.state == State.UNCERTAIN:
                assert row.pk not in self.world.settled, f"{row.pk} was accepted, and somebody knew"
            if row.state not in engine.IN_HAND:
                assert (row.claim_token, row.lease_until) == (None, None)
        travelling = [row.claim_token for row in rows if row.state == State.SENDING]
        assert max(Counter(travelling).values(), default=0) <= 1, "one token, two mails on their way"

    def drain(self) -> None:
        """Without further failures, every remaining mail must reach the correct final state."""
        for _ in range(2 * len(RETRIES)):
            if not OutgoingMail.objects.filter(state__in=OutgoingMail.OPEN).exists():
                break
            CLOCK.pass_by(5 * 3600)
            self.world.work(Run())
        self.nothing_is_wrong()
        for row in OutgoingMail.objects.defer("content"):
            world, pk = self.world, row.pk
            assert row.state in CLOSED, f"{pk} is stuck: {row.state}"
            if row.state == State.FAILED:
                assert pk in world.refused or row.attempts > len(RETRIES), f"{pk} was given up too early"
            if row.state == State.EXPIRED:
                assert pk in world.untrue, f"{pk} was true"
            if row.state == State.UNCERTAIN:
                assert world.kinds[pk] == LETTER, f"{pk} is no mail to a mentor"
                assert pk in world.doubtful, f"there is no doubt about {pk}"


@pytest.mark.parametrize("number", range(STORMS))
def test_the_engine_weathers_every_storm(db: None, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    clock = SimpleNamespace(monotonic=CLOCK.monotonic)
    monkeypatch.setattr(engine, "time", clock)
    monkeypatch.setattr(batch_render, "time", clock)
    monkeypatch.setattr(engine, "MailServer", Server)
    mark = engine.mark_sent_and_start_next

    def watched(token: uuid.UUID, *, begins: int | None, lease_until: dt.datetime, **rest: Any) -> set[int]:
        marked = mark(token, begins=begins, lease_until=lease_until, **rest)
        WORLD.workers[-1].unmarked -= marked
        if begins in marked:
            assert begins is not None
            WORLD.began(begins, token, lease_until)
        WORLD.at_a_point()
        return marked

    monkeypatch.setattr(engine, "mark_sent_and_start_next", watched)
    together = purposes.BulkPrepare(write_several, take_back)
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        database=None,
        phases=[phase for phase in PHASES if phase in settings.default.phases],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with purposes.purposes.restored_after(empty=True), connection.execute_wrapper(lambda *call: WORLD.statement(*call)):
        purposes.register(DIGEST, write, audience="user", still_wanted=still_wanted, together=together)
        purposes.register(NOTE, write, audience="user", still_wanted=still_wanted)
        purposes.register(LETTER, write, audience="mentor", still_wanted=still_wanted)
        run_state_machine_as_test(seed(number)(Storm), settings=chosen)
