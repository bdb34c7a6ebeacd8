"""allauth's pages for second factors, with what our templates need; and signing in without a password."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib.auth import update_session_auth_hash
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.generic.edit import FormView

from accounts import security_log
from accounts.http import UserRequest, ask_first, notify, notify_warning, reverse_or_empty
from accounts.recent_sign_in import recent_sign_in_required
from accounts.second_factors.ways_in import next_step, ways_in


def _for_the_browser(options: dict[str, Any]) -> str:
    """What ``navigator.credentials`` takes, as JSON for a data attribute (static/js/passkeys.js)."""
    return json.dumps(options, cls=DjangoJSONEncoder, default=dict)


class SigningIn(IndexView):
    """Every way in at a glance, and the next step."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ways = ways_in(self.request.user)
        return {
            **super().get_context_data(**kwargs),
            "ways": ways,
            "next_step": next_step(ways),
            "sessions_url": reverse_or_empty("usersessions_list"),
        }


class SecondStep(AuthenticateView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        ways = ways_in(self.stage.login.user)
        return {**context, "ways": ways, "options": _for_the_browser(context["js_data"]["request_options"])}


class AddPasskey(AddWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Asks for a passkey that can sign in alone; allauth would begin with a key that can't."""
        options = auth.begin_registration(self.request.user, passwordless=True)
        # allauth's own would drop the form with its errors.
        return {**FormView.get_context_data(self, **kwargs), "options": _for_the_browser(options)}


class OnlyTheirOwn:
    """Mixin: the passkey of another is a 404, before anybody is asked to confirm who they are."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        get_object_or_404(Authenticator, pk=kwargs["pk"], user=request.user.pk, type=Authenticator.Type.WEBAUTHN)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class RenamePasskey(OnlyTheirOwn, EditWebAuthnView):
    pass


class RemovePasskey(OnlyTheirOwn, RemoveWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ways = ways_in(self.request.user)
        return {**super().get_context_data(**kwargs), "ways": ways}


class PasskeySignIn(LoginWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to signing in, and from there to the page that was asked for."""
        for said in form.errors.get("credential", []):
            notify_warning(self.request, said)
        return redirect(passthrough_next_redirect_url(self.request, reverse("account_login"), "next"))


class PasskeyOnceMore(ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "form" in kwargs:
            context["form"] = kwargs["form"]
        return {**context, "options": _for_the_browser(context["js_data"]["request_options"])}


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in_required(methods=("GET", "HEAD", "POST"))
def remove_password(request: UserRequest) -> HttpResponse:
    """Sign in by passkey only: nobody can guess, phish or steal a password that isn't there."""
    user = request.user
    if not user.has_usable_password() or not ways_in(user).passkeys:
        notify_warning(request, "To sign in without a password, add a passkey first. Nothing was changed.")
        return redirect("mfa_index")
    if request.method == "POST":
        user.set_unusable_password()
        user.save(update_fields=["password"])
        update_session_auth_hash(request, user)
        security_log.note(user, security_log.Kind.PASSWORD, "removed", request=request)
        get_adapter(request).send_notification_mail("account/email/password_removed", user)
        notify(request, "Your password is gone. From now on you sign in with a passkey.")
        return redirect("mfa_index")
    return ask_first(
        request,
        title="Sign in without a password?",
        words=(
            "Your password stops working, here and on every other device, and your other devices are signed out. "
            "You sign in with a passkey; if you lose it, with a code by mail and a recovery code."
        ),
        button="Remove my password",
        back=reverse("mfa_index"),
        danger=True,
    )
