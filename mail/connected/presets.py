"""Where the mailboxes of a domain are, for those whose provider says so and takes an app password.

Providers that end passwords (Microsoft 365) or want none (Google Workspace) are not here: they connect by permission.
The sources are the providers' own pages for setting up a mail program, November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Both servers of a provider; the port says whether TLS comes at once or by STARTTLS."""

    name: str
    imap_host: str
    smtp_host: str
    smtp_port: int = 465
    imap_port: int = 993
    hint: str = "Make an app password there, and use it here instead of your own."


_APPLE = Preset("iCloud", "imap.mail.me.com", "smtp.mail.me.com", 587)
_FASTMAIL = Preset("Fastmail", "imap.fastmail.com", "smtp.fastmail.com")
_GMAIL = Preset("Gmail", "imap.gmail.com", "smtp.gmail.com")
_YAHOO = Preset("Yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com")
_AOL = Preset("AOL", "imap.aol.com", "smtp.aol.com")
_GMX = Preset("GMX", "imap.gmx.net", "mail.gmx.net", hint="Switch on IMAP in the settings of GMX first.")
_GMX_COM = Preset("GMX", "imap.gmx.com", "mail.gmx.com", hint="Switch on IMAP in the settings of GMX first.")
_WEB_DE = Preset("WEB.DE", "imap.web.de", "smtp.web.de", 587, hint="Switch on IMAP in the settings of WEB.DE first.")
_POSTEO = Preset("Posteo", "posteo.de", "posteo.de", hint="")
_MAILBOX_ORG = Preset("mailbox.org", "imap.mailbox.org", "smtp.mailbox.org")
_ZOHO = Preset("Zoho", "imap.zoho.com", "smtp.zoho.com")

PRESETS: dict[str, Preset] = {
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), _FASTMAIL),
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GMAIL),
    **dict.fromkeys(("yahoo.com", "yahoo.co.uk", "ymail.com"), _YAHOO),
    "aol.com": _AOL,
    **dict.fromkeys(("gmx.de", "gmx.net", "gmx.at", "gmx.ch"), _GMX),
    **dict.fromkeys(("gmx.com", "gmx.co.uk"), _GMX_COM),
    "web.de": _WEB_DE,
    **dict.fromkeys(("posteo.de", "posteo.net"), _POSTEO),
    "mailbox.org": _MAILBOX_ORG,
    **dict.fromkeys(("zoho.com", "zohomail.com"), _ZOHO),
}
# Theirs is the permission by sign-in, not a password (docs/connected-mailbox.md).
BY_PERMISSION = frozenset({"outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk", "msn.com"})


def preset_for(address: str) -> Preset | None:
    return PRESETS.get(address.rpartition("@")[2].strip().lower())
