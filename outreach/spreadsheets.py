"""The lists of this app as spreadsheets: of the export, and to download where the list is shown."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from accounts.spreadsheets import Sheet
from outreach.models import Approach, Message

A_BATCH = 500

APPROACHES: Sheet[Approach] = Sheet(
    "approaches",
    [
        ("Id", lambda approach, user: approach.pk),
        ("Person", lambda approach, user: approach.person.name),
        ("Person id", lambda approach, user: approach.person_id),
        ("Stage", lambda approach, user: approach.get_stage_display()),
        ("Since", lambda approach, user: approach.stage_since),
        ("Outcome", lambda approach, user: approach.get_outcome_display()),
        ("Ended", lambda approach, user: approach.ended_at),
        ("On hold until", lambda approach, user: approach.rest_until),
        ("Replied", lambda approach, user: approach.replied_at),
        ("Needs", lambda approach, user: "; ".join(need.words for need in approach.needs.all())),
        ("Why them", lambda approach, user: approach.why_them),
        ("Opened", lambda approach, user: approach.opened_at),
    ],
)
MESSAGES: Sheet[Message] = Sheet(
    "messages",
    [
        ("Id", lambda message, user: message.pk),
        ("Person", lambda message, user: message.person.name),
        ("Person id", lambda message, user: message.person_id),
        ("Approach id", lambda message, user: message.approach_id),
        ("Introduction id", lambda message, user: message.introduction_id),
        ("Mentorship id", lambda message, user: message.mentorship_id),
        ("State", lambda message, user: message.get_state_display()),
        ("When", lambda message, user: message.at),
        ("Purpose", lambda message, user: message.get_purpose_display()),
        ("Channel", lambda message, user: message.get_channel_display()),
        ("To", lambda message, user: message.sent_to),
        ("Answers message", lambda message, user: message.in_reply_to_id),
        ("Subject", lambda message, user: message.sent_subject or message.subject),
        ("Text", lambda message, user: message.sent_body or message.body),
    ],
)


def approaches(user: User) -> Iterator[Approach]:
    rows = Approach.objects.for_user(user).select_related("person").prefetch_related("needs")
    return rows.iterator(chunk_size=A_BATCH)


def messages(user: User) -> Iterator[Message]:
    return Message.objects.for_user(user).select_related("person").iterator(chunk_size=A_BATCH)
