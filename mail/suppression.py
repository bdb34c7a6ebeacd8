"""The mailboxes to which nothing goes on behalf of users: because they asked, complained or don't exist.

The list belongs to the site and holds over all users. Looked at when a mail is put into the outbox and again just
before it is sent; what waits when an address is added is stopped at once.
"""

from __future__ import annotations

from django.db import transaction

from accounts.mailboxes import mailbox_key
from accounts.policies import Role
from accounts.row_security import as_role
from mail.models import OutgoingMail, SuppressedAddress

Reason = SuppressedAddress.Reason
State = OutgoingMail.State
_NOT_YET_SENDING = (State.QUEUED, State.CLAIMED, State.FROZEN)


def find(address: str) -> SuppressedAddress | None:
    return SuppressedAddress.objects.filter(key=mailbox_key(address)).first()


def is_stopped(address: str) -> bool:
    return find(address) is not None


def why(suppressed: SuppressedAddress) -> str:
    """Why nothing goes to it, for the user who wanted to write there."""
    if suppressed.reason == Reason.BOUNCED:
        return f"Mail to {suppressed.address} came back: there seems to be no such address."
    return f"{suppressed.address} doesn’t accept email sent through Mentorfolio."


@transaction.atomic
def suppress(*, address: str, reason: str, note: str = "") -> tuple[SuppressedAddress, bool]:
    """Put it on the list, and stop what waits for it. Returns the row, and whether it is new."""
    values = {"address": address, "reason": reason, "note": note}
    row, new = SuppressedAddress.objects.get_or_create(key=mailbox_key(address), defaults=values)
    if not new and row.reason == Reason.BOUNCED and reason != Reason.BOUNCED:
        # What a person wants outlasts what the mail server said.
        row.reason, row.note = reason, note
        row.save(update_fields=["reason", "note"])
    _stop_what_waits(row)
    return row, new


def lift(*, suppressed: SuppressedAddress) -> None:
    """Take it off the list. What was stopped stays stopped."""
    suppressed.delete()


def _stop_what_waits(row: SuppressedAddress) -> None:
    """A mail queued by a transaction that isn't finished yet isn't seen here; the engine sees the list before it."""
    waiting = OutgoingMail.objects.filter(state__in=_NOT_YET_SENDING).exclude(audience=OutgoingMail.Audience.USER)
    found = waiting.values_list("pk", "recipient")
    with as_role(Role.OPERATOR):
        ids = sorted(pk for pk, recipient in found if mailbox_key(recipient) == row.key)
        for pk in ids:
            OutgoingMail.objects.filter(pk=pk, state__in=_NOT_YET_SENDING).update(
                state=State.STOPPED, last_error=why(row), claim_token=None, lease_until=None
            )
