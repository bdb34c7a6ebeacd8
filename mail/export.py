from __future__ import annotations

from accounts.models import User
from mail.models import OutgoingMail


def export(user: User) -> dict[str, object]:
    """The mails sent, or tried, for this user: subject, times and state, without the bytes."""
    mails = OutgoingMail.objects.filter(owner=user).order_by("created_at")
    fields = ("purpose", "recipient", "subject", "state", "created_at", "sent_at", "message_id")
    return {"mails": list(mails.values(*fields))}
