"""What whoever runs this site sees of the outbox: states and the server's words, never a word of anybody's mail."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest, say, warn
from mail import operating
from mail.models import OutgoingMail
from mail.pulse import pulses

SHOWN = 50
View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """For everybody else there is no such page."""

    @wraps(view)
    def wrapped(request: UserRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@staff_only
def operator_mail(request: UserRequest) -> HttpResponse:
    lists = [
        ("Late", "Tried in vain so far, or due for more than five minutes.", operating.late(timezone.now())),
        ("Failed", "Refused, or given up after a day.", operating.failed()),
        ("Uncertain", "The connection broke at the last moment: it may have arrived.", operating.uncertain()),
    ]
    context = {
        "pulses": pulses(),
        "lists": [(title, words, _rows(title, list(rows[: SHOWN + 1]))) for title, words, rows in lists],
    }
    return render(request, "pages/operator_mail.html", context)


def _rows(title: str, mails: list[OutgoingMail]) -> dict[str, object]:
    return {
        "rows": [(mail, operating.can_retry(mail)) for mail in mails[:SHOWN]],
        "more": len(mails) > SHOWN,
        "again": "Send again, even if it arrives twice" if title == "Uncertain" else "Try again",
    }


@require_POST
@staff_only
def operator_mail_retry(request: UserRequest, pk: int) -> HttpResponse:
    if operating.retry(mail=get_object_or_404(OutgoingMail, pk=pk)):
        say(request, "It is in the queue again.")
    else:
        warn(request, "That can’t be tried again: it is settled already, or its words have been dropped.")
    return redirect("operator_mail")


@require_POST
@staff_only
def operator_mail_set_aside(request: UserRequest, pk: int) -> HttpResponse:
    if operating.set_aside(mail=get_object_or_404(OutgoingMail, pk=pk)):
        say(request, "Set aside. It is not tried again.")
    else:
        warn(request, "That can’t be set aside: it is being sent, or settled already.")
    return redirect("operator_mail")
