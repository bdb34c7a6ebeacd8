"""No line of a template is too long. `make lint` also runs this file."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 160


def too_long(root: Path) -> list[str]:
    """``templates/a.html:12: 171 characters`` for each such line."""
    return [
        f"{path.relative_to(root).as_posix()}:{number}: {len(line)} characters"
        for path in sorted((root / "templates").rglob("*.*"))
        if path.suffix in {".html", ".txt"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST
    ]


def test_no_line_of_a_template_is_too_long() -> None:
    assert too_long(ROOT) == []


def test_a_line_is_found_when_it_is_one_too_long(tmp_path: Path) -> None:
    page = tmp_path / "templates" / "pages" / "today.html"
    page.parent.mkdir(parents=True)
    page.write_text(f"<p>\n{'é' * LONGEST}\n{'x' * (LONGEST + 1)}\n", encoding="utf-8")
    assert too_long(tmp_path) == ["templates/pages/today.html:3: 161 characters"]


if __name__ == "__main__":
    sys.exit("\n".join(too_long(ROOT)) or None)
