"""The user's addresses: allauth's page, with what follows from a change, and for two tabs that change them at once."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import addresses, typed_addresses
from accounts.http import UserRequest, notify_warning


class Addresses(EmailView):
    def post(self, request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One tab after the other, and a word if the other has taken the address away meanwhile."""
        with addresses.watched(request, request.user):
            if not request.session.exists(request.session.session_key or ""):
                return redirect("account_email")  # the other tab, or another device, has just ended this session
            named = request.POST.get("email", "").replace("\0", "")  # which PostgreSQL refuses
            mine = EmailAddress.objects.filter(user=request.user, email__iexact=named)
            if "action_send" in request.POST and typed_addresses.is_full(request, named):
                notify_warning(request, typed_addresses.FULL)
                return redirect("account_email")
            if "action_add" in request.POST or not named or mine.exists():
                answer: HttpResponse = super().post(request, *args, **kwargs)
                return answer
        notify_warning(request, "That address is no longer with your account, so nothing was changed. This is what is.")
        return redirect("account_email")
