"""What servers of ours found out about a sender (RFC 8601); anybody else's word counts for nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from mail.incoming.message import Part

_METHOD = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b", re.IGNORECASE)
_AUTHSERV = re.compile(r"\s*([^\s;/]+)")
# Whose domain a result is about (RFC 8601 §2.7).
_DOMAIN = {
    "spf": re.compile(r"\bsmtp\.mail(?:from)?\s*=\s*(\S+)", re.IGNORECASE),
    "dkim": re.compile(r"\bheader\.[di]\s*=\s*(\S+)", re.IGNORECASE),
}


@dataclass(frozen=True)
class Authentication:
    """The results of each method, in small letters; several, where several servers of ours looked, or several keys."""

    dmarc: frozenset[str] = frozenset()
    dkim: frozenset[str] = frozenset()
    spf: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()  # those that SPF or DKIM passed for
    asked: bool = False  # whether anybody is trusted to look

    @property
    def failed(self) -> bool:
        return "fail" in self.dmarc

    @property
    def passed(self) -> bool:
        """Whether the address in From is proved: DMARC asks that it fits what SPF or DKIM found (RFC 7489 §3.1)."""
        return self.dmarc == {"pass"}

    def proves(self, address: str) -> bool:
        """Whether this address in From is proved; by SPF or DKIM alone, only for its own domain, one above or below."""
        domain = address.rpartition("@")[2]
        return not self.failed and (self.passed or any(_belongs(domain, one) for one in self.domains))


def authentication(mail: Part, servers: Collection[str], checks: str = "") -> Authentication:
    """``checks`` are results that came beside the mail, from whoever took it in, written as in the header."""
    found: dict[str, set[str]] = {"dmarc": set(), "dkim": set(), "spf": set()}
    domains: set[str] = set()
    results = _without_comments(checks).split(";")
    for value in mail.all("authentication-results"):
        server, *theirs = _without_comments(value).split(";")
        name = _AUTHSERV.match(server)
        if name and name[1].lower() in servers:
            results += theirs
    for result in results:
        told = _METHOD.match(result)
        if not told or (method := told[1].lower()) not in found:
            continue
        found[method].add(told[2].lower())
        if told[2].lower() == "pass" and method in _DOMAIN and (about := _DOMAIN[method].search(result)):
            domains.add(about[1].rpartition("@")[2].strip("<>").lower())
    methods = {method: frozenset(each) for method, each in found.items()}
    return Authentication(**methods, domains=frozenset(domains), asked=bool(servers or checks))


def _belongs(one: str, other: str) -> bool:
    """Relaxed alignment (RFC 7489 §3.1), as far as it can be told without a list of public suffixes."""
    short, long = sorted((one, other), key=len)
    return "." in short and f".{long}".endswith(f".{short}")


def _without_comments(value: str) -> str:
    """Without brackets, and no ";" or "=" within quotation marks: there, anybody may have written anything."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter in "()" and not quoted:
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif not depth:
            kept.append(" " if quoted and letter in ";=" else letter)
    return "".join(kept)
