"""Signing in with a provider, and linking one. Where none is switched on, these pages are not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount import views as allauth
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from requests import RequestException

from accounts import sign_up, ways_in
from accounts.http import UserRequest, notify, notify_warning
from accounts.models import SignUpLink
from accounts.provider import Adapter, Provider
from accounts.recent_sign_in import recently_authenticated

# What providers say of a person who pressed Cancel there; the last two are LinkedIn's.
TURNED_BACK = {"access_denied", "user_cancelled_login", "user_cancelled_authorize"}


def where_switched_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 if no provider is switched on."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not ways_in.providers():
            raise Http404
        return view(request, *args, **kwargs)

    return asked


def _provider(request: HttpRequest, provider_id: str) -> Provider:
    if provider_id not in [provider["provider_id"] for provider in ways_in.providers()]:
        raise Http404
    try:
        found: Provider = get_adapter().get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return found


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def provider_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask once, then lead to the provider by a page that goes on by itself.

    By a page, because a redirect after a form must be allowed by the policy for every host on the way, and nobody but
    the provider knows them all. See decision 23.
    """
    provider = _provider(request, provider_id)
    values = request.POST if request.method == "POST" else request.GET
    linking = values.get("process") == AuthProcess.CONNECT
    if linking != request.user.is_authenticated:
        return redirect("socialaccount_connections" if request.user.is_authenticated else "account_login")
    if request.method != "POST":
        return render(request, "socialaccount/login.html", {"provider": provider, "linking": linking})
    if linking and not recently_authenticated(request):
        raise ReauthenticationRequired
    too_many: HttpResponse | None = ratelimit.consume_or_429(request, action="provider_login")
    if too_many is not None:
        return too_many
    process = AuthProcess.CONNECT if linking else AuthProcess.LOGIN
    try:
        there = provider.redirect(request, process, next_url=get_next_redirect_url(request))
    except (OAuth2Error, RequestException) as error:
        answer: HttpResponse = render_authentication_error(request, provider, exception=error)
        return answer
    return render(request, "socialaccount/login_redirect.html", {"provider": provider, "there": there["Location"]})


@login_not_required
@never_cache
@require_GET
def provider_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends people back to."""
    _provider(request, provider_id)
    if request.GET.get("error") in TURNED_BACK:
        return redirect("socialaccount_login_cancelled")
    answer: HttpResponse = OAuth2CallbackView.adapter_view(Adapter(request, provider_id))(request)
    return answer


@require_safe
@where_switched_on
def other_ways_in(request: UserRequest) -> HttpResponse:
    """The providers linked with the account, and those that could be."""
    linked = [
        {
            "account": account,
            "name": ways_in.name_of(account.provider),
            "known_as": account.extra_data.get("email") or account.extra_data.get("name") or account.uid,
            "stays": ways_in.why_it_stays(account),
        }
        for account in SocialAccount.objects.filter(user=request.user).order_by("pk")
    ]
    mine = {row["account"].provider for row in linked}
    more = [provider for provider in ways_in.providers() if provider["provider_id"] not in mine]
    return render(request, "socialaccount/connections.html", {"linked": linked, "more": more})


@require_POST
@where_switched_on
def way_in_unlink(request: UserRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(SocialAccount, user=request.user, pk=pk)
    if why := ways_in.why_it_stays(account):
        notify_warning(request, why)
        return redirect("socialaccount_connections")
    if not recently_authenticated(request):
        raise ReauthenticationRequired
    ways_in.unlink(request, account)
    notify(request, f"{ways_in.name_of(account.provider)} is unlinked, and no longer lets you in.")
    return redirect("socialaccount_connections")


class _SignUp(allauth.SignupView):
    def form_valid(self, form: Any) -> HttpResponse:
        """Make the account and its link together, or neither."""
        try:
            with transaction.atomic():
                answer: HttpResponse = super().form_valid(form)
        except IntegrityError:  # another tab was quicker
            notify(self.request, "Your account is there already. Sign in with it.")
            return redirect("account_login")
        return answer


provider_sign_up = where_switched_on(_SignUp.as_view())
provider_cancelled = where_switched_on(allauth.login_cancelled)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link to sign up; going on leaves a note in the session."""
    link: SignUpLink | None = sign_up.link_of(token)
    if request.user.is_authenticated:
        return redirect("today")
    if link is not None and request.method == "POST":
        request.session[sign_up.BROUGHT] = link.pk
        return redirect("account_login" if ways_in.only_way_in() else "account_signup")
    return render(request, "account/invited.html", {"link": link}, status=200 if link else 410)
