from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import row_security
from mail import receiver


class Command(BaseCommand):
    help = "Take mail in for drop addresses, by SMTP or LMTP, from the mail server in front. Ends with SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen; 0.0.0.0 in a container")
        parser.add_argument("--port", type=int, default=8025)
        parser.add_argument("--fd", type=int, help="a listening socket, already open")
        parser.add_argument("--lmtp", action="store_true", help="speak LMTP, not SMTP")

    def handle(self, *args: Any, host: str, port: int, fd: int | None, lmtp: bool, **options: Any) -> None:
        if not settings.INCOMING_MAIL_DOMAIN:
            raise CommandError("INCOMING_MAIL_DOMAIN is not set, so there are no drop addresses to take mail for.")
        row_security.become_worker()
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # otherwise aiosmtpd logs a line for every command
        try:
            door = socket.create_server((host, port)) if fd is None else socket.socket(fileno=fd)
        except OSError as error:
            raise CommandError(f"Port {port} of {host} can’t be used: {error.strerror}.") from None

        def ready() -> None:
            self.stdout.write(f"Takes mail for {settings.INCOMING_MAIL_DOMAIN} on port {door.getsockname()[1]}")
            self.stdout.flush()

        asyncio.run(receiver.serve(door, lmtp=lmtp, when_ready=ready))
