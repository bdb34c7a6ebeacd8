from mail.models.connected import ConnectedMailbox
from mail.models.incoming import DropAddress, IncomingMail
from mail.models.outgoing import Heartbeat, MailMonth, OutgoingMail, SendingDay, SuppressedAddress

__all__ = [
    "ConnectedMailbox",
    "DropAddress",
    "Heartbeat",
    "IncomingMail",
    "MailMonth",
    "OutgoingMail",
    "SendingDay",
    "SuppressedAddress",
]
