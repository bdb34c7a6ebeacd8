"""smtplib with a deadline for each answer, so that an answer byte by byte can't block a worker for ever."""

from __future__ import annotations

import smtplib
import socket
import time


class _Lines:
    """Reads lines from a connection until ``end`` (monotonic seconds)."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._unread, self.end = connection, b"", 0.0

    def readline(self, most: int) -> bytes:
        """Raises ``TimeoutError`` if the line is not complete in time."""
        while b"\n" not in self._unread and len(self._unread) < most:
            self._wait_no_longer_than(self.end - time.monotonic())
            got = self._connection.recv(8192)
            if not got:
                break
            self._unread += got
        self._wait_no_longer_than(self.end - time.monotonic())
        at = min(self._unread.find(b"\n") + 1 or len(self._unread), most)
        line, self._unread = self._unread[:at], self._unread[at:]
        return line

    def _wait_no_longer_than(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(seconds)

    def close(self) -> None:
        """Nothing to close here: the code that opened the connection closes it."""


class DeadlineSMTP(smtplib.SMTP):
    """Each answer must be complete within ``timeout`` seconds; smtplib itself waits that long for each byte."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock)  # has every method that smtplib calls
        if isinstance(self.file, _Lines):
            self.file.end = time.monotonic() + self.timeout
        try:
            return super().getreply()
        finally:
            if self.sock is not None:
                self.sock.settimeout(self.timeout)


class DeadlineSMTPSSL(DeadlineSMTP, smtplib.SMTP_SSL):
    """The same with implicit TLS."""
