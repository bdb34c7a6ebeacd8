"""Turns a message into the bytes that are stored and sent."""

from __future__ import annotations

import re
import uuid
from email.generator import BytesGenerator
from email.message import Message
from email.policy import Compat32
from email.utils import parseaddr
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from mail.models import OutgoingMail
from mail.smtp import clean


def render_into(mail: OutgoingMail, message: EmailMessage) -> None:
    """Store the message in the row, with a new Message-ID.

    Raises ``ValueError`` for more or less than one recipient, ``BadHeaderError`` for a line break in a header.
    """
    recipients = message.recipients()
    if len(recipients) != 1:
        raise ValueError(f"A mail of the outbox has one recipient, not {len(recipients)}.")
    mail.message_id = f"<{uuid.uuid4().hex}@{urlsplit(settings.BASE_URL).hostname}>"
    headers = {name: value for name, value in message.extra_headers.items() if name.lower() != "message-id"}
    message.extra_headers = {**headers, "Message-ID": mail.message_id}
    mail.content = as_bytes(message.message())
    mail.subject = clean(str(message.subject))
    mail.recipient = parseaddr(recipients[0])[1] or recipients[0]


class _ShortHeadersAsTheyAre(Compat32):
    """The policy of Django's messages, but faster: short headers, which need no folding, are written as they are."""

    _plain = re.compile(r"[!-~]+(?: [!-~]+)*")
    _longest = 78  # RFC 5322, 2.1.1

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and len(name) + len(value) + 2 <= self._longest and self._plain.fullmatch(value):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _ShortHeadersAsTheyAre()


def as_bytes(message: Message) -> bytes:
    """Like ``message.as_bytes()``, in half the time; the boundary between the parts is random."""
    for part in message.walk():
        if part.is_multipart():
            part.set_boundary(f"={uuid.uuid4().hex}=")
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=_POLICY).flatten(message, linesep="\n")
    return written.getvalue()
