"""Who may sign up: everybody, whoever has a link or an address at certain domains, or nobody (``SIGN_UP``).

A link is stored, so that it can be counted and ended; its address is signed. Opening it leaves a note in the session.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core import signing
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignUpLink

SALT = "accounts.sign_up"
BROUGHT = "sign_up_link"  # in the session: the id of the link that was opened
MOST_DAYS = 365
MOST_USES = 10_000


def usable() -> QuerySet[SignUpLink]:
    """The links with which an account can still be made."""
    return SignUpLink.objects.filter(Q(used__lt=F("uses")), ended_at=None, expires_at__gt=timezone.now())


def make_link(*, uses: int, days: int, note: str = "") -> SignUpLink:
    """A new link for so many accounts, good for so many days."""
    return SignUpLink.objects.create(note=note, uses=uses, expires_at=timezone.now() + dt.timedelta(days=days))


def end_link(*, number: int) -> bool:
    """Take a link back. False if it was no longer good."""
    return bool(usable().filter(pk=number).update(ended_at=timezone.now()))


def address_of(link: SignUpLink) -> str:
    """The absolute URL to hand to people."""
    return f"{settings.BASE_URL}{reverse('invited', args=[token_for(link)])}"


def token_for(link: SignUpLink) -> str:
    return signing.dumps(link.pk, salt=SALT)


def link_of(token: str) -> SignUpLink | None:
    """The link with this token, while accounts can be made with it."""
    try:
        pk = int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return usable().filter(pk=pk).first() if settings.SIGN_UP != "closed" else None


def brought_link(request: HttpRequest) -> SignUpLink | None:
    """The link that this visitor came with, while it is good."""
    pk = request.session.get(BROUGHT)
    return usable().filter(pk=pk).first() if pk is not None else None


def is_open(request: HttpRequest) -> bool:
    """Whether this visitor may open the sign-up page."""
    if settings.SIGN_UP == "invited":
        return brought_link(request) is not None
    return bool(settings.SIGN_UP != "closed")


def refusal(request: HttpRequest, email: str) -> str:
    """Why nobody signs up with this address here; empty if they may."""
    if settings.SIGN_UP != "domain" or email.rpartition("@")[2].lower() in settings.SIGN_UP_DOMAINS:
        return ""
    if brought_link(request) is not None:
        return ""
    return f"Please use an address at {' or '.join(settings.SIGN_UP_DOMAINS)}. This site is for people there."


def use_link(request: HttpRequest, email: str) -> bool:
    """Count the visitor's link for a new account. False if they needed it and it has run out meanwhile."""
    if settings.SIGN_UP not in {"invited", "domain"}:
        return is_open(request)
    pk = request.session.get(BROUGHT)
    if pk is not None and usable().filter(pk=pk).update(used=F("used") + 1):
        del request.session[BROUGHT]
        return True
    return settings.SIGN_UP == "domain" and not refusal(request, email)
