"""The broker for a single machine: kombu's filesystem transport, made safe for concurrent readers and writers.

kombu writes messages in place and reads them without checking that they are complete, so half a file crashes the
worker. Here a file gets its name only when it is complete, and an unreadable one is skipped. Nothing is lost by that: a
message is only a wake-up, and due mail is in the database.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu's own two bases differ
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        try:
            self._write(os.path.join(self.data_folder_out, name), dumps(payload))
        except OSError as error:
            raise ChannelError(f"Cannot add {name!r} to the queue's folder: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                logger.warning("A message in the queue %s could not be read and was left out.", queue)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        # Create an empty table atomically; kombu then adds to it under its lock.
        file = self._exchange_file(exchange)
        self.control_folder.mkdir(exist_ok=True)
        if not file.exists():
            with contextlib.suppress(FileExistsError):
                self._write(str(file), "[]", fresh=True)
        super()._queue_bind(exchange, routing_key, pattern, queue)

    @staticmethod
    def _write(path: str, text: str, *, fresh: bool = False) -> None:
        """Write to a temporary file and rename it. With ``fresh``, raises FileExistsError if the file exists."""
        folder, name = os.path.split(path)
        beside = os.path.join(folder, f".{name}.{uuid.uuid4().hex}")
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            if fresh:
                os.link(beside, path)
            else:
                os.rename(beside, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)


class Transport(filesystem.Transport):
    Channel = Channel
