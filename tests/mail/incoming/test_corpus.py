"""The corpus of mails, file by file, where it is there; the cases beside this file are our own."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.mail.incoming.conftest import CORPUS

EXPECTED = sorted(CORPUS.glob("*.expected.json")) if CORPUS else []


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_a_mail_of_the_corpus_comes_out_as_it_must(expected: Path) -> None:
    out = StringIO()
    call_command("mail", "read", str(expected.with_name(expected.name.removesuffix(".expected.json"))), stdout=out)
    assert json.loads(out.getvalue()) == json.loads(expected.read_text(encoding="utf-8"))
