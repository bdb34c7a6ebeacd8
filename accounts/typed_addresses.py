"""Mail to whatever address somebody types: to sign up, for a new password, for a code, to add it to an account.

Nobody has shown yet that the address is theirs, so we must not become a way to fill a stranger's mailbox. Over all of
these forms together, one mailbox gets only so many mails, and one network causes only so many. Past the first limit the
page says what it always says, so that it tells nothing about the address; past the second it says that there were many.
A browser in which the account of this address has signed in before has a count of its own, so that strangers can't use
up its owner's (as with passwords: :mod:`accounts.sign_in_limits`). allauth counts, by ``ACCOUNT_RATE_LIMITS``.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest

from accounts import known_devices
from accounts.mailboxes import mailbox_key
from accounts.registry import Registry

# The mails of allauth that go to a typed address, by their templates.
MAILS = frozenset(
    f"account/email/{name}"
    for name in (
        *("email_confirmation", "email_confirmation_signup", "account_already_exists"),
        *("password_reset_key", "login_code", "unknown_account"),
    )
)
FULL = "Several emails went to this address lately, so the next one has to wait. Try again in an hour, or tomorrow."

stopped: Registry[Callable[[str], bool]] = Registry("Whether an address takes no mail from here")


def may_go(request: HttpRequest, address: str) -> bool:
    """Count one mail to this address, and say whether it may go.

    Whoever stopped all mail from here, or can't be reached, gets none; but the owner of an account must get in.
    """
    user_id = _owner_of(address)
    if user_id is None and any(is_stopped(address) for is_stopped in stopped.values()):
        return False
    return bool(ratelimit.consume(request, action="typed_address", key=_key(request, address, user_id)))


def is_full(request: HttpRequest, address: str) -> bool:
    """Whether another mail to this address would not go, for the limit."""
    key = _key(request, address, _owner_of(address))
    return not ratelimit.consume(request, action="typed_address", key=key, dry_run=True)


def count_source(request: HttpRequest) -> None:
    """Count a form that causes such a mail for the network it comes from; past the limit, answer with the 429 page."""
    if answer := ratelimit.consume_or_429(request, action="typed_address_source"):
        raise ImmediateHttpResponse(answer)


def _key(request: HttpRequest, address: str, user_id: int | None) -> str:
    device = known_devices.device_of(request, user_id) if user_id is not None else ""
    return f"{mailbox_key(address)}\n{device}"


def _owner_of(address: str) -> int | None:
    found: int | None = (
        EmailAddress.objects.filter(email__iexact=address, verified=True).values_list("user", flat=True).first()
    )
    return found
