from __future__ import annotations

from accounts.export.parts import Part
from mail.sending_limits import days_of

_LEASE = "It says which worker has the mail in hand."
_OPENS = "It opens your mailbox."

PART = Part(
    left_out={
        "mail.OutgoingMail.content": "They are the bytes that were sent, and are deleted soon.",
        "mail.DropAddress.local": "Whoever knows it can send mail to it, and it is one of this installation.",
        "mail.ConnectedMailbox.password": _OPENS,
        "mail.ConnectedMailbox.access_token": _OPENS,
        "mail.ConnectedMailbox.refresh_token": _OPENS,
        "mail.OutgoingMail.claim_token": _LEASE,
        "mail.OutgoingMail.lease_until": _LEASE,
        "mail.SendingDay.sender": "It is a digest of the user’s own address.",
    },
    stays={
        "mail.OutgoingMail": "What was mailed from here can’t be mailed from elsewhere, and must not be mailed twice.",
        "mail.DropAddress": "It is an address of this installation.",
        "mail.ConnectedMailbox": "It would need your password. Connect it again where you need it.",
        "mail.SendingDay": "It is a limit of this installation.",
    },
    rows={"mail.SendingDay": days_of},
)
