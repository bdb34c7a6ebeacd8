"""Our settings and hooks for allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import sign_up, ways_in, zones
from accounts.http import notify_warning


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the name and the browser's time zone; the zone also gives the country whose bank holidays apply."""
        user.name = form.cleaned_data.get("name", "")
        sent = form.cleaned_data.get("time_zone")
        user.time_zone = sent if zones.known_zone(sent) else zones.DEFAULT_ZONE
        user.country = zones.country_of(user.time_zone)
        if not sign_up.use_link(request, form.cleaned_data["email"]):
            raise ImmediateHttpResponse(render(request, "account/signup_closed.html"))
        return super().save_user(request, user, form, commit)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return sign_up.is_open(request)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Where one provider is the only way in, nothing else signs anybody in."""
        login = (kwargs.get("signal_kwargs") or {}).get("sociallogin")
        if not ways_in.lets_in(login):
            notify_warning(request, f"Sign in with {ways_in.only_way_in()}: it is the only way in here.")
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer
