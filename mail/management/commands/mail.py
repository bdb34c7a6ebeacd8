from __future__ import annotations

import datetime as dt

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.commands import AllUsersCommand
from mail import operations
from mail.heartbeats import statuses
from mail.models import OutgoingMail

SHOWN = 20
RETRY, SET_ASIDE = "retry", "set-aside"
TWICE = "--even-if-twice"


class Command(AllUsersCommand):
    help = "How the outbox is doing: `mail status`; and about one mail: `mail retry 12`, `mail set-aside 12`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["status", RETRY, SET_ASIDE])
        parser.add_argument("numbers", nargs="*", type=int, metavar="number", help="of mails, as `status` shows them")
        parser.add_argument("--failed", action="store_true", help="with `retry`: everything that failed")
        parser.add_argument("--late", action="store_true", help="with `retry`: everything that waits to be tried again")
        parser.add_argument(TWICE, action="store_true", help="with `retry`: also what may have arrived already")

    def handle(
        self, *, what: str, numbers: list[int], failed: bool, late: bool, even_if_twice: bool, **options: object
    ) -> None:
        if what == "status":
            self._status()
            return
        if what == RETRY and (failed or late):
            count = (operations.retry_failed() if failed else 0) + (operations.retry_late() if late else 0)
            self.stdout.write(f"{count} in the queue again")
        elif not numbers:
            raise CommandError("Which mail? Name its number, as `mail status` shows it.")
        left = [number for number in numbers if not self._decide(what, number, even_if_twice)]
        if left:
            raise CommandError(f"Left as they are: {', '.join(map(str, left))}.")

    def _decide(self, what: str, number: int, even_if_twice: bool) -> bool:
        """Apply the decision to one mail and print the result."""
        mail = OutgoingMail.objects.filter(pk=number).first()
        done = False
        if mail is None:
            said = "there is no such mail"
        elif what == RETRY and operations.may_come_twice(mail) and not even_if_twice:
            said = f"{mail.get_audience_display()} may have it already; if it may come twice, add {TWICE}"
        else:
            done = operations.retry(mail=mail) if what == RETRY else operations.set_aside(mail=mail)
            said = "done" if done else _why_not(mail)
        self.stdout.write(f"{number}: {said}")
        return done

    def _status(self) -> None:
        now = timezone.now()
        lines = {
            "waiting": operations.waiting().count(),
            "late (over 5 minutes)": operations.late(now).count(),
            "failed": operations.failed().count(),
            "uncertain": operations.uncertain().count(),
            "sent in the last day": OutgoingMail.objects.filter(
                state=OutgoingMail.State.SENT, sent_at__gt=now - dt.timedelta(days=1)
            ).count(),
        }
        for name, count in lines.items():
            self.stdout.write(f"{name:<24}{count:>8}")
        self._list("Late", operations.late(now), lines["late (over 5 minutes)"])
        self._list("Failed", operations.failed(), lines["failed"])
        self._list("Uncertain", operations.uncertain(), lines["uncertain"])
        found = statuses()
        if not found:
            self.stdout.write("\nNo sign of life yet: are worker and beat running?")
        for pulse in found:
            late = "  LATE" if pulse.late else ""
            self.stdout.write(f"last {pulse.name:<19}{pulse.at:%Y-%m-%d %H:%M:%S} UTC{late}")

    def _list(self, title: str, mails: QuerySet[OutgoingMail], count: int) -> None:
        rows = list(mails[:SHOWN])
        if rows:
            self.stdout.write(f"\n{title}:")
        for mail in rows:
            said = f"  {mail.last_error}" if mail.last_error else ""
            tries = "1 try" if mail.attempts == 1 else f"{mail.attempts} tries"
            self.stdout.write(
                f"{mail.pk:>8}  {mail.purpose:<10} to {mail.audience:<7} since {mail.created_at:%Y-%m-%d %H:%M}, "
                f"{tries}{said}"
            )
        if count > len(rows):
            self.stdout.write(f"          and {count - len(rows)} more")


def _why_not(mail: OutgoingMail) -> str:
    if mail.state in operations.DECIDABLE:
        return "its words have been dropped by now, so it can’t go again"
    return f"nothing to do, or too late: {mail.get_state_display()}"
