"""One migrated database for a whole run, of which each process begins with a copy: migrating takes seconds each time.

The runner makes it by the real migrations, and names it in ``MIGRATED``: a file of SQLite, or a database of the
throwaway PostgreSQL. Without that, as when pytest is called by hand, each process migrates its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def make(var_dir: str, database_url: str) -> None:
    """Migrate this database, or ``db.sqlite3`` in ``var_dir``."""
    env = {**os.environ, "VAR_DIR": var_dir, "TEST_DATABASE_URL": database_url, "MIGRATED": ""}
    env["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)


def copied_to(file: Path) -> bool:
    """Is there a migrated file of SQLite? Then ``file`` is a copy of it now."""
    made = os.environ.get("MIGRATED", "")
    if not os.path.isabs(made):
        return False
    shutil.copyfile(made, file)
    return True


def begin_with_a_copy() -> None:
    """For the test database of this process. (PostgreSQL is told its template in tests/settings.py.)"""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    make_empty = connection.creation._create_test_db

    def make_copy(*args: Any, **options: Any) -> str:
        name = str(make_empty(*args, **options))
        copied_to(Path(name))
        return name

    connection.creation._create_test_db = make_copy
