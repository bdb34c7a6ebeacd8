"""The main navigation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.http import reverse_or_empty

register = template.Library()

# URL name, label, icon
ENTRIES = [
    ("today", "Today", "home"),
    ("portfolio", "Portfolio", "sparkles"),
    ("people", "People", "users"),
    ("outreach", "Outreach", "paper-airplane"),
    ("meetings", "Meetings", "calendar-days"),
    ("reflect", "Reflect", "book-open"),
    ("settings", "Settings", "cog-6-tooth"),
]
# The entry of pages whose URL doesn't start with that of an entry, by the package of the view.
ENTRY_OF_PACKAGE = {
    "accounts": "settings",
    "allauth": "settings",
    "portfolio": "portfolio",
    "outreach": "outreach",
    "meetings": "meetings",
}


@dataclass(frozen=True)
class NavEntry:
    url: str
    word: str
    icon: str
    current: str  # value of aria-current: "page", "true" (a page below it) or ""


@register.simple_tag
@cache
def same_everywhere(template_name: str) -> SafeString:
    """A template without context, which is the same on every page and rendered once per process."""
    return render_to_string(template_name)


@register.simple_tag(takes_context=True)
def main_navigation(context: Context) -> SafeString:
    """The main navigation, without entries whose page does not exist."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return _navigation("", "")
    section = section_of(request, addresses())
    return _navigation(section, "page" if request.path == addresses().get(section) else "true")


@cache
def _navigation(section: str, current: str) -> SafeString:
    """Rendered once per process for each current entry, on its page or below it."""
    entries = [
        NavEntry(addresses()[name], word, icon, current if name == section else "")
        for name, word, icon in ENTRIES
        if name in addresses()
    ]
    return render_to_string("_nav.html", {"entries": entries})


@cache
def addresses() -> dict[str, str]:
    """The URLs of entries whose pages exist."""
    return {name: address for name, _, _ in ENTRIES if (address := reverse_or_empty(name))}


def section_of(request: HttpRequest, addresses: dict[str, str]) -> str:
    """The entry that a page belongs to: by its URL, else by the package of its view."""
    for name, address in addresses.items():
        if request.path.startswith(address):
            return name
    view = request.resolver_match.func if request.resolver_match else None
    return ENTRY_OF_PACKAGE.get(getattr(view, "__module__", "").split(".")[0], "")
