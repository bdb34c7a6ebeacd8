from __future__ import annotations

from django.contrib.sessions.models import Session
from django.core.management.base import CommandError, CommandParser

from accounts import sessions
from accounts.commands import AllUsersCommand
from accounts.models import User


class Command(AllUsersCommand):
    help = "End the sessions of one person, `sign_out dana@example.org`, or of everybody: `sign_out --everybody`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", default="", help="the address they sign in with")
        parser.add_argument("--everybody", action="store_true", help="as after a leak")

    def handle(self, *, email: str, everybody: bool, **options: object) -> None:
        if bool(email) == everybody:
            raise CommandError("Name an address, or say --everybody.")
        if everybody:
            count, _ = Session.objects.all().delete()
            self.stdout.write(f"Everybody is signed out: {count} sessions ended.")
            return
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody has an account with the address {email!r}.")
        self.stdout.write(f"{user.email} is signed out: {sessions.end_all(user)} sessions ended.")
