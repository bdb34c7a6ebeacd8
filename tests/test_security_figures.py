"""The figures and algorithms that docs/security.md tells are those of the code."""

from __future__ import annotations

import datetime as dt
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.core.signing import Signer

from accounts import encryption
from mentoring import settings as project
from tests.test_documents import ROOT, headings

SECURITY = ROOT / "docs" / "security.md"
FIGURE = re.compile(r"^\| [^|]+ \| (\d[\d,]*) ?([a-zA-Z]*)[^|]* \| `([\w.]+)` \|$", re.MULTILINE)
UNITS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1, "MB": 1024 * 1024}


def value_of(name: str) -> Any:
    module, _, rest = name.partition(".")
    if module == "settings":
        return getattr(settings, rest)
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise LookupError(name)


FIGURES = FIGURE.findall(SECURITY.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("figure", "unit", "name"), FIGURES, ids=[name for _, _, name in FIGURES])
def test_each_figure_is_that_of_the_code(figure: str, unit: str, name: str) -> None:
    found = value_of(name)
    if isinstance(found, dt.timedelta):
        found = int(found.total_seconds())
    assert int(figure.replace(",", "")) * UNITS.get(unit.removesuffix("s"), 1) == found


def test_the_figures_are_found() -> None:
    assert len(FIGURES) > 20


@pytest.mark.django_db  # a new key of a session is looked for among those there are
def test_what_encrypts_signs_and_hashes_is_what_the_inventory_says() -> None:
    inventory = SECURITY.read_text(encoding="utf-8").partition("## Cryptography")[2].partition("\n## ")[0]
    assert project.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher")
    params = Argon2PasswordHasher().params()
    assert f"Argon2id, {params.memory_cost // 1024} MiB, {params.time_cost} passes" in inventory
    assert Signer().algorithm == "sha256"
    assert default_token_generator.algorithm == "sha256"
    assert len(encryption._key_from("x" * 40)) == 32
    assert type(encryption._ciphers(("x" * 40,))[0]).__name__ == "AESGCM"
    assert len(SessionStore()._get_new_session_key()) == 32
    for named in ("HMAC-SHA256", "AES-256-GCM", "HKDF-SHA256", "TLS", "SECRET_KEY", "ENCRYPTION_KEYS"):
        assert named in inventory


@pytest.mark.parametrize(
    "heading",
    [
        *("what-comes-in-and-how-it-is-checked", "figures", "ways-in-and-how-strong-they-are", "sessions"),
        *("who-may-what", "what-is-sensitive", "cryptography", "connections", "what-is-logged", "what-takes-long"),
        *("dependencies",),
    ],
)
def test_each_rule_has_its_paragraph(heading: str) -> None:
    assert heading in headings(SECURITY)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_dependency_is_pinned_with_its_hashes(lock: str) -> None:
    blocks = re.split(r"^(?=[a-zA-Z0-9])", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(blocks) > 40
    assert [block for block in blocks if not re.match(r"\S+==\S+.*\\\n +--hash=sha256:[0-9a-f]{64}", block)] == []
    assert "--require-hashes -r requirements.lock" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_nothing_names_a_module_that_is_gone() -> None:
    text = SECURITY.read_text(encoding="utf-8")
    named = re.findall(r"`((?:accounts|mail|mentoring|meetings|outreach|portfolio|reminders)(?:\.\w+)+)`", text)
    assert named
    for name in named:
        value_of(name)


def test_a_wrong_figure_would_be_noticed(tmp_path: Path) -> None:
    [found] = FIGURE.findall("| a thing | 6 minutes | `accounts.recent_sign_in.RECENT` |")
    with pytest.raises(AssertionError):
        test_each_figure_is_that_of_the_code(*found)
