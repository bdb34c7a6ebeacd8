"""Who runs the site uses a second factor: its pages open only in a session that did, and not long ago."""

from __future__ import annotations

import datetime as dt

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.http import UserRequest, notify_warning
from accounts.recent_sign_in import SAME_DAY, recently_authenticated
from accounts.second_factors.ways_in import has_second_factor


def ask_for_second_factor(request: UserRequest, within: dt.timedelta = SAME_DAY) -> HttpResponse | None:
    """Where to send a user who has no second factor; None if they have used theirs in this session lately.

    Raises :class:`ReauthenticationRequired` if they have not: a form that was sent is kept, and goes on afterwards.
    """
    if not has_second_factor(request.user):
        notify_warning(request, "The pages for running this site need a second factor. Add one here, then come back.")
        return redirect("mfa_index")
    if not recently_authenticated(request, within):
        raise ReauthenticationRequired
    return None
