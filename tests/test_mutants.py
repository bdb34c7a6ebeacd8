"""What `make mutants` says at the end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.mutants import table


def test_each_module_has_its_score_of_what_was_tried(tmp_path: Path) -> None:
    killed, survived, no_test, out_of_time, untried = 1, 0, 33, 36, None
    for name, codes in {
        "mail/sql.py": [killed, killed, out_of_time, survived],
        "mail/engine.py": [killed, no_test, untried],
        "mail/models.py": [untried],
    }.items():
        file = tmp_path / f"{name}.meta"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"exit_code_by_key": dict(enumerate(codes))}))
    assert [line.split() for line in table(tmp_path)] == [
        ["module", "mutants", "killed", "survived", "score"],
        ["mail/engine.py", "2", "1", "1", "50.0%", "(1", "more", "not", "tried)"],
        ["mail/models.py", "0", "0", "0", "–", "(1", "more", "not", "tried)"],
        ["mail/sql.py", "4", "3", "1", "75.0%"],
    ]
