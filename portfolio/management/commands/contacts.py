"""`manage.py contacts read FILE`: what would be read of a file of contacts, as JSON. Writes nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portfolio.contact_files.limits import TooLarge
from portfolio.contact_files.reading import Reading, read


class Command(BaseCommand):
    help = "Print as JSON whom Mentorfolio reads in a file of contacts, and what it can’t read. Nothing is written."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        reading = verbs.add_parser("read", help="a CSV, a vCard, LinkedIn’s zip, or a list as text")
        reading.add_argument("file", metavar="FILE")

    def handle(self, *, file: str, **options: object) -> None:
        try:
            with open(file, "rb") as opened:
                if not opened.seekable():
                    raise CommandError(f"{file}: this is no file that can be read twice.")
                self.stdout.write(json.dumps(as_json(read(opened)), ensure_ascii=False, indent=1))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
        except ValueError as error:  # a NUL in the name
            raise CommandError(f"{file!r}: {error}.") from error
        except TooLarge as refused:
            raise CommandError(f"{file}: {refused.about}.") from refused


def as_json(reading: Reading) -> dict[str, Any]:
    people, problems = [], []
    for entry in reading.entries:
        if entry.contact:
            person = {**asdict(entry.contact), "connected_on": _iso(entry.contact.connected_on)}
            people.append({key: value for key, value in person.items() if key not in {"birthday", "postal"}})
        problems += [problem._asdict() for problem in entry.problems]
    return {"kind": reading.kind, "people": people, "problems": sorted(problems, key=lambda one: one["line"])}


def _iso(day: object) -> str | None:
    return str(day) if day else None
