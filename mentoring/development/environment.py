"""The default settings of `make up`: the environment takes precedence, then `.env`, then these.

Must run before Django reads the settings, so `manage.py` calls it.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from mentoring import env

ROOT = Path(__file__).resolve().parent.parent.parent
SINK_HOST = "127.0.0.1"
SINK_PORT, RECEIVER_PORT = 8025, 8026

mail_door: socket.socket | None = None  # the socket of our mail server; None if another server is configured
incoming_door: socket.socket | None = None  # that of the receiver of mail


def prepare() -> None:
    """Set missing environment variables. Raises ImproperlyConfigured if PORT, VAR_DIR or `.env` is invalid."""
    env.read_file(env.text("ENV_FILE", ""))
    port = web_port()
    _fill("DEBUG", "1")
    _fill("BASE_URL", f"http://localhost:{port}")
    _fill("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    _fill("VAR_DIR", "var")
    _fill("INCOMING_MAIL_DOMAIN", "in.localhost")
    var = var_dir()
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=var):
            pass  # only to check that it is writable
    except OSError as error:
        raise ImproperlyConfigured(
            f"Nothing can be kept in {var} ({error.strerror}). VAR_DIR names another folder."
        ) from error
    if not _given("SECRET_KEY") and not _given("SECRET_KEY_FILE"):
        os.environ["SECRET_KEY_FILE"] = str(secret_key_file(var))


def keep_mail_here() -> None:
    """Unless a mail server is configured, use the development mail server.

    The socket is opened here and passed on, so that no other process can take the port in between, and mail that
    arrives while the server starts has to wait only a moment.
    """
    global mail_door
    if _given("EMAIL_HOST"):
        return
    mail_door = _opened(SINK_PORT)
    os.environ["EMAIL_HOST"] = SINK_HOST
    os.environ["EMAIL_PORT"] = str(port_of(mail_door))


def take_mail_in() -> None:
    """Open the port to which mail for drop addresses may be sent from this machine."""
    global incoming_door
    incoming_door = _opened(RECEIVER_PORT)


def _opened(port: int) -> socket.socket:
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((SINK_HOST, port))
        door.listen()
    except OSError:  # the port is in use, perhaps by another clone: use any port
        door.close()
        door = socket.create_server((SINK_HOST, 0))
    return door


def port_of(door: socket.socket) -> int:
    return int(door.getsockname()[1])


def web_port() -> int:
    return env.number("PORT", 8000, least=1, most=65535)


def var_dir() -> Path:
    """The folder for this installation's files; relative paths start at the project's folder."""
    return (ROOT / os.environ["VAR_DIR"].strip()).resolve()


def secret_key_file(var: Path) -> Path:
    """The file with this installation's random key; made on the first call, readable by its owner only."""
    path = var / "secret-key"
    if not path.exists():
        # Write to another file, then link it: a second process finds a complete file, and the first key wins.
        fresh = var / f"secret-key.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path


def is_free(port: int) -> bool:
    """Whether a server can listen on this port of this machine.

    Raises PermissionError if the system reserves the port (below 1024) for root.
    """
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        # Also check ::1, where a browser that resolves "localhost" might reach another program.
        try:
            with socket.socket(family) as probe:
                probe.settimeout(1)
                if probe.connect_ex((host, port)) == 0:
                    return False
        except OSError:
            continue  # no IPv6 here
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise
        except OSError:
            return False
    return True


def _given(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


def _fill(name: str, value: str) -> None:
    if not _given(name):
        os.environ[name] = value
