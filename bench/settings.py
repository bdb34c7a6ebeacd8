"""The project's settings plus the bare pages, so that both use the same server, middleware and session."""

import os
from pathlib import Path

from mentoring.settings import *  # noqa: F403
from mentoring.settings import MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "bare" / "templates"]  # type: ignore[misc]
if os.environ.get("ONE_WALL"):  # bench.walls compares
    MIDDLEWARE = [name for name in MIDDLEWARE if name != "accounts.row_security.middleware"]
