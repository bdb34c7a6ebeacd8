"""The operator's page for the outbox: states and the mail server's answers, never the text of a mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import security_log
from accounts.http import UserRequest, notify, notify_warning
from accounts.policies import Role
from accounts.recent_sign_in import SAME_DAY
from accounts.row_security import as_role, is_there
from accounts.second_factors.requirement import ask_for_second_factor
from mail import operations, suppression
from mail.heartbeats import statuses
from mail.models import OutgoingMail, SuppressedAddress

SHOWN = 50
View = Callable[..., HttpResponse]


def staff_only_within(within: dt.timedelta) -> Callable[[View], View]:
    """Decorator: staff who have used a second factor so lately in this session; what they do is in the security log.

    Other staff are led to a second factor; everybody else gets a 404.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapped(request: UserRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.is_staff:
                raise Http404
            if asked := ask_for_second_factor(request, within):
                return asked
            if request.method == "POST":
                security_log.note(request.user, security_log.Kind.OPERATOR, request.path, request=request)
            with as_role(Role.OPERATOR):
                return view(request, *args, **kwargs)

        return wrapped

    return decorator


staff_only = staff_only_within(SAME_DAY)


@dataclass(frozen=True)
class Pile:
    """The mails with one kind of problem; the first of them with a description, and whether a retry is possible."""

    title: str
    words: str
    count: int
    rows: list[tuple[OutgoingMail, str, bool]]
    again: str = "Try again"
    all_again: str = ""

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def _pile(title: str, words: str, mails: QuerySet[OutgoingMail], **more: str) -> Pile:
    rows = [(mail, mail.purpose.replace("_", " "), operations.can_retry(mail)) for mail in mails[:SHOWN]]
    return Pile(title, words, mails.count(), rows, **more)


class StopForm(forms.Form):
    """An address to which users can send no more mail, say after a complaint that came by mail."""

    address = forms.EmailField(
        label="Address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}), required=True
    )
    reason = forms.ChoiceField(
        label="Why?",
        choices=[
            (SuppressedAddress.Reason.COMPLAINT, "They complained"),
            (SuppressedAddress.Reason.BOUNCED, "Mail to it came back"),
            (SuppressedAddress.Reason.OPERATOR, "Another reason"),
        ],
    )
    note = forms.CharField(label="Note", max_length=300, required=False, help_text="Only seen on this page.")


@require_safe
@staff_only
def operator_mail(request: UserRequest) -> HttpResponse:
    return _page(request, StopForm())


def _page(request: UserRequest, form: StopForm) -> HttpResponse:
    piles = [
        _pile(
            "Late",
            "Tried in vain so far, or due for more than five minutes.",
            operations.late(timezone.now()),
            again="Try now",
            all_again="Try all now",
        ),
        _pile("Failed", "Refused, or given up after a day.", operations.failed(), all_again="Try all again"),
        _pile(
            "Uncertain",
            "The connection broke at the last moment: it may have arrived.",
            operations.uncertain(),
            again="Send again, even if it arrives twice",
        ),
    ]
    stopped = list(SuppressedAddress.objects.order_by("-at", "-pk")[:SHOWN])
    context = {
        "pulses": statuses(),
        "piles": piles,
        "waiting": operations.waiting().count(),
        "stopped": stopped,
        "stopped_count": len(stopped) if len(stopped) < SHOWN else SuppressedAddress.objects.count(),
        "form": form,
        "second_wall": is_there(),
    }
    return render(request, "pages/operator_mail.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff_only
def operator_mail_stop(request: UserRequest) -> HttpResponse:
    form = StopForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    row, new = suppression.suppress(**form.cleaned_data)
    if new:
        notify(request, f"Users can’t send mail to {row.address} any more.")
    else:
        notify_warning(request, f"{row.address} was on the list already, since {row.at:%-d %B %Y}.")
    return redirect("operator_mail")


@require_POST
@staff_only
def operator_mail_lift(request: UserRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(SuppressedAddress, pk=pk)
    suppression.lift(suppressed=row)
    notify(request, f"Users can send mail to {row.address} again. What was stopped before stays stopped.")
    return redirect("operator_mail")


@require_POST
@staff_only
def operator_mail_retry_all(request: UserRequest) -> HttpResponse:
    """Retry all mails of the group that the button names: late ones, else failed ones."""
    count = operations.retry_late() if request.POST.get("pile") == "Late" else operations.retry_failed()
    if count:
        notify(request, "One is in the queue again." if count == 1 else f"{count} are in the queue again.")
    else:
        notify_warning(
            request, "None of these can be tried again: they are settled already, or their words have been dropped."
        )
    return redirect("operator_mail")


@require_POST
@staff_only
def operator_mail_retry(request: UserRequest, pk: int) -> HttpResponse:
    if operations.retry(mail=get_object_or_404(OutgoingMail, pk=pk)):
        notify(request, "It is in the queue again.")
    else:
        notify_warning(request, "That can’t be tried again: it is settled already, or its words have been dropped.")
    return redirect("operator_mail")


@require_POST
@staff_only
def operator_mail_set_aside(request: UserRequest, pk: int) -> HttpResponse:
    if operations.set_aside(mail=get_object_or_404(OutgoingMail, pk=pk)):
        notify(request, "Set aside. It is not tried again.")
    else:
        notify_warning(request, "That can’t be set aside: it is being sent, or settled already.")
    return redirect("operator_mail")
