"""Settings come from the environment, are safe by default, and have clear errors."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mail import mail_providers
from mentoring import env

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "k" * 50
READS = re.compile(
    r"""\benv\.(text|secret|secret_words|flag|number|words|mail_address|plain_address|contacts|any_hosts|one_of|hosts_and_networks|hosts|host|site_url)"""
    r"""\(\s*"([A-Z_]+)\""""
)


def read_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **values: str) -> dict:
    """The settings of a process with only these environment variables."""
    others = {name for name in os.environ if name.startswith("OIDC_")}
    for name in settings_names() | {f"{name}_FILE" for name in settings_names()} | others:
        monkeypatch.delenv(name, raising=False)
    given = {"ENV_FILE": os.devnull, "SECRET_KEY": KEY, "BASE_URL": "https://m.example.org", "VAR_DIR": str(tmp_path)}
    for name, value in (given | values).items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "mentoring" / "settings.py"))


def settings_names() -> set[str]:
    sources = [*ROOT.glob("mentoring/**/*.py"), *ROOT.glob("mail/*.py")]
    return {name for path in sources for _, name in READS.findall(path.read_text(encoding="utf-8"))}


def test_defaults_are_safe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = read_settings(monkeypatch, tmp_path)
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["m.example.org"]
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"


def test_blank_values_count_as_not_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blank = dict.fromkeys(settings_names() - {"SECRET_KEY", "BASE_URL", "VAR_DIR", "ENV_FILE", "PORT"}, " ")
    settings = read_settings(monkeypatch, tmp_path, **blank)
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["DEBUG"] is False
    assert settings["EMAIL_PORT"] == 25


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ABUSE_CONTACT", "Abuse <abuse@example.org>", "ABUSE_CONTACT must be an e-mail address"),
        ("MEETING_LINK_HOSTS", "zoom.us,https://meet.example.org/", "MEETING_LINK_HOSTS must name hosts such as"),
        ("OUTBOUND_ALLOWED", "cloud.home.example,https://10.1.0.1", "OUTBOUND_ALLOWED must name hosts or networks"),
        ("OUTBOUND_ALLOWED", "10.1.2.3/16", "OUTBOUND_ALLOWED must name hosts or networks"),
        (
            "INCOMING_MAIL_PROVIDER",
            "pigeon",
            "INCOMING_MAIL_PROVIDER must be one of mailersend, mailgun, mandrill, post",
        ),
        ("INCOMING_MAIL_PROVIDER", "postmark", "INCOMING_MAIL_PROVIDER needs INCOMING_MAIL_SECRET"),
        ("MAIL_A_RECIPIENT", "0", "MAIL_A_RECIPIENT must be between 1"),
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SECRET_KEY", "short", "SECRET_KEY must be at least 40 characters"),
        ("SECRET_KEY_FILE", "/nowhere/at/all", "SECRET_KEY_FILE names a file that can't be read"),
        ("BASE_URL", "", "BASE_URL is not set"),
        ("BASE_URL", "mentors.example.org", "BASE_URL must be a full address"),
        ("BASE_URL", "https://[half", "BASE_URL must be a full address"),
        ("BASE_URL", "https://m.example.org/sub", "BASE_URL must be a full address"),
        ("DEBUG", "perhaps", "DEBUG must be 1 or 0"),
        ("DATABASE_URL", "mysql://localhost/x", "DATABASE_URL must start with"),
        ("DATABASE_URL", "sqlite:///", "DATABASE_URL for SQLite needs a path"),
        ("DATABASE_URL", "postgresql://localhost:5432", "DATABASE_URL names no database"),
        ("DATABASE_URL", "postgresql://localhost/x?nonsense=1", "DATABASE_URL can't be read"),
        ("DATABASE_URL", "postgresql://[half/x", "DATABASE_URL can't be read"),
        ("DATABASE_URL", "postgresql://user:hunter2@localhost:port/x", "DATABASE_URL can't be read"),
        ("CELERY_BROKER_URL", "sqs://", "CELERY_BROKER_URL must start with"),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT must be a whole number"),
        ("EMAIL_PORT", "70000", "EMAIL_PORT must be between 1 and 65535"),
        ("EMAIL_TIMEOUT", "0", "EMAIL_TIMEOUT must be between"),
        ("SWEEP_SECONDS", "0", "SWEEP_SECONDS must be between"),
        ("ALLOWED_HOSTS", " , ", "ALLOWED_HOSTS names nothing"),
        ("DEFAULT_FROM_EMAIL", "nonsense", "DEFAULT_FROM_EMAIL must be an e-mail address"),
        ("ENV_FILE", "/nowhere/at/all", "ENV_FILE names a file that isn't there"),
        ("BEHIND_PROXY", "2", "BEHIND_PROXY must be 1 or 0"),
        ("SIGN_UP", "perhaps", "SIGN_UP must be one of open, invited, domain, closed"),
        ("SIGN_UP", "domain", "SIGN_UP=domain and SIGN_UP_DOMAINS belong together"),
        ("SIGN_UP_DOMAINS", "example.org", "SIGN_UP=domain and SIGN_UP_DOMAINS belong together"),
        ("SIGN_UP_DOMAINS", "@example.org", "SIGN_UP_DOMAINS must be domains"),
        ("ORCID_CLIENT_ID", "APP-1", "ORCID_CLIENT_ID and ORCID_CLIENT_SECRET belong together"),
        ("GOOGLE_CLIENT_SECRET", "hunter2", "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together"),
        ("LINKEDIN_TRUSTED", "perhaps", "LINKEDIN_TRUSTED must be 1 or 0"),
        ("MICROSOFT_TENANT", "common", "MICROSOFT_TENANT must be the id or domain of one tenant"),
        ("MAILBOX_MICROSOFT_CLIENT_ID", "1", "MAILBOX_MICROSOFT_CLIENT_ID and MAILBOX_MICROSOFT_CLIENT_SECRET belong"),
        ("MAILBOX_MICROSOFT_CLIENT_SECRET", "hunter2", "MAILBOX_MICROSOFT_CLIENT_SECRET belong together"),
        ("MAILBOX_MICROSOFT_TENANT", "a/../b", "MAILBOX_MICROSOFT_TENANT must be common"),
        ("OIDC_PROVIDERS", "My University", "OIDC_PROVIDERS must name each provider once"),
        ("OIDC_PROVIDERS", "google", "OIDC_PROVIDERS must name each provider once"),
        ("OIDC_PROVIDERS", "nhs", "OIDC_NHS_URL is not set"),
        ("SIGN_IN_ONLY_WITH", "orcid", "SIGN_IN_ONLY_WITH names a provider that is not switched on"),
    ],
)
def test_wrong_value_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        read_settings(monkeypatch, tmp_path, **{name: value})
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("provider", sorted(mail_providers.PROVIDERS))
def test_a_mail_provider_needs_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, provider: str) -> None:
    values = {"INCOMING_MAIL_PROVIDER": provider.upper(), "INCOMING_MAIL_SECRET": "x" * 20}
    assert read_settings(monkeypatch, tmp_path, **values)["INCOMING_MAIL_PROVIDER"] == provider
    for secret in ("", "x" * 19, "é" * 20):
        with pytest.raises(ImproperlyConfigured, match="anybody could bring mail in"):
            read_settings(monkeypatch, tmp_path, INCOMING_MAIL_PROVIDER=provider, INCOMING_MAIL_SECRET=secret)


def test_two_kinds_of_tls_exclude_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_USE_TLS and EMAIL_USE_SSL"):
        read_settings(monkeypatch, tmp_path, EMAIL_USE_TLS="1", EMAIL_USE_SSL="yes")


def test_a_worker_has_no_more_of_redis_in_hand_than_it_can_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Otherwise it ends when Redis is killed: this happened in `make chaos`, 16 times in 26 kills of Redis."""
    settings = read_settings(monkeypatch, tmp_path, CELERY_BROKER_URL="redis://localhost:6379/0")
    assert settings["CELERY_WORKER_DISABLE_PREFETCH"] is True


def test_a_wrong_database_address_does_not_show_its_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        read_settings(monkeypatch, tmp_path, DATABASE_URL="mysql://someone:hunter2@localhost/x")
    assert "hunter2" not in str(raised.value)


def test_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    settings = read_settings(monkeypatch, tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(file))
    assert settings["SECRET_KEY"] == KEY


def test_empty_secret_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch()
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE names an empty file"):
        read_settings(monkeypatch, tmp_path, SECRET_KEY_FILE=str(file))


def test_postgresql_address_is_read() -> None:
    database = env.database("postgresql://mf:p%40ss@db.example.org:5433/mentors?sslmode=require")
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("mentors", "mf", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db.example.org", "5433")
    assert database["OPTIONS"]["sslmode"] == "require"  # type: ignore[index]


def test_kept_plans_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "postgresql:///mentors"
    kept = read_settings(monkeypatch, tmp_path, DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]
    assert (kept["server_side_binding"], kept["prepare_threshold"]) == (True, 5)
    without = read_settings(monkeypatch, tmp_path, DATABASE_URL=url, DATABASE_PREPARED="0")
    assert not {"server_side_binding", "prepare_threshold"} & set(without["DATABASES"]["default"]["OPTIONS"])


def test_postgresql_socket_folder_is_read() -> None:
    assert env.database("postgresql:///mentors?host=/run/postgresql")["HOST"] == "/run/postgresql"


def test_sqlite_path_may_have_spaces() -> None:
    assert env.database("sqlite:////srv/my%20data/db.sqlite3")["NAME"] == "/srv/my data/db.sqlite3"
    assert env.database("sqlite:////srv/my data/db.sqlite3")["NAME"] == "/srv/my data/db.sqlite3"


def test_relative_sqlite_path_counts_from_the_project() -> None:
    assert env.database("sqlite:///var/db.sqlite3")["NAME"] == str(ROOT / "var" / "db.sqlite3")


def test_every_setting_is_explained() -> None:
    explained = set(re.findall(r"(?m)^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8")))
    secrets = {
        f"{name}_FILE"
        for path in ROOT.glob("mentoring/**/*.py")
        for kind, name in READS.findall(path.read_text(encoding="utf-8"))
        if kind.startswith("secret")
    }
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert explained >= settings_names()
    assert [name for name in sorted(secrets) if name not in text] == []
    of_a_named_provider = {name for name in explained if name.startswith("OIDC_UNIVERSITY_")}
    assert explained - settings_names() - secrets - of_a_named_provider == {"POSTGRES_PASSWORD"}


def test_manage_ends_with_one_line_when_a_setting_is_wrong() -> None:
    broken = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "SECRET_KEY": KEY, "BASE_URL": "nonsense"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=broken, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Settings: BASE_URL must be a full address")
    assert done.stderr.count("\n") == 1


def test_env_file_in_another_encoding_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "latin-1"
    file.write_bytes("DEFAULT_FROM_EMAIL=Zo\xeb <zoe@example.org>".encode("latin-1"))
    with pytest.raises(ImproperlyConfigured, match=r"latin-1 can't be read .* UTF-8"):
        read_settings(monkeypatch, tmp_path, ENV_FILE=str(file))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VAR_DIR", "{file}", "Settings: Nothing can be kept in {file}"),
        ("VAR_DIR", "{file}/below", "Settings: Nothing can be kept in {file}/below"),
        ("DATABASE_URL", "sqlite:////{file}", "The database can't be used: file is not a database"),
        ("DATABASE_URL", "sqlite:////{file}/below", "The database can't be used: unable to open database file"),
    ],
)
def test_up_ends_with_one_line_when_nothing_can_be_kept(tmp_path: Path, name: str, value: str, said: str) -> None:
    file = tmp_path / "file"
    file.write_text("words, and no database at all")
    given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(tmp_path / "var")}
    given[name] = value.format(file=file)
    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(said.format(file=file))
    assert done.stderr.count("\n") == 1
