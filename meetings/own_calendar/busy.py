"""When the user's own calendar is busy, for a page of theirs to show."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.utils import timezone

from accounts.models import User
from meetings.models import BusyTime, OwnCalendar

DAY = dt.timedelta(days=1)
DAYS = 14


def busy_days(user: User, days: int = DAYS) -> dict[str, object]:
    """``connected``, and ``busy``: each coming day that isn't free, with its times in words, in the user's zone.

    Two queries.
    """
    now = timezone.now()
    until = dt.datetime.combine(user.today() + days * DAY, dt.time(), tzinfo=user.zone)
    found: dict[dt.date, list[str]] = defaultdict(list)
    for row in BusyTime.objects.for_user(user).filter(ends_at__gt=now, starts_at__lt=until):
        starts, ends = max(user.local(row.starts_at), user.local(now)), min(user.local(row.ends_at), until)
        day = starts.date()
        while dt.datetime.combine(day, dt.time(), tzinfo=user.zone) < ends:
            found[day].append(_in_words(day, starts, ends))
            day += DAY
    busy = [(f"{day:%A} {day.day} {day:%B}", spans) for day, spans in sorted(found.items())]
    return {"busy": busy, "connected": bool(busy) or OwnCalendar.objects.for_user(user).exists()}


def _in_words(day: dt.date, starts: dt.datetime, ends: dt.datetime) -> str:
    begins = f"{starts:%H:%M}" if starts.date() == day and starts.time() != dt.time() else ""
    over = f"{ends:%H:%M}" if ends.date() == day else ""
    if begins and over:
        return f"{begins} to {over}"
    if begins:
        return f"from {begins}"
    return f"until {over}" if over else "all day"
