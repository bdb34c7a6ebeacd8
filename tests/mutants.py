"""`make mutants`: mutation tests, which change a module in one place at a time and check that a test fails.

The modules and tests are configured in ``pyproject.toml`` under ``tool.mutmut``. It takes long, so run it by hand, not
in CI; results are cached in ``mutants/``. To run some mutants only: `make mutants ARGS="mail.retry_schedule*"`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import migrated
from tests.run import ROOT, throwaway_folder


def main(names: list[str]) -> int:
    """Each mutant starts with a copy of one migrated database, because migrating for each would take days."""
    with throwaway_folder() as folder:
        migrated.make(folder, "")
        env = {**os.environ, "VAR_DIR": folder, "TEST_DATABASE_URL": ""}
        env |= {"MIGRATED": str(Path(folder) / "db.sqlite3"), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        mutmut = [sys.executable, "-m", "mutmut"]
        code = subprocess.run([*mutmut, "run", *names], cwd=ROOT, env=env, check=False).returncode
        subprocess.run([*mutmut, "results"], cwd=ROOT, env=env, check=False)
        return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. What was found out so far is kept.")
