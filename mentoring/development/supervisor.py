"""Runs several services as one foreground job that merges their output and stops them when it ends.

A service that ends by itself is restarted after a growing wait; if it keeps failing, the whole job ends with an error.
Everything runs in one thread, because on Linux PR_SET_PDEATHSIG refers to the thread that started the child.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Service:
    """One child process: its short name, its command, and its state."""

    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()  # file descriptors to pass on
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0  # monotonic seconds
    again_at: float | None = None
    quick_ends: int = 0
    half_line: bytes = b""


@dataclass
class Supervisor:
    """``run()`` returns the exit code: 0 if it was asked to stop, 1 if a service kept failing."""

    services: list[Service]
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    grace: float = 8.0  # seconds between SIGTERM and SIGKILL
    settled: float = 20.0  # a service that ran for this many seconds counts as healthy again
    most_quick_ends: int = 5
    is_ready: Callable[[], bool] = lambda: True
    when_ready: Callable[[], None] = lambda: None
    out: IO[bytes] = field(default_factory=lambda: sys.stdout.buffer)

    def __post_init__(self) -> None:
        self._wanted = True
        self._failed = False
        self._announced = False
        self._selector = selectors.DefaultSelector()
        self._width = max(len(service.name) for service in self.services)

    def run(self) -> int:
        with self._signals():
            try:
                for service in self.services:
                    self._start(service)
                while self._wanted:
                    self._turn()
            finally:
                self._end_all()
        return 1 if self._failed else 0

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(*_: object) -> None:
            self._wanted = False

        # A signal must wake the selector at once.
        woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
        before = {number: signal.signal(number, stop) for number in SIGNALS}
        previous = signal.set_wakeup_fd(waker)
        self._selector.register(woken, selectors.EVENT_READ, None)
        try:
            yield
        finally:
            signal.set_wakeup_fd(previous)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(woken)
            os.close(waker)

    def _turn(self) -> None:
        self._read(0.25)
        now = time.monotonic()
        for service in self.services:
            if service.process and service.process.poll() is not None:
                self._ended(service, service.process.returncode, now)
            elif service.again_at is not None and now >= service.again_at:
                self._start(service)
        if not self._announced and self.is_ready():
            self._announced = True
            self.when_ready()

    def _start(self, service: Service) -> None:
        service.again_at = None
        service.started = time.monotonic()
        service.process = subprocess.Popen(
            service.command,
            env=self.env,
            pass_fds=service.pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A new session: Ctrl-C reaches only the supervisor, which then stops the services in order.
            start_new_session=True,
            preexec_fn=_dies_with_us(),
        )
        assert service.process.stdout
        os.set_blocking(service.process.stdout.fileno(), False)
        self._selector.register(service.process.stdout, selectors.EVENT_READ, service)

    def _ended(self, service: Service, code: int, now: float) -> None:
        self._drain(service)
        service.process = None
        service.quick_ends = 1 if now - service.started > self.settled else service.quick_ends + 1
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if service.quick_ends >= self.most_quick_ends:
            self.say(f"{service.name} can't stay up ({how}), so everything ends. Its last words are above.")
            self._failed, self._wanted = True, False
            return
        wait = 2 ** (service.quick_ends - 1)
        self.say(f"{service.name} ended by itself ({how}); starting it again in {wait} s.")
        service.again_at = now + wait

    def _end_all(self) -> None:
        """Stop all services with SIGTERM, then SIGKILL; returns when all have ended."""
        living = [service for service in self.services if service.process]
        for service in living:
            self._signal(service, signal.SIGTERM)
        end = time.monotonic() + self.grace
        while any(s.process and s.process.poll() is None for s in living) and time.monotonic() < end:
            self._read(0.1)
        for service in living:
            # Signal the whole process group, including the child's own children.
            self._signal(service, signal.SIGKILL, whole=True)
            if service.process:
                service.process.wait()
                self._drain(service)
                service.process = None

    @staticmethod
    def _signal(service: Service, number: int, *, whole: bool = False) -> None:
        if service.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if whole else os.kill)(service.process.pid, number)

    def _read(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)
            elif not self._pass_on(key.data, key.fd):
                self._selector.unregister(key.fileobj)

    def _pass_on(self, service: Service, fd: int) -> bool:
        """Print the service's output so far, line by line with its name; False at the end of the output."""
        try:
            chunk = os.read(fd, 65536)
        except BlockingIOError:
            return True
        *lines, service.half_line = (service.half_line + chunk).split(b"\n")
        if (not chunk or len(service.half_line) > 65536) and service.half_line:
            lines.append(service.half_line)
            service.half_line = b""
        for line in lines:
            self._write(f"{service.name:<{self._width}} | ".encode() + line + b"\n")
        return bool(chunk)

    def _drain(self, service: Service) -> None:
        """Print the remaining output of a service that has ended."""
        pipe = service.process.stdout if service.process else None
        if pipe is None:
            return
        if pipe in [key.fileobj for key in self._selector.get_map().values()]:
            self._selector.unregister(pipe)
            for _ in range(64):  # bounded, because a grandchild may keep the pipe open
                try:
                    waiting = self._pass_on(service, pipe.fileno())
                except OSError:
                    break
                if not waiting:
                    break
        pipe.close()

    def say(self, line: str) -> None:
        self._write(f"{line}\n".encode())

    def _write(self, line: bytes) -> None:
        try:
            self.out.write(line)
            self.out.flush()
        except (OSError, ValueError):
            # The terminal or the output pipe was closed.
            self._wanted = False


def _pipe() -> tuple[int, int]:
    """Like ``os.pipe2(O_NONBLOCK)``, which macOS lacks."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def _dies_with_us() -> Callable[[], None] | None:
    """For ``preexec_fn``: if the supervisor is killed, the kernel kills the child. Does nothing except on Linux."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    us = os.getpid()

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != us:  # the parent ended before prctl took effect
            os._exit(1)

    return bind
