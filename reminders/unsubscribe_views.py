"""Turning off a kind of reminder from the mail: with the mail program's button (RFC 8058) or on the page.

The link changes the settings it names and no others: everything else needs the user to sign in.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import private_response
from accounts.models import User
from accounts.row_security import act_for
from accounts.signals import profile_changed
from reminders.links import BadLink, read_off

WORDS = {
    "replies": "replies and follow-ups",
    "meetings": "meetings, and the evaluations of a formal programme",
    "gentle": "everything gentle: actions, keeping in touch, looking again",
}


# Exempt from the CSRF check as explained at ``reminder_link``; the mail program's POST also has no cookie.
@csrf_exempt
@login_not_required
@private_response
@require_http_methods(["GET", "HEAD", "POST"])
def reminders_off(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the mail was about, and turn it off by POST: all of it, or one kind; or on again."""
    try:
        pk, version, switches = read_off(token)
        user = User.objects.get(pk=pk, off_link_version=version, is_active=True)
    except (BadLink, User.DoesNotExist, OverflowError):
        return render(request, "reminders/link_gone.html", {"settings": True}, status=404)
    act_for(user.pk)
    done = ""
    if request.method == "POST":
        done, only = _wish(request)
        user = _set(pk, [switch for switch in switches if only in ("", switch)], on=done == "on")
    rows = [(switch, WORDS[switch], getattr(user, f"remind_{switch}")) for switch in switches]
    context = {"rows": rows, "off": not any(on for _, _, on in rows), "done": done}
    return render(request, "reminders/off.html", context)


def _wish(request: HttpRequest) -> tuple[str, str]:
    """The clicked button, "on" or "off", and the one kind it is for; empty for all.

    A POST from a mail program always means "off", and all kinds.
    """
    try:
        want, _, only = request.POST.get("want", "off").partition(":")
    except (MultiPartParserError, BadRequest, SuspiciousOperation):
        return "off", ""
    return "on" if want == "on" else "off", only


def _set(pk: int, switches: list[str], *, on: bool) -> User:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=pk)
        changed = [name for name in (f"remind_{switch}" for switch in switches) if getattr(user, name) != on]
        for name in changed:
            setattr(user, name, on)
        user.save(update_fields=changed)
    if changed:
        profile_changed.send(sender=User, user=user, changed=frozenset(changed))
    return user
