from __future__ import annotations

from accounts.models import User
from mail.models import OutgoingMail


def export(user: User) -> dict[str, object]:
    """The mails we sent, or tried to send, for this user: what and when, not the bytes."""
    mails = OutgoingMail.objects.filter(owner=user).order_by("created_at")
    fields = ("purpose", "recipient", "subject", "state", "created_at", "sent_at", "message_id")
    return {"mails": list(mails.values(*fields))}
