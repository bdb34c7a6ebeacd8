"""The link in every mail to a mentor that stops all mail to their address, and the headers that go with it.

The token is the signed address itself, without a date: the link must still work when the user's account is gone and
the mail is years old. It can only stop mail, so it needs no version.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.mailboxes import mailbox_key
from mail.models import OutgoingMail, SuppressedAddress

SALT = "mail.stop"
UNDO_SALT = "mail.stop.undo"
UNDO_MAX_AGE = 60 * 60  # an hour, in seconds


class BadLink(Exception):
    """The link was altered or cut short."""


def stop_link(address: str) -> str:
    """The absolute URL of the page that stops all mail to this address."""
    return f"{settings.BASE_URL}{reverse('stop_mail', args=[token_for(address)])}"


def token_for(address: str) -> str:
    return signing.Signer(salt=SALT).sign_object([address]).replace(":", ".")


def read(token: str) -> str:
    """The address. Raises :class:`BadLink`."""
    value, _, signature = token.rpartition(".")
    try:
        (address,) = signing.Signer(salt=SALT).unsign_object(f"{value}:{signature}")
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    return str(address)


def undo_token(suppressed: SuppressedAddress) -> str:
    """For the page that just stopped it. Not in the mail, because its link reaches the user when it is quoted."""
    return signing.dumps([suppressed.pk, suppressed.key], salt=UNDO_SALT)


def to_undo(token: str, address: str) -> SuppressedAddress | None:
    """The row that this page stopped within the last hour, if it is still there and of this address."""
    try:
        pk, key = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_MAX_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if key != mailbox_key(address):
        return None
    return SuppressedAddress.objects.filter(pk=pk, key=key, reason=SuppressedAddress.Reason.ASKED).first()


def headers_for(mail: OutgoingMail) -> dict[str, str]:
    """What mail programs and feedback loops look for: RFC 8058, Feedback-ID (Google), and RFC 9477.

    A user is named by a digest: the same in all their mails, and nothing to anybody else.
    """
    user = salted_hmac("mail.feedback", str(mail.owner_id), algorithm="sha256").hexdigest()[:16]
    headers = {
        "List-Unsubscribe": f"<{stop_link(mail.recipient)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{user}:{mail.purpose}:mentorfolio",
    }
    if settings.ABUSE_CONTACT:
        headers["CFBL-Address"] = f"{settings.ABUSE_CONTACT}; report=arf"
        headers["CFBL-Feedback-ID"] = f"{user}:{mail.pk}"
    return headers
