"""The navigation of the shell."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse

register = template.Library()

# URL name, word, icon
ENTRIES = [
    ("today", "Today", "home"),
    ("portfolio", "Portfolio", "sparkles"),
    ("people", "People", "users"),
    ("outreach", "Outreach", "paper-airplane"),
    ("meetings", "Meetings", "calendar-days"),
    ("reflect", "Reflect", "book-open"),
    ("settings", "Settings", "cog-6-tooth"),
]
# Where a page belongs whose address does not begin with that of an entry: by the package of its view.
ENTRY_OF_PACKAGE = {
    "accounts": "settings",
    "allauth": "settings",
    "portfolio": "portfolio",
    "outreach": "outreach",
    "meetings": "meetings",
}


@dataclass(frozen=True)
class Entry:
    url: str
    word: str
    icon: str
    current: str  # value of aria-current: "page", "true" (a page below it) or ""


@register.inclusion_tag("_nav.html", takes_context=True)
def main_navigation(context: Context) -> dict[str, list[Entry]]:
    """The main navigation. An entry whose page does not exist is left out."""
    request: HttpRequest | None = context.get("request")
    path = request.path if request else ""
    addresses = {name: address for name, _, _ in ENTRIES if (address := address_of(name))}
    section = section_of(request, addresses) if request else ""
    entries = []
    for name, word, icon in ENTRIES:
        if name in addresses:
            current = "page" if path == addresses[name] else "true" if name == section else ""
            entries.append(Entry(addresses[name], word, icon, current))
    return {"entries": entries}


def address_of(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def section_of(request: HttpRequest, addresses: dict[str, str]) -> str:
    """The entry a page stands under: by its address, else by the package its view lives in."""
    for name, address in addresses.items():
        if request.path.startswith(address):
            return name
    view = request.resolver_match.func if request.resolver_match else None
    return ENTRY_OF_PACKAGE.get(getattr(view, "__module__", "").split(".")[0], "")
