"""Opens a connected mailbox: which of the ways to speak to it, with what."""

from __future__ import annotations

from accounts.private_notes import Unreadable
from mail.connected.imap import Account, ImapMailbox, Server
from mail.connected.provider import Mailbox, SignInAgain
from mail.models import ConnectedMailbox


def opened(mailbox: ConnectedMailbox) -> Mailbox:
    """Nothing is connected to yet. Raises :class:`SignInAgain` if no key opens what it needs."""
    if any(isinstance(one, Unreadable) for one in (mailbox.password, mailbox.access_token, mailbox.refresh_token)):
        raise SignInAgain("Your password for it can’t be decrypted any more. Connect your mailbox again.")
    return ImapMailbox(
        Account(
            username=mailbox.username or mailbox.address,
            password=mailbox.password,
            imap=Server(mailbox.imap_host, mailbox.imap_port, mailbox.imap_security),
            smtp=Server(mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security),
        )
    )
