"""One migrated database per run, which each process copies, because migrating takes seconds.

The runner creates it with the real migrations, and names it in ``MIGRATED``: an SQLite file, or a database on the
temporary PostgreSQL. Without that variable (as when calling pytest directly), each process migrates its own.
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
    """Copy the migrated SQLite file to ``file``; False if there is none."""
    made = os.environ.get("MIGRATED", "")
    if not os.path.isabs(made):
        return False
    shutil.copyfile(made, file)
    return True


def begin_with_a_copy() -> None:
    """Start this process's test database from the copy. (For PostgreSQL, tests/settings.py sets the template.)"""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    make_empty = connection.creation._create_test_db

    def make_copy(*args: Any, **options: Any) -> str:
        name = str(make_empty(*args, **options))
        copied_to(Path(name))
        return name

    connection.creation._create_test_db = make_copy
