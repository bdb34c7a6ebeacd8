"""Who may read the development mailbox: a browser that has opened the address `make up` prints.

Its mails hold links that reset a password, and every user of this machine can reach its ports.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.http import private_response

COOKIE, SALT = "mentorfolio-mailbox", "mentoring.development.door"
MAX_AGE = 30 * 24 * 60 * 60  # seconds; a restart asks nobody to enter again
View = Callable[..., HttpResponseBase]


def new_address(base_url: str) -> str:
    """The address that opens the mailbox, once. The one printed before no longer does."""
    return f"{base_url}{reverse('dev_enter', args=[new_token(Path(settings.VAR_DIR))])}"


def new_token(var: Path) -> str:
    """A token that works once. ``var`` keeps only its hash, as the name of a file readable by its owner only."""
    for earlier in var.glob("enter-*"):
        earlier.unlink(missing_ok=True)
    token = secrets.token_urlsafe(24)
    os.close(os.open(_file(var, token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return token


def _file(var: Path, token: str) -> Path:
    return var / f"enter-{hashlib.sha256(token.encode()).hexdigest()}"


@login_not_required
@private_response
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Let this browser in. Deleting the file uses the token up: of two requests, one succeeds."""
    try:
        _file(Path(settings.VAR_DIR), token).unlink()
    except FileNotFoundError:
        # Opened again in the same browser, as from its history.
        return redirect("mailbox") if _is_in(request) else _closed(request)
    response = redirect("mailbox")
    response.set_signed_cookie(
        COOKIE,
        "in",
        salt=SALT,
        max_age=MAX_AGE,
        path="/dev/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def behind_the_door(view: View) -> View:
    """Decorator of a view that only a browser with the cookie sees."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if _is_in(request) else _closed(request)

    return wrapped


def _is_in(request: HttpRequest) -> bool:
    return bool(request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=MAX_AGE))


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/mailbox_closed.html", status=403)
