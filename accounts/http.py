"""The request as a signed-in view sees it, words said back to the user, and the page that asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from accounts.models import User


class UserRequest(HttpRequest):
    """A request whose user is known (LoginRequiredMiddleware has seen to it)."""

    user: User
    htmx: HtmxDetails


def notify(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """Show a message about what just happened, once, at the top of the next page.

    ``undo`` is an address that takes the step back; the page shows it as a button that posts.
    """
    messages.success(request, words, extra_tags=undo)


def notify_warning(request: HttpRequest, words: str) -> None:
    """Show a warning on the next page: what did not work, what was kept and what to do."""
    messages.warning(request, words)


def ask_first(
    request: HttpRequest, *, title: str, words: str, button: str, back: str, danger: bool = False
) -> HttpResponse:
    """The page that asks: ``button`` posts to the same address again, ``back`` is where one goes instead."""
    context = {"title": title, "words": words, "button": button, "back": back, "danger": danger}
    return render(request, "confirm.html", context)


def way_back(request: HttpRequest, default: str) -> str:
    """Where the form asked to return to (field ``next``), if that is a page of ours; else ``default``."""
    wish = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    # A word without a slash would be taken for the name of a route.
    return wish if safe and "/" in wish else default


def reverse_or_empty(name: str) -> str:
    """The address of a page of a floor above; empty where no floor above has such a page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
