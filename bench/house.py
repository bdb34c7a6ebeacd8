"""The servers that the benchmarks use: a temporary PostgreSQL cluster, and the web server as in production."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers import PostgresCluster, Process, answers, environment, free_port, manage, wait_until

WORKERS = 2


@contextlib.contextmanager
def database() -> Iterator[dict[str, str]]:
    """Create an empty, migrated database on a temporary cluster. Yields its environment, also set in this process."""
    with PostgresCluster() as cluster, tempfile.TemporaryDirectory(prefix="mf-bench-") as folder:
        env = environment(
            Path(folder),
            database_url=cluster.create("mentorfolio"),
            DJANGO_SETTINGS_MODULE="bench.settings",
            DEBUG="0",
            STATIC_ROOT=str(Path(folder) / "static"),
        )
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "collectstatic", "--no-input", "--verbosity", "0")
        os.environ.update(env)
        yield env


@contextlib.contextmanager
def web(env: dict[str, str]) -> Iterator[int]:
    """Run gunicorn with two sync workers; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "mentoring.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--worker-class", "sync", "--no-control-socket"]
    with Process(command, env=env, name="web") as process:
        wait_until(lambda: answers(port), what="gunicorn to accept connections")
        yield port
        assert process.running, process.log[-4000:]
