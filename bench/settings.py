"""The project's own settings, and the bare pages beside ours: one server, one middleware, one session for both."""

from pathlib import Path

from mentoring.settings import *  # noqa: F403
from mentoring.settings import TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "bare" / "templates"]  # type: ignore[misc]
