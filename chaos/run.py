"""One run: kills workers, beats and the broker with SIGKILL again and again while mail is sent."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chaos.check import Killed, Verdict, judge, read_notes, states_of_mails
from chaos.load import Plan, share_told, what_is_left, wish_for, write_to_mentors
from tests.servers import Process, RedisServer, answers, celery_beat, celery_worker, free_port, wait_until

PATIENCE = 600.0  # seconds to wait for the remaining mails after the last kill; the verdict reports the time taken
LONGEST_HOLD = 30.0  # seconds
OFTEN = {"worker": 6, "beat": 2, "redis": 2}
FLUSHED = "flush of redis"
Say = Callable[[str], None]

# A lease must outlast an SMTP session of six steps with a server that hangs; all other times are minimal.
HASTE = {"EMAIL_TIMEOUT": "2", "MAIL_LEASE_SECONDS": "15", "MAIL_WAIT_SECONDS": "1", "SWEEP_SECONDS": "1"}


class Storm:
    """All processes and the kills so far. ``env`` is their environment; ``redis`` is None for the filesystem broker."""

    def __init__(self, plan: Plan, env: dict[str, str], redis: RedisServer | None, say: Say) -> None:
        self.plan, self.redis, self.say = plan, redis, say
        self.dice = random.Random(plan.seed)
        self.counts: Counter[str] = Counter()
        self.last_kill = time.time()
        self.workers = [celery_worker(env, name=f"worker{n}", threads=plan.threads) for n in range(plan.workers)]
        self.beats = [celery_beat(env), celery_beat(env)]

    @contextmanager
    def blowing(self) -> Iterator[None]:
        with ExitStack() as stack:
            for process in (*self.workers, *self.beats):
                stack.enter_context(process)
            for worker in self.workers:
                worker.wait_for("ready", timeout=120)
            yield

    def rage(self) -> None:
        """Kill and restart processes until there were enough kills, spread evenly over the sending."""
        begun = time.monotonic()
        for number in range(self.plan.kills):
            self.hold_back(number, begun)
            self.strike()
            if self.redis is not None and number % 20 == 10:
                self.flush()
        self.say(f"The storm is over after {time.monotonic() - begun:.0f} s; {what_is_left()} still to go.")

    def hold_back(self, number: int, begun: float) -> None:
        """Wait until this kill is due and a proportionate share of the mails is written, but not too long."""
        pause = self.plan.seconds / self.plan.kills
        time.sleep(max(0.0, begun + (number + self.dice.random()) * pause - time.monotonic()))
        end = time.monotonic() + LONGEST_HOLD
        while time.monotonic() < end and share_told() < number / self.plan.kills:
            time.sleep(0.5)

    def strike(self) -> None:
        kinds = [kind for kind in OFTEN if kind != "redis" or self.redis is not None]
        kind = self.dice.choices(kinds, [OFTEN[kind] for kind in kinds])[0]
        if kind == "redis":
            assert self.redis
            victim = self.redis.process
        else:
            victim = self.dice.choice(self.workers if kind == "worker" else self.beats)
        self.see_to(victim, kind)
        victim.kill()
        self.counts[kind] += 1
        self.last_kill = time.time()
        victim.start()

    def see_to(self, victim: Process, kind: str) -> None:
        """Wait until the process is running: killing a worker that has only just started tests nothing.

        A process that ended by itself, as Celery may when the broker is killed, is restarted as by Docker or systemd.
        It is counted, but not as a kill, so it does not excuse a duplicate mail.
        """
        end = time.monotonic() + LONGEST_HOLD
        while not victim.running or (kind == "worker" and "ready" not in victim.log):
            if not victim.running:
                self.say(f"A {kind} had ended by itself: {victim.log.strip().splitlines()[-1:]}")
                self.counts[f"{kind} that ended by itself"] += 1
                victim.start()
            assert time.monotonic() < end, f"The {kind} does not start: {victim.log[-2000:]}"
            time.sleep(0.1)

    def flush(self) -> None:
        """Delete everything the broker holds."""
        import redis

        assert self.redis
        port = self.redis.port
        wait_until(lambda: answers(port), what="Redis to accept connections")
        redis.Redis(port=port).flushall()
        self.counts[FLUSHED] += 1

    def killed(self) -> Killed:
        return Killed(dict(sorted(self.counts.items())), self.plan.threads, self.last_kill)


def mail_server(port: int, notes: Path, plan: Plan) -> Process:
    command = [sys.executable, "-m", "chaos.server", "--port", str(port), "--log", str(notes), "--seed", str(plan.seed)]
    command += ["--hang-up", str(plan.hang_up)]
    return Process(command, name="mail-server")


def run(
    plan: Plan, make_env: Callable[[int], dict[str, str]], folder: Path, redis: RedisServer | None, say: Say
) -> Verdict:
    """Do one run on Django's current database. ``make_env`` gets the mail server's port."""
    port, notes = free_port(), folder / "taken.jsonl"
    with mail_server(port, notes, plan):
        wait_until(lambda: answers(port), what="the mail server")
        storm = Storm(plan, {**make_env(port), **HASTE}, redis, say)
        with storm.blowing():
            wishes, mentors = wish_for(plan), write_to_mentors(plan)
            say(f"{len(wishes)} people and {len(mentors)} letters to mentors, due within {plan.seconds:.0f} s.")
            storm.rage()
            wait_until(lambda: not what_is_left(), PATIENCE, what="everything to settle", every=1)
            time.sleep(3)  # time for late duplicates to arrive
    return judge(read_notes(notes), wishes, mentors, states_of_mails(), storm.killed())
