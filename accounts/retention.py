"""What is deleted by itself when it is old enough."""

from __future__ import annotations

import datetime as dt

LOG_KEPT = dt.timedelta(days=90)  # settled reminders, and what became of mail; then counts by month
ADDRESSES_KEPT = dt.timedelta(days=180)  # changes of addresses, as long as the security log that tells of them
