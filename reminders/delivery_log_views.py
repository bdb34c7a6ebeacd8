"""Views of the user's coming reminders, sent mails, and the history of each."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from mail.heartbeats import is_stalled
from reminders import delivery_log
from reminders.models import Reminder
from reminders.sample_mail import send_test
from reminders.services import ALIVE, still_true


@require_safe
def reminders(request: UserRequest) -> HttpResponse:
    coming, mails = delivery_log.upcoming(request.user), delivery_log.mails(request.user)
    context = {
        "upcoming": coming[: delivery_log.SHOWN],
        "more_coming": len(coming) > delivery_log.SHOWN,
        "mails": mails[: delivery_log.SHOWN],
        "earlier": delivery_log.earlier(request.user),
        "more_mailed": len(mails) > delivery_log.SHOWN,
    }
    return render(request, "reminders/reminders.html", context)


@require_safe
def reminder(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Reminder.objects.select_related("owner"), request.user, pk=pk)
    planned = row.state == Reminder.State.PLANNED
    item = (
        next((item for _, item in still_true(request.user, [row], ahead=planned)), None) if row.state in ALIVE else None
    )
    told = row.tellings.order_by("pk").last()
    title = item.title if item else told.title if told else delivery_log.name_of(row)
    return render(
        request,
        "reminders/reminder.html",
        {"item": item, "title": title, "reminder": row, "steps": delivery_log.history(row)},
    )


@require_POST
def reminders_test(request: UserRequest) -> HttpResponse:
    if not send_test(request.user):
        notify_warning(
            request,
            "You had three tests within the hour. Below you see what became of them; then try again.",
        )
    elif is_stalled():
        notify_warning(
            request,
            "Your test is waiting, but mail is running late here; we know. It goes as soon as that is over, "
            "if that is within the hour.",
        )
    else:
        notify(request, f"A test is on its way to {request.user.email}. It should be there within a minute.")
    return redirect("reminders")
