from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError

from accounts import private_notes, stored_files
from accounts.commands import AllUsersCommand
from accounts.second_factors import stored_secrets


class Command(AllUsersCommand):
    help = (
        "Encrypt anew, with the first of ENCRYPTION_KEYS, what is encrypted at rest. Private notes are encrypted with "
        "ENCRYPT_NOTES=1, and decrypted without. May run while the site does, and be stopped and run again."
    )

    def handle(self, **options: object) -> None:
        rotated, unreadable = stored_secrets.rotate()
        self.stdout.write(f"{rotated} encrypted with the first key")
        parts, sealed = stored_files.rotate()
        self.stdout.write(f"{parts} parts of files encrypted with it")
        unreadable += sealed
        notes, lost = private_notes.rotate()
        self.stdout.write(f"{notes} private notes {'encrypted with it' if settings.ENCRYPT_NOTES else 'decrypted'}")
        if unreadable + lost:
            raise CommandError(
                f"{unreadable + lost} left as they are: no key opens them. Add the key they were made with."
            )
