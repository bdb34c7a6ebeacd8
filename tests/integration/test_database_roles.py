"""Migrating PostgreSQL as an owner who is no superuser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.servers import ROOT, PostgresCluster, find_postgres, manage

pytestmark = [pytest.mark.integration, pytest.mark.standalone]

COUNT = """
from django.db import transaction
from accounts import row_security
from accounts.policies import Role
from portfolio.models import Person
print(Person.objects.count())
for role in (Role.WEB, Role.WORKER):
    with transaction.atomic(), row_security._acting(role, 999):
        print(Person.objects.count())
"""


def test_an_owner_without_rights_is_told_what_to_run_and_then_has_the_second_wall(tmp_path: Path) -> None:
    if find_postgres() is None:
        pytest.skip("needs postgresql")
    with PostgresCluster() as postgres:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as superuser:
            superuser.execute("CREATE ROLE anna LOGIN")
            superuser.execute("CREATE DATABASE house OWNER anna")
            env = {
                **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                "ENV_FILE": os.devnull,
                "SECRET_KEY": "only-for-the-tests-only-for-the-tests-0123",
                "BASE_URL": "http://localhost:8000",
                "VAR_DIR": str(tmp_path),
                "DATABASE_URL": postgres.url("house").replace("postgres@", "anna@"),
            }
            migrate = [sys.executable, "manage.py", "migrate", "-v0"]
            refused = subprocess.run(migrate, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
            assert refused.returncode == 1
            assert "Traceback" not in refused.stderr
            assert "Nothing was migrated" in refused.stderr
            with psycopg.connect(postgres.url("house")) as house:
                assert house.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
            for statement in refused.stderr.partition("migrate again:")[2].split(";"):
                if statement.strip():
                    superuser.execute(statement)
        manage(env, "migrate", "-v0")
        manage(env, "demo")
        mine, of_a_stranger, of_a_worker = manage(env, "shell", "-v", "0", "-c", COUNT).split()
    assert int(mine) > 30
    assert int(of_a_stranger) == 0
    assert of_a_worker == mine
