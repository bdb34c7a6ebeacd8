"""Helpers for the outbox: a test purpose "letter", and reading the mails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from django.core.mail import EmailMessage
from django.db import connection

from mail import purposes
from mail.models import OutgoingMail
from mail.services import queue


def register_letter(write: Any = None, *, audience: str = "user", still_wanted: Any = None) -> list[int]:
    """Register the purpose "letter"; returns the list of subjects it was rendered for."""
    written: list[int] = []

    def prepare(mail: OutgoingMail) -> EmailMessage | None:
        written.append(mail.subject_id or 0)
        if write is not None:
            return write(mail)
        return EmailMessage(f"Letter {mail.subject_id}", "Good morning.\n.\n..dots\n", to=[mail.recipient])

    purposes.register("letter", prepare, audience=audience, still_wanted=still_wanted)
    return written


def make_letter(subject_id: int = 1, *, recipient: str = "alice@example.org", **fields: Any) -> OutgoingMail:
    fields.setdefault("audience", OutgoingMail.Audience.USER)
    fields.setdefault("owner", None)
    return queue(purpose="letter", subject_id=subject_id, recipient=recipient, wake=False, **fields)


def states() -> dict[int | None, str]:
    return dict(OutgoingMail.objects.order_by("subject_id").values_list("subject_id", "state"))


def beside(work: Callable[[], object]) -> None:
    """Call this in a thread with a separate database connection, like another process, and wait for it."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    body: str


def outbox() -> list[Mail]:
    """All frozen mails, oldest first; ``body`` is the text part."""
    rows = OutgoingMail.objects.filter(content__isnull=False).order_by("pk")
    return [_parsed(row) for row in rows]


def _parsed(row: OutgoingMail) -> Mail:
    message = message_from_bytes(bytes(row.content or b""), policy=policy.default)
    part = message.get_body(("plain",))
    return Mail(to=row.recipient, subject=str(message["Subject"]), body=str(part.get_content()) if part else "")
