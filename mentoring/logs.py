"""How the log is written, and what it leaves out: keys in URLs, values of queries, tracebacks of client errors (4xx).

The logging settings load this module before everything else, so it imports nothing of Django.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any


class Line(logging.Formatter):
    """One line with its moment in UTC, as in RFC 3339."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


class SayWho(logging.Filter):
    """Adds to what Django says of a request whose it was: the number of an account and roughly where from."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "who"):
            record.who = _who(getattr(record, "request", None))
        return True


def _who(request: Any) -> str:
    if not hasattr(request, "META"):
        return ""
    from accounts.sessions import network_of  # when there is a request, everything is loaded

    user = getattr(request, "_cached_user", None)  # of the session, if it was asked: here must be no query
    account = f"account {user.pk}" if user is not None and user.pk else "nobody signed in"
    return f" [{account}, from {network_of(request)}]"


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
    "/account/keep/<key>",
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


# Would begin another line, or steer the terminal it is read on.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def scrub(text: str) -> str:
    """The text without keys in paths and without the values of queries."""
    return _QUERY.sub(r"\1…", _KEY.sub(r"\1…", text))


def _on_one_line(text: str) -> str:
    return _STEERING.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


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
        record.msg, record.args = scrub(_on_one_line(said)), None
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
