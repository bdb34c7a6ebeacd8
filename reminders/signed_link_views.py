"""The page behind the link in a reminder mail: needs no sign-in, and changes nothing until a button is clicked."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import private_response
from accounts.ownership import OWNER_IS_HERE
from accounts.row_security import by_link
from reminders import kinds
from reminders.forms import SnoozeForm
from reminders.links import BadLink, read
from reminders.models import Reminder
from reminders.services import ALIVE, let_go, snooze, still_true
from reminders.views import put_off

LET_GO = "let-go"


# Exempt from the CSRF check, because the URL is the only permission (cookies are ignored), and because browsers send
# "Origin: null" from a page with no-referrer, which Django refuses.
@csrf_exempt
@login_not_required
@private_response
@require_http_methods(["GET", "HEAD", "POST"])
def reminder_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the reminder with its buttons; a POST triggers one. Never starts a session."""
    try:
        reminder = _reminder(token)
    except BadLink:
        reminder = None
    if reminder is None:
        return render(request, "reminders/link_gone.html", status=404)
    if request.method == "POST":
        return _press(request, reminder)
    return _page(request, reminder, SnoozeForm(reminder.owner))


def _reminder(token: str) -> Reminder | None:
    pk, version = read(token)
    rows = Reminder.objects.filter(OWNER_IS_HERE, pk=pk, link_version=version)
    return by_link(rows.select_related("owner"))


def _press(request: HttpRequest, reminder: Reminder) -> HttpResponse:
    """Run one button's action and show the result. A repeated request (reload) says that it is already settled."""
    with transaction.atomic():
        # Lock, so that a concurrent second request sees the first one's result.
        reminder = Reminder.objects.select_for_update(of=("self",)).select_related("owner").get(pk=reminder.pk)
        item = _item(reminder)
        if item is None:
            return _settled(request)
        acts = {act.name: act for act in kinds.get(reminder.kind).acts}
        pressed = request.POST.get("act", "")
        if act := acts.get(pressed):
            return _done(request, act.run(reminder.owner, reminder.subject_id), item)
        if pressed == LET_GO:
            let_go(owner=reminder.owner, kind=reminder.kind, subject_id=reminder.subject_id)
            return _done(request, "No more mail about this one.", item)
        form = SnoozeForm(reminder.owner, request.POST)
        if not form.is_valid() or not kinds.get(reminder.kind).put_off:
            return _page(request, reminder, form)
        return _done(request, put_off(snooze(reminder, on=form.cleaned_data["day"])), item)


def _page(request: HttpRequest, reminder: Reminder, form: SnoozeForm) -> HttpResponse:
    item = _item(reminder)
    if item is None:
        return _settled(request)
    kind = kinds.get(reminder.kind)
    context = {"item": item, "acts": kind.acts, "form": form, "can_wait": kind.put_off}
    return render(request, "reminders/link.html", context)


def _item(reminder: Reminder) -> kinds.Item | None:
    """The reminder's text, if it is still valid."""
    if reminder.state not in ALIVE:
        return None
    return next((item for _, item in still_true(reminder.owner, [reminder])), None)


def _settled(request: HttpRequest) -> HttpResponse:
    return render(request, "reminders/link_settled.html")


def _done(request: HttpRequest, words: str, item: kinds.Item) -> HttpResponse:
    return render(request, "reminders/link_done.html", {"words": words, "item": item})
