"""Logging of client errors (4xx)."""

from __future__ import annotations

import logging


class BriefRefusals(logging.Filter):
    """Logs client errors (4xx) as one line without a traceback.

    Otherwise scanners with a wrong Host header or a malformed body would fill the log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
