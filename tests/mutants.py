"""`make mutants`: mutation tests, which change a module in one place at a time and check that a test fails.

The modules and tests are configured in ``pyproject.toml`` under ``tool.mutmut``. It takes long, so run it by hand, not
in CI; results are cached in ``mutants/``. To run some mutants only: `make mutants ARGS="mail.retry_schedule*"`. It ends
with the mutants that no test noticed and the score of each module; `.venv/bin/python -m mutmut show NAME` shows one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mutmut.stats import status_by_exit_code

from tests import migrated
from tests.run import ROOT, throwaway_folder

NOTICED = ("killed", "timeout")
LAST_WORDS = 40  # lines


def main(names: list[str]) -> int:
    """Each mutant starts with a copy of one migrated database, because migrating for each would take days."""
    with throwaway_folder() as folder:
        migrated.make(folder, "")
        env = {**os.environ, "VAR_DIR": folder, "TEST_DATABASE_URL": "", "MUTANTS": "1"}
        env |= {"MIGRATED": str(Path(folder) / "db.sqlite3"), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        mutmut = [sys.executable, "-m", "mutmut"]
        # It redraws its progress line ten times a second, which is useful only on a terminal.
        drawn = None if sys.stdout.isatty() else subprocess.PIPE
        run = subprocess.run([*mutmut, "run", *names], cwd=ROOT, env=env, check=False, stdout=drawn, text=True)
        if run.returncode and run.stdout:
            print(*(line.rpartition("\r")[2] for line in run.stdout.split("\n")[-LAST_WORDS:]), sep="\n")
        subprocess.run([*mutmut, "results"], cwd=ROOT, env=env, check=False)
        print(*table(ROOT / "mutants"), sep="\n")
        return run.returncode


def table(mutants: Path) -> Iterator[str]:
    """Lines with the number of mutants that were tried and killed, for each module."""
    yield f"{'module':<32}{'mutants':>9}{'killed':>9}{'survived':>10}{'score':>8}"
    for file in sorted(mutants.rglob("*.meta")):
        codes = json.loads(file.read_text())["exit_code_by_key"].values()
        found = Counter(status_by_exit_code[code] for code in codes)
        untried = found.pop("not checked", 0)
        tried, killed = found.total(), sum(found[status] for status in NOTICED)
        score = f"{killed / tried:.1%}" if tried else "–"
        module = file.relative_to(mutants).with_suffix("").as_posix()
        more = f"  ({untried} more not tried)" if untried else ""
        yield f"{module:<32}{tried:>9}{killed:>9}{tried - killed:>10}{score:>8}{more}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The results so far are kept.")
