"""up.py: what pip-audit found, in words. ``tests/integration/test_install.py`` runs the rest."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import up

ROOT = Path(__file__).resolve().parent.parent
NOT_REACHED = "The list of known weaknesses could not be reached, so nothing was checked."
CLEAN: dict[str, Any] = {"name": "django", "version": "5.2.19", "vulns": []}
UNKNOWN = {"name": "nobody-knows", "skip_reason": "not found"}
WEAK = {
    "name": "redis",
    "version": "1.0",
    "vulns": [{"id": "CVE-2026-1", "fix_versions": ["1.1", "2.0"]}, {"id": "CVE-2026-2", "fix_versions": []}],
}


def output(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("said", "trouble", "line"),
    [
        (output(CLEAN, CLEAN), "", "No known weakness in 2 packages."),
        (output(CLEAN, UNKNOWN), "", "No known weakness in 1 packages. Not in the list, so not checked: nobody-knows."),
        (output(UNKNOWN, UNKNOWN), "", NOT_REACHED),  # as an index answers that keeps no list
        ("", "requests.exceptions.ProxyError: Max retries exceeded", NOT_REACHED),
        ("", "error: Request failed\n  cause: error sending request for url", NOT_REACHED),
        ("", "Temporary failure in name resolution", NOT_REACHED),
    ],
)
def test_an_audit_without_findings_is_no_failure(said: str, trouble: str, line: str) -> None:
    assert up.audited(said, trouble) == line


def test_a_known_weakness_is_a_failure_with_what_mends_it() -> None:
    with pytest.raises(up.Stop) as stopped:
        up.audited(output(CLEAN, WEAK, UNKNOWN), "Found 2 known vulnerabilities in 1 package")
    assert str(stopped.value).splitlines() == [
        "Known weaknesses:",
        "redis 1.0: CVE-2026-1, mended in 1.1, 2.0",
        "redis 1.0: CVE-2026-2, mended in no version yet",
    ]


@pytest.mark.parametrize("said", ["", "{}", "[]", "nonsense"])
def test_an_audit_that_breaks_is_a_failure(said: str) -> None:
    with pytest.raises(up.Stop, match=r"(?s)The audit did not work.*invalid lock file"):
        up.audited(said, "Traceback\ninvalid lock file")


def test_the_tools_are_pinned_and_run_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, output(CLEAN), "")

    monkeypatch.setattr(subprocess, "run", run)
    up.audit()
    up.sbom()
    assert [command[1:5] for command in commands] == [["-m", "uv", "tool", "run"]] * 2
    assert [re.search(r"[\w-]+==[\d.]+", " ".join(command)) is not None for command in commands] == [True, True]
    assert all("requirements.lock" in command for command in commands)


def test_a_bill_that_was_not_written_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    for trouble, said in [
        ("dns: error sending request", "Is this machine online?"),
        ("no such option", "no such option"),
    ]:
        broken = subprocess.CompletedProcess([], 2, "", trouble)
        monkeypatch.setattr(subprocess, "run", lambda *a, broken=broken, **more: broken)
        with pytest.raises(up.Stop, match=re.escape(said)):
            up.sbom()


def test_every_target_is_in_the_makefile_and_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"(?m)^\.PHONY: (.+)$", makefile)
    assert f"\n{phony}:\n" in makefile
    explained = re.findall(r"(?m)^make (\w+)", up.HELP)
    assert sorted({"help", *explained}) == sorted(phony.split())
