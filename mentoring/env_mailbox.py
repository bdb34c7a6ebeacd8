"""Mailboxes that users connect at Google or Microsoft, read from the environment; see docs/connected-mailbox.md."""

from __future__ import annotations

import re

from django.core.exceptions import ImproperlyConfigured

from mentoring import env


def providers() -> dict[str, dict[str, str]]:
    """Those that are switched on, by the names that ``mail.connected.oauth`` knows them by."""
    tenant = env.text("MAILBOX_MICROSOFT_TENANT", "common")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}", tenant):
        raise ImproperlyConfigured(
            "MAILBOX_MICROSOFT_TENANT must be common, organizations, consumers, or the id or domain of a tenant, "
            f"not {tenant!r}."
        )
    microsoft = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    found = {
        "google": {
            **_client(
                "MAILBOX_GOOGLE",
                env.text("MAILBOX_GOOGLE_CLIENT_ID", ""),
                env.secret("MAILBOX_GOOGLE_CLIENT_SECRET", ""),
            ),
            "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
            "token_url": "https://oauth2.googleapis.com/token",
            "revoke_url": "https://oauth2.googleapis.com/revoke",
            "api_url": "https://gmail.googleapis.com",
        },
        "microsoft": {
            **_client(
                "MAILBOX_MICROSOFT",
                env.text("MAILBOX_MICROSOFT_CLIENT_ID", ""),
                env.secret("MAILBOX_MICROSOFT_CLIENT_SECRET", ""),
            ),
            "authorize_url": f"{microsoft}/authorize",
            "token_url": f"{microsoft}/token",
            "revoke_url": "",  # it has none for the permission of one app
            "api_url": "https://graph.microsoft.com",
        },
    }
    return {key: provider for key, provider in found.items() if provider["client_id"]}


def _client(start: str, client_id: str, secret: str) -> dict[str, str]:
    if bool(client_id) != bool(secret):
        raise ImproperlyConfigured(f"{start}_CLIENT_ID and {start}_CLIENT_SECRET belong together: set both or neither.")
    return {"client_id": client_id, "secret": secret}
