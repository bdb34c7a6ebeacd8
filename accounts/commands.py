"""The base of management commands that work with the rows of all users."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.policies import sees_everything


class AllUsersCommand(BaseCommand):
    """Refuses to run where row-level security would hide most rows, so that it never says "none" and means "hidden"."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        if not sees_everything():
            raise CommandError(
                "This DATABASE_URL signs in as a role that sees one user’s rows at a time. Run the command with that "
                "of the tables’ owner. With compose: docker compose run --rm migrate python manage.py …"
            )
        return super().execute(*args, **options)
