from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.template.loader import render_to_string

from accounts.commands import AllUsersCommand
from accounts.models import User

MAIL = "mfa/email/second_factor_removed"


class Command(AllUsersCommand):
    help = (
        "For somebody who has lost every passkey, their app and their recovery codes: `second_factor remove "
        "dana@example.org` takes all of them off the account and tells each of its addresses. Make sure first that "
        "it is them who ask."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["remove"])
        parser.add_argument("email", help="the address they sign in with")

    @transaction.atomic
    def handle(self, *, what: str, email: str, **options: object) -> None:
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody has an account with the address {email!r}.")
        rows = Authenticator.objects.filter(user=user)
        removed = rows.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
        if not rows.delete()[0]:
            raise CommandError(f"{user.email} has no second factor. Nothing was changed.")
        for address in EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True):
            _tell(address)
        self.stdout.write(f"{user.email}: {removed} removed, and the recovery codes. They were told by mail.")


def _tell(address: str) -> None:
    context = {"base_url": settings.BASE_URL}
    subject, body = (render_to_string(f"{MAIL}_{part}.txt", context).strip() for part in ("subject", "message"))
    EmailMessage(subject, body, to=[address]).send()
