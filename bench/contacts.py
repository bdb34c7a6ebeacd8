"""How fast the reader of contact files is, and that twice as much takes twice as long, whatever is in it."""

from __future__ import annotations

import io
import os
import resource
import time

GOAL_SECONDS, GOAL_RATIO = 10, 6
PEOPLE = 30_000
LETTERS = 250_000  # of nonsense, and four times as many


def run() -> dict[str, object]:
    """Print and return both; no database is asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    return people() | nonsense()


def people() -> dict[str, object]:
    from bench.figures import table
    from tests.portfolio.contact_files.test_bounds import FORMATS

    found: dict[str, object] = {}
    lines = []
    for kind, (head, record) in FORMATS.items():
        count = PEOPLE // (2 if kind == "text" else 1)
        data = (head + "".join(record.replace("{0}", str(number)) for number in range(count))).encode()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = taken(data)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        found[f"contacts_{kind}_seconds"] = round(seconds, 2)
        lines.append([kind, f"{len(data) / 1024**2:.1f} MB", f"{seconds:.2f} s", f"{grown / 1024:.1f} MB"])
    print(f"{PEOPLE:,} people of each kind (goal: {GOAL_SECONDS} s)")
    print(table(["kind", "file", "read in", "memory grew"], lines))
    return found


def nonsense() -> dict[str, object]:
    from bench.figures import table
    from tests.portfolio.contact_files.nonsense import NONSENSE

    ratios = {}
    lines = []
    for what, made in NONSENSE.items():
        once, four_times = (taken(made(size).encode()) for size in (LETTERS, 4 * LETTERS))
        ratios[what] = four_times / max(once, 0.001)
        lines.append([what, f"{once:.2f} s", f"{four_times:.2f} s", f"{ratios[what]:.1f}"])
    lines.sort(key=lambda line: -float(line[3]))
    print(f"\nNonsense of {LETTERS:,} letters, and of four times as many (goal: {GOAL_RATIO} times as long)")
    print(table(["nonsense", "once", "four times", "ratio"], lines))
    return {"contacts_nonsense_ratio": round(max(ratios.values()), 1)}


def taken(data: bytes) -> float:
    """Seconds of the processor: the best of three, since a busy machine makes it only longer."""
    from portfolio.contact_files.reading import read

    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for _ in read(io.BytesIO(data)).entries:
            pass
        best = min(best, time.process_time() - began)
    return best
