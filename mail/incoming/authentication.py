"""What servers of ours found out about a sender (RFC 8601); anybody else's word counts for nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from mail.incoming.message import Part

_METHOD = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b", re.IGNORECASE)
_AUTHSERV = re.compile(r"\s*([^\s;/]+)")


@dataclass(frozen=True)
class Authentication:
    """The results of each method, in small letters; several, where several servers of ours looked, or several keys."""

    dmarc: frozenset[str] = frozenset()
    dkim: frozenset[str] = frozenset()
    spf: frozenset[str] = frozenset()

    @property
    def failed(self) -> bool:
        return "fail" in self.dmarc

    @property
    def passed(self) -> bool:
        """Whether the address in From is proved: DMARC asks that it fits what SPF or DKIM found (RFC 7489 §3.1)."""
        return self.dmarc == {"pass"}


def authentication(mail: Part, servers: Collection[str]) -> Authentication:
    found: dict[str, set[str]] = {"dmarc": set(), "dkim": set(), "spf": set()}
    for value in mail.all("authentication-results"):
        server, *results = _without_comments(value).split(";")
        name = _AUTHSERV.match(server)
        if not name or name[1].lower() not in servers:
            continue
        for result in results:
            method = _METHOD.match(result)
            if method and method[1].lower() in found:
                found[method[1].lower()].add(method[2].lower())
    return Authentication(**{method: frozenset(results) for method, results in found.items()})


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
