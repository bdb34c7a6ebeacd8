"""The mails waiting in the outbox, as a mail program would show them."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy

from mail.models import OutgoingMail


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    body: str


def outbox() -> list[Mail]:
    """Every mail whose words are frozen, oldest first; ``body`` is the text part."""
    rows = OutgoingMail.objects.filter(content__isnull=False).order_by("pk")
    return [_parsed(row) for row in rows]


def _parsed(row: OutgoingMail) -> Mail:
    message = message_from_bytes(bytes(row.content or b""), policy=policy.default)
    part = message.get_body(("plain",))
    return Mail(to=row.recipient, subject=str(message["Subject"]), body=str(part.get_content()) if part else "")
