"""`make mutants`: change one small thing of a module at a time, and see whether a test notices.

What is changed, and which tests are asked, stands in ``pyproject.toml`` under ``tool.mutmut``. It takes long, so it is
run by hand and never in CI; what was found out stays in ``mutants/`` and is not asked again. The names of some mutants
may follow: `make mutants ARGS="mail.retry_schedule*"`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import migrated
from tests.run import ROOT, throwaway_folder


def main(names: list[str]) -> int:
    """Each mutant begins with a copy of one migrated database: migrating for each would take days."""
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
