"""Whether two addresses are the same mailbox, so far as that can be told from outside."""

from __future__ import annotations

import contextlib
import unicodedata

from django.utils.encoding import punycode


def mailbox_key(address: str) -> str:
    """The same for all spellings of one mailbox: ``Anna+list@Example.ORG`` and ``anna@example.org``.

    Ignores case and what follows a plus, because a limit or a stop that ``anna+2@`` gets round is none. On the rare
    servers where these are different people, both get less mail, never more. Dots stay: only single providers ignore
    them, and a list of providers would never be right for long.
    """
    local, _, domain = unicodedata.normalize("NFKC", address.strip()).casefold().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = punycode(domain.rstrip("."))
    return f"{local.partition('+')[0] or local}@{domain}"
