"""The request in a signed-in view, messages to the user, and the confirmation page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from accounts.models import User


class UserRequest(HttpRequest):
    """A request with a signed-in user (LoginRequiredMiddleware ensures it)."""

    user: User
    htmx: HtmxDetails


def notify(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """Show a message about what just happened at the top of the next page.

    ``undo`` is the URL that undoes the step; the page shows a button that posts to it.
    """
    messages.success(request, words, extra_tags=undo)


def notify_warning(request: HttpRequest, words: str) -> None:
    """Show a warning on the next page: what did not work, what was kept and what to do."""
    messages.warning(request, words)


def ask_first(
    request: HttpRequest, *, title: str, words: str, button: str, back: str, danger: bool = False
) -> HttpResponse:
    """The confirmation page: ``button`` posts to the same URL; ``back`` is the URL of the cancel link."""
    context = {"title": title, "words": words, "button": button, "back": back, "danger": danger}
    return render(request, "confirm.html", context)


def private_response(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Headers that keep the URL, which grants access, out of referrers, caches and search engines."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def forget_in_browser(response: HttpResponse) -> HttpResponse:
    """Have the browser forget all it keeps of this site: for the answer that ends a session.

    Pages kept for Back go with “cache”, words kept by local-drafts.js with “storage”. Browsers obey only over https and
    on localhost.
    """
    response["Clear-Site-Data"] = ", ".join(f'"{what}"' for what in settings.CLEAR_SITE_DATA)
    response.delete_cookie(settings.CSRF_COOKIE_NAME, samesite=settings.CSRF_COOKIE_SAMESITE)
    return response


def way_back(request: HttpRequest, default: str) -> str:
    """The URL in the form's ``next`` field if it is on this site, else ``default``."""
    wish = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    # redirect() would take a value without a slash for the name of a route.
    return wish if safe and "/" in wish else default


def reverse_or_empty(name: str) -> str:
    """The URL of a page in an app above this one; empty if there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
