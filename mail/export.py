from __future__ import annotations

from accounts.models import User
from mail.models import MailMonth, OutgoingMail
from mail.sending_limits import sending_of


def export(user: User) -> dict[str, object]:
    """The mails sent, or tried, for this user: subject, times and state, without the bytes; and what limits counted."""
    mails = OutgoingMail.objects.filter(owner=user).order_by("created_at")
    fields = ("purpose", "recipient", "subject", "state", "created_at", "sent_at", "message_id", "last_error")
    months = MailMonth.objects.for_user(user).values("month", "to_user", "to_others", "reminders")
    return {
        "mails": list(mails.values(*fields)),
        "mails of earlier months": list(months),
        "first mails to new people": sending_of(user),
    }
