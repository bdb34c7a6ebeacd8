"""The permission of one connected mailbox at Google or Microsoft, in its row."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from mail.connected.oauth import Permission, Tokens, provider
from mail.connected.provider import Trouble
from mail.models import ConnectedMailbox


def permission(mailbox: ConnectedMailbox) -> Permission:
    """That of this row. Raises :class:`Trouble` where its provider is switched off."""
    asked = provider(mailbox.provider)
    if asked is None:
        raise Trouble(
            f"{mailbox.get_provider_display()} is switched off here. Whoever runs this site can switch it on."
        )
    tokens = Tokens(mailbox.access_token, mailbox.refresh_token, mailbox.token_ends_at or timezone.now())
    return Permission(asked, tokens, keep=lambda new: _keep(mailbox, new))


def _keep(mailbox: ConnectedMailbox, new: Tokens) -> None:
    """In its row, unless it was disconnected or connected anew meanwhile."""
    with transaction.atomic():
        row = ConnectedMailbox.objects.select_for_update().filter(pk=mailbox.pk).first()
        if row is None or row.refresh_token != mailbox.refresh_token:
            raise Trouble("It was disconnected, or connected anew, a moment ago.")
        for one in (row, mailbox):
            put(one, new)
        row.save(update_fields=["access_token", "refresh_token", "token_ends_at"])


def put(mailbox: ConnectedMailbox, tokens: Tokens) -> None:
    """Into the row; the caller saves."""
    mailbox.access_token, mailbox.refresh_token = tokens.access, tokens.refresh
    mailbox.token_ends_at = tokens.ends_at
