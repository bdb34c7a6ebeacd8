"""Runs the tests for changed files, for `make check`: `python -m tests.changed [--base main] [arguments for pytest]`.

Changed files are those that differ from the merge base with ``--base``, committed or not, and new files. The tests are
changed test files, those that import a changed file directly or indirectly, and the folder ``tests/<app>/`` of a
changed page, because Django finds URLs, apps and tags by name, so no test imports them. Runs on SQLite, without a
browser or real processes. A quick check while working; `make test` runs everything.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests import run as runner

ROOT = Path(__file__).resolve().parent.parent
BASES = ("main", "origin/main", "master", "origin/master")
ELSEWHERE = ("tests/browser/", "tests/integration/")

# These affect every test, and so do migrations.
FOR_ALL = {
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "mentoring/settings.py",
    "mentoring/env.py",
    "tests/conftest.py",
    "tests/settings.py",
    "tests/migrated.py",
}
# Modules that Django loads by name.
DOORS = {"urls", "apps", "templatetags", "management"}
# Folders of templates with a different name than their folder of tests.
PAGES_OF = {"account": ("accounts",), "allauth": ("accounts",), "email": ("mail", "reminders"), "pages": ("mentoring",)}
INCLUDED = re.compile(r"""\{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")
# Tests that read files instead of importing them.
READERS = {
    "tests/test_architecture.py": r"(?!tests/|bench/|chaos/)\w+/.*\.py",
    "tests/test_wording.py": r"(?!tests/|bench/|chaos/)\w+/.*\.(py|html|txt|js)",
    "tests/test_template_lines.py": r"templates/.*",
    "tests/test_documents.py": r".*\.md",
}


# --- What changed --------------------------------------------------------------------------------


def changed_files(root: Path, base: str = "") -> set[str]:
    """Paths from the root, including deleted files. Without ``base``, the first existing one of ``BASES``, or HEAD."""
    where = next(
        (one for one in ([base] if base else BASES) if _git(root, "rev-parse", "--verify", "--quiet", one)), ""
    )
    if base and not where:
        sys.exit(f"There is no {base} to compare with.")
    left = _git(root, "merge-base", where, "HEAD") if where else []
    differing = _git(root, "diff", "--name-only", "--no-renames", "-z", *(left or ["HEAD"]))
    return {*differing, *_git(root, "ls-files", "--others", "--exclude-standard", "-z")}


def _git(root: Path, *words: str) -> list[str]:
    answer = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    separator = "\0" if "-z" in words else "\n"
    return [line for line in answer.stdout.split(separator) if line] if answer.returncode == 0 else []


# --- Which tests to run --------------------------------------------------------------------------


def asked_for_by(changed: Iterable[str], root: Path) -> list[str]:
    """The test files to run, or ``["tests"]`` for all of them. Only reads files under ``root``."""
    changed = set(changed)
    files = python_files(root) | {path for path in changed if path.endswith(".py")}
    tests = {path for path in files if _is_test(path)}
    if any(path in FOR_ALL or "migrations" in PurePosixPath(path).parts for path in changed):
        return ["tests"]

    reached = reaching(changed & files, importers(root, files))
    chosen = tests & reached
    for app in apps_of_pages(changed, reached, root):
        chosen |= {path for path in tests if path.startswith(f"tests/{app}/")}
    chosen |= {test for test, pattern in READERS.items() if any(re.fullmatch(pattern, path) for path in changed)}
    if any(not (root / path).exists() for path in changed):
        chosen.add("tests/test_documents.py")  # a document may link to a deleted file
    chosen = {path for path in chosen & tests if (root / path).exists()}
    return ["tests"] if chosen and chosen == {path for path in tests if (root / path).exists()} else sorted(chosen)


def python_files(root: Path) -> set[str]:
    """Python files in the project's own packages."""
    packages = [folder for folder in root.iterdir() if (folder / "__init__.py").exists()]
    return {path.relative_to(root).as_posix() for folder in packages for path in folder.rglob("*.py")}


def apps_of_pages(changed: set[str], reached: set[str], root: Path) -> set[str]:
    """The folders of tests/ whose pages may have changed."""
    apps = {path.split("/")[0] for path in changed if path.endswith(".py")}
    at_doors = {path.split("/")[0] for path in reached if DOORS & set(PurePosixPath(path).with_suffix("").parts)}
    apps &= at_doors
    for path in reaching({path for path in changed if path.startswith("templates/")}, templates_around(root)):
        folder = path.split("/")[1]
        # The layout, and components that belong to no app, are tested by the mentoring tests.
        apps |= set(PAGES_OF.get(folder) or [folder if (root / "tests" / folder).is_dir() else "mentoring"])
    if any(path.startswith("static/") for path in changed):
        apps.add("mentoring")
    return apps


def reaching(begin: set[str], users: dict[str, set[str]]) -> set[str]:
    """These files and everything that uses them, directly or indirectly."""
    found, waiting = set(begin), list(begin)
    while waiting:
        fresh = users.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def importers(root: Path, files: set[str]) -> dict[str, set[str]]:
    """For each file, the files that import it. Includes deleted files, because their importers are broken."""
    modules = {_module(path): path for path in files}
    users: dict[str, set[str]] = {}
    for path in sorted(files):
        # Skip the settings and the top conftest, which connect everything with everything.
        if not (root / path).exists() or path in FOR_ALL or "/migrations/" in path:
            continue
        for name in names_in((root / path).read_text(encoding="utf-8"), _package(path)):
            if target := _longest(name, modules):
                users.setdefault(target, set()).add(path)
    for path in files:
        if path.endswith("/conftest.py") and path not in FOR_ALL:
            folder = path.removesuffix("conftest.py")
            users.setdefault(path, set()).update(test for test in files if test.startswith(folder) and test != path)
    return users


def names_in(source: str, package: str) -> set[str]:
    """Dotted names that this source imports, at any depth, or contains as strings for Django to load."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and re.fullmatch(r"\w+(\.\w+)+", str(node.value)):
            names.add(str(node.value))
    return names


def templates_around(root: Path) -> dict[str, set[str]]:
    """For each template, the templates that include or extend it."""
    users: dict[str, set[str]] = {}
    for path in (root / "templates").rglob("*.*"):
        for name in INCLUDED.findall(path.read_text(encoding="utf-8")):
            users.setdefault(f"templates/{name}", set()).add(path.relative_to(root).as_posix())
    return users


def _longest(name: str, modules: dict[str, str]) -> str | None:
    """The longest prefix of a dotted name that is a module or package."""
    while name:
        if name in modules:
            return modules[name]
        name = name.rpartition(".")[0]
    return None


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _package(path: str) -> str:
    return path.rpartition("/")[0].replace("/", ".")


def _is_test(path: str) -> bool:
    return bool(re.fullmatch(r"tests/(.*/)?test_\w+\.py", path)) and not path.startswith(ELSEWHERE)


# --- Running them --------------------------------------------------------------------------------


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make check", description="Run the tests of what changed.")
    parser.add_argument("--base", default="", help="compare with where this branch left that one (main)")
    parser.add_argument("--list", action="store_true", help="name the test files, and run none")
    known, rest = parser.parse_known_args(words)
    changed = changed_files(ROOT, known.base)
    chosen = asked_for_by(changed, ROOT)
    if known.list:
        runner.say("\n".join(chosen) or "none")
        return 0
    if not chosen:
        runner.say(
            "Nothing changed that a test without a browser and real processes looks at. make test runs the rest."
        )
        return 0
    several = len(chosen) > 4 or chosen == ["tests"]
    count = "every test file" if chosen == ["tests"] else f"{len(chosen)} test file{'s' * (len(chosen) != 1)}"
    runner.say(f"{len(changed)} changed file{'s' * (len(changed) != 1)}: {count}, on SQLite")
    suite = runner.Suite("the tests of what changed", chosen)
    options = [*runner.UNIT, *(["-n", "2"] if several else []), *rest]
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        sqlite, _ = runner.databases(stack, [suite], [])
        [(_, code, _)] = runner.run([runner.Run(suite, [*chosen, *options], sqlite)], strict=False)
    fine = code in {0, runner.NO_TESTS_MATCHED}
    runner.say(f"{'passed' if fine else 'FAILED'}  {suite.title} ({time.monotonic() - started:.0f} s)")
    return 0 if fine else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
