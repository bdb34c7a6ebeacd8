"""The permission of one connected mailbox at Google or Microsoft: renewed in its row, and given back when that goes."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.private_notes import Unreadable
from mail.connected import oauth
from mail.connected.oauth import Permission, Tokens
from mail.connected.provider import Trouble
from mail.models import ConnectedMailbox


def permission(mailbox: ConnectedMailbox) -> Permission:
    """That of this row. Raises :class:`Trouble` where its provider is switched off."""
    asked = oauth.provider(mailbox.provider)
    if asked is None:
        name = mailbox.get_provider_display()
        raise Trouble(f"{name} is switched off here. Whoever runs this site can switch it on.")
    tokens = Tokens(mailbox.access_token, mailbox.refresh_token, mailbox.token_ends_at or timezone.now())
    return Permission(asked, tokens, keep=partial(_keep, mailbox))


def _keep(mailbox: ConnectedMailbox, new: Tokens) -> None:
    """In its row at once, since the old ones may hold no more; unless that was connected again, or not, meanwhile."""
    with transaction.atomic():
        row = ConnectedMailbox.objects.select_for_update().filter(pk=mailbox.pk).first()
        if row is None or row.refresh_token != mailbox.refresh_token:
            raise Trouble("It was disconnected, or connected again, a moment ago.")
        for name, value in values(new).items():
            setattr(row, name, value)
            setattr(mailbox, name, value)
        row.save(update_fields=[*values(new)])


def values(tokens: Tokens) -> dict[str, object]:
    """For the fields of the row."""
    return {"access_token": tokens.access, "refresh_token": tokens.refresh, "token_ends_at": tokens.ends_at}


def give_back(mailbox: ConnectedMailbox) -> None:
    """Once it is forgotten here. Should the provider not hear it, nobody has what it gave any more."""
    asked = oauth.provider(mailbox.provider)
    if asked is not None and not isinstance(mailbox.refresh_token, Unreadable):
        transaction.on_commit(partial(oauth.revoke, asked, mailbox.refresh_token), robust=True)
