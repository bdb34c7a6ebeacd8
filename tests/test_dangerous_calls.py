"""What the code must not do at all, or only in the modules named here: reach out, run programs, run text."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
FILES = [path for app in settings.OWN_APPS for path in sorted((ROOT / app).rglob("*.py"))]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

# Who opens connections, and where to: everything else asks the database, or these.
REACH_OUT = {
    "mail/smtp.py": "the mail server of the settings",
    "mail/smtp_timeout.py": "the same",
    "mail/connected/imap.py": "mailboxes that users connect, by sockets of accounts.outbound",
    "mail/receiver.py": "takes mail in, and connects to nobody",
    "mail/management/commands/receive_mail.py": "the same: the port on which it listens",
    "accounts/outbound.py": "hosts that users name, each address checked",
    "accounts/provider_views.py": "only catches what allauth raises",
    "mentoring/healthcheck_cli.py": "this machine's own web process",
    "mentoring/management/commands/up.py": "make up: the ports of this machine",
    "mentoring/development/supervisor.py": "make up: programs of this project",
    "mentoring/development/environment.py": "make up: a free port",
    "mentoring/development/dev_smtp.py": "make up: its own mail server",
}
NETWORK = {"socket", "requests", "urllib.request", "urllib3", "http.client", "smtplib", "ftplib", "aiohttp", "httpx"}
PROGRAMS = {"subprocess", "pty", "multiprocessing"}
# Each runs what it is given, or takes any object: for nothing that comes from outside.
CODE = {"pickle", "marshal", "shelve", "yaml", "code", "codeop", "runpy"}
XML = {"xml", "lxml", "defusedxml"}
RUNS = {"eval", "exec", "compile_command", "popen", "system"}


@cache
def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def those_with(names: set[str]) -> set[str]:
    def begins(module: str) -> bool:
        return any(module == name or module.startswith(f"{name}.") for name in names)

    return {path.relative_to(ROOT).as_posix() for path in FILES if any(map(begins, imported(path)))}


@cache
def calls(path: Path) -> set[str]:
    """Names of functions and methods that are called in this file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            found.add(getattr(node.func, "id", "") or getattr(node.func, "attr", ""))
    return found


def test_only_these_modules_reach_out_or_run_programs() -> None:
    assert those_with(NETWORK | PROGRAMS) - REACH_OUT.keys() == set()
    assert {name for name in REACH_OUT if not (ROOT / name).exists()} == set()


def test_no_text_is_run_and_no_object_is_made_of_bytes() -> None:
    found = {path.relative_to(ROOT).as_posix(): calls(path) & RUNS for path in FILES}
    assert {name: names for name, names in found.items() if names} == {}
    assert those_with(CODE) == set()
    assert those_with(XML) == {"meetings/own_calendar/multistatus.py"}  # expat, without document types, bounded


def test_only_these_call_their_own_markup_safe() -> None:
    safe = {path.relative_to(ROOT).as_posix() for path in FILES if "mark_safe" in calls(path)}
    assert safe == {"portfolio/templatetags/dated.py", "portfolio/text/markdown.py"}  # a date; sanitised by nh3


def test_nothing_secret_is_made_by_chance_or_hashed_weakly() -> None:
    weak = those_with({"random", "hashlib.md5", "hashlib.sha1"})
    assert weak == {"reminders/sweep.py"}  # which only spreads the work
    assert [path for path in FILES if calls(path) & {"md5", "sha1"}] == []


def test_no_template_prints_without_escaping() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|{%\s*autoescape\s+off|\bsafeseq\b", text), path


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_text_and_never_markup_or_code(path: Path) -> None:
    script = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTML"
    code = r"\beval\(|new Function|setTimeout\(\s*[\"'`]|javascript:"
    others = r"postMessage|__proto__|document\.cookie|importScripts"
    assert re.findall(f"{markup}|{code}|{others}", script) == []
    assert re.findall(r"[^=!]==[^=]|!=[^=]", script) == []  # only comparisons without conversions


def test_they_would_be_noticed(tmp_path: Path) -> None:
    sly = tmp_path / "sly.py"
    sly.write_text("from urllib import request\nimport os\n\n\ndef f():\n    import pickle\n    os.system(eval('1'))\n")
    assert imported(sly) >= {"urllib.request", "pickle"}
    assert calls(sly) >= {"system", "eval"}
