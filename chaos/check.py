"""Compares the mails the server logged with those expected. Pure functions, except the last one."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from chaos.load import Wish
from mail.models import OutgoingMail

BOUND = 90.0  # seconds: a lease, a sweep interval, and the waits of a mail that is refused several times


@dataclass(frozen=True)
class Taken:
    """One mail that the server accepted. ``answered``: the server confirmed it before the connection broke."""

    at: float
    to: str
    message_id: str
    bytes: str
    answered: bool
    things: tuple[str, ...] = ()


@dataclass(frozen=True)
class Killed:
    """How many processes of each kind were killed, threads per worker, and the time of the last kill (Unix time)."""

    counts: Mapping[str, int]
    threads: int
    last: float


@dataclass(frozen=True)
class Verdict:
    """The figures; ``faults`` must be empty. Times in seconds."""

    wished: int
    mails_taken: int
    kills: dict[str, int]
    answers_lost: int
    lost: int
    duplicates: int
    duplicates_allowed: int
    written_twice: int
    other_bytes: int
    mentor_mails: int
    mentor_twice: int
    mentor_uncertain: int
    mentor_silently_lost: int
    refused_and_shown: int
    refused_not_shown: int
    latest: float
    bound: float = BOUND

    @property
    def faults(self) -> list[str]:
        found = [
            name
            for name in (
                "lost",
                "written_twice",
                "other_bytes",
                "mentor_twice",
                "mentor_silently_lost",
                "refused_not_shown",
            )
            if getattr(self, name)
        ]
        # Limited, because marking every mail as uncertain would pass all other checks.
        found += ["mentor_uncertain"] if self.mentor_uncertain > max(5, self.mentor_mails // 5) else []
        found += ["duplicates"] if self.duplicates > self.duplicates_allowed else []
        return [*found, "latest"] if self.latest > self.bound else found

    def lines(self) -> list[str]:
        return [f"{name.replace('_', ' '):<22} {_plain(value)}" for name, value in asdict(self).items()]


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return f"{value:.1f} s" if isinstance(value, float) else str(value)


def judge(
    taken: Iterable[Taken],
    wishes: Mapping[str, Wish],
    mentors: Mapping[str, float],
    states: Mapping[str, tuple[str, str]],
    killed: Killed,
) -> Verdict:
    """``states``: state and recipient of every mail in the outbox by Message-ID (mails not yet written have none)."""
    taken = list(taken)
    by_address = _by_address(taken)
    gone = {address for address in wishes if address.startswith("gone")}
    refused = {to for state, to in states.values() if state == "failed"}
    copies = Counter(mail.message_id for mail in taken)
    unanswered = _count(not mail.answered for mail in taken)
    kept_by_mentors = {message_id: copies[message_id] for message_id in mentors}
    return Verdict(
        wished=sum(len(wish.things) for wish in wishes.values()),
        mails_taken=len(taken),
        kills=dict(killed.counts),
        answers_lost=unanswered,
        lost=sum(_lost(wish, by_address[to]) for to, wish in wishes.items() if to not in gone),
        duplicates=sum(count - 1 for count in copies.values()),
        # Each thread of a worker has its own connection; a kill breaks all of them.
        duplicates_allowed=killed.counts.get("worker", 0) * killed.threads + unanswered,
        written_twice=_count(len({mail.message_id for mail in by_address[to]}) > 1 for to in wishes),
        other_bytes=_count_with_other_bytes(taken),
        mentor_mails=len(mentors),
        mentor_twice=_count(count > 1 for count in kept_by_mentors.values()),
        mentor_uncertain=_count(states[message_id][0] == "uncertain" for message_id in mentors),
        mentor_silently_lost=_count(
            not count and states[message_id][0] not in {"uncertain", "failed"}
            for message_id, count in kept_by_mentors.items()
        ),
        refused_and_shown=len(gone & refused),
        refused_not_shown=len(gone - refused),
        latest=_latest(taken, wishes, mentors, killed.last),
    )


def _count(answers: Iterable[bool]) -> int:
    """How many of these are true."""
    return sum(answers)


def _by_address(taken: list[Taken]) -> dict[str, list[Taken]]:
    found: dict[str, list[Taken]] = defaultdict(list)
    for mail in taken:
        found[mail.to].append(mail)
    return found


def _lost(wish: Wish, mails: list[Taken]) -> int:
    """How many of the expected things are in none of the mails to that address."""
    return len(wish.things - {thing for mail in mails for thing in mail.things})


def _count_with_other_bytes(taken: list[Taken]) -> int:
    """How many mails came more than once with different contents."""
    bytes_of: dict[str, set[str]] = defaultdict(set)
    for mail in taken:
        bytes_of[mail.message_id].add(mail.bytes)
    return _count(len(contents) > 1 for contents in bytes_of.values())


def _latest(taken: list[Taken], wishes: Mapping[str, Wish], mentors: Mapping[str, float], last_kill: float) -> float:
    """The longest delay of any mail, counted from when it was due or from the last kill, whichever was later."""
    first: dict[str, Taken] = {}
    for mail in sorted(taken, key=lambda mail: mail.at):
        first.setdefault(mail.message_id, mail)
    waits = [
        mail.at - max(last_kill, wishes[mail.to].due if mail.to in wishes else mentors[mail.message_id])
        for mail in first.values()
    ]
    return round(max(waits, default=0.0), 1)


def read_notes(path: Path) -> list[Taken]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Taken(**{**line, "things": tuple(line["things"])}) for line in map(json.loads, lines)]


def states_of_mails() -> dict[str, tuple[str, str]]:
    rows = OutgoingMail.objects.exclude(message_id="")
    return {message_id: (state, to) for message_id, state, to in rows.values_list("message_id", "state", "recipient")}
