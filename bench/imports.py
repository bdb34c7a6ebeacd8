"""How long 30,000 contacts take to be looked at, brought in and taken back, on both databases, as a worker does it.

In a process of its own on each database, with the worker's role; memory is that process's, sampled at every step.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import house
from tests.servers import environment, manage

PEOPLE = 30_000
HERE_ALREADY = 5_000  # of them
GOAL_SECONDS = 60
GOAL_GROWTH = 40  # MB, from the first tenth of the work to its end
HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\r\n"


def run() -> dict[str, object]:
    """Print and return the figures of both databases."""
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="mf-bench-") as folder:
        env = environment(Path(folder), DJANGO_SETTINGS_MODULE="mentoring.settings", DEBUG="0")
        manage(env, "migrate", "--verbosity", "0")
        found["sqlite"] = _measured(env)
    with house.database() as env:
        found["postgresql"] = _measured({**env, "DJANGO_SETTINGS_MODULE": "mentoring.settings"})
    _print(found)
    return found


def _measured(env: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports"], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _print(found: dict[str, Any]) -> None:
    from bench.figures import table

    rows = [
        [
            f"{database}: {what}",
            f"{one['seconds']:.1f} s",
            f"{GOAL_SECONDS} s",
            f"{one['grown']:.0f} MB",
            "met" if one["seconds"] <= GOAL_SECONDS and one["grown"] <= GOAL_GROWTH else "NOT MET",
        ]
        for database, all_of_it in found.items()
        for what, one in all_of_it.items()
    ]
    print(f"{PEOPLE:,} contacts, {HERE_ALREADY:,} of them here already (memory: at most {GOAL_GROWTH} MB more)")
    print(table(["", "took", "goal", "memory grew", ""], rows))


def contacts(first: int, number: int) -> str:
    rows = [
        f"Ann,Number{n},https://linkedin.com/in/ann{n},ann{n}@example.org,Acme {n % 900},Chair {n % 70},1 Feb 2020\r\n"
        for n in range(first, first + number)
    ]
    return HEADER + "".join(rows)


# --- The process that does it --------------------------------------------------------------------------


def _work() -> dict[str, Any]:
    import io

    import django

    django.setup()
    from accounts import jobs
    from accounts.models import User
    from accounts.row_security import become_worker, of_user
    from portfolio.contact_imports import services
    from portfolio.models import ContactImport

    user = User.objects.create_user("bench@example.org", name="Bea Bench")

    def begin(text: str) -> ContactImport:
        with of_user(user.pk):
            return services.begin(user=user, content=io.BytesIO(text.encode()), name="Connections.csv")

    def worked() -> dict[str, float]:
        start, sizes = time.perf_counter(), [_memory()]

        def enough() -> bool:
            sizes.append(_memory())
            return False

        while jobs.run(seconds=3600, stop=enough):
            pass
        begun = max(sizes[: max(1, len(sizes) // 10)])
        return {"seconds": time.perf_counter() - start, "grown": max(sizes) - begun}

    become_worker()
    first = begin(contacts(0, HERE_ALREADY))
    worked()
    with of_user(user.pk):
        services.bring_in(first)
    worked()
    batch = begin(contacts(0, PEOPLE).replace("Chair 7,", "Head 7,"))
    figures = {"looked at": worked()}
    with of_user(user.pk):
        services.bring_in(batch)
    figures["brought in"] = worked()
    with of_user(user.pk):
        services.undo(batch)
    figures["taken back"] = worked()
    return figures


def _memory() -> float:
    """Of this process, in MB (resident)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


if __name__ == "__main__":
    print(json.dumps(_work()))
