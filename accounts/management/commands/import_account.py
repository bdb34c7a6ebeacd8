"""`manage.py import_account FILE --user EMAIL`: fills an empty account from an export."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import CommandError

from accounts import security_log
from accounts.commands import AllUsersCommand
from accounts.export.reading import Refused
from accounts.export.restoring import restore
from accounts.models import User


class Command(AllUsersCommand):
    help = "Fill an account that has nothing in it from the zip of “Download everything”, also of another site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the address they sign in with")

    def handle(self, *, file: str, user: str, **options: object) -> None:
        found = User.objects.filter(email__iexact=user.strip()).first()
        if found is None:
            raise CommandError(f"Nobody has an account with the address {user!r}.")
        try:
            with open(file, "rb") as opened:
                restore(found, opened)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}.") from error
        except Refused as refused:
            raise CommandError(f"{file}: {refused}") from refused
        security_log.note(found, security_log.Kind.RESTORED, "by an operator")
        self.stdout.write(f"Everything in {file} is in the account of {found.email} now. No mail was sent.")
