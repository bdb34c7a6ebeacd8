"""`make check` runs exactly the tests for a change: those that import it, and those of pages that show it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import changed, run
from tests.changed import asked_for_by, changed_files, names_in

# A small project: people below, letters above; page tests reach views by URL.
TREE = {
    "people/__init__.py": "",
    "people/names.py": "def fold(): ...\n",
    "people/search.py": "from people.names import fold\n",
    "people/views.py": "def page():\n    from people import search\n",
    "people/urls.py": "from people import views\n",
    "people/lonely.py": "",
    "people/migrations/__init__.py": "",
    "people/migrations/0001_initial.py": "",
    "letters/__init__.py": "",
    "letters/texts/__init__.py": "from .greeting import hello\n",
    "letters/texts/greeting.py": "import people.names\n",
    "mentoring/__init__.py": "",
    "mentoring/settings.py": 'ROOT_URLCONF = "mentoring.urls"\n',
    "mentoring/urls.py": 'include("people.urls")\n',
    "tests/__init__.py": "",
    "tests/conftest.py": "import people.names\n",
    "tests/helpers.py": "",
    "tests/servers.py": 'SETTINGS = "mentoring.settings"\n',
    "tests/test_wording.py": "",
    "tests/test_documents.py": "",
    "tests/people/__init__.py": "",
    "tests/people/conftest.py": "from tests import helpers\n",
    "tests/people/test_names.py": "from people.names import fold\n",
    "tests/people/test_pages.py": "",
    "tests/letters/__init__.py": "",
    "tests/letters/test_texts.py": "from letters.texts import hello\n",
    "tests/letters/test_patched.py": 'monkeypatch.setattr("people.lonely.now", None)\n',
    "tests/mentoring/__init__.py": "",
    "tests/mentoring/test_today.py": "from tests import servers\n",
    "tests/browser/__init__.py": "",
    "tests/browser/test_walk.py": "from people.names import fold\n",
    "templates/base.html": "",
    "templates/people/list.html": '{% extends "base.html" %}{% include "people/_row.html" %}',
    "templates/people/_row.html": "",
    "templates/letters/alone.html": "",
    "templates/pages/today.html": "{% extends 'base.html' %}",
    "static/css/base.css": "",
    "README.md": "",
    "Makefile": "",
}
PEOPLE = ["tests/people/test_names.py", "tests/people/test_pages.py"]
LETTERS = ["tests/letters/test_patched.py", "tests/letters/test_texts.py"]
MENTORING = ["tests/mentoring/test_today.py"]
WORDING, DOCUMENTS = "tests/test_wording.py", "tests/test_documents.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, words in TREE.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(words)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([], []),
        (["Makefile"], []),
        (["README.md"], [DOCUMENTS]),
        # Direct, indirect and relative imports, and its pages, because urls.py imports it indirectly.
        (["people/names.py"], ["tests/letters/test_texts.py", *PEOPLE, WORDING]),
        (["people/views.py"], [*PEOPLE, WORDING]),
        (["letters/texts/greeting.py"], ["tests/letters/test_texts.py", WORDING]),
        # Nothing imports it, but one test has its name in a string.
        (["people/lonely.py"], ["tests/letters/test_patched.py", WORDING]),
        # A conftest, and what it imports, affects all tests of its folder.
        (["tests/people/conftest.py"], PEOPLE),
        (["tests/helpers.py"], PEOPLE),
        # A changed test file is run, except browser tests.
        (["tests/people/test_pages.py"], ["tests/people/test_pages.py"]),
        (["tests/browser/test_walk.py"], []),
        # Templates: the tests of their folder, and of pages that include or extend them.
        (["templates/people/_row.html"], [*PEOPLE, WORDING]),
        (["templates/letters/alone.html"], [*LETTERS, WORDING]),
        (["templates/pages/today.html"], [*MENTORING, WORDING]),
        (["templates/base.html"], [*MENTORING, *PEOPLE, WORDING]),
        (["static/css/base.css"], MENTORING),
        # Files that every test depends on.
        (["tests/conftest.py"], ["tests"]),
        (["mentoring/settings.py"], ["tests"]),
        (["requirements-dev.lock"], ["tests"]),
        (["people/migrations/0001_initial.py"], ["tests"]),
    ],
    ids=str,
)
def test_a_change_asks_for_its_tests(root: Path, changed: list[str], expected: list[str]) -> None:
    assert asked_for_by(changed, root) == expected


def test_what_is_gone_asks_for_those_that_still_import_it(root: Path) -> None:
    (root / "letters/texts/greeting.py").unlink()
    assert asked_for_by(["letters/texts/greeting.py"], root) == ["tests/letters/test_texts.py", DOCUMENTS, WORDING]


def test_a_test_that_is_gone_is_not_run(root: Path) -> None:
    (root / "tests/people/test_pages.py").unlink()
    assert asked_for_by(["tests/people/test_pages.py"], root) == [DOCUMENTS]


def test_all_of_them_are_said_in_one_word(root: Path) -> None:
    assert asked_for_by([path for path in TREE if path.startswith("tests/")], root) == ["tests"]


def test_imports_are_seen_at_any_depth() -> None:
    source = (
        "def f():\n    from a import b\nimport c.d\nfrom . import e\nfrom ..g import h\nx = 'i.j.k'\ny = 'no way. no'\n"
    )
    assert names_in(source, "own.inner") == {"a.b", "c.d", "own.inner.e", "own.g.h", "i.j.k"}


def test_changed_is_what_differs_from_where_the_branch_left(root: Path) -> None:
    def git(*words: str) -> None:
        name = ["-c", "user.name=Alice", "-c", "user.email=alice@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *name, *words], cwd=root, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "Begin")
    assert changed_files(root) == set()
    git("checkout", "-b", "idea")
    (root / "people/names.py").write_text("committed = 1\n")
    git("commit", "-am", "Change names")
    git("checkout", "main")
    (root / "README.md").write_text("meanwhile\n")
    git("commit", "-am", "Change another file on main")
    git("checkout", "idea")
    (root / "people/lonely.py").unlink()
    (root / "people/search.py").write_text("edited = 1\n")
    git("add", "people/search.py")
    (root / "people/new é.py").write_text("")
    assert changed_files(root) == {"people/names.py", "people/lonely.py", "people/search.py", "people/new é.py"}
    assert changed_files(root, "HEAD") == {"people/lonely.py", "people/search.py", "people/new é.py"}
    with pytest.raises(SystemExit, match="no nowhere"):
        changed_files(root, "nowhere")


@pytest.mark.parametrize(("body", "code"), [("assert True", 0), ("assert False", 1)])
def test_it_runs_them_and_says_how_it_went(
    body: str, code: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "test_one.py"
    file.write_text(f"def test_one():\n    {body}\n")
    monkeypatch.setattr(changed, "changed_files", lambda *args: {"people/names.py"})
    monkeypatch.setattr(changed, "asked_for_by", lambda *args: [str(file)])
    monkeypatch.setattr(run.migrated, "make", lambda *args: None)  # no database is needed
    assert changed.main(["-p", "no:cacheprovider"]) == code
    said = capfd.readouterr().out
    assert "1 changed file: 1 test file, on SQLite" in said
    assert ("1 passed" if code == 0 else "1 failed") in said
    assert ("passed  the tests of what changed" if code == 0 else "FAILED  the tests of what changed") in said
