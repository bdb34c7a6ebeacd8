"""What the reader of a mail is told: whose mail it is, and whom and what they know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Known:
    """
    Every address and name is in small letters, every Message-ID without brackets and in small letters. The mappings may
    be any, also ones that look into a database; they are only asked for single keys.
    """

    users: Collection[str] = ()  # the addresses of the one user whose mail this is
    people: Mapping[str, int] = field(default_factory=dict)  # address: id of the person
    names: Mapping[str, str] = field(default_factory=dict)  # name: address; Outlook's forwards have no addresses
    letters: Mapping[str, int] = field(default_factory=dict)  # Message-ID: id of the letter
    drops: Collection[str] = ()  # drop addresses; one with "+tag" before the @ belongs to the same
    servers: Collection[str] = ()  # the authserv-ids (RFC 8601 §2.5) whose results are trusted

    def is_drop(self, address: str) -> bool:
        local, at, domain = address.rpartition("@")
        return address in self.drops or f"{local.partition('+')[0]}{at}{domain}" in self.drops

    def named(self, name: str) -> str:
        """The address of the person of this name, however Outlook turns it: "Hart, Julie (Wexcombe)". Else ""."""
        plain = " ".join(name.partition("(")[0].replace('"', " ").replace("'", " ").split()).lower()
        family, comma, given = plain.partition(",")
        turned = f"{given.strip()} {family.strip()}" if comma else plain
        return self.names.get(plain) or self.names.get(turned) or ""


@dataclass(frozen=True)
class Envelope:
    """What the mail server was told (RFC 5321), and found; ``sender`` "" is the null sender, None is not known."""

    sender: str | None = None
    recipients: tuple[str, ...] = ()
    checks: str = ""  # what whoever took the mail in found out of its sender, as in Authentication-Results (RFC 8601)
