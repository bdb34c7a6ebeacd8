"""Reads typed settings from the environment, with a clear error for an invalid value."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from dotenv import load_dotenv

ROOT = Path(__file__).resolve().parent.parent
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def read_file(named: str) -> None:
    """Load this file (default ``.env``) into the environment; existing variables take precedence."""
    if named and not Path(named).exists():
        raise ImproperlyConfigured(f"ENV_FILE names a file that isn't there: {named}.")
    path = Path(named) if named else ROOT / ".env"
    try:
        load_dotenv(path, override=False)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ImproperlyConfigured(f"{path} can't be read ({error}). It must be a plain text file in UTF-8.") from error


def text(name: str, default: str | None = None) -> str:
    """The value of ``name``, or ``default``; a missing value without a default is an error."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. See .env.example for what it means.")
    return default


def secret(name: str, default: str | None = None) -> str:
    """Like :func:`text`, but ``NAME_FILE`` may name a file that holds the value (a mounted secret)."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return text(name, default)
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names a file that can't be read: {path} ({error}).") from error
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE names an empty file: {path}.")
    return value


def secret_words(name: str) -> list[str]:
    """Any number of secrets, separated by commas, spaces or lines; read like :func:`secret`."""
    return re.split(r"[,\s]+", value) if (value := secret(name, "").strip(", \t\n")) else []


def flag(name: str, default: bool) -> bool:
    """A yes or no: 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name, "")
    if not value.strip():
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0 (or true/false, yes/no, on/off), not {value!r}.")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """A whole number between ``least`` and ``most``."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        result = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if not least <= result <= most:
        raise ImproperlyConfigured(f"{name} must be between {least} and {most}, not {result}.")
    return result


def words(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list with at least one item."""
    value = text(name, default)
    found = [word.strip() for word in value.split(",") if word.strip()]
    if not found:
        raise ImproperlyConfigured(f"{name} names nothing: {value!r}.")
    return found


def mail_address(name: str, default: str) -> str:
    """One e-mail address, alone or with a name: ``Mentorfolio <hello@mentors.example.org>``."""
    value = text(name, default)
    if value == default:  # derived from BASE_URL, whose host may be a bare name or an IP address
        return value
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        raise ImproperlyConfigured(
            f"{name} must be an e-mail address such as Mentorfolio <hello@mentors.example.org>, not {value!r}."
        ) from None
    return value


def contacts(name: str) -> list[str]:
    """Addresses to turn to, as URIs: ``mailto:``, ``https:`` or ``tel:``. A bare e-mail address becomes a mailto."""
    found = []
    for value in text(name, "").split(","):
        uri = value.strip()
        if uri and ":" not in uri:
            uri = f"mailto:{uri}"
        if not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://[^\s/]+\S*|tel:[+\d.\-]+)?", uri):
            raise ImproperlyConfigured(
                f"{name} must be an e-mail address or start with mailto:, https:// or tel:, not {value.strip()!r}."
            )
        found += [uri] if uri else []
    return found


def plain_address(name: str) -> str:
    """One e-mail address without a name; empty if it isn't set."""
    value = text(name, "")
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise ImproperlyConfigured(f"{name} must be an e-mail address, not {value!r}.") from None
    return value


def hosts(name: str, default: str) -> list[str]:
    """Host names, comma-separated, in small letters."""
    found = [word.lower() for word in words(name, default)]
    for host in found:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host):
            raise ImproperlyConfigured(f"{name} must name hosts such as zoom.us, without https:// and path: {host!r}.")
    return found


def any_hosts(name: str) -> list[str]:
    """Host names, as in :func:`hosts`; none if it isn't set."""
    return hosts(name, "") if text(name, "") else []


def host(name: str) -> str:
    """One host name in small letters; empty if it isn't set."""
    found = any_hosts(name)
    if len(found) > 1:
        raise ImproperlyConfigured(f"{name} must name one host.")
    return found[0] if found else ""


def one_of(name: str, choices: Collection[str]) -> str:
    """One of these words; empty if it isn't set."""
    value = text(name, "").lower()
    if value and value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def hosts_and_networks(name: str) -> list[str]:
    """Host names, IP addresses and networks (10.1.0.0/16), comma-separated, in small letters. May be empty."""
    found = [word.strip().lower() for word in text(name, "").split(",") if word.strip()]
    for one in found:
        if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", one) and not re.fullmatch(r"[0-9.]+", one):
            continue
        try:
            ip_network(one)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must name hosts or networks such as cloud.home.example or 10.1.0.0/16, not {one!r}."
            ) from None
    return found


def site_url(name: str) -> SplitResult:
    """The public http(s) URL of this site, without a path."""
    value = text(name).rstrip("/")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
        usable = usable and not (parts.path or parts.query or parts.fragment or parts.username)
    except ValueError:  # an unclosed bracket, or a port that is not a number
        usable = False
    if not usable:
        raise ImproperlyConfigured(
            f"{name} must be a full address such as https://mentors.example.org, without a path, not {value!r}."
        )
    return parts


def database(url: str, *, prepared: bool = True) -> dict[str, object]:
    """Django's database settings for ``sqlite:///path`` or ``postgresql://user:password@host:port/name``.

    For a PostgreSQL socket folder, use the query: ``postgresql:///name?host=/run/postgresql``. It keeps the plans of
    queries if ``prepared``.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        path = unquote(rest.removeprefix("/"))
        if not path:
            raise ImproperlyConfigured("DATABASE_URL for SQLite needs a path: sqlite:///var/mentorfolio.sqlite3.")
        return sqlite(str(ROOT / path))  # a relative path starts at the project's folder
    if scheme in {"postgres", "postgresql"}:
        return postgresql(url, prepared=prepared)
    raise ImproperlyConfigured("DATABASE_URL must start with sqlite:/// or postgresql://.")


def sqlite(path: str) -> dict[str, object]:
    # WAL and IMMEDIATE: with SQLite's defaults, 14-23 % of transactions failed in a test with two writers and two
    # claiming workers; with these settings, none did.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # secure_delete: what is deleted is overwritten in the file, as many builds of SQLite do anyway.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
            " PRAGMA secure_delete=ON;",
        },
        # A file, not in memory, because worker processes started by tests need it.
        "TEST": {"NAME": f"{path}.test"},
    }


def postgresql(url: str, *, prepared: bool) -> dict[str, object]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        info = conninfo_to_dict(url)
        port = info.pop("port", "")
        int(port or 0)
    except (psycopg.Error, ValueError):
        # Without libpq's message, which contains the whole URL with the password.
        raise ImproperlyConfigured("DATABASE_URL can't be read as a PostgreSQL address.") from None
    name = info.pop("dbname", None)
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://user:password@host:5432/name.")
    # Parsing and planning a query takes longer than running most of them. psycopg keeps the plan from the 6th time on.
    plans: dict[str, object] = {"server_side_binding": True, "prepare_threshold": 5} if prepared else {}
    return {
        "ENGINE": "mentoring.postgresql",
        "NAME": name,
        "USER": info.pop("user", ""),
        "PASSWORD": info.pop("password", ""),
        "HOST": info.pop("host", ""),
        "PORT": str(port),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**info, "pool": {"min_size": 1, "max_size": 8, "timeout": 10}, **plans},
    }
