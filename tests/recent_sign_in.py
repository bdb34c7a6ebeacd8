"""Lets ``force_login`` count as a password just typed, as a real sign-in does (accounts.recent_sign_in)."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from accounts.models import User


def from_force_login() -> None:
    """From now on, in this process."""
    user_logged_in.connect(_record, weak=False, dispatch_uid="tests.force_login")


def _record(sender: Any, request: HttpRequest, user: User, **news: Any) -> None:
    if not request.path:  # force_login makes an empty request
        record_authentication(request, user, method="password")
