"""Real servers for tests: PostgreSQL, Redis, and the project's own processes.

Each is a context manager, listens on this machine only, keeps its files in a temporary folder, and ends with the test,
even if the test process is killed (on Linux).
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import glob
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from tests.smtp_server import Delay, Drop, Hang, ReceivedMail, SmtpServer, free_port, wait_until

__all__ = ["Delay", "Drop", "Hang", "ReceivedMail", "SmtpServer", "free_port", "wait_until"]

ROOT = Path(__file__).resolve().parent.parent


def answers(port: int) -> bool:
    """Whether anything accepts connections on this local port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _dies_with_us(sent: int = signal.SIGKILL) -> Callable[[], None] | None:
    """For ``preexec_fn``: the kernel kills the child when this process ends. Does nothing except on Linux."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    pr_set_pdeathsig = 1
    return lambda: libc.prctl(pr_set_pdeathsig, sent)


# --- What is installed ----------------------------------------------------------------------------


def find_chromium() -> str | None:
    """The Chromium in ``CHROMIUM``, of the system, or installed by Playwright; never downloads one.

    The headless shell first: the same engine without the windows, which takes a third less time.
    """
    wished = os.environ.get("CHROMIUM")
    if wished:
        return shutil.which(wished)
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"):
        if found := shutil.which(name):
            return found
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or os.path.expanduser("~/.cache/ms-playwright")
    mac = os.path.expanduser("~/Library/Caches/ms-playwright")
    patterns = (
        "chromium_headless_shell-*/*/*headless*shell",
        "chromium-*/chrome-linux*/chrome",
        "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    )
    found_files = [file for folder in (home, mac) for pattern in patterns for file in glob.glob(f"{folder}/{pattern}")]
    found_files.append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return next((file for file in sorted(found_files, reverse=True) if os.access(file, os.X_OK)), None)


def find_whole_chromium() -> str | None:
    """A Chromium with windows: the headless shell can do all but keep pages for Back."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found:
        return found
    one = find_chromium()
    return one if one and "headless" not in one else None


# Options for headless Chromium to start anywhere (as root, in a container) and make no requests of its own.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_postgres() -> Path | None:
    """The folder with ``initdb`` and ``postgres`` of the newest installed version."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=_version, reverse=True)
    folders += ["/opt/homebrew/opt/postgresql/bin", "/usr/pgsql/bin", *os.environ.get("PATH", "").split(os.pathsep)]
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(answer.stdout.strip())
    usable = (Path(folder) for folder in folders if folder)
    return next((f for f in usable if (f / "initdb").is_file() and (f / "postgres").is_file()), None)


def _version(folder: str) -> float:
    with contextlib.suppress(ValueError):
        return float(Path(folder).parent.name)
    return 0


def find_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


# --- PostgreSQL and Redis -------------------------------------------------------------------------


class PostgresCluster:
    """A temporary PostgreSQL: Unix socket only, not durable, superuser ``postgres``, no password.

    PostgreSQL refuses to run as root; in that case it runs as ``postgres`` (or ``nobody``).
    """

    def __init__(self) -> None:
        found = find_postgres()
        if found is None:
            raise FileNotFoundError("PostgreSQL is not installed.")
        self.bin = found
        self.folder = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # Short, because the path of a Unix socket is limited to about 100 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="mf-pg-"))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        as_user = self._as_user()
        if as_user:
            shutil.chown(self.folder, as_user["user"], as_user["group"])
        data = self.folder / "data"
        initdb = [str(self.bin / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
        # A UTF-8 locale, as in production; the second attempt is for systems without it.
        for locale in ("--locale=C.UTF-8", "--no-locale"):
            made = subprocess.run([*initdb, locale], cwd=self.folder, capture_output=True, text=True, **as_user)
            if made.returncode == 0:
                break
            shutil.rmtree(data, ignore_errors=True)
        else:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"}
        settings |= {"synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}
        command = [str(self.bin / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dies_with_us(signal.SIGQUIT),
            **as_user,
        )
        wait_until(self._ready, 60, what="PostgreSQL to accept connections")

    def _ready(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            raise RuntimeError("PostgreSQL ended at once: " + (self.folder / "log").read_text(errors="replace")[-2000:])
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @staticmethod
    def _as_user() -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody.")

    def url(self, database: str = "mentorfolio") -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder), safe='')}"

    def create(self, database: str) -> str:
        """Create an empty database; returns its URL."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.send_signal(signal.SIGQUIT)  # immediate shutdown, because no data is needed
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class RedisServer:
    """A Redis without persistence."""

    def __init__(self) -> None:
        found = find_redis()
        if found is None:
            raise FileNotFoundError("Redis is not installed.")
        self.binary = found
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.folder = tempfile.mkdtemp(prefix="mf-redis-")
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        command = [self.binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
        self.process = Process(command, name="redis").start()
        wait_until(lambda: answers(self.port), what="Redis to accept connections")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class RadicaleServer:
    """A CalDAV server whose only user is ``alice`` with the password ``app password``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="mf-radicale-"))
        (self.folder / "users").write_text("alice:app password\n", encoding="utf-8")
        options = {"server-hosts": f"127.0.0.1:{self.port}", "auth-type": "htpasswd", "auth-delay": "0"}
        options |= {"auth-htpasswd-filename": str(self.folder / "users"), "auth-htpasswd-encryption": "plain"}
        options |= {"storage-filesystem-folder": str(self.folder / "data")}
        words = [f"--{name}={value}" for name, value in options.items()]
        self.process = Process([sys.executable, "-m", "radicale", "--config", "", *words], name="radicale").start()
        wait_until(lambda: answers(self.port), what="Radicale to accept connections")
        return self

    def put(self, calendar: str, *events: str) -> None:
        """Make a calendar with these events, in place of what it held."""
        bodies = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
        head = f"VERSION:2.0\nPRODID:-//Test//EN\nX-WR-CALNAME:{calendar.title()}\n"
        text = f"BEGIN:VCALENDAR\n{head}{bodies}END:VCALENDAR\n".replace("\n", "\r\n")
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            secret = base64.b64encode(b"alice:app password").decode()
            headers = {"Authorization": f"Basic {secret}", "Content-Type": "text/calendar"}
            connection.request("PUT", f"/alice/{calendar}/", text.encode(), headers)
            answer = connection.getresponse()
            assert answer.status == 201, (answer.status, answer.read())

    def delete(self, calendar: str) -> None:
        shutil.rmtree(self.folder / "data" / "collection-root" / "alice" / calendar)

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


# --- Our own processes ----------------------------------------------------------------------------


class Process:
    """A child process with captured output; ended with the test, even if the test process is killed."""

    def __init__(
        self, command: list[str], *, env: dict[str, str] | None = None, cwd: Path | str = ROOT, name: str = ""
    ) -> None:
        self.command, self.env, self.cwd = command, env, cwd
        self.name = name or Path(command[0]).name
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        self._output = tempfile.NamedTemporaryFile(prefix="mf-log-", suffix=f"-{self.name}")  # noqa: SIM115
        self._popen = subprocess.Popen(
            self.command,
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dies_with_us(),
        )
        return self

    __enter__ = start

    @property
    def popen(self) -> subprocess.Popen[bytes]:
        assert self._popen, f"{self.name} was not started."
        return self._popen

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    @property
    def log(self) -> str:
        """Its output so far, stdout and stderr."""
        return Path(self._output.name).read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str, timeout: float = 30) -> str:
        """Wait until it prints ``words``; returns its output so far."""

        def said() -> bool:
            assert self.running or words in self.log, f"{self.name} ended ({self.popen.returncode}):\n{self.log}"
            return words in self.log

        try:
            wait_until(said, timeout, what=f"{words!r} from {self.name}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log[-4000:]}") from None
        return self.log

    def wait(self, timeout: float = 30) -> int:
        """Wait until it ends by itself; returns its exit code."""
        return self.popen.wait(timeout)

    def signal(self, sent: int) -> None:
        self.popen.send_signal(sent)

    def kill(self) -> None:
        """Kill it with SIGKILL, which simulates a power failure."""
        self.popen.kill()
        self.popen.wait(10)

    def stop(self, timeout: float = 15) -> int:
        """Send SIGTERM, then SIGKILL to its process group if it doesn't end; returns its exit code."""
        if self.running:
            self.popen.terminate()
            try:
                self.popen.wait(timeout)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                self.popen.wait(10)
        code = int(self.popen.returncode)
        self._output.close()
        return code

    def __exit__(self, *_: object) -> None:
        if self._popen:
            self.stop()


def environment(
    var_dir: Path, *, database_url: str = "", broker_url: str = "", smtp: SmtpServer | None = None, **more: str
) -> dict[str, str]:
    """The environment of the project's processes: as in production, but with temporary servers and frequent sweeps.

    Creates the folders of the embedded broker. ``more`` adds or overrides variables.
    """
    for folder in ("queue", "control"):
        (var_dir / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "TZ",
        "VIRTUAL_ENV",
        "LD_LIBRARY_PATH",
        "COVERAGE_PROCESS_START",
    )
    ours = {
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-the-tests-only-for-the-tests-0123",
        "BASE_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "VAR_DIR": str(var_dir),
        "DATABASE_URL": database_url or f"sqlite:///{var_dir / 'db.sqlite3'}",
        "CELERY_BROKER_URL": broker_url or "filesystem://",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(smtp.port if smtp else 9),
        "EMAIL_TIMEOUT": "5",
        "SWEEP_SECONDS": "1",
        "INCOMING_MAIL_DOMAIN": "in.example.org",
        "PYTHONUNBUFFERED": "1",
    }
    return {name: os.environ[name] for name in kept if name in os.environ} | ours | more


def manage(env: dict[str, str], *words: str, timeout: float = 120) -> str:
    """Run ``manage.py``; returns its output. Raises AssertionError with the output if it fails."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, f"manage.py {' '.join(words)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def celery_worker(env: dict[str, str], *, name: str = "worker", threads: int = 4) -> Process:
    """A worker as in production; wait for "ready" in its log."""
    command = [sys.executable, "-m", "celery", "-A", "mentoring", "worker", "-P", "threads", "-c", str(threads)]
    command += ["--without-gossip", "--without-mingle", "-n", f"{name}@%h", "-l", "INFO"]
    return Process(command, env=env, name=name)


def celery_beat(env: dict[str, str]) -> Process:
    command = [sys.executable, "-m", "celery", "-A", "mentoring", "beat", "-S", "celery.beat:Scheduler", "-l", "INFO"]
    command += ["--pidfile="]
    return Process(command, env=env, name="beat")


def mail_receiver(env: dict[str, str], port: int, *options: str) -> Process:
    """The server that takes mail in; wait for "Takes mail" in its log."""
    return Process(
        [sys.executable, "manage.py", "receive_mail", "--port", str(port), *options], env=env, name="receiver"
    )


def gunicorn(env: dict[str, str], port: int, *, workers: int = 1) -> Process:
    command = [sys.executable, "-m", "gunicorn", "mentoring.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--threads", "4"]
    return Process(command, env=env, name="web")


def current_database_url() -> str:
    """The URL of this process's current (test) database, for child processes."""
    from django.db import connection

    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    user, password = quote(settings["USER"] or "", safe=""), quote(settings["PASSWORD"] or "", safe="")
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    host, port = settings["HOST"] or "", settings["PORT"]
    if host.startswith("/"):
        query = f"?host={quote(host, safe='')}" + (f"&port={port}" if port else "")
        return f"postgresql://{login}/{settings['NAME']}{query}"
    return f"postgresql://{login}{host}{f':{port}' if port else ''}/{settings['NAME']}"


@contextlib.contextmanager
def all_of(*processes: Process) -> Iterator[None]:
    """Start these, and end them in reverse order."""
    with contextlib.ExitStack() as stack:
        for process in processes:
            stack.enter_context(process)
        yield
