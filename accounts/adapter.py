"""Our settings and hooks for allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts import zones


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the name and the browser's time zone; the zone also gives the country whose bank holidays apply."""
        user.name = form.cleaned_data.get("name", "")
        sent = form.cleaned_data.get("time_zone")
        user.time_zone = sent if zones.known_zone(sent) else zones.DEFAULT_ZONE
        user.country = zones.country_of(user.time_zone)
        return super().save_user(request, user, form, commit)
