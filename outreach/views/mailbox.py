"""The user's own mailbox: connect it, look into it now, disconnect it. Its password is never shown again."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, ask_first, notify, notify_warning
from accounts.ownership import get_owned
from accounts.recent_sign_in import recent_sign_in_required
from mail.connected import oauth, services
from mail.models import ConnectedMailbox
from outreach.forms.mailbox import ConnectMailboxForm

# The page asks who it is; what is sent from it may take a while to type, and must not be kept in the session.
TO_TYPE_IT = dt.timedelta(minutes=30)
LOOK_AGAIN = 2  # seconds


@require_safe
def connected_mailbox(request: UserRequest) -> HttpResponse:
    if not settings.MAILBOXES:
        raise Http404
    mailbox = services.of(request.user)
    context = {
        "mailbox": mailbox,
        "is_being_tried": mailbox is not None and mailbox.read_at is None and not mailbox.trouble,
        "look_again": LOOK_AGAIN,
    }
    return render(request, "outreach/mailbox/connected_mailbox.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in_required(methods=("GET", "HEAD"))
@recent_sign_in_required(TO_TYPE_IT)
def connected_mailbox_connect(request: UserRequest) -> HttpResponse:
    if not settings.MAILBOXES:
        raise Http404
    context: dict[str, object] = {"by_permission": oauth.providers()}
    if request.method != "POST":
        mailbox = services.of(request.user)
        form = ConnectMailboxForm(initial=_initial(mailbox) if mailbox else {"address": request.user.email})
        return render(request, "outreach/mailbox/connect.html", {**context, "form": form})
    form = ConnectMailboxForm(request.POST)
    if not form.is_valid():
        return render(request, "outreach/mailbox/connect.html", {**context, "form": form}, status=422)
    services.connect(owner=request.user, **form.values())
    return redirect("connected_mailbox")


def _initial(mailbox: ConnectedMailbox) -> dict[str, object]:
    if mailbox.provider != ConnectedMailbox.Provider.IMAP:
        return {"address": mailbox.address}
    return {name: getattr(mailbox, name) for name in ("address", *ConnectMailboxForm.servers)}


@require_POST
def connected_mailbox_read(request: UserRequest) -> HttpResponse:
    if services.read_now(mailbox=get_owned(ConnectedMailbox, request.user)):
        notify(request, "We are looking; open this page again in a minute.")
    else:
        notify(request, "We looked a moment ago.")
    return redirect("connected_mailbox")


@require_http_methods(["GET", "HEAD", "POST"])
def connected_mailbox_off(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        mailbox = services.of(request.user)
        services.disconnect(owner=request.user)
        notify(request, f"Disconnected. {_what_is_left(mailbox)}")
        return redirect("connected_mailbox")
    if services.of(request.user) is None:
        notify_warning(request, "No mailbox is connected.")
        return redirect("connected_mailbox")
    return ask_first(
        request,
        title="Disconnect your mailbox?",
        words="Its password or permission is deleted here at once. Letters that wait to be sent become drafts again, "
        "and mails that ask where they belong are thrown away. What was noted stays, and nothing changes in the "
        "mailbox itself.",
        button="Disconnect it",
        back=reverse("connected_mailbox"),
    )


def _what_is_left(mailbox: ConnectedMailbox | None) -> str:
    """To do elsewhere, so that nobody can get in by what was deleted here."""
    asked = oauth.provider(mailbox.provider) if mailbox else None
    if asked is None:
        return "The password is deleted here; take it back at your provider, too."
    if asked.revoke_url:
        return f"We tell {asked.name} that our permission ends. You can check that at {asked.permissions_url}."
    return f"Our permission is deleted here. {asked.name} lets only you end it there, at {asked.permissions_url}."
