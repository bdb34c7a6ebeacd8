from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from accounts.second_factors import stored_secrets


class Command(BaseCommand):
    help = "Encrypt anew, with the first of ENCRYPTION_KEYS, what is encrypted at rest. May run while the site does."

    def handle(self, **options: object) -> None:
        rotated, unreadable = stored_secrets.rotate()
        self.stdout.write(f"{rotated} encrypted with the first key")
        if unreadable:
            raise CommandError(f"{unreadable} left as they are: no key opens them. Add the key they were made with.")
