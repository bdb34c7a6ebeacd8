"""No secret is committed: no private key, no token of a known service, no random string under a telling name.

Also a hook: ``python -m tests.test_secrets FILE …`` looks at the files of a commit.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SHAPES = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})"),
    "a token of GitLab": re.compile(r"\bglpat-[\w-]{20}"),
    "a token of Slack": re.compile(r"\bxox[abeoprs]-[\w-]{10,}"),
    "a key of Stripe": re.compile(r"\b[rs]k_live_\w{16,}"),
    "a key of Google": re.compile(r"\bAIza[\w-]{35}"),
    "a key of SendGrid": re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
}
# A password within a URL. Braces, brackets and dollars mean that it is filled in elsewhere.
IN_A_URL = re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@\"'`<>{}$]+:([^\s/:@\"'`<>{}$]+)@")
NAMED = re.compile(
    r"(?:secret|passw(?:or)?d|passphrase|token|credential|(?<![a-z])key|_key)\w*[\"'\]]*\s*(?:[:=]=?|=>)\s*"
    r"[\"'`]?([A-Za-z0-9+/_.~\-]{20,}={0,2})(?=[\"'`\s,;)\]}]|$)",
    re.IGNORECASE,
)
RANDOM = 3.6  # bits a character, as random letters and digits have them; words and dotted names have fewer

# What looks like a secret, and is none.
ALLOWED = {
    "only-for-the-tests-only-for-the-tests-0123": "the key of the tests",
    "only-while-the-image-is-built-not-used-later": "the key of a command that opens no connection",
    "password": "stands for a password in .env.example and in errors",
    "hunter2": "the password that must not be shown, in tests/mentoring/test_env.py",
    "p%40ss": "an escaped password, in tests/mentoring/test_env.py",
    "secret": "a password in an address that is refused, in tests/accounts/test_outbound.py",
    "{secret}": "the same",
    "pass": "the same, in tests/meetings/views/test_own_calendar.py",
    "443": "a port before an @, in tests/mail/test_user_text.py",
    "guest": "the account that RabbitMQ ships with, in .env.example",
}


def secrets_in(text: str) -> Iterator[str]:
    """What in this text looks like a secret, each with why."""
    for what, shape in SHAPES.items():
        yield from (f"{what}: {found[0][:12]}…" for found in shape.finditer(text))
    for found in IN_A_URL.finditer(text):
        if found[1] not in ALLOWED:
            yield f"a password in a URL: {found[1][:4]}…"
    for found in NAMED.finditer(text):
        if found[1] not in ALLOWED and looks_random(found[1]):
            yield f"a random string under a telling name: {found[0][:24]}…"


def looks_random(value: str) -> bool:
    """Whether it has digits among its letters, and as many different characters as chance would give it."""
    shares = [value.count(character) / len(value) for character in set(value)]
    bits = -sum(share * math.log2(share) for share in shares)
    return bits >= RANDOM and bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value))


def found_in(paths: Iterable[Path]) -> list[str]:
    found = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, IsADirectoryError, FileNotFoundError):  # a picture, a link, a file deleted
            continue
        found += [f"{path.name}: {secret}" for secret in secrets_in(text)]
    return found


def kept_files() -> list[Path]:
    """Every file in git, and every new one that isn't ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_no_secret_is_committed() -> None:
    files = kept_files()
    assert ROOT / "mentoring" / "settings.py" in files
    assert found_in(files) == []


def test_files_that_hold_secrets_are_not_in_git() -> None:
    telling = re.compile(r"(^|/)(\.env(\.(?!example$).*)?|id_[a-z0-9]+|.*\.(pem|key|p12|pfx|kdbx?|sqlite3))$")
    assert [path for path in kept_files() if telling.search(path.relative_to(ROOT).as_posix())] == []


@pytest.mark.parametrize(
    "parts",  # put together here, so that this file is clean itself
    [
        ("-----BEGIN RSA ", "PRIVATE KEY-----"),
        ("-----BEGIN ", "PRIVATE KEY-----"),
        ("AKIA", "IOSFODNN7EXAMPLE"),
        ("ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"),
        ("glpat-", "a1B2c3D4e5F6g7H8i9J0"),
        ("xoxb-", "123456789012-abcdefghij"),
        ("sk_live_", "a1B2c3D4e5F6g7H8"),
        ("AIza", "SyA1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6Q"),
        ("SG.", "a1B2c3D4e5F6g7H8", ".", "i9J0k1L2m3N4o5P6"),
        ("eyJ", "hbGciOiJIUzI1NiJ9", ".eyJ", "zdWIiOiIxMjM0NTY3ODkwIn0", ".", "dozjgNryP4J3jVmNHl0w5N"),
        ("DATABASE_URL=postgresql://mentor", ":Rosebud9@", "db.example.org/mentorfolio"),
        ("SECRET_KEY = ", '"q8F0v-3kZt_7Rw2Yb9Xc5Ln1Ms6Pd4Gh"'),
        ("SECRET_KEY=", "q8F0v-3kZt_7Rw2Yb9Xc5Ln1Ms6Pd4Gh"),
        ('"api_token": ', '"9f8e7d6c5b4a39281706f5e4d3c2b1a0"'),
        ("EMAIL_HOST_PASSWORD: ", "Zx81-Qw93-Er57-Ty20-Ui46"),
    ],
    ids=lambda parts: parts[0],
)
def test_a_planted_secret_is_found(parts: tuple[str, ...], tmp_path: Path) -> None:
    planted = tmp_path / "settings.py"
    planted.write_text(f"# before\n{''.join(parts)}\nafter = 1\n")
    assert len(found_in([planted])) >= 1


@pytest.mark.parametrize(
    "line",
    [
        'SECRET_KEY = env.secret("SECRET_KEY")',
        "SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(48))')",
        "DATABASE_URL: postgresql://mentorfolio:${POSTGRES_PASSWORD:-}@postgres:5432/mentorfolio",
        'token = signing.dumps([user.pk, version], salt="reminders.off")',
        "#SECRET_KEY_FILE=/run/secrets/secret_key",
        "key=lambda match: len(match)",
        "amqp==5.4.2 --hash=sha256:9362660c4a31150cf18e78cae2ce8aa1e929fc6c6739e69f6dd5dbea9c3edc82",
    ],
)
def test_ordinary_lines_are_left_alone(line: str) -> None:
    assert list(secrets_in(line)) == []


if __name__ == "__main__":
    trouble = found_in(Path(name) for name in sys.argv[1:])
    sys.exit("\n".join(trouble))
