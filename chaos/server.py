"""A mail server that is slow, refuses, hangs and closes connections at random. Logs each accepted mail as a line.

Run it as a separate process: ``python -m chaos.server --port 2525 --log taken.jsonl``. It permanently refuses
addresses that begin with "gone".
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TextIO

MOST_BYTES = 2**24
THING = re.compile(rb"Register (\d+-\d+)")


@dataclass(frozen=True)
class Temper:
    """The probability of each fault at one step of the SMTP session; ``delay`` and ``hang`` in seconds."""

    delay: float = 0.01
    later: float = 0.01
    drop: float = 0.003
    hang_up_after_body: float = 0.01
    hang: float = 0.001
    hanging: float = 4.0


class Gone(Exception):
    """Raised to close the connection without an answer."""


class Server:
    def __init__(self, log: TextIO, temper: Temper, seed: int) -> None:
        self.log, self.temper, self.dice = log, temper, random.Random(seed)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await Talk(self, reader, writer).run()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def by_chance(self, chance: float) -> bool:
        return self.dice.random() < chance


class Talk:
    """One SMTP session, from greeting to QUIT."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.to, self.ready = "", False

    async def run(self) -> None:
        await self.mood()
        await self.say("220 chaos.test ready")
        while line := await self.reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            match verb.upper():
                case "QUIT":
                    await self.say("221 2.0.0 Bye")
                    return
                case "EHLO":
                    await self.say(f"250-chaos.test\r\n250-SIZE {MOST_BYTES}\r\n250-PIPELINING\r\n250 8BITMIME")
                case "MAIL" | "RCPT" | "DATA":
                    await self.step(verb.upper(), rest)
                case _:
                    await self.say("250 2.0.0 Fine")

    async def step(self, verb: str, rest: str) -> None:
        later = await self.mood()
        if verb == "RCPT":
            self.to = rest.partition("<")[2].partition(">")[0]
        if verb != "MAIL" and not self.ready:
            await self.say("503 5.5.1 Not yet")  # a pipelined command after a refused one
            return
        self.ready = not later
        if verb == "RCPT" and self.to.startswith("gone"):
            self.ready = False
            await self.say("550 5.1.1 Nobody here")
        elif later:
            await self.say("451 4.3.0 Later, please")
        elif verb == "DATA":
            await self.take()
        else:
            await self.say("250 2.1.0 Fine")

    async def take(self) -> None:
        await self.say("354 Go on")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        server, temper = self.server, self.server.temper
        if await self.mood():
            await self.say("451 4.3.0 Not now")
            return
        if server.by_chance(temper.hang_up_after_body):
            raise Gone  # the mail was not accepted, and the client gets no answer
        silent = server.by_chance(temper.hang_up_after_body)
        self.note(content, answered=not silent)
        if silent:
            raise Gone  # the mail was accepted, and the client gets no answer
        await self.say("250 2.0.0 Taken")

    async def mood(self) -> bool:
        """Wait at random, perhaps hang or close the connection; True means answer with a temporary refusal (4xx)."""
        server, temper = self.server, self.server.temper
        await asyncio.sleep(server.dice.random() * temper.delay)
        if server.by_chance(temper.hang):
            await asyncio.sleep(temper.hanging)
            raise Gone
        if server.by_chance(temper.drop):
            raise Gone
        return server.by_chance(temper.later)

    def note(self, content: bytes, *, answered: bool) -> None:
        head = BytesHeaderParser().parsebytes(content.partition(b"\r\n\r\n")[0])
        line = {
            "at": time.time(),
            "to": self.to,
            "message_id": str(head["Message-ID"]).strip(),
            "bytes": hashlib.sha256(content).hexdigest(),
            "answered": answered,
            "things": sorted({found.decode() for found in THING.findall(content)}),
        }
        self.server.log.write(json.dumps(line) + "\n")
        self.server.log.flush()

    async def say(self, words: str) -> None:
        self.writer.write(f"{words}\r\n".encode())
        await self.writer.drain()


async def serve(port: int, log: Path, seed: int, temper: Temper) -> None:
    with log.open("a", encoding="utf-8") as file:
        server = Server(file, temper, seed)
        listening = await asyncio.start_server(server.talk, "127.0.0.1", port, limit=MOST_BYTES)
        async with listening:
            await listening.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hang-up", type=float, default=Temper.hang_up_after_body)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.log, options.seed, Temper(hang_up_after_body=options.hang_up)))
