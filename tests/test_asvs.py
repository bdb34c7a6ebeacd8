"""docs/asvs.md has each item of levels 1 and 2 once, and what it calls met names a test that is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")

# The numbers of OWASP ASVS 5.0.0: of each section, the levels of its items in their order.
# fmt: off
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}
# fmt: on
ITEMS = {
    f"{section}.{number}": level
    for section, levels in LEVELS.items()
    for number, level in enumerate(levels, start=1)
    if level != "3"
}


class Row(NamedTuple):
    items: tuple[str, ...]
    levels: str
    asks: str
    state: str
    how: str
    tests: tuple[str, ...]


def rows_of(table: str) -> list[Row]:
    found = []
    for line in re.findall(r"^\| \d+\.\d+\.\d+.*$", table, re.MULTILINE):
        named, levels, asks, state, how, tests = (cell.strip() for cell in line.strip("|").split("|"))
        found.append(Row(tuple(items_of(named)), levels, asks, state, how, tuple(re.findall(r"`([^`]+)`", tests))))
    return found


def items_of(named: str) -> list[str]:
    """Of a range, the items of levels 1 and 2: 4.4.1–4.4.4."""
    first, _, last = named.partition("–")
    section, _, begin = first.rpartition(".")
    end = int(last.rpartition(".")[2]) if last else int(begin)
    whole = [f"{section}.{number}" for number in range(int(begin), end + 1)]
    return [item for item in whole if item in ITEMS] if last else whole


@cache
def functions(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    return path.startswith("tests/") and name.startswith("test_") and name in functions(path)


def faults(row: Row) -> list[str]:
    wrong = []
    if row.levels != ", ".join(sorted({ITEMS[item] for item in row.items if item in ITEMS})):
        wrong.append("another level")
    if not row.asks or not row.how:
        wrong.append("no word of what it asks for, how, or why")
    if row.state not in {"met", "not applicable", "not met"}:
        wrong.append("no state")
    if (row.state == "met") != bool(row.tests):
        wrong.append("met needs a test, and nothing else has one")
    wrong += [f"no such test: {test}" for test in row.tests if not is_there(test)]
    return wrong


ROWS = rows_of(TABLE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.items[0])
def test_each_row_is_whole_and_its_tests_are_there(row: Row) -> None:
    assert faults(row) == []


def test_each_item_of_levels_one_and_two_occurs_once() -> None:
    counted = Counter(item for row in ROWS for item in row.items)
    assert {item for item, count in counted.items() if count > 1} == set()
    assert counted.keys() ^ ITEMS.keys() == set()


def test_the_counts_are_right() -> None:
    states = Counter(row.state for row in ROWS for _ in row.items)
    said = ", ".join(f"{states[state]} {state}" for state in ("met", "not applicable", "not met"))
    assert f"**{len(ITEMS)} items: {said}.**" in TABLE


def test_a_wrong_row_would_be_noticed() -> None:
    here = "`tests/test_asvs.py::test_the_counts_are_right`"
    wrong = {
        "| 1.1.1 | 1 | asks | met | how |": "another level",
        "| 1.1.1 | 2 | asks | met |  |": "no word",
        "| 1.1.1 | 2 | asks | nearly | how |": "no state",
        "| 1.1.1 | 2 | asks | not met | why |": "met needs a test",
    }
    for line, said in wrong.items():
        assert any(fault.startswith(said) for fault in faults(rows_of(f"{line} {here} |")[0])), line
    for tests in ("", "`tests/test_asvs.py::test_that_is_gone`", "`tests/gone.py::test_x`", "`mail/x.py::test_x`"):
        assert faults(rows_of(f"| 1.1.1 | 2 | asks | met | how | {tests} |")[0]) != []
    assert faults(rows_of(f"| 1.1.1 | 2 | asks | met | how | {here} |")[0]) == []
    assert items_of("4.4.1–4.4.4") == ["4.4.1", "4.4.2", "4.4.3", "4.4.4"]
