"""The address of a private page: an id and a version, signed. It opens that one person's page and nothing else.

How long it lives stands in its row (``ShareLink``), not in the address: so it can be shortened, renewed and revoked.
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
    """Altered or cut short."""


def token_for(link: ShareLink) -> str:
    return signing.Signer(salt=SALT).sign(f"{link.pk}.{link.version}").replace(":", ".")


def read(token: str) -> tuple[int, int]:
    """The link's id and the version of its address. Raises :class:`BadLink`."""
    value, _, signature = token.rpartition(".")
    try:
        pk, version = signing.Signer(salt=SALT).unsign(f"{value}:{signature}").split(".")
        return int(pk), int(version)
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error


def link_to(link: ShareLink) -> str:
    """The absolute address to send to the mentor."""
    return f"{settings.BASE_URL}{reverse('mentor_page', args=[token_for(link)])}"
