"""The user's own calendar: connect it, read it now, disconnect it. Its address is never shown again."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest, ask_first, notify, notify_warning
from accounts.ownership import get_owned
from meetings.forms.own_calendar import CalendarAccountForm, OwnCalendarForm
from meetings.models import OwnCalendar
from meetings.own_calendar import services
from meetings.own_calendar.busy import busy_days


@require_http_methods(["GET", "HEAD", "POST"])
def own_calendar(request: UserRequest) -> HttpResponse:
    form = OwnCalendarForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.connect(owner=request.user, **form.cleaned_data)
        notify(request, "Connected. It is being read now; look again in a minute.")
        return redirect("own_calendar")
    found = OwnCalendar.objects.for_user(request.user).first()
    context = {"form": form, "calendar": found, **(busy_days(request.user) if found else {})}
    return render(request, "meetings/own_calendar/own_calendar.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def own_calendar_account(request: UserRequest) -> HttpResponse:
    """Connect an account on a CalDAV server instead of one address."""
    form = CalendarAccountForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.connect(owner=request.user, **form.cleaned_data)
        notify(request, "Connected. It is being read now; look again in a minute.")
        return redirect("own_calendar")
    status = 422 if form.is_bound else 200
    return render(request, "meetings/own_calendar/own_calendar_account.html", {"form": form}, status=status)


@require_POST
def own_calendar_choose(request: UserRequest) -> HttpResponse:
    """Which of the account's calendars are read."""
    if services.choose_calendars(owner=request.user, wanted=request.POST.getlist("calendar")):
        notify(request, "Saved. They are being read now; look again in a minute.")
    else:
        notify_warning(request, "There is nothing to choose from.")
    return redirect("own_calendar")


@require_POST
def own_calendar_read(request: UserRequest) -> HttpResponse:
    if services.read_now(calendar=get_owned(OwnCalendar, request.user)):
        notify(request, "It is being read; look again in a minute.")
    else:
        notify(request, "It was read a moment ago.")
    return redirect("own_calendar")


@require_http_methods(["GET", "HEAD", "POST"])
def own_calendar_off(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        services.disconnect(owner=request.user)
        notify(request, "Disconnected. Its address, and what was read from it, are deleted.")
        return redirect("own_calendar")
    if not OwnCalendar.objects.for_user(request.user).exists():
        notify_warning(request, "No calendar is connected.")
        return redirect("own_calendar")
    return ask_first(
        request,
        title="Disconnect your calendar?",
        words="Its address and all busy times are deleted here at once; what was noted stays. Nothing changes in the "
        "calendar itself. "
        "If others may know the address, make a new one there, too.",
        button="Disconnect it",
        back=reverse("own_calendar"),
    )
