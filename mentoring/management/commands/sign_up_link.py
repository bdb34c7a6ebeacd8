from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import sign_up
from accounts.models import SignUpLink


class Command(BaseCommand):
    help = "Links with which people can sign up: `sign_up_link make --uses 5 --days 14`, `… list`, `… end 3`."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        make = what.add_parser("make", help="make one and print its address")
        make.add_argument("--uses", type=int, default=1, help="for how many accounts; default: 1")
        make.add_argument("--days", type=int, default=14, help="for how many days; default: 14")
        make.add_argument("--note", default="", help="for whom; only whoever runs the site sees it")
        what.add_parser("list", help="all that are still good")
        end = what.add_parser("end", help="take one back, by its number")
        end.add_argument("number", type=int)

    def handle(self, *, what: str, **options: object) -> None:
        if what == "make":
            self._make(int(str(options["uses"])), int(str(options["days"])), str(options["note"]))
        elif what == "list":
            for link in sign_up.usable().order_by("pk"):
                self.stdout.write(self._line(link))
        else:
            self._end(int(str(options["number"])))

    def _make(self, uses: int, days: int, note: str) -> None:
        if settings.SIGN_UP == "closed":
            raise CommandError("SIGN_UP is closed, so a link would let nobody in. Set it to invited first.")
        if not 1 <= uses <= sign_up.MOST_USES or not 1 <= days <= sign_up.MOST_DAYS:
            raise CommandError(f"--uses is 1 to {sign_up.MOST_USES}, --days 1 to {sign_up.MOST_DAYS}.")
        link = sign_up.make_link(uses=uses, days=days, note=note[:200])
        self.stdout.write(self._line(link))
        self.stdout.write(sign_up.address_of(link))

    def _end(self, number: int) -> None:
        if not sign_up.end_link(number=number):
            raise CommandError(
                f"There is no link {number} that is still good. `sign_up_link list` shows those that are."
            )
        self.stdout.write(f"Link {number} lets nobody in any more.")

    def _line(self, link: SignUpLink) -> str:
        return f"{link}: {link.uses - link.used} of {link.uses} left, until {link.expires_at:%Y-%m-%d %H:%M} UTC"
