"""Runs everything on one machine as a foreground job: web, worker, beat and a development mail server."""

from __future__ import annotations

import fcntl
import sys
import time
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections

from accounts.models import User
from mentoring import demo, healthcheck_cli
from mentoring.development import door, environment
from mentoring.development.supervisor import Service, Supervisor


class Command(BaseCommand):
    help = "Start Mentorfolio on this machine. Ctrl-C ends it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lock = self.take_lock(settings.VAR_DIR / "up.lock")
        except OSError as error:
            raise SystemExit(f"Mentorfolio can't start: {error}. Does another user own that file?") from None
        if lock is None:
            return
        with lock:
            port = environment.web_port()
            try:
                self.check_port(port)
                self.prepare()
            except KeyboardInterrupt:
                raise SystemExit(130) from None
            except DatabaseError as error:
                reason = " ".join(str(error).split())
                raise SystemExit(f"The database can't be used: {reason}. DATABASE_URL names it.") from None
            except OSError as error:
                raise SystemExit(f"Mentorfolio can't start: {error}. Nothing was lost.") from None
            raise SystemExit(self.supervise(port))

    def say(self, words: str) -> None:
        """Print without buffering, also into a pipe, because the services' output follows."""
        self.stdout.write(words)
        self.stdout.flush()

    def take_lock(self, path: Path) -> IO[str] | None:
        """The lock file, which must stay open to hold the lock; None if another instance is running."""
        lock = path.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            address = lock.read().strip() or settings.BASE_URL
            lock.close()
            self.say(f"Mentorfolio is already running at {address}")
            if environment.mail_door:
                self.say(f"  Mail     {self.mailbox(address)}")
            return None
        lock.truncate(0)
        lock.write(settings.BASE_URL)
        lock.flush()
        return lock

    def check_port(self, port: int) -> None:
        """Retry a few times, because the web server of a killed run needs a moment to end."""
        try:
            for _ in range(10):
                if environment.is_free(port):
                    return
                time.sleep(0.3)
        except PermissionError:
            raise SystemExit(f"Port {port} is only for root. Choose one above 1023: PORT=8001 make up") from None
        other = port + 1 if port < 65535 else 8001
        raise SystemExit(f"Port {port} is taken by another program. Choose another: PORT={other} make up")

    def prepare(self) -> None:
        for name in ("queue", "control", "mail"):
            folder = settings.VAR_DIR / name
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        if not User.objects.exists():
            self.say("Loading the demo.")
            demo.load_demo()
        self.login = demo.demo_login()
        connections.close_all()

    def supervise(self, port: int) -> int:
        supervisor = Supervisor(
            services(port), is_ready=lambda: healthcheck_cli.status(port, "/healthz") == 200, when_ready=self.greet
        )
        code = supervisor.run()
        self.say("Mentorfolio has ended. Your data is kept.")
        return code

    def mailbox(self, address: str = "") -> str:
        return f"to read it, open this address, which works once: {door.new_address(address or settings.BASE_URL)}"

    def greet(self) -> None:
        lines = ["", f"Mentorfolio runs at {settings.BASE_URL}"]
        if self.login:
            lines.append("  Sign in  {} with the password {}".format(*self.login))
        if environment.mail_door:
            lines.append(f"  Mail     kept, not delivered; {self.mailbox()}")
        else:
            lines.append(f"  Mail     really goes out, through {settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
        if environment.incoming_door:
            port = environment.port_of(environment.incoming_door)
            lines.append(f"  Copies   for private addresses @{settings.INCOMING_MAIL_DOMAIN}: SMTP on port {port}")
        self.say("\n".join([*lines, "  Stop     Ctrl-C", ""]))


def services(port: int) -> list[Service]:
    """The services. The worker uses threads in one process, so that no child process can be left over."""
    python = sys.executable
    # Celery warns about running as root because of pickled tasks; ours are JSON.
    quiet = "ignore:You're running the worker with superuser"
    celery = [python, "-W", quiet, "-m", "celery", "--quiet", "--skip-checks", "-A", "mentoring"]
    web = [python, "-m", "gunicorn", "mentoring.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    web += ["--threads", "4", "--graceful-timeout", "2", "--no-control-socket", "--log-level", "warning"]
    worker = [*celery, "worker", "-P", "threads", "-c", "4", "--without-gossip", "--without-mingle", "-l", "WARNING"]
    beat = [*celery, "beat", "-S", "celery.beat:Scheduler", "--pidfile", "", "-l", "WARNING"]
    all_of_it = [Service("web", web), Service("worker", worker), Service("beat", beat)]
    if environment.incoming_door:
        incoming = environment.incoming_door.fileno()
        receiver = [python, "manage.py", "receive_mail", "--fd", str(incoming)]
        all_of_it.append(Service("incoming", receiver, pass_fds=(incoming,)))
    if environment.mail_door:
        door = environment.mail_door.fileno()
        sink = [
            python,
            "-m",
            "mentoring.development.dev_smtp",
            "--fd",
            str(door),
            "--folder",
            str(settings.VAR_DIR / "mail"),
        ]
        all_of_it.insert(0, Service("mail", sink, pass_fds=(door,)))
    return all_of_it
