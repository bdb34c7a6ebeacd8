from __future__ import annotations

import datetime as dt

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from mail import operating
from mail.models import OutgoingMail
from mail.pulse import pulses

SHOWN = 20
VERBS = {"retry": operating.retry, "set-aside": operating.set_aside}


class Command(BaseCommand):
    help = "How the outbox is doing: `mail status`; and about one mail: `mail retry 12`, `mail set-aside 12`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["status", *VERBS])
        parser.add_argument("numbers", nargs="*", type=int, metavar="number", help="of mails, as `status` shows them")

    def handle(self, *, what: str, numbers: list[int], **options: object) -> None:
        if what == "status":
            self._status()
            return
        if not numbers:
            raise CommandError("Which mail? Name its number, as `mail status` shows it.")
        for number in numbers:
            mail = OutgoingMail.objects.filter(pk=number).first()
            done = mail is not None and VERBS[what](mail=mail)
            self.stdout.write(f"{number}: {'done' if done else 'nothing to do, or too late'}")

    def _status(self) -> None:
        now, mails = timezone.now(), OutgoingMail.objects
        lines = {
            "waiting": mails.filter(state__in=OutgoingMail.OPEN).count(),
            "late (over 5 minutes)": operating.late(now).count(),
            "failed": operating.failed().count(),
            "uncertain": operating.uncertain().count(),
            "sent in the last day": mails.filter(
                state=OutgoingMail.State.SENT, sent_at__gt=now - dt.timedelta(days=1)
            ).count(),
        }
        for name, count in lines.items():
            self.stdout.write(f"{name:<24}{count:>8}")
        self._list("Late", operating.late(now))
        self._list("Failed", operating.failed())
        self._list("Uncertain", operating.uncertain())
        for pulse in pulses():
            late = "  LATE" if pulse.late else ""
            self.stdout.write(f"last {pulse.name:<19}{pulse.at:%Y-%m-%d %H:%M:%S} UTC{late}")

    def _list(self, title: str, mails: QuerySet[OutgoingMail]) -> None:
        rows = list(mails[:SHOWN])
        if rows:
            self.stdout.write(f"\n{title}:")
        for mail in rows:
            said = f"  {mail.last_error}" if mail.last_error else ""
            self.stdout.write(
                f"{mail.pk:>8}  {mail.purpose:<10} to {mail.audience:<7} since {mail.created_at:%Y-%m-%d %H:%M}, "
                f"{mail.attempts} tries{said}"
            )
