from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email

from accounts.commands import AllUsersCommand
from mail import suppression
from mail.models import SuppressedAddress

Reason = SuppressedAddress.Reason


class Command(AllUsersCommand):
    help = (
        "The addresses to which users can send no mail: `suppress` lists them, "
        "`suppress anna@example.org --reason complaint` adds one, `suppress anna@example.org --lift` takes one off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="*", metavar="address")
        parser.add_argument("--reason", choices=[Reason.COMPLAINT, Reason.BOUNCED, Reason.OPERATOR])
        parser.add_argument("--note", default="", help="for whoever runs this site")
        parser.add_argument("--lift", action="store_true", help="take them off the list")

    def handle(self, *, addresses: list[str], reason: str | None, note: str, lift: bool, **options: object) -> None:
        if not addresses:
            for row in SuppressedAddress.objects.order_by("at", "pk"):
                self.stdout.write(f"{row.at:%Y-%m-%d %H:%M} UTC  {row.reason:<10} {row.address}  {row.note}".rstrip())
            return
        wrong = [address for address in addresses if not _is_address(address)]
        if wrong:
            raise CommandError(f"These are no e-mail addresses, and nothing was changed: {', '.join(wrong)}.")
        for address in addresses:
            done = _lift(address) if lift else _suppress(address, reason or Reason.OPERATOR, note)
            self.stdout.write(f"{address}: {done}")


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _suppress(address: str, reason: str, note: str) -> str:
    _, new = suppression.suppress(address=address, reason=reason, note=note[:500])
    return "stopped" if new else "was stopped already"


def _lift(address: str) -> str:
    row = suppression.find(address)
    if row is None:
        return "is not on the list"
    suppression.lift(suppressed=row)
    return "can be written to again"
