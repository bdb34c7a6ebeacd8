"""Links in documents work, and the decisions are numbered without gaps and listed in the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"
# Includes hidden folders, because .github has documents; excludes installed packages.
NOT_OURS = re.compile(r"\.venv.*|\.git|\..*_cache|\.hypothesis|node_modules|staticfiles|var|shots")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'][^)]*)?\)|^\[[^\]]+\]:\s*<?([^\s>]+)", re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def documents(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not NOT_OURS.fullmatch(path.name) and not path.is_symlink():
            yield from documents(path)
        elif path.suffix == ".md":
            yield path


def broken_links(document: Path) -> list[str]:
    """Relative links of this document to a missing file or heading."""
    broken = []
    for pair in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8"))):
        link = pair[0] or pair[1]
        if re.match(r"[a-z][a-z0-9+.\-]*:|//", link):
            continue
        name, _, heading = link.partition("#")
        target = document.parent / unquote(name) if name else document
        if not target.exists() or (heading and target.suffix == ".md" and heading not in headings(target)):
            broken.append(link)
    return broken


def headings(document: Path) -> set[str]:
    """The anchors that GitHub generates for headings."""
    lines = re.findall(r"^#+ +(.*)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.strip().lower()).replace(" ", "-") for line in lines}


def misnumbered(names: list[str]) -> list[str]:
    """Numbers from 1 to the highest that are missing or duplicated."""
    numbers = [int(name[:4]) for name in names]
    return [f"{number:04}" for number in range(1, max(numbers, default=0) + 1) if numbers.count(number) != 1]


@pytest.mark.parametrize("document", list(documents(ROOT)), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_point_to_something(document: Path) -> None:
    assert broken_links(document) == []


def test_every_decision_number_occurs_once() -> None:
    names = [path.name for path in DECISIONS.glob("[0-9]*.md")]
    assert names
    assert misnumbered(names) == []


@pytest.mark.parametrize("decision", sorted(DECISIONS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_a_decision_carries_its_number_and_title_into_the_index(decision: Path) -> None:
    first = decision.read_text(encoding="utf-8").splitlines()[0]
    number, _, title = first.removeprefix("# ").partition(". ")
    assert int(number) == int(decision.name[:4])
    assert f"| [{decision.name[:4]}]({decision.name}) | {title} |" in (DECISIONS / "README.md").read_text(
        encoding="utf-8"
    )


def test_broken_links_and_numbers_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "there now.md").write_text("# A heading, and more\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there%20now.md) [b](there%20now.md#a-heading-and-more) [c](https://example.org/x) [d](#own)\n# Own\n"
        '[e](gone.md) ![f](gone.png "Gone") [g](there%20now.md#no) `[h](code.md)`\n\n[i]: gone-too.md\n'
    )
    assert broken_links(page) == ["gone.md", "gone.png", "there%20now.md#no", "gone-too.md"]
    assert list(documents(tmp_path)) == [page, tmp_path / "there now.md"]
    assert misnumbered(["0001-a.md", "0003-b.md", "0003-c.md", "0004-d.md"]) == ["0002", "0003"]
