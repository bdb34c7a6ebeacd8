"""A mail server for development: accepts every mail, delivers none, and saves each as a file in ``var/mail``.

Run by ``manage.py up``; read in the browser at /dev/mail/ (see :mod:`mentoring.development.mailbox`).
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import logging
import os
import secrets
import signal
import socket
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MOST_BYTES = 30 * 1024 * 1024


def store(folder: Path, sender: str, recipients: list[str], content: bytes) -> Path:
    """Save one mail atomically, with the envelope as additional headers at the top. Returns its file.

    Names sort by time: UTC to the microsecond, then a few random characters.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    name = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
    envelope = [("X-Envelope-From", sender), ("X-Envelope-To", ", ".join(recipients)), ("X-Kept-At", now.isoformat())]
    top = "".join(f"{key}: {' '.join(value.split())}\r\n" for key, value in envelope)
    half = folder / f".{name}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(top.encode("utf-8", "replace") + content)
    return half.rename(folder / name)


class Keeper:
    """Handler for aiosmtpd that saves each mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        content = envelope.original_content
        kept = await asyncio.to_thread(store, self.folder, envelope.mail_from or "", envelope.rcpt_tos, content)
        print(f"kept a mail to {', '.join(envelope.rcpt_tos)} ({kept.name})", flush=True)  # noqa: T201
        return "250 2.0.0 Kept"


async def serve(door: socket.socket, folder: Path) -> None:
    """Accept mail until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)

    def protocol() -> SMTP:
        return SMTP(Keeper(folder), data_size_limit=MOST_BYTES, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    server = await loop.create_server(protocol, sock=door)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="a listening socket, already open")
    where.add_argument("--port", type=int, help="a port of this machine")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # otherwise aiosmtpd logs a line for every command
    door = socket.create_server(("127.0.0.1", options.port)) if options.fd is None else socket.socket(fileno=options.fd)
    asyncio.run(serve(door, options.folder))


if __name__ == "__main__":
    main()
