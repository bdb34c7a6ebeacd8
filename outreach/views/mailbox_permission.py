"""Connecting the user's own mailbox by permission: on to its provider's page, and back from there."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import UserRequest, notify_warning
from accounts.recent_sign_in import recent_sign_in_required
from mail.connected import oauth, services
from mail.connected.provider import Trouble


@require_POST
@recent_sign_in_required()
def connected_mailbox_permit(request: UserRequest, provider: str) -> HttpResponse:
    """By a page that goes on by itself, as when signing in with a provider (decision 23)."""
    asked = _asked(provider)
    there = oauth.begin(asked, request.session, back=_back(asked))
    return render(request, "socialaccount/login_redirect.html", {"provider": asked, "there": there})


@never_cache
@require_GET
def connected_mailbox_permitted(request: UserRequest, provider: str) -> HttpResponse:
    """Where the provider sends people back to. It connects, although it is a GET: only the browser that went there
    brings the state with it, and only once."""
    asked = _asked(provider)
    try:
        tokens = oauth.finish(asked, request.session, request.GET.dict(), back=_back(asked))
        services.connect_by_permission(owner=request.user, asked=asked, tokens=tokens)
    except (oauth.TurnedBack, Trouble) as why:
        notify_warning(request, str(why))
    return redirect("connected_mailbox")


def _asked(provider: str) -> oauth.Provider:
    found = oauth.provider(provider)
    if found is None or not settings.MAILBOXES:
        raise Http404
    return found


def _back(asked: oauth.Provider) -> str:
    return f"{settings.BASE_URL}{reverse('connected_mailbox_permitted', args=[asked.key])}"
