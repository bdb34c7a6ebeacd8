"""Mail that a user causes to somebody who is no user here: it goes in their name, so it must never be a relay.

Every such mail is queued here. It needs a confirmed address of the user, a recipient who has not stopped mail from
here, and room under the limits; why, and what holds besides, is in ``docs/decisions/0019-mail-to-others.md``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from mail import sending_limits, suppression
from mail.models import OutgoingMail
from mail.services import queue

State = OutgoingMail.State


class NotSent(Exception):
    """Nothing was queued; ``str()`` tells the user why, and when it can be."""


@transaction.atomic
def queue_to_other(
    *, purpose: str, subject_id: int, owner: User, recipient: str, expires_at: dt.datetime, asked: bool
) -> OutgoingMail:
    """Put a mail to somebody else into the outbox. Call it in the transaction that changes what the mail is about.

    Over the limit of mails to one person, it waits for the next day with room. If it may not go at all, then what the
    user ``asked`` for raises :class:`NotSent`; what follows from another change is kept in the outbox as stopped, with
    the reason, so that the change itself goes through.
    """
    # Two tabs must not both take the last place. NO KEY, since rows that name the user are inserted at the same time.
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    common: dict[str, Any] = {"purpose": purpose, "subject_id": subject_id, "owner": owner, "recipient": recipient}
    try:
        due_at = _when(owner, recipient, expires_at)
    except NotSent as trouble:
        if asked:
            raise
        mail = queue(**common, audience=OutgoingMail.Audience.MENTOR, expires_at=expires_at, wake=False)
        OutgoingMail.objects.filter(pk=mail.pk, state=State.QUEUED).update(state=State.STOPPED, last_error=str(trouble))
        return mail
    return queue(**common, audience=OutgoingMail.Audience.MENTOR, due_at=due_at, expires_at=expires_at)


def is_confirmed(owner: User) -> bool:
    """Whether the user has shown that the address answers go to is theirs."""
    return bool(EmailAddress.objects.filter(user=owner, email__iexact=owner.email, verified=True).exists())


def _when(owner: User, recipient: str, expires_at: dt.datetime) -> dt.datetime:
    """When it may go (UTC). Raises :class:`NotSent`."""
    if not is_confirmed(owner):
        raise NotSent("Confirm your own email address in your settings first: until then we write to no one for you.")
    if (stopped := suppression.find(recipient)) is not None:
        raise NotSent(suppression.why(stopped))
    if sending_limits.is_new(owner=owner, address=recipient):
        try:
            with transaction.atomic():
                sending_limits.count_new_recipient(owner=owner)
        except sending_limits.AtTheLimit as trouble:
            raise NotSent(str(trouble)) from trouble
    due_at = sending_limits.next_free(owner=owner, address=recipient)
    if due_at >= expires_at:
        raise NotSent(
            f"{recipient} has had {sending_limits.three_a_day()} from you, which is the limit, "
            f"and the next could only go on {sending_limits.when_for(owner, due_at)}."
        )
    return due_at
