"""The reader stands alone, so that it can be fuzzed, and used, without a database or settings."""

from __future__ import annotations

import subprocess
import sys

from tests.servers import ROOT


def test_reading_needs_no_settings_and_no_app() -> None:
    command = [sys.executable, "-c", "import portfolio.contact_files.reading, portfolio.contact_files.mapping"]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
