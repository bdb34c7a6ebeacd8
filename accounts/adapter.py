"""Our settings and hooks for allauth."""

from __future__ import annotations

import datetime as dt
import math
from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import addresses, known_devices, security_log, sign_in_limits, sign_up, typed_addresses, ways_in, zones
from accounts.http import notify_warning
from accounts.recent_sign_in import recently_authenticated
from accounts.second_factors.ways_in import has_second_factor
from accounts.words import duration

# allauth's own notices of changed addresses, which accounts.addresses sends to more people and with a way to undo it.
OWN_NOTICES = frozenset(f"account/email/{name}" for name in ("email_changed", "email_confirm", "email_deleted"))


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "rate_limited": "That was a little fast. Wait a few minutes, then try again.",
    }

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

    def is_safe_url(self, url: str | None) -> bool:
        """Also for what is no address at all, such as ``http://[::1``."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    # --- Wrong passwords --------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the password, and refuse it while this source must wait."""
        address = credentials.get("email", "")
        sign_in_limits.forget_old()
        self._attempt, self._account = None, request.user.pk
        try:
            self._attempt = sign_in_limits.begin(address, *self._source(request, address))
        except sign_in_limits.MustWait as wait:
            security_log.refused("Password while it must wait", account=self._account)
            raise ValidationError(
                f"Too many wrong passwords from here. Please try again in {_wait(wait.until)}.",
                code="too_many_login_attempts",
            ) from wait

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if not user:
            security_log.refused("Password", account=self._account)
        if user and self._attempt:
            sign_in_limits.succeeded(self._attempt)
        elif self._attempt and self._attempt.first_wait:
            self._tell_of_wrong_passwords(credentials.get("email", ""))
        return user

    def _source(self, request: HttpRequest, address: str) -> tuple[str, str]:
        """Where a password comes from, and its network if strangers' limits apply."""
        if request.user.is_authenticated:  # who proves again who they are
            return f"user {request.user.pk}", ""
        network = self._network(request)
        user_id = (
            EmailAddress.objects.filter(email__iexact=address, verified=True).values_list("user", flat=True).first()
        )
        self._account = user_id
        device = known_devices.device_of(request, user_id) if user_id else ""
        return (f"device {device}", "") if device else (f"network {network}", network)

    def _network(self, request: HttpRequest) -> str:
        """The client's address; of IPv6, the network that one subscriber has."""
        address = ip_address(self.get_client_ip(request))
        return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)

    def _tell_of_wrong_passwords(self, address: str) -> None:
        """Tell the owner of this address, if there is one, once a wait begins."""
        row = EmailAddress.objects.filter(email__iexact=address, verified=True).select_related("user").first()
        if row and row.user.is_active:
            security_log.note(row.user, security_log.Kind.WRONG_PASSWORDS, request=self.request)
            values = {"tries": sign_in_limits.OWN.free, "ip": self.get_client_ip(self.request)}
            for email in addresses.everywhere(row.user):
                self.send_mail("account/email/wrong_passwords", email, values)

    # --- Having signed in -------------------------------------------------------------------------

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Remember that this user has signed in in this browser."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known_devices.remember(request, response, user.pk)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """allauth asks again even those who signed in a minute ago; a recent sign-in is enough."""
        return not recently_authenticated(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The second factor, where there is one; else also a code by e-mail, for those who don't know a password."""
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use a code",
            "mfa_reauthenticate:webauthn": "Use a passkey",
        }
        methods = [{**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]
        if not user.is_authenticated:
            return methods
        if has_second_factor(user):  # a passkey first
            return [way for way in reversed(methods) if way["id"] != "reauthenticate"]
        url = reverse("reauthenticate_by_code")
        return [*methods, {"id": "code", "description": "Get a code by e-mail", "url": url}]

    # --- Mail -------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """To an address that somebody typed, only within the limits; the page says the same either way."""
        if template_prefix not in typed_addresses.MAILS or typed_addresses.may_go(self.request, email):
            super().send_mail(template_prefix, email, context)

    # --- News about the account's safety ----------------------------------------------------------

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Send it to every confirmed address, and to those removed lately, because one of them may be a thief's."""
        if template_prefix not in OWN_NOTICES:
            for one in [email] if email else addresses.everywhere(user):
                super().send_notification_mail(template_prefix, user, context, one)


def _wait(until: dt.datetime) -> str:
    seconds = (until - timezone.now()).total_seconds()
    return duration(max(1, math.ceil(seconds / 60)))
