from __future__ import annotations

import datetime as dt

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mail.models import Heartbeat, OutgoingMail

LATE = dt.timedelta(minutes=5)


class Command(BaseCommand):
    help = "How the outbox is doing: `manage.py mail status`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["status"])

    def handle(self, *args: object, **options: object) -> None:
        now = timezone.now()
        S = OutgoingMail.State
        mails = OutgoingMail.objects
        late = mails.filter(state__in=OutgoingMail.OPEN, due_at__lt=now - LATE)
        lines = {
            "waiting": mails.filter(state__in=OutgoingMail.OPEN).count(),
            "late (over 5 minutes)": late.count(),
            "failed": mails.filter(state=S.FAILED).count(),
            "uncertain": mails.filter(state=S.UNCERTAIN).count(),
            "sent in the last day": mails.filter(state=S.SENT, sent_at__gt=now - dt.timedelta(days=1)).count(),
        }
        for name, count in lines.items():
            self.stdout.write(f"{name:<24}{count:>8}")
        for heart in Heartbeat.objects.order_by("name"):
            self.stdout.write(f"last {heart.name:<19}{heart.at:%Y-%m-%d %H:%M:%S} UTC")
