from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.messages import get_messages

from outreach.drafts import services as drafts
from outreach.models import Approach, FollowUp, Message, Purpose
from reminders.models import Reminder
from tests.factories import make_message

# A Monday; ten working days later is Monday 19 January.
MONDAY = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


def send(approach: Approach, purpose: Purpose = Purpose.FIRST_APPROACH, **fields: Any) -> Message:
    """Create a message and mark it as sent now."""
    fields = {"subject": "Fifteen minutes?", "body": "Dear you", **fields}
    message = make_message(approach, purpose=purpose, **fields)
    drafts.record_sent(message=message)
    message.refresh_from_db()
    return message


def said(response: Any) -> str:
    """What the next page says of it, at its top."""
    return " ".join(str(words) for words in get_messages(response.wsgi_request))


def states(approach: Approach) -> list[str]:
    return list(approach.follow_ups.values_list("state", flat=True))


def reminder_states(approach: Approach) -> list[str]:
    ids = FollowUp.objects.filter(approach=approach).values("pk")
    return list(Reminder.objects.filter(kind="follow_up_due", subject_id__in=ids).values_list("state", flat=True))
