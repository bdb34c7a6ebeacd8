"""The request as a signed-in view sees it, and words said back to the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from accounts.models import User


class UserRequest(HttpRequest):
    """A request whose user is known (LoginRequiredMiddleware has seen to it)."""

    user: User
    htmx: HtmxDetails


def notify(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """Say what just happened, once, at the top of the next page.

    ``undo`` is an address that takes the step back; the page shows it as a button that posts.
    """
    messages.success(request, words, extra_tags=undo)


def notify_warning(request: HttpRequest, words: str) -> None:
    """Say what did not work, what was kept and what to do."""
    messages.warning(request, words)


def way_back(request: HttpRequest, default: str) -> str:
    """Where the form asked to return to (field ``next``), if that is a page of ours; else ``default``."""
    wish = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    # A word without a slash would be taken for the name of a route.
    return wish if safe and "/" in wish else default
