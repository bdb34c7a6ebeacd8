"""The corpus of contact files, row by row, where it is there; the cases beside this file are our own."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.portfolio.contact_files.conftest import CORPUS

EXPECTED = sorted(CORPUS.glob("*.expected.json")) if CORPUS else []


def without_wording(reading: dict[str, Any]) -> dict[str, Any]:
    return {**reading, "problems": [problem["line"] for problem in reading["problems"]]}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_a_file_of_the_corpus_comes_out_as_it_must(expected: Path) -> None:
    out = StringIO()
    call_command("contacts", "read", str(expected.with_name(expected.name.removesuffix(".expected.json"))), stdout=out)
    found = json.loads(out.getvalue())
    assert without_wording(found) == without_wording(json.loads(expected.read_text(encoding="utf-8")))
    assert all(problem["about"] for problem in found["problems"])
