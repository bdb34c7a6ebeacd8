"""Views of meetings: the list, planning one, its page, and the steps that change it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.converters import MAX_ID
from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from accounts.recent_sign_in import recent_sign_in_required
from accounts.spreadsheets import download
from accounts.words import counted, listed, number
from meetings import diary, selectors, series, services, spreadsheets
from meetings.agenda import suggestions
from meetings.calendar.invitations import how_it_stands
from meetings.forms.meetings import HeldForm, MeetingForm, NewMeetingForm, WhomForm
from meetings.models import Meeting, MentorWord
from meetings.own_calendar import talks
from meetings.views.meeting_page import meeting_page, my_meeting
from outreach.models import Approach
from portfolio.models import Person

PAGE = 25


@require_safe
def meetings(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    planned = list(Meeting.objects.planned().filter(owner=request.user).select_related("person"))
    over = Meeting.objects.for_user(request.user).exclude(state=Meeting.State.PLANNED)
    past = over.select_related("person").order_by("-starts_at", "-pk")
    unseen = MentorWord.objects.for_user(request.user).filter(seen_at__isnull=True)
    context = {
        "wrote": list(unseen.order_by().values_list("link__person", "link__person__name").distinct()[:20]),
        "unrecorded": [meeting for meeting in planned if meeting.starts_at <= now],
        "upcoming": [meeting for meeting in planned if meeting.starts_at > now],
        "from_calendar": bool(talks.offered(request.user.pk)),
        "past": Paginator(past, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "meetings/meetings.html", context)


@recent_sign_in_required(methods=("GET", "HEAD"))
@require_safe
def meetings_csv(request: UserRequest) -> StreamingHttpResponse:
    """All meetings as a spreadsheet, the earliest first."""
    rows = Meeting.objects.for_user(request.user).order_by("starts_at", "pk")
    return download(spreadsheets.MEETINGS, spreadsheets.meetings(rows), request.user)


def _asked_person(request: UserRequest) -> Person | None:
    """The person named in the query string, directly or by an approach; 404 unless it is the user's own."""
    if "person" in request.GET and request.GET["person"] != "":
        return get_owned(Person, request.user, pk=_id(request.GET["person"]))
    if "approach" in request.GET:
        approaches = Approach.objects.select_related("person")
        return get_owned(approaches, request.user, pk=_id(request.GET["approach"])).person
    return None


def _id(value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= MAX_ID:
        return int(value)
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: UserRequest) -> HttpResponse:
    person = _asked_person(request)
    if person is None and request.method != "POST":
        nobody = not Person.objects.for_user(request.user).exists()
        context = {"form": WhomForm(request.user), "picking": True, "nobody": nobody}
        return render(request, "meetings/meeting_new.html", context)
    kind = selectors.situation(request.user, person).kind if person else Meeting.Kind.REGULAR
    asked = request.GET.get("kind", "")
    kind = asked if asked in Meeting.Kind.values else kind
    initial = {"kind": kind, "minutes": suggestions.USUAL_MINUTES[kind]}
    form = NewMeetingForm(request.user, request.POST or None, person=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _plan(request, form)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/meeting_new.html", {"form": form, "person": person}, status=status)


def _plan(request: UserRequest, form: NewMeetingForm) -> HttpResponse:
    wish = form.cleaned_data
    approach, mentorship = selectors.situation(request.user, wish["person"]).belongs_to(wish["kind"])
    plan: dict[str, Any] = {name: wish[name] for name in ("kind", "zone", "minutes", "place", "purpose", "suggested")}
    plan |= {"approach": approach, "mentorship": mentorship, "saved": wish.get("saved")}
    plan |= {"owner": request.user, "person": wish["person"], "starts_local": form.starts_local}
    if wish["weeks"]:
        meeting, *others = series.plan_series(**plan, weeks=wish["weeks"], count=wish["count"] or 2)
        words = f"They’re planned: this one and {number(len(others))} more"
    else:
        meeting, words = services.plan_meeting(**plan), "It’s planned"
    _say_when(request, meeting, form, words)
    return redirect(meeting)


def _say_when(request: UserRequest, meeting: Meeting, form: MeetingForm, words: str) -> None:
    if form.skipped_hour(meeting):
        there = f"{meeting.starts_there:%H:%M}"
        notify_warning(
            request, f"{words}. The clocks go forward that night and skip that hour, so it starts at {there}."
        )
    else:
        notify(request, f"{words}.")
    say_who_else(request, meeting)


def say_who_else(request: UserRequest, meeting: Meeting) -> None:
    """Say with whom a meeting shares its time now, if with anybody."""
    others = diary.taken(request.user.pk, [diary.span(meeting)], besides=meeting.pk)
    if names := list(dict.fromkeys(str(one.person) for one in others)):
        notify_warning(request, f"At that time you also meet {listed(names[:3])}. Both are kept.")


def _say_what_they_get(request: UserRequest, meeting: Meeting) -> None:
    """Warn if the mail to the mentor about this change is not on its way."""
    if words := how_it_stands(meeting):
        notify_warning(request, words)


@require_safe
def meeting(request: UserRequest, pk: int) -> HttpResponse:
    return meeting_page(request, my_meeting(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = my_meeting(request, pk)
    if found.state == Meeting.State.HELD:
        return _correct(request, found)
    if found.state != Meeting.State.PLANNED:
        notify_warning(request, "This meeting was cancelled, so it stays as it is.")
        return redirect(found)
    form = MeetingForm(request.user, request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        wish = {name: form.cleaned_data[name] for name in ("zone", "minutes", "place", "purpose", "kind")}
        services.change_meeting(meeting=found, starts_local=form.starts_local, **wish)
        found.refresh_from_db(fields=["starts_at", "zone"])
        _say_when(request, found, form, "Saved")
        _say_what_they_get(request, found)
        return redirect(found)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/meeting_edit.html", {"form": form, "meeting": found}, status=status)


def _correct(request: UserRequest, held: Meeting) -> HttpResponse:
    """Correct the length of a held meeting; its date can't change."""
    form = HeldForm(request.POST or None, instance=held)
    if request.method == "POST" and form.is_valid():
        if services.correct_minutes(meeting=held, minutes=form.cleaned_data["minutes"]):
            notify(request, f"Noted: {held.minutes} minutes.")
        return redirect(held)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/meeting_edit.html", {"form": form, "meeting": held}, status=status)


@require_POST
def meeting_hold(request: UserRequest, pk: int) -> HttpResponse:
    found = my_meeting(request, pk)
    if services.hold_meeting(meeting=found):
        notify(request, f"Noted: you spoke with {found.person.name}.", undo=reverse("meeting_unhold", args=[pk]))
    elif found.state == Meeting.State.HELD:
        notify(request, "That was noted already.")
    else:
        notify_warning(request, "This meeting was cancelled. If it took place after all, put it back on first.")
    return redirect(found)


@require_POST
def meeting_unhold(request: UserRequest, pk: int) -> HttpResponse:
    found = my_meeting(request, pk)
    if services.unhold_meeting(meeting=found):
        notify(request, "Taken back: it is planned again.")
        say_who_else(request, found)
    else:
        notify_warning(request, "This meeting isn’t noted as held. Nothing was changed.")
    return redirect(found)


@require_POST
def meeting_cancel(request: UserRequest, pk: int) -> HttpResponse:
    found = my_meeting(request, pk)
    if services.cancel_meeting(meeting=found):
        words = "Cancelled. What was open comes along to your next meeting with them."
        notify(request, words, undo=reverse("meeting_reinstate", args=[pk]))
        _say_what_they_get(request, found)
    elif found.state == Meeting.State.CANCELLED:
        notify(request, "It was cancelled already.")
    else:
        notify_warning(request, "This meeting was held. If it wasn’t, take that back first.")
    return redirect(found)


@require_POST
def meeting_reinstate(request: UserRequest, pk: int) -> HttpResponse:
    found = my_meeting(request, pk)
    if services.reinstate_meeting(meeting=found):
        notify(request, "It’s on again.")
        say_who_else(request, found)
        _say_what_they_get(request, found)
    else:
        notify_warning(request, "This meeting isn’t cancelled. Nothing was changed.")
    return redirect(found)


@require_POST
def series_end(request: UserRequest, pk: int) -> HttpResponse:
    """Cancel the other meetings of this series that are ahead."""
    found = my_meeting(request, pk)
    count = series.call_off_rest(meeting=found)
    notify(request, f"{counted(count, 'meeting is', 'meetings are').capitalize()} cancelled. This one stays.")
    return redirect(found)
