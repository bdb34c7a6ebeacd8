"""Recent authentication, asked for before anything that changes who can get in, or takes data out.

A stolen session, or a browser left open, must not become a lasting way in. Where a second factor is set up, only that
proves it: whoever has stolen the session may know the password, or read the mail, too. Views of ours are marked with
:func:`recent_sign_in_required`; those of allauth are listed in :data:`ROUTES`. What was sent is kept in the session
meanwhile and goes on once the user has proved who they are, so nothing typed is lost.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from typing import Any, cast

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver

from accounts.http import UserRequest
from accounts.models import User
from accounts.second_factors.ways_in import has_second_factor

View = Callable[..., HttpResponseBase]

RECENT = dt.timedelta(minutes=5)
# For a step that gives somebody else a way to see something, and that users take often.
SAME_DAY = dt.timedelta(hours=12)

# allauth's pages: each POST needs it.
ROUTES = frozenset(
    {
        "account_email",
        "account_change_password",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "socialaccount_connections",
    }
)
# Of these, pages that show a secret, which need it for a GET too.
SECRETS = frozenset({"mfa_view_recovery_codes", "mfa_download_recovery_codes"})
# Asks for the current password in its own form, which is enough where there is no second factor.
ASKS_ITSELF = "account_change_password"


def recently_authenticated(request: HttpRequest, within: dt.timedelta = RECENT) -> bool:
    """Whether this session signed in, or proved again who they are, at most ``within`` ago.

    By the second factor, if the account has one by now.
    """
    user = cast(User, request.user)
    records = get_authentication_records(request, user)
    oldest = time.time() - within.total_seconds()
    methods = {record["method"] for record in records if oldest < record["at"] <= time.time()}
    return "mfa" in methods or (bool(methods) and not has_second_factor(user))


def recent_sign_in_required(
    within: dt.timedelta = RECENT, *, methods: tuple[str, ...] = ("POST",), asks_itself: bool = False
) -> Callable[[View], View]:
    """Decorator of a view: requests of these ``methods`` need a recent sign-in.

    With ``asks_itself``, the form asks for the password, so only those with a second factor are asked here.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def checked(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = request.method in methods and not (asks_itself and not has_second_factor(request.user))
            if asked and not recently_authenticated(request, within):
                raise ReauthenticationRequired
            return view(request, *args, **kwargs)

        checked.needs_recent_sign_in = True  # type: ignore[attr-defined]
        return checked

    return decorator


def protected(urlconf: str) -> list[URLPattern | URLResolver]:
    """The patterns of this URLconf of allauth, with the views of :data:`ROUTES` marked.

    allauth's own check would not ask a user who has no password and no second factor.
    """
    patterns: list[URLPattern | URLResolver] = import_module(urlconf).urlpatterns
    for pattern in _all(patterns):
        if pattern.name in ROUTES and not hasattr(pattern.callback, "needs_recent_sign_in"):
            methods = ("GET", "HEAD", "POST") if pattern.name in SECRETS else ("POST",)
            asks_itself = pattern.name == ASKS_ITSELF
            pattern.callback = recent_sign_in_required(methods=methods, asks_itself=asks_itself)(pattern.callback)
    return patterns


def _all(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _all(pattern.url_patterns)
        else:
            yield pattern
