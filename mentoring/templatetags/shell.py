"""The navigation of the shell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

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
class NavEntry:
    url: str
    word: str
    icon: str
    current: str  # value of aria-current: "page", "true" (a page below it) or ""


@register.simple_tag
@cache
def same_everywhere(template_name: str) -> SafeString:
    """A part that is the same on every page and for everybody, rendered once a process."""
    return render_to_string(template_name)


@register.simple_tag(takes_context=True)
def main_navigation(context: Context) -> SafeString:
    """The main navigation. An entry whose page does not exist is left out."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return _navigation("", "")
    section = section_of(request, addresses())
    return _navigation(section, "page" if request.path == addresses().get(section) else "true")


@cache
def _navigation(section: str, current: str) -> SafeString:
    """Rendered once a process for each entry one can be at, on its page or below it."""
    entries = [
        NavEntry(addresses()[name], word, icon, current if name == section else "")
        for name, word, icon in ENTRIES
        if name in addresses()
    ]
    return render_to_string("_nav.html", {"entries": entries})


@cache
def addresses() -> dict[str, str]:
    """The entries whose pages exist, with their addresses."""
    return {name: address for name, _, _ in ENTRIES if (address := address_of(name))}


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
