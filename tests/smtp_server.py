"""A real SMTP server for tests that records accepted mail and can simulate failures."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import socket
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Self


def wait_until(predicate: Callable[[], Any], timeout: float = 20, *, what: str = "the condition", every: float = 0.05):
    """Wait for a true result of ``predicate`` and return it. AssertionError with ``what`` after ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"Waited {timeout:g} s in vain for {what}.")
        time.sleep(every)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that was just free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class ReceivedMail:
    """One mail that the server accepted: envelope and bytes."""

    sender: str
    recipients: list[str]
    content: bytes
    at: float  # Unix time

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return body.get_content() if body else ""


@dataclass(frozen=True)
class Delay:
    """Answer normally after a number of seconds."""

    seconds: float


@dataclass(frozen=True)
class Hang:
    """Don't answer until ``SmtpServer.release()``; then answer normally."""


@dataclass(frozen=True)
class Drop:
    """Close the connection without an answer. At BODY, ``keep`` says whether the mail is accepted nevertheless."""

    keep: bool = True


Behaviour = str | Delay | Hang | Drop | None


@dataclass
class SmtpServer:
    """A recording SMTP server that can simulate failures.

    ``behave[step]`` says what to do at a step: "CONNECT", "EHLO", "MAIL", "RCPT", "DATA" (before the body) or
    "BODY" (the body is here). A text is the answer to give ("550 5.1.1 Nobody here", "451 4.3.0 Later"), or
    :class:`Delay`, :class:`Hang`, :class:`Drop`; or a function of the address (RCPT), the sender (MAIL) or the
    content (BODY) that returns one of these, or None for the usual answer. ``steps`` tells what was reached.

        with SmtpServer() as smtp:
            smtp.behave["RCPT"] = lambda address: "550 5.1.1 Nobody here" if address.startswith("gone@") else None
    """

    port: int = 0
    behave: dict[str, Behaviour | Callable[[Any], Behaviour]] = field(default_factory=dict)
    mails: list[ReceivedMail] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"
    answers_after: float = 0  # seconds from when it has a mail until it says so
    users: dict[str, str] = field(default_factory=dict)  # name: password; with any, one has to sign in

    def __enter__(self) -> Self:
        self.port = self.port or free_port()
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True, name="smtp-server")
        self._thread.start()
        assert started.wait(10), "The SMTP server did not start."
        return self

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        protocol = _protocol()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(lambda: protocol(self), self.host, self.port)
        )
        started.set()
        self._loop.run_forever()
        self._server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def release(self) -> None:
        """Stop all hanging, now and in the future."""
        self._loop.call_soon_threadsafe(self._released.set)

    def wait_for(self, count: int = 1, timeout: float = 20) -> list[ReceivedMail]:
        """Wait for at least ``count`` mails; returns all."""
        wait_until(lambda: len(self.mails) >= count, timeout, what=f"{count} mail(s), {len(self.mails)} so far")
        return list(self.mails)

    @property
    def subjects(self) -> list[str]:
        return [str(mail.message["Subject"]) for mail in self.mails]

    def to(self, recipient: str) -> list[ReceivedMail]:
        return [mail for mail in self.mails if recipient in mail.recipients]

    async def _at(self, step: str, value: Any) -> Behaviour:
        self.steps.append(step)
        wish = self.behave.get(step)
        wish = wish(value) if callable(wish) else wish
        if isinstance(wish, Delay):
            await asyncio.sleep(wish.seconds)
            return None
        if isinstance(wish, Hang):
            await self._released.wait()
            return None
        return wish


class _Handler:
    async def handle_EHLO(self, protocol: Any, session: Any, envelope: Any, name: str, said: list[str]) -> list[str]:
        session.host_name = name
        return [*said[:-1], "250-PIPELINING", said[-1]]

    async def handle_DATA(self, protocol: Any, session: Any, envelope: Any) -> str | None:
        ours: SmtpServer = protocol.ours
        content = envelope.original_content
        wish = await ours._at("BODY", content)
        if isinstance(wish, str):
            return wish
        if not isinstance(wish, Drop) or wish.keep:
            ours.mails.append(ReceivedMail(envelope.mail_from, list(envelope.rcpt_tos), content, time.time()))
        if isinstance(wish, Drop):
            protocol.transport.close()
            return None
        await asyncio.sleep(ours.answers_after)
        return "250 2.0.0 Taken"


class _Authenticator:
    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def __call__(self, protocol: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        from aiosmtpd.smtp import AuthResult

        right = self._server.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=right, handled=right)


class _Steps:
    """A mixin for aiosmtpd's protocol that applies the test's behaviour before each command."""

    def __init__(self, server: SmtpServer) -> None:
        signing_in: dict[str, Any] = {}
        if server.users:
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)
            signing_in = {"auth_required": True, "auth_require_tls": False, "authenticator": _Authenticator(server)}
        super().__init__(_Handler(), enable_SMTPUTF8=True, hostname="mail.test", loop=server._loop, **signing_in)
        self.ours = server

    async def _handle_client(self) -> None:
        if not await self._refused("CONNECT", None):
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._refused("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._refused("MAIL", _address(arg)):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._refused("RCPT", _address(arg)):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._refused("DATA", arg):
            await super().smtp_DATA(arg)

    async def _refused(self, step: str, value: Any) -> bool:
        wish = await self.ours._at(step, value)
        if isinstance(wish, Drop):
            self.transport.close()
        elif wish:
            await self.push(wish)
        return wish is not None


def _protocol() -> Any:
    """aiosmtpd's protocol with this mixin; imported late, because not every test needs it."""
    from aiosmtpd.smtp import SMTP

    logging.getLogger("mail.log").setLevel(logging.ERROR)  # otherwise aiosmtpd logs a line for every command

    class Protocol(_Steps, SMTP):  # type: ignore[misc]
        pass

    return Protocol


def _address(argument: str | None) -> str:
    """The address in ``TO:<bob@example.org> SIZE=12``."""
    inside = (argument or "").partition("<")[2]
    return inside.partition(">")[0]
