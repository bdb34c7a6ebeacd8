"""A scripted mail server, for errors that aiosmtpd can't simulate."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

USUAL = {
    "CONNECT": b"220 raw.test ready\r\n",
    "EHLO": b"250 raw.test\r\n",
    "DATA": b"354 Go on\r\n",
    "BODY": b"250 Taken\r\n",
    "QUIT": b"221 Bye\r\n",
}
Say = bytes | Callable[[socket.socket], None]


def trickle(words: bytes, every: float) -> Callable[[socket.socket], None]:
    """Send these bytes over and over, one at a time, ``every`` few seconds, without ever completing an answer."""

    def say(talk: socket.socket) -> None:
        while True:
            for at in range(len(words)):
                talk.sendall(words[at : at + 1])
                time.sleep(every)

    return say


class RawServer:
    """``says[step]`` is the answer at CONNECT, to a command, or after the body; the default is a 250."""

    def __init__(self, **says: Say) -> None:
        self.says: dict[str, Say] = {**USUAL, **says}
        self.taken: list[bytes] = []
        self.heard: list[str] = []
        self.lines: list[bytes] = []

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._talks: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True, name="raw-server").start()
        return self

    def __exit__(self, *_: object) -> None:
        for talk in (self._listening, *self._talks):
            with contextlib.suppress(OSError):
                talk.shutdown(socket.SHUT_RDWR)
            talk.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                talk, _ = self._listening.accept()
                self._talks.append(talk)
                threading.Thread(target=self._talk, args=(talk,), daemon=True, name="raw-talk").start()

    def _talk(self, talk: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), talk, talk.makefile("rb") as lines:
            self._say(talk, "CONNECT")
            for line in lines:
                self.lines.append(line)
                verb = line.split()[0].decode().upper() if line.split() else ""
                self._say(talk, verb)
                if verb == "QUIT":
                    return
                if verb == "DATA":
                    body = []
                    while (said := lines.readline()) not in (b".\r\n", b""):
                        body.append(said)
                    if said:  # otherwise the client closed the connection
                        self.taken.append(b"".join(body))
                        self._say(talk, "BODY")

    def _say(self, talk: socket.socket, step: str) -> None:
        self.heard.append(step)
        says = self.says.get(step, b"250 Fine\r\n")
        if isinstance(says, bytes):
            talk.sendall(says)
        else:
            says(talk)
