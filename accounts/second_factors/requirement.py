"""Who runs the site uses a second factor: its pages open only in a session that did."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.http import UserRequest, notify_warning
from accounts.second_factors.ways_in import ways_in


def used_second_factor(request: UserRequest) -> bool:
    """Whether a passkey, a code of the app or a recovery code was used in this session, at sign-in or later."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def ask_for_second_factor(request: UserRequest) -> HttpResponse | None:
    """Where to send a user who has not used a second factor in this session; None if they have.

    A form that was sent is kept, and goes on once they have used it.
    """
    ways = ways_in(request.user)
    if not ways.two_steps:
        notify_warning(request, "The pages for running this site need a second factor. Add one here, then come back.")
        return redirect("mfa_index")
    if used_second_factor(request):
        return None
    confirm = reverse("mfa_reauthenticate_webauthn" if ways.passkeys else "mfa_reauthenticate")
    answer: HttpResponse = suspend_request(request, confirm)
    return answer
