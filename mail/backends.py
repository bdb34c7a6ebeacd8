"""An e-mail backend for Django that queues mail in the outbox. Sign-in mail has priority."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from accounts.models import User
from accounts.row_security import acting_for
from mail.models import OutgoingMail
from mail.rendering import render_into
from mail.services import wake_up


class OutboxBackend(BaseEmailBackend):
    """For ``EMAIL_BACKEND``: stores each message from allauth as rendered mail, one row per recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Returns how many messages were queued. Raises ``BadHeaderError`` for a line break in a header."""
        with transaction.atomic():
            counts = [self._take(message) for message in email_messages]
            transaction.on_commit(wake_up)
        return sum(1 for count in counts if count)

    def _take(self, message: EmailMessage) -> int:
        recipients = message.recipients()
        for recipient in recipients:
            owner = _owner_of(recipient)
            mail = OutgoingMail(purpose="account", owner=owner, priority=OutgoingMail.Priority.SIGN_IN)
            render_into(mail, _for_one(message, recipient))
            with acting_for(owner.pk if owner else None):
                mail.save()
        return len(recipients)


def _owner_of(address: str) -> User | None:
    """Whose address it is, also one of several. One that was only typed, and not confirmed, is nobody's yet."""
    owner = User.objects.filter(email__iexact=address).first()
    if owner is None:
        row = EmailAddress.objects.filter(email__iexact=address, verified=True).select_related("user").first()
        owner = row.user if row else None
    return owner


def _for_one(message: EmailMessage, recipient: str) -> EmailMessage:
    """The same message delivered to one recipient only; its headers still name all of them."""
    one = copy(message)
    one.extra_headers = dict(message.extra_headers)
    one.extra_headers.setdefault("To", ", ".join(map(str, message.to)))
    if message.cc:
        one.extra_headers.setdefault("Cc", ", ".join(map(str, message.cc)))
    one.to, one.cc, one.bcc = [recipient], [], []
    return one
