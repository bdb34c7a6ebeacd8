"""`manage.py makepolicies`: writes the migrations that put row-level security on tables that have none, or another."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.writer import MigrationWriter

from accounts.policies import RowSecurity, owned_models, wanted

NAME = "row_security"


class Command(BaseCommand):
    help = "Write migrations for row-level security, as the models want it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether any is missing")

    def handle(self, *, check: bool, **options: Any) -> None:
        loader = MigrationLoader(None)
        there = {
            operation.table: operation
            for migration in _in_order(loader)
            for operation in migration.operations
            if isinstance(operation, RowSecurity)
        }
        missing: dict[str, list[RowSecurity]] = {}
        for model in owned_models():
            operation = wanted(model)
            if not operation.says_the_same_as(there.get(operation.table)):
                missing.setdefault(model._meta.app_label, []).append(operation)
        if check and missing:
            tables = ", ".join(operation.table for operations in missing.values() for operation in operations)
            raise CommandError(f"Run manage.py makepolicies: row-level security isn’t as the models want on {tables}.")
        for app, operations in missing.items():
            self.stdout.write(str(_write(loader, app, operations).relative_to(Path.cwd())))


def _in_order(loader: MigrationLoader) -> list[Migration]:
    graph = loader.graph
    keys = [key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf)]
    return [loader.disk_migrations[key] for key in dict.fromkeys(keys)]


def _write(loader: MigrationLoader, app: str, operations: list[RowSecurity]) -> Path:
    (leaf,) = loader.graph.leaf_nodes(app)
    number = int(leaf[1][:4]) + 1
    names = [name for at, name in loader.disk_migrations if at == app and name.endswith(NAME)]
    contents = {"operations": list(operations), "dependencies": [leaf]}
    migration = type("Migration", (Migration,), contents)(f"{number:04}_{'more_' * len(names)}{NAME}", app)
    writer = MigrationWriter(migration, include_header=False)
    path = Path(apps.get_app_config(app).path) / "migrations" / f"{migration.name}.py"
    path.write_text(writer.as_string(), encoding="utf-8")
    return path
