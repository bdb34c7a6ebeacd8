from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

KEYS = ["name", "given", "family", "organisation", "title", "emails", "phones", "urls", "notes", "tags", "connected_on"]


def test_it_prints_every_key(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("Zoë\nBob <b@@x>\n", encoding="utf-8")
    out = StringIO()
    call_command("contacts", "read", str(file), stdout=out)
    found = json.loads(out.getvalue())
    assert list(found) == ["kind", "people", "problems"]
    assert [list(person) for person in found["people"]] == [KEYS, KEYS]
    assert found["people"][0] == {
        **dict.fromkeys(["given", "family", "organisation", "title", "notes"], ""),
        **{key: [] for key in ("emails", "phones", "urls", "tags")},
        "name": "Zoë",
        "connected_on": None,
    }
    assert found["problems"] == [{"line": 2, "about": "“b@@x” isn’t an email address"}]
    assert "Zoë" in out.getvalue()


def test_a_missing_or_too_large_file_is_one_line(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as opened:
        opened.truncate(200 * 1024 * 1024)
    for name, message in [
        ("none.csv", "No such file or directory."),
        (".", "Is a directory."),
        ("large.csv", "200 MB; the largest file that is read has 100 MB."),
    ]:
        with pytest.raises(CommandError) as caught:
            call_command("contacts", "read", str(tmp_path / name), stdout=StringIO())
        assert str(caught.value).endswith(message)
        assert "\n" not in str(caught.value)
