"""The values `make up` runs with where nothing else is said: the environment wins, then `.env`, then these.

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
SINK_PORT = 8025

mail_door: socket.socket | None = None  # where our own mail server listens; None while somebody's own is named


def prepare() -> None:
    """Fill the gaps of the environment. Raises ImproperlyConfigured if PORT, VAR_DIR or `.env` is wrong."""
    env.read_file(env.text("ENV_FILE", ""))
    port = web_port()
    _fill("DEBUG", "1")
    _fill("BASE_URL", f"http://localhost:{port}")
    _fill("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    _fill("VAR_DIR", "var")
    var = var_dir()
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=var):
            pass  # only to see that it can be
    except OSError as error:
        raise ImproperlyConfigured(
            f"Nothing can be kept in {var} ({error.strerror}). VAR_DIR names another folder."
        ) from error
    if not _given("SECRET_KEY") and not _given("SECRET_KEY_FILE"):
        os.environ["SECRET_KEY_FILE"] = str(secret_key_file(var))


def keep_mail_here() -> None:
    """Unless a mail server is named, let mail go to one of ours.

    Its door is opened here and handed to it, so that nobody else can take the port in between, and mail that
    comes while it starts just waits a moment.
    """
    global mail_door
    if _given("EMAIL_HOST"):
        return
    mail_door = socket.socket()
    mail_door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        mail_door.bind((SINK_HOST, SINK_PORT))
        mail_door.listen()
    except OSError:  # another clone runs, say: then any port
        mail_door.close()
        mail_door = socket.create_server((SINK_HOST, 0))
    os.environ["EMAIL_HOST"] = SINK_HOST
    os.environ["EMAIL_PORT"] = str(mail_door.getsockname()[1])


def web_port() -> int:
    return env.number("PORT", 8000, least=1, most=65535)


def var_dir() -> Path:
    """Where this installation keeps its own files; relative names count from the project's folder."""
    return (ROOT / os.environ["VAR_DIR"].strip()).resolve()


def secret_key_file(var: Path) -> Path:
    """The file with this installation's random key; made on the first call, readable by its owner only."""
    path = var / "secret-key"
    if not path.exists():
        # Written to another file and linked: a second process finds a complete file, and the first key stays.
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
    """Could a server of ours listen on this port of this machine?

    Raises PermissionError where the system keeps the port (below 1024) for root.
    """
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        # Also ::1: a browser that asks for "localhost" might meet the other program there.
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
