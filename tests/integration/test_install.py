"""up.py: it builds the environment atomically, and prints a one-line error for each problem.

Uses a fake pip, so that the tests need no network; `.ci/run` tests a real installation.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.servers import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.standalone]

MANAGE = "import sys; print('started with', sys.prefix, sys.argv[1:])"


def newcomers_folder(folder: Path) -> Path:
    """up.py and a Makefile in a folder with a space in its name, with empty lock files."""
    (folder / "tests").mkdir(parents=True)
    for name in ("up.py", "Makefile"):
        (folder / name).write_text((ROOT / name).read_text())
    (folder / "manage.py").write_text(MANAGE)
    (folder / "tests" / "run.py").write_text(MANAGE)
    (folder / "requirements.lock").write_text("# nothing\n")
    (folder / "requirements-dev.lock").write_text("# nothing either\n")
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return newcomers_folder(tmp_path / "with a space")


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A folder after its first start, and the output. Created once, because it takes seconds."""
    folder = newcomers_folder(tmp_path_factory.mktemp("first") / "with a space")
    return folder, up(folder)


@pytest.fixture
def installed(first_start: tuple[Path, object], tmp_path: Path) -> Path:
    """A copy of it, which also tests a folder that was moved after its first start."""
    return Path(shutil.copytree(first_start[0], tmp_path / "moved here", symlinks=True))


def up(clone: Path, *words: str, python: str = sys.executable, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "up.py", *words],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "HOME": str(clone), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def leftovers(clone: Path) -> list[str]:
    return sorted(path.name for path in clone.glob(".venv*") if path.name not in {".venv", ".venv-lock"})


def test_first_start_installs_and_hands_over(
    first_start: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    clone, done = first_start
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"started with {clone / '.venv'} ['up']"
    assert leftovers(clone) == []
    # Its scripts contain the current path, not that of the build folder.
    pip = subprocess.run([clone / ".venv/bin/pip", "--version"], capture_output=True, text=True, check=True)
    assert str(clone / ".venv") in pip.stdout


def test_later_start_installs_nothing(installed: Path) -> None:
    assert up(installed).stdout == f"started with {installed / '.venv'} ['up']\n"


def test_changed_lock_installs_again(installed: Path) -> None:
    (installed / "requirements.lock").write_text("# something new\n")
    assert "Making .venv" in up(installed).stdout
    assert up(installed).stdout == f"started with {installed / '.venv'} ['up']\n"


def test_tests_add_to_the_same_environment(installed: Path) -> None:
    (installed / ".venv" / "mark").touch()
    done = up(installed, "test", "-k", "coach")
    assert done.stdout.splitlines()[-1] == f"started with {installed / '.venv'} ['-k', 'coach']"
    assert (installed / ".venv" / "mark").exists()
    assert up(installed).stdout == f"started with {installed / '.venv'} ['up']\n"


def test_installing_all_of_it_starts_nothing(installed: Path) -> None:
    done = up(installed, "install")
    assert done.returncode == 0, done.stderr
    assert "started" not in done.stdout
    assert (installed / ".venv" / "requirements-dev.lock.sha256").exists()


def test_check_tests_what_changed_once_lint_is_clean(installed: Path) -> None:
    for name in ("ruff.py", "mypy.py", "tests/test_template_lines.py"):
        (installed / name).write_text("")
    djade = installed / ".venv" / "bin" / "djade"
    djade.write_text("#!/bin/sh\n")
    djade.chmod(0o755)
    (installed / "tests" / "changed.py").write_text(MANAGE)
    done = up(installed, "check", "-k", "coach")
    assert done.stdout.splitlines()[-1] == f"started with {installed / '.venv'} ['-k', 'coach']"
    (installed / "mypy.py").write_text("raise SystemExit(1)")
    done = up(installed, "check")
    assert (done.returncode, done.stderr) == (1, "Not clean: mypy\n")
    assert "started" not in done.stdout


def test_failed_install_leaves_nothing_half(clone: Path) -> None:
    (clone / "requirements.lock").write_text("nothing-that-exists==1.0 --hash=sha256:" + "0" * 64 + "\n")
    done = up(clone, PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "The packages could not be installed." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone / ".venv").exists()
    assert leftovers(clone) == []


def test_failed_install_keeps_the_environment_that_works(installed: Path) -> None:
    (installed / ".venv" / "mark").touch()
    (installed / "requirements.lock").write_text("nothing-that-exists==1.0 --hash=sha256:" + "0" * 64 + "\n")
    assert up(installed, PIP_NO_INDEX="1").returncode == 1
    assert (installed / ".venv" / "mark").exists()


def test_no_network_is_said_in_one_line(clone: Path) -> None:
    (clone / "requirements.lock").write_text("nothing-that-exists==1.0 --hash=sha256:" + "0" * 64 + "\n")
    # Port 9 on this machine, where nothing listens, simulates an unreachable index.
    done = up(clone, PIP_INDEX_URL="http://127.0.0.1:9/simple/", PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert done.stderr == (
        "The packages could not be fetched. Is this machine online? Nothing is half done: start again then.\n"
    )


def test_two_starts_at_once_install_once(clone: Path) -> None:
    done: list[subprocess.CompletedProcess[str]] = []
    threads = [threading.Thread(target=lambda: done.append(up(clone))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.returncode for each in done] == [0, 0]
    assert sum("Making .venv" in each.stdout for each in done) == 1


def test_missing_venv_module_is_named(clone: Path) -> None:
    (clone / "ensurepip.py").write_text("raise ImportError('as Debian without python3-venv')")
    done = up(clone)
    assert done.returncode == 1
    assert done.stderr == "Python's venv module is missing. Install it first: apt install python3-venv\n"


def test_old_python_is_told_so(clone: Path) -> None:
    script = clone / "up.py"
    script.write_text(script.read_text().replace("LEAST = (3, 11)", "LEAST = (99, 0)"))
    done = up(clone)
    assert done.returncode == 1
    assert done.stderr.startswith("Mentorfolio needs Python 3.11 or newer; this is Python 3.")
    assert done.stderr.count("\n") == 1


def test_up_parses_for_an_old_python() -> None:
    import ast

    ast.parse((ROOT / "up.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_unknown_word_gets_help(clone: Path) -> None:
    done = up(clone, "dance")
    assert done.returncode == 1
    assert "There is no 'dance' here." in done.stderr
    assert "make up" in done.stderr


def test_make_hands_over(installed: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(installed)}
    command = ["make", "up", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=installed, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"started with {installed / '.venv'} ['up']"


def test_make_without_python_says_so(clone: Path) -> None:
    done = subprocess.run(
        ["make", "up", "PYTHON=no-such-python"], cwd=clone, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "no-such-python was not found" in done.stdout


def test_clean_keeps_the_data(installed: Path) -> None:
    (installed / "var").mkdir()
    (installed / "var" / "secret-key").touch()
    assert up(installed, "clean").returncode == 0
    assert not (installed / ".venv").exists()
    assert (installed / "var" / "secret-key").exists()
