"""The server that takes mail in, by SMTP or LMTP, from the mail server in front: ``manage.py receive_mail``.

It answers 250 only when the mail is in the database; if that can't be reached, it says "later", and the server in
front keeps the mail. What is no drop address is refused at once, so that nothing is ever bounced from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from mail import arrivals, drops
from mail.incoming.limits import LARGEST_MAIL

log = logging.getLogger(__name__)

AT_ONCE = 4  # mails being written; each holds its bytes and a connection to the database
MOST_CONNECTIONS = 50
MOST_RECIPIENTS = 20
PATIENCE = 60  # seconds in which a client has to say something

_T = TypeVar("_T")
UNKNOWN = "550 5.1.1 No such address here"
LATER = "451 4.3.0 Not just now, please try again later"
KEPT = "250 2.0.0 Kept"


class Receiver:
    """Handler for aiosmtpd."""

    def __init__(self, pool: ThreadPoolExecutor, *, answers_each: bool) -> None:
        self._pool, self._answers_each = pool, answers_each

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            found = await self._in_thread(lambda: drops.find(address))
        except (DatabaseError, InterfaceError) as error:
            log.error("a recipient could not be looked up: %s", type(error).__name__)
            return LATER
        if found is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        recipients, sender = list(envelope.rcpt_tos), envelope.mail_from or ""
        try:
            await self._in_thread(
                lambda: arrivals.receive(recipients=recipients, sender=sender, content=bytes(content))
            )
            answer = KEPT
        except Exception as error:  # whatever it is, the mail must not be lost: the other server keeps it
            log.error("a mail could not be kept: %s", type(error).__name__)
            answer = LATER
        return "\r\n".join([answer] * len(recipients)) if self._answers_each else answer

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        def done() -> _T:
            close_old_connections()
            try:
                return work()
            finally:
                connections.close_all()

        return await asyncio.get_running_loop().run_in_executor(self._pool, done)


async def serve(door: socket.socket, *, lmtp: bool, when_ready: Callable[[], None] = lambda: None) -> None:
    """Take mail until SIGTERM or SIGINT; what is being written then is finished."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    protocol = LMTP if lmtp else SMTP
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="receive") as pool:
        handler = Receiver(pool, answers_each=lmtp)

        def connected() -> SMTP:
            return protocol(
                handler,
                data_size_limit=LARGEST_MAIL,
                enable_SMTPUTF8=True,
                hostname="mentorfolio",
                ident="Mentorfolio",
                timeout=PATIENCE,
                loop=loop,
            )

        server = await loop.create_server(connected, sock=door, backlog=MOST_CONNECTIONS)
        when_ready()
        await ended.wait()
        server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 5)
