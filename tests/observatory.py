"""Scores one answer by the rules of Mozilla's HTTP Observatory: 100, less penalties, plus bonuses from 90 points on.

The points are those of github.com/mdn/mdn-http-observatory, src/grader/charts.js, and the conditions those of
src/analyzer/tests/, as of November 2026. What is ours: it looks at one answer instead of a site, so cookies are those
of this answer; and it leaves out rules about what we never send (nonces, hashes and strict-dynamic in a policy,
policies in ``<meta>``, the preload list). Redirects have a function of their own, because they begin without https.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from http.cookies import Morsel
from urllib.parse import urlsplit

from django.http.response import HttpResponseBase

BONUS_FROM = 90
SIX_MONTHS = 15_768_000  # seconds
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def score(response: HttpResponseBase) -> int:
    """The points of this answer, which came over https."""
    points = list(modifiers(response).values())
    without_bonus = 100 + sum(point for point in points if point < 0)
    bonus = sum(point for point in points if point > 0)
    return max(0, without_bonus + (bonus if without_bonus >= BONUS_FROM else 0))


def modifiers(response: HttpResponseBase) -> dict[str, int]:
    """The penalty or bonus of each test."""
    return {
        "content-security-policy": policy(response),
        "cookies": cookies(response),
        "cross-origin-resource-sharing": sharing(response),
        "referrer-policy": referrer(response),
        "strict-transport-security": transport(response),
        "subresource-integrity": integrity(response),
        "x-content-type-options": 0 if header(response, "X-Content-Type-Options") == "nosniff" else -5,
        "x-frame-options": frames(response),
        "cross-origin-resource-policy": resources(response),
    }


def redirection(response: HttpResponseBase, host: str) -> int:
    """The penalty of this answer, which came over http: it should lead to https on the same host."""
    if response.status_code not in {301, 302, 303, 307, 308}:
        return -20
    there = urlsplit(response.headers["Location"])
    if there.scheme != "https":
        return -20
    return 0 if there.hostname == host else -5


def header(response: HttpResponseBase, name: str) -> str:
    return str(response.headers.get(name, "")).strip().lower()


def directives(response: HttpResponseBase) -> dict[str, set[str]]:
    parts = [part.split() for part in header(response, "Content-Security-Policy").split(";")]
    return {name: set(sources) or {"'none'"} for name, *sources in filter(None, parts)}


def policy(response: HttpResponseBase) -> int:
    rules = directives(response)
    if not rules:
        return -25
    anything = rules.get("default-src", {"*"})
    script, style, plugin = (rules.get(name, anything) for name in ("script-src", "style-src", "object-src"))
    passive = {source for name in ("img-src", "media-src") for source in rules.get(name, anything)}
    active = {source for name in rules.keys() - {"img-src", "media-src"} for source in rules[name]}
    if script & (BROAD | INLINE) or plugin & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for source in active):
        return -20
    if "'unsafe-eval'" in script | style or any(source.startswith(("http:", "ftp:")) for source in passive):
        return -10
    if style & (BROAD | INLINE):
        return 0
    return 10 if rules.get("default-src") == {"'none'"} else 5


def cookies(response: HttpResponseBase) -> int:
    worst, found, all_bound = 0, False, True
    protected = transport(response) >= 0
    for cookie in kept_cookies(response):
        name, same_site = cookie.key.lower(), str(cookie["samesite"]).lower()
        session = "sess" in name or "login" in name
        found, all_bound = True, all_bound and bool(same_site)
        faults = []
        if same_site not in {"", "lax", "strict", "none"} or (same_site == "none" and not cookie["secure"]):
            faults.append(-20)
        if "csrf" in name and not same_site:
            faults.append(-20)
        if not cookie["secure"]:
            faults.append(({True: -10, False: -5} if protected else {True: -40, False: -20})[session])
        if session and not cookie["httponly"]:
            faults.append(-30)
        worst = min([worst, *faults])
    return worst or (5 if found and all_bound else 0)


def kept_cookies(response: HttpResponseBase) -> list[Morsel[str]]:
    """The cookies that this answer sets, without those it deletes."""
    return [cookie for cookie in response.cookies.values() if cookie["max-age"] != 0]


def sharing(response: HttpResponseBase) -> int:
    credentials = header(response, "Access-Control-Allow-Credentials") == "true"
    return -50 if header(response, "Access-Control-Allow-Origin") and credentials else 0


def referrer(response: HttpResponseBase) -> int:
    sent = header(response, "Referrer-Policy")
    return 5 if sent in PRIVATE_REFERRERS else -5 if sent else 0


def transport(response: HttpResponseBase) -> int:
    seconds = re.search(r"max-age=(\d+)", header(response, "Strict-Transport-Security"))
    if not seconds:
        return -20
    return 0 if int(seconds[1]) >= SIX_MONTHS else -10


def frames(response: HttpResponseBase) -> int:
    ancestors = directives(response).get("frame-ancestors", {"*"})
    if not ancestors & BROAD:
        return 5
    return 0 if header(response, "X-Frame-Options") in {"deny", "sameorigin"} else -20


def resources(response: HttpResponseBase) -> int:
    sent = header(response, "Cross-Origin-Resource-Policy")
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0, "": 0}.get(sent, -5)


class Scripts(HTMLParser):
    """Collects the scripts of a page: source and whether it has a checksum."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "script" and named.get("src"):
            self.found.append((str(named["src"]), bool(named.get("integrity"))))


def integrity(response: HttpResponseBase) -> int:
    if "text/html" not in header(response, "Content-Type") or response.streaming:
        return 0
    page = Scripts()
    page.feed(response.content.decode())  # type: ignore[attr-defined]  # what doesn't stream has content
    worst, checked = 0, False
    for source, has_checksum in page.found:
        if not re.match(r"https?:|//", source):  # from our own origin
            checked = checked or has_checksum
        elif source.startswith("https:"):
            worst = min(worst, 0 if has_checksum else -5)
        else:
            worst = min(worst, -20 if has_checksum else -50)
    return worst or (5 if checked else 0)
