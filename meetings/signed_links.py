"""The URL of a private page: a signed id and version. It gives access to that person's page only.

The expiry is in its row (``ShareLink``), not in the URL, so that it can be shortened, renewed and revoked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from meetings.models import ShareLink

SALT = "meetings.signed_links"


class BadLink(Exception):
    """The signature is invalid: the URL was altered or truncated."""


def token_for(link: ShareLink) -> str:
    return signing.Signer(salt=SALT).sign(f"{link.pk}.{link.version}").replace(":", ".")


def read(token: str) -> tuple[int, int]:
    """The link's id and version. Raises :class:`BadLink`."""
    value, _, signature = token.rpartition(".")
    try:
        pk, version = signing.Signer(salt=SALT).unsign(f"{value}:{signature}").split(".")
        return int(pk), int(version)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error


def link_to(link: ShareLink) -> str:
    """The absolute URL to send to the mentor."""
    return f"{settings.BASE_URL}{reverse('mentor_page', args=[token_for(link)])}"
