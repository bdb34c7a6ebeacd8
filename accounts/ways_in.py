"""Other ways in: what a provider may do here. See decision 23.

An address is trusted only if the provider says it is verified, and an account is joined by it only if the operator
trusts the provider, too. Otherwise its owner signs in as ever, and links the provider under Settings.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, Provider
from allauth.socialaccount.signals import social_account_removed
from django.apps import apps
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest

from accounts import sign_up
from accounts.models import User

logger = logging.getLogger(__name__)

# Hidden where one provider is the only way in. `lets_in` is the wall; these are only not to be offered.
OTHER_WAYS = {
    *("account_signup", "account_signup_by_passkey", "account_request_login_code", "account_confirm_login_code"),
    *("account_reset_password", "account_reset_password_done", "account_reset_password_from_key"),
    *("account_reset_password_from_key_done", "account_change_password", "account_set_password"),
    *("mfa_login_webauthn", "mfa_signup_webauthn"),
}


def providers() -> list[dict[str, Any]]:
    """The providers that are switched on, as in ``SOCIALACCOUNT_PROVIDERS``."""
    known: Any = settings.SOCIALACCOUNT_PROVIDERS
    return list(known["openid_connect"]["APPS"])


def offered() -> list[dict[str, Any]]:
    """The providers that get a button: all, or the one that is the only way in."""
    only = settings.SIGN_IN_ONLY_WITH
    return [provider for provider in providers() if not only or provider["provider_id"] == only]


def name_of(provider_id: str) -> str:
    """The provider's name for people; its id if it is switched off by now."""
    names = {provider["provider_id"]: str(provider["name"]) for provider in providers()}
    return names.get(provider_id, provider_id)


def only_way_in() -> str:
    """The name of the provider that is the only way in; empty if there are others."""
    return name_of(settings.SIGN_IN_ONLY_WITH) if settings.SIGN_IN_ONLY_WITH else ""


def is_another_way(request: HttpRequest) -> bool:
    """Whether this asks for another way in than a provider."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    return name in OTHER_WAYS or (name == "account_login" and request.method == "POST")


def lets_in(login: SocialLogin | None) -> bool:
    """Whether one may sign in this way; ``login`` is the provider's, or None for any way of our own."""
    if not settings.SIGN_IN_ONLY_WITH:
        return True
    return login is not None and login.account.provider == settings.SIGN_IN_ONLY_WITH


def why_it_stays(account: SocialAccount) -> str:
    """Why this link can't be taken away; empty if it can."""
    name = name_of(account.provider)
    if account.provider == settings.SIGN_IN_ONLY_WITH:
        return f"Everybody signs in here with {name}, so the link stays."
    user: User = account.user
    if user.has_usable_password() and EmailAddress.objects.filter(user=user, verified=True).exists():
        return ""
    on = [provider["provider_id"] for provider in providers()]
    if SocialAccount.objects.filter(user=user, provider__in=on).exclude(pk=account.pk).exists() or _passkeys(user):
        return ""
    return f"{name} is your only way in, so the link stays for now. Set a password first, then unlink it."


def _passkeys(user: User) -> bool:
    """Whether the user has a passkey, on a site that takes them."""
    if not apps.is_installed("allauth.mfa"):
        return False
    kind: Any = apps.get_app_config("mfa").get_model("Authenticator")
    return bool(kind.objects.filter(user=user, type="webauthn").exists())


def unlink(request: HttpRequest, account: SocialAccount) -> None:
    """Take the link away and tell the user by mail. allauth's own fails if the provider is switched off by now."""
    account.delete()
    social_account_removed.send(sender=SocialAccount, request=request, socialaccount=account)
    context = {"provider": {"name": name_of(account.provider)}}
    get_adapter().send_notification_mail("socialaccount/email/account_disconnected", account.user, context=context)


class WaysInAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": "That account is linked with somebody else’s here.",
    }

    def get_requests_session(self) -> Any:
        """A provider's addresses are what it says they are: no redirect leads on to another."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """The providers of the environment only: none is looked up in the database."""
        return [
            SocialApp(provider="openid_connect", **app)
            for app in providers()
            if provider in {None, "openid_connect", app["provider_id"]} and client_id in {None, app["client_id"]}
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return sign_up.is_open(request)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """What the sign-up form begins with: the name and the address the provider told us."""
        user: User = sociallogin.user
        user.email = data.get("email") or ""
        parts = [data.get(part) for part in ("first_name", "last_name")]
        name = data.get("name") or " ".join(part for part in parts if isinstance(part, str))
        user.name = "".join(c for c in name if c.isprintable())[:120].strip() if isinstance(name, str) else ""
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return {"email": sociallogin.user.email, "name": sociallogin.user.name}

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        """Keep the provider's word only for the very address that was chosen in the form."""
        chosen = form.cleaned_data["email"].lower()
        sociallogin.email_addresses = [a for a in sociallogin.email_addresses if a.email.lower() == chosen]
        return super().save_user(request, sociallogin, form)

    def validate_disconnect(self, account: SocialAccount, accounts: Any) -> None:
        if why := why_it_stays(account):
            raise ValidationError(why)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Provider,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Tell whoever runs the site why, such as a wrong client secret; the person only reads that it failed."""
        if error != AuthError.CANCELLED:
            reason = f"{type(exception).__name__}: {exception}"[:300] if exception else "no answer to what we asked"
            logger.warning("Signing in with %s failed: %s", provider.sub_id, reason)
