"""How faulty requests (4xx) are logged."""

from __future__ import annotations

import logging


class BriefRefusals(logging.Filter):
    """One line, and no traceback, for what a client got wrong (4xx): nothing of ours broke.

    Scanners with a false Host header or a broken form body would else fill the log and hide what matters.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
