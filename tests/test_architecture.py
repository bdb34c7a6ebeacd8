"""Imports run downwards only: a floor may use the floors below it, and never one above."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
FLOORS: list[str] = settings.FLOORS
FILES = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]


def floors_named_in(path: Path) -> set[str]:
    """Every floor this file reaches: by import at any depth, ``get_model``, or a string foreign key."""
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named.add(node.module.split(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # "portfolio.Person", or a dotted path to load: "portfolio.views.people"
            if re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", node.value):
                named.add(node.value.split(".")[0])
        elif isinstance(node, ast.Call) and "get_model" in ast.dump(node.func):
            named |= {str(arg.value).split(".")[0] for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return named & set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0]
    above = set(FLOORS[FLOORS.index(own) + 1 :])
    assert floors_named_in(path) & above == set()


def test_the_walk_sees_hidden_imports(tmp_path: Path) -> None:
    source = (
        'def f():\n    from outreach import models\n\nfk = "meetings.Meeting"\napps.get_model("portfolio", "Need")\n'
    )
    file = tmp_path / "sly.py"
    file.write_text(source)
    assert floors_named_in(file) == {"outreach", "meetings", "portfolio"}
