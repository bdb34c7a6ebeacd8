from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.commands import AllUsersCommand
from accounts.models import User
from accounts.second_factors.ways_in import has_second_factor


class Command(AllUsersCommand):
    help = "Let somebody see the page about mail on its way: `operator olga@example.org`; no more: `… --no-more`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument("--no-more", action="store_true", help="take it back")

    def handle(self, *, email: str, no_more: bool, **options: object) -> None:
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody has an account with the address {email!r}. They sign up first.")
        user.is_staff = not no_more
        user.save(update_fields=["is_staff"])
        page = f"{settings.BASE_URL}/operator/mail/"
        self.stdout.write(f"{user.email} {'no longer sees' if no_more else 'now sees'} {page}")
        if user.is_staff and not has_second_factor(user):
            self.stdout.write("It opens once they have added a passkey or an authenticator app under Settings.")
