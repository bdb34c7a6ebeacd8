"""Runs the whole suite, for `make test`: `python -m tests.run [arguments for pytest]`.

Unit tests run on SQLite and (if they use a database) on PostgreSQL, then tests with real processes (which mostly wait,
so their two suites run at the same time), then those in a real browser. The migrations run once for each database, and
all files are in memory if there is room. Suites whose requirements are missing are skipped and listed at the end; with
REQUIRE_ALL=1 that, and any skipped test, is a failure.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests import migrated
from tests.servers import PostgresCluster, find_chromium, find_postgres, find_redis, find_whole_chromium

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS_MATCHED = 5
POSTGRESQL, REDIS, CHROMIUM = "postgresql", "redis-server", "chromium-headless-shell"
WHOLE_CHROMIUM = "chromium"  # for tests/browser/test_back.py, which is skipped without it
SPECIAL = ("tests/browser", "tests/integration")
MEMORY, ROOM = Path("/dev/shm"), 3 << 30  # bytes; a container often has much less


@dataclass(frozen=True)
class Suite:
    """One run of pytest. ``needs`` are required Debian packages."""

    title: str
    paths: list[str]
    options: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    on_postgresql: bool = False
    no_others: bool = False  # of the given paths, run only the suite's own
    with_previous: bool = False  # run at the same time as the suite before


Chosen = tuple[Suite, list[str]]  # with pytest's arguments

UNIT = [word for path in SPECIAL for word in ("--ignore", path)]
# Tests of one file may depend on each other. The slowest files start first (see tests/conftest.py).
BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder"]
SUITES = [
    Suite("unit tests on SQLite", ["tests"], [*UNIT, "-n", "2"]),
    Suite(
        "unit tests on PostgreSQL",
        ["tests"],
        [*UNIT, "-n", "2"],
        env={"ONLY_WITH_DATABASE": "1"},
        needs=(POSTGRESQL,),
        on_postgresql=True,
    ),
    # The pages with compiled queries, without the cache.
    Suite(
        "unit tests with plain queries",
        ["tests/mentoring/test_today.py", "tests/portfolio/needs", "tests/portfolio/people/test_directory.py"],
        ["-n", "2"],
        env={"PLAIN_QUERIES": "1"},
        no_others=True,
    ),
    Suite(
        "real processes, SQLite and the embedded broker",
        ["tests/integration"],
        [*BY_FILE, "-n", "4"],
        {"TEST_REAL_PROCESSES": "1"},
    ),
    Suite(
        "real processes, PostgreSQL and Redis",
        ["tests/integration"],
        [*BY_FILE, "-n", "4"],
        env={"TEST_REAL_PROCESSES": "1"},
        needs=(POSTGRESQL, REDIS),
        on_postgresql=True,
        with_previous=True,
    ),
    # Playwright's event loop runs in this process, so Django would refuse to use the ORM.
    Suite(
        "browser tests", ["tests/browser"], [*BY_FILE, "-n", "2"], {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}, needs=(CHROMIUM,)
    ),
]


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    # If a machine disables bytecode files, every process compiles every test, which takes longer than most runs.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    strict = os.environ.get("REQUIRE_ALL", "") not in {"", "0"}
    missing = what_is_missing()
    lines: list[str] = []
    failed = False
    chosen: list[Chosen] = []
    for suite in SUITES:
        words = narrowed(suite, arguments)
        lacking = [package for package in suite.needs if package in missing]
        if words is not None and lacking:
            lines.append(f"SKIPPED  {suite.title}: {' and '.join(lacking)} not found")
            failed = failed or strict
        elif words is not None:
            chosen.append((suite, words))
    with contextlib.ExitStack() as stack:
        stack.enter_context(in_memory())
        sqlite, postgresql = databases(stack, [suite for suite, _ in chosen], missing)
        for group in together(chosen):
            say(" and ".join(suite.title for suite, _ in group))
            runs = [Run(suite, words, postgresql if suite.on_postgresql else sqlite) for suite, words in group]
            for suite, code, seconds in run(runs, strict):
                word = {0: "passed", NO_TESTS_MATCHED: "no test"}.get(code, "FAILED")
                failed = failed or code not in {0, NO_TESTS_MATCHED}
                lines.append(f"{word:<7}  {suite.title} ({seconds:.0f} s)")
    say("\n".join(lines))
    if missing:
        print(f"To run what was skipped: sudo apt install {' '.join(missing)}")
    return 1 if failed else 0


@dataclass(frozen=True)
class Database:
    """The database a suite uses ("" is SQLite), and the migrated one that its processes copy, if any."""

    url: str = ""
    migrated: str = ""


@dataclass(frozen=True)
class Run:
    """A suite with pytest's arguments and its database."""

    suite: Suite
    words: list[str]
    database: Database


def databases(stack: contextlib.ExitStack, suites: list[Suite], missing: list[str]) -> tuple[Database, Database]:
    """The databases that these suites need, migrated concurrently."""
    folder = stack.enter_context(throwaway_folder())
    file = Path(folder) / "db.sqlite3"
    migrating = threading.Thread(target=migrated.make, args=(folder, ""))
    if any(not suite.on_postgresql for suite in suites):
        migrating.start()
    try:
        wanted = any(suite.on_postgresql for suite in suites)
        postgresql = postgresql_database(stack, missing) if wanted else Database()
    finally:
        if migrating.ident:
            migrating.join()
    # If that failed (the thread printed why), each process migrates its own and fails for the same reason.
    return Database(migrated=str(file) if file.exists() else ""), postgresql


def postgresql_database(stack: contextlib.ExitStack, missing: list[str]) -> Database:
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given or POSTGRESQL in missing:
        return Database(given)
    say("Starting a throwaway PostgreSQL.")
    cluster = stack.enter_context(PostgresCluster())
    with throwaway_folder() as folder:
        migrated.make(folder, cluster.create("migrated"))
    return Database(cluster.create("mentorfolio"), "migrated")


def what_is_missing() -> list[str]:
    """The required Debian packages that are missing on this machine."""
    found = {
        POSTGRESQL: os.environ.get("TEST_DATABASE_URL") or find_postgres(),
        REDIS: find_redis(),
        CHROMIUM: find_chromium(),
        WHOLE_CHROMIUM: find_whole_chromium(),
    }
    return [package for package, there in found.items() if not there]


def narrowed(suite: Suite, arguments: list[str]) -> list[str] | None:
    """pytest's arguments for this suite; None if paths were given and none belongs to it."""
    named = [word for word in arguments if not word.startswith("-") and (ROOT / word.partition("::")[0]).exists()]
    others = [word for word in arguments if word not in named]
    if not named:
        return [*suite.paths, *suite.options, *others]
    if suite.no_others:
        own = [word for word in named if any(word.startswith(path) for path in suite.paths)]
        return [*own, *suite.options, *others] if own else None
    special = suite.paths[0] in SPECIAL
    mine = [word for word in named if _home(word) == (suite.paths[0] if special else "tests")]
    return [*mine, *suite.options, *others] if mine else None


def _home(path: str) -> str:
    """The suite's folder a test path belongs to."""
    plain = Path(path.partition("::")[0]).as_posix()
    return next((folder for folder in SPECIAL if plain == folder or plain.startswith(f"{folder}/")), "tests")


def together(chosen: list[Chosen]) -> list[list[Chosen]]:
    """The suites in groups that run at the same time."""
    groups: list[list[Chosen]] = []
    for suite, words in chosen:
        if groups and suite.with_previous:
            groups[-1].append((suite, words))
        else:
            groups.append([(suite, words)])
    return groups


def run(runs: list[Run], strict: bool) -> Iterator[tuple[Suite, int, float]]:
    """Run pytest for these suites at the same time; yields each with the exit code and the seconds it took.

    They would print into each other's lines, so all but the first print theirs at the end.
    """
    since = time.monotonic()
    with contextlib.ExitStack() as stack:
        outputs = [stack.enter_context(tempfile.TemporaryFile("w+")) if number else None for number in range(len(runs))]
        processes = [
            stack.enter_context(started(one, strict, output)) for one, output in zip(runs, outputs, strict=True)
        ]
        for one, process, output in zip(runs, processes, outputs, strict=True):
            code = process.wait()
            seconds = time.monotonic() - since
            if output:
                output.seek(0)
                say(one.suite.title)
                print(output.read(), flush=True)
            yield one.suite, code, seconds


@contextlib.contextmanager
def started(run: Run, strict: bool, output: IO[str] | None) -> Iterator[subprocess.Popen[bytes]]:
    """pytest, running; it is killed if this process is interrupted."""
    with throwaway_folder() as folder:
        env = {**os.environ, **run.suite.env, "VAR_DIR": folder}
        env |= {"TEST_DATABASE_URL": run.database.url, "MIGRATED": run.database.migrated}
        if chromium := find_chromium():
            env["CHROMIUM"] = chromium
        command = [sys.executable, "-m", "pytest", "-q", *(["-p", "tests.require_all"] if strict else []), *run.words]
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=output) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise


@contextlib.contextmanager
def in_memory() -> Iterator[None]:
    """Use temporary folders in memory, if there is room, for this process and all child processes."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM):
        yield
        return
    before = os.environ.get("TMPDIR")
    with throwaway_folder(MEMORY) as folder:
        os.chmod(folder, 0o711)  # PostgreSQL runs as another user and has a folder in it
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = None
            os.environ.pop("TMPDIR")
            if before is not None:
                os.environ["TMPDIR"] = before


@contextlib.contextmanager
def throwaway_folder(where: Path | None = None) -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="mf-test-", dir=where)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def say(words: str) -> None:
    print(f"\n{words}" if "\n" in words else f"\n· {words}", flush=True)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
