"""`manage.py exportschema`: writes docs/export.schema.json, as the models want it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.export.document import schema

PLACE = Path(__file__).resolve().parents[3] / "docs" / "export.schema.json"


class Command(BaseCommand):
    help = "Write docs/export.schema.json, the JSON Schema of what users take along."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether it is up to date")

    def handle(self, *, check: bool, **options: object) -> None:
        wanted = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
        if not check:
            PLACE.write_text(wanted, encoding="utf-8")
        elif not PLACE.exists() or PLACE.read_text(encoding="utf-8") != wanted:
            raise CommandError("Run manage.py exportschema: docs/export.schema.json isn’t as the models want it.")
