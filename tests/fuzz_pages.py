"""`python -m tests.fuzz_pages`: hostile values in every form and parameter, for as long as you like.

``python -m tests.fuzz_pages --requests 100000 --seed 7``. The sweep ends with a short round.
Prints the figures, each failure (a 500) and each leak (a word of the owner in an answer to others), and fails if there
is one.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

from tests.one_database import in_one_database


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="fuzz_pages", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    chosen = parser.parse_args(words)
    since = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.enter_context(in_one_database(postgresql=chosen.postgresql))
        from tests.access import sweep
        from tests.access.fuzz import Fuzz

        thief = sweep.thief()
        report = Fuzz(sweep.victim(thief), thief.owner, chosen.seed).run(chosen.requests)
    print(f"seed {chosen.seed}, {time.monotonic() - since:.0f} s", *report.lines(), sep="\n")
    return int(bool(report.failures or report.leaks))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
