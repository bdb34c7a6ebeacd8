"""What is coming, what was mailed, and what became of each: for the user themself."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest, say, warn
from accounts.ownership import get_owned
from mail.pulse import stands_still
from reminders import log
from reminders.models import Reminder
from reminders.services import ALIVE, still_true
from reminders.trial import send_test


@require_safe
def reminders(request: UserRequest) -> HttpResponse:
    coming, mails = log.upcoming(request.user), log.mails(request.user)
    context = {
        "upcoming": coming[: log.SHOWN],
        "more_coming": len(coming) > log.SHOWN,
        "mails": mails[: log.SHOWN],
        "more_mailed": len(mails) > log.SHOWN,
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
    title = item.title if item else told.title if told else log.name_of(row)
    return render(
        request, "reminders/reminder.html", {"item": item, "title": title, "reminder": row, "steps": log.history(row)}
    )


@require_POST
def reminders_test(request: UserRequest) -> HttpResponse:
    if not send_test(request.user):
        warn(
            request,
            "You had three tests within the hour. Below you see what became of them; then try again.",
        )
    elif stands_still():
        warn(
            request,
            "Your test is waiting, but mail is running late here; we know. It goes as soon as that is over, "
            "if that is within the hour.",
        )
    else:
        say(request, f"A test is on its way to {request.user.email}. It should be there within a minute.")
    return redirect("reminders")
