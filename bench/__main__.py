"""``make bench``: how fast the app is, compared with plain Django. ``python -m bench [benchmark …]``.

A benchmark is a module of this folder whose ``run()`` measures, prints, and returns its figures. They go into
``results.json``; running one benchmark replaces only its own figures. The exit code does not depend on the figures,
because a busy machine is not the code's fault.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from bench import contacts, imports, mails, pages, walls, years
from tests.servers import find_postgres

ROOMS = {
    "pages": pages.run,
    "mails": mails.run,
    "walls": walls.run,
    "contacts": contacts.run,
    "imports": imports.run,
    "years": years.run,
}
RESULTS = Path(__file__).parent / "results.json"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ROOMS]
    if unknown:
        print(f"There is no bench called {unknown[0]}. There are: {', '.join(ROOMS)}.")
        return 2
    if find_postgres() is None:
        print(
            "Nothing was measured: the bench needs PostgreSQL, and it is not installed (sudo apt install postgresql)."
        )
        return 0
    rooms = names or list(ROOMS)
    if len(rooms) > 1:
        # A process for each, because each has its own database and settings are read once.
        RESULTS.unlink(missing_ok=True)
        return max(subprocess.run([sys.executable, "-m", "bench", room], check=False).returncode for room in rooms)
    results: dict[str, object] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results |= {
        "on": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        rooms[0]: ROOMS[rooms[0]](),
    }
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"\nWritten to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
