"""Opens a connected mailbox: which of the ways to speak to it, with what."""

from __future__ import annotations

from contextlib import closing

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.private_notes import Unreadable
from mail.connected.gmail import Gmail
from mail.connected.graph import Graph
from mail.connected.imap import Account, ImapMailbox, Server
from mail.connected.oauth import Permission, Provider, Tokens
from mail.connected.permission import permission
from mail.connected.provider import Mailbox, SignInAgain, Trouble
from mail.models import ConnectedMailbox

WEB_APIS: dict[str, type[Gmail] | type[Graph]] = {"google": Gmail, "microsoft": Graph}


def opened(mailbox: ConnectedMailbox) -> Mailbox:
    """Nothing is connected to yet. Raises :class:`Trouble`, as where no key opens what it needs."""
    if any(isinstance(one, Unreadable) for one in (mailbox.password, mailbox.access_token, mailbox.refresh_token)):
        raise SignInAgain("Your password for it can’t be decrypted any more. Connect your mailbox again.")
    if mailbox.provider in WEB_APIS:
        return WEB_APIS[mailbox.provider](permission(mailbox))
    return ImapMailbox(
        Account(
            username=mailbox.username or mailbox.address,
            password=mailbox.password,
            imap=Server(mailbox.imap_host, mailbox.imap_port, mailbox.imap_security),
            smtp=Server(mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security),
        )
    )


def address_of(asked: Provider, tokens: Tokens) -> str:
    """Whose mailbox this permission is for, which the person chose on the provider's page. Raises :class:`Trouble`."""
    with closing(WEB_APIS[asked.key](Permission(asked, tokens))) as mailbox:
        address = mailbox.address()
    try:
        validate_email(address)
    except ValidationError:
        raise Trouble(f"{asked.name} names no address for that mailbox.") from None
    return address
