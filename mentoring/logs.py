"""What the log leaves out: keys in URLs, what was typed into queries, and tracebacks of client errors (4xx).

The logging settings load this module before everything else, so it imports nothing of Django.
"""

from __future__ import annotations

import logging
import re


class BriefRefusals(logging.Filter):
    """Logs client errors (4xx) as one line without a traceback.

    Otherwise scanners with a wrong Host header or a malformed body would fill the log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


# Every path with a part that grants access or is signed, written as in a URLconf: ``<key>`` is left out of the log,
# ``<other>`` is any other part. ``tests/mentoring/test_logs.py`` holds the list against the URLconf.
KEYS_IN_PATHS = (
    "/r/<key>",
    "/with/<key>",
    "/stop/<key>",
    "/calendar/<key>",
    "/account/confirm-email/<key>",
    "/account/email/undo/<key>",
    "/account/invited/<key>",
    "/dev/enter/<key>",
    "/account/password/reset/key/<key>",
    "/reminders/<other>/snooze/undo/<key>",
)
_PART = r"[^/\s\"'?#<>\\]+"
# A path begins with a slash, but for the quoted one in what Django says of an address it doesn't know.
_PATHS = "|".join(
    re.escape(path.removeprefix("/").removesuffix("<key>")).replace("<other>", _PART) for path in KEYS_IN_PATHS
)
_KEY = re.compile(rf"((?<=[/\"'])(?:{_PATHS})){_PART}")
# The values of a query: keys, codes, and the names that people look for.
_QUERY = re.compile(r"([?&][\w.\-\[\]%]{1,80}=)[^&\s\"'#<>]+")


def scrub(text: str) -> str:
    """The text without keys in paths and without the values of queries."""
    return _QUERY.sub(r"\1…", _KEY.sub(r"\1…", text))


class ScrubKeys(logging.Filter):
    """Scrubs the message, the traceback, and the request that Django attaches to a record.

    At a handler it sees all that is written there; at a logger, what that logger writes to any handler.
    """

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except (TypeError, ValueError, KeyError):  # arguments that don't fit: raising here would break the caller
            said = f"{record.msg} {record.args}"
        record.msg, record.args = scrub(said), None
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = scrub(record.exc_text)
        if record.stack_info:
            record.stack_info = scrub(record.stack_info)
        if hasattr(record, "request"):
            record.request = scrub(repr(record.request))
        return True


def scrub_the_access_log() -> None:
    """gunicorn's own log of requests, where an operator switches it on, has handlers of its own."""
    for name in ("gunicorn.access", "gunicorn.error"):
        logging.getLogger(name).addFilter(ScrubKeys())
