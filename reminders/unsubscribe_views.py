"""Turning off a kind of reminder from the mail: with the mail program's button (RFC 8058) or on the page."""

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
    """Show what would be turned off; a POST does it, unless it names another action (on again, weekly)."""
    try:
        pk, switches = read_off(token)
        user = User.objects.get(pk=pk, is_active=True)
    except (BadLink, User.DoesNotExist):
        return render(request, "reminders/link_gone.html", status=404)
    done = ""
    if request.method == "POST":
        done = _want(request)
        user = _set(pk, switches, done)
    names = [f"remind_{switch}" for switch in switches]
    context = {
        "what": [WORDS[switch] for switch in switches],
        "off": not any(getattr(user, name) for name in names),
        "weekly": user.weekly_mail,
        "weekday": user.weekly_day_name,
        "done": done,
    }
    return render(request, "reminders/off.html", context)


def _want(request: HttpRequest) -> str:
    """The action of the clicked button; a POST from a mail program always means "off"."""
    try:
        return request.POST.get("want", "off")
    except (MultiPartParserError, BadRequest, SuspiciousOperation):
        return "off"


def _weekly(user: User) -> dict[str, bool | int]:
    """Switch to one mail a week, on one of their working days."""
    on = user.weekly_on if str(user.weekly_on) in user.working_days else int(user.working_days[0])
    return {"weekly_mail": True, "weekly_on": on}


def _set(pk: int, switches: list[str], want: str) -> User:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=pk)
        values = _weekly(user) if want == "weekly" else {f"remind_{s}": want == "on" for s in switches}
        changed = [name for name, value in values.items() if getattr(user, name) != value]
        for name in changed:
            setattr(user, name, values[name])
        user.save(update_fields=changed)
    if changed:
        profile_changed.send(sender=User, user=user, changed=frozenset(changed))
    return user
