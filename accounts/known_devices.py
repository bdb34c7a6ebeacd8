"""A cookie that tells in which browsers an account has signed in before.

It gives access to nothing. It only spares a user the limits that strangers can fill (:mod:`accounts.sign_in_limits`).
"""

from __future__ import annotations

import contextlib
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

SALT = "accounts.known_devices"
MAX_AGE = 400 * 24 * 60 * 60  # seconds; browsers keep no cookie longer
MOST_USERS = 10  # of one browser
CARRIED, CARRY_SALT, CARRY_MAX_AGE = "device", "accounts.known_devices.carried", 60  # seconds


def device_of(request: HttpRequest, user_id: int) -> str:
    """An id of this browser if this user has signed in here before, else an empty text."""
    device, users = _read(request)
    return device if user_id in users else ""


def remember(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Note in the browser that this user has signed in here."""
    device, users = _read(request)
    users = [user_id, *(one for one in users if one != user_id)][:MOST_USERS]
    set_cookie(response, signing.dumps([device or get_random_string(22), *users], salt=SALT))


def set_cookie(response: HttpResponse, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    name = settings.DEVICE_COOKIE_NAME
    response.set_cookie(name, value, max_age=MAX_AGE, secure=bool(secure), httponly=True, samesite="Lax")


def carried(request: HttpRequest, url: str) -> str:
    """The URL of the page after signing out, with the cookie's value, because the browser forgets all cookies."""
    value = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not _read(request)[0]:
        return url
    return f"{url}?{urlencode({CARRIED: signing.dumps(value, salt=CARRY_SALT)})}"


def carry_over(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie again, if this browser has none."""
    if settings.DEVICE_COOKIE_NAME not in request.COOKIES:
        with contextlib.suppress(signing.BadSignature):
            value = signing.loads(request.GET.get(CARRIED, ""), salt=CARRY_SALT, max_age=CARRY_MAX_AGE)
            set_cookie(response, str(value))


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        device, *users = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=MAX_AGE)
        return str(device), [int(user) for user in users]
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
