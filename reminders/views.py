"""Views for snoozing a reminder, or acting on it, from the Today page. (For mails see ``signed_link_views``.)"""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from accounts.http import UserRequest, notify, notify_warning, way_back
from accounts.ownership import get_owned
from reminders import kinds
from reminders.forms import SnoozeForm
from reminders.models import Reminder
from reminders.services import ALIVE, snooze, still_true, unsnooze

UNDO = "reminders.undo"


@require_POST
def reminder_act(request: UserRequest, pk: int, name: str) -> HttpResponse:
    """Run an action of this kind of reminder, such as "they replied" or "done"."""
    with transaction.atomic():
        # Lock, so that a concurrent second request sees the first one's result.
        rows = Reminder.objects.select_for_update(of=("self",)).select_related("owner")
        reminder = get_owned(rows, request.user, pk=pk)
        kind = kinds.find(reminder.kind)
        act = next((act for act in kind.acts if act.name == name), None) if kind else None
        if act is None:
            raise Http404
        if reminder.state in ALIVE and still_true(request.user, [reminder]):
            notify(request, act.run(request.user, reminder.subject_id))
        else:
            notify_warning(request, "That is settled already. Nothing was changed.")
    return redirect(way_back(request, reverse("today")))


@require_POST
def reminder_snooze(request: UserRequest, pk: int) -> HttpResponse:
    reminder = get_owned(Reminder, request.user, pk=pk)
    back = redirect(way_back(request, reverse("today")))
    form = SnoozeForm(request.user, request.POST)
    if not form.is_valid():
        notify_warning(request, f"Nothing was changed. {form.first_error()}")
        return back
    if reminder.state not in ALIVE:
        notify_warning(request, "That is settled already, so there is nothing to put off.")
        return back
    if (kind := kinds.find(reminder.kind)) and not kind.put_off:
        notify_warning(request, "Tomorrow this will be over, so it can’t be put off. Nothing was changed.")
        return back
    before = [reminder.pk, reminder.snoozes, reminder.state, reminder.asked_for.isoformat()]
    reminder = snooze(reminder, on=form.cleaned_data["day"])
    undo = reverse("reminder_unsnooze", args=[reminder.pk, signing.dumps(before, salt=UNDO)])
    notify(request, put_off(reminder), undo=undo)
    return back


@require_POST
def reminder_unsnooze(request: UserRequest, pk: int, before: str) -> HttpResponse:
    reminder = get_owned(Reminder, request.user, pk=pk)
    back = redirect(way_back(request, reverse("today")))
    try:
        was, snoozes, state, on = signing.loads(before, salt=UNDO, max_age=24 * 60 * 60)
    except (signing.BadSignature, ValueError):
        was = None
    if was != reminder.pk:
        notify_warning(request, "That can’t be taken back any more. The reminder is still as you left it.")
    elif unsnooze(reminder, snoozes=snoozes, state=state, on=dt.date.fromisoformat(on)):
        notify(request, "Taken back. It is where it was.")
    else:
        notify_warning(request, "This reminder has moved on since, so it stays as it is.")
    return back


def put_off(reminder: Reminder) -> str:
    this_year = reminder.wall_date.year == reminder.owner.today().year
    return f"Put off until {date_format(reminder.wall_date, 'l j F' if this_year else 'l j F Y')}."
