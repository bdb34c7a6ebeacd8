"""The page to keep open during the conversation, and the notes, saved by hand or automatically."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning, way_back
from meetings import selectors
from meetings.before import before
from meetings.forms.meetings import ActionForm, NotesForm
from meetings.forms.wrap_up import WrapUpForm
from meetings.models import AgendaItem, Meeting
from meetings.notes import TooLong, fingerprint, save_notes
from meetings.views.meeting_page import meeting_page, my_meeting
from meetings.wrap_up.services import wrap_up

BOTH = "This was changed in another window, too. Both are kept: yours first, the other below it."


@require_safe
def meeting_before(request: UserRequest, pk: int) -> HttpResponse:
    """What to know before they talk, on one screen of a phone."""
    meeting = my_meeting(request, pk)
    if meeting.state != Meeting.State.PLANNED:
        return redirect(meeting)
    context = {"meeting": meeting, "before": before(meeting), "elsewhere": selectors.elsewhere(meeting)}
    return render(request, "meetings/before.html", context)


@require_safe
def meeting_talk(request: UserRequest, pk: int) -> HttpResponse:
    meeting = my_meeting(request, pk)
    beside = selectors.actions_beside(meeting)
    context = {
        "meeting": meeting,
        "items": list(meeting.items.exclude(state__in=[AgendaItem.State.DROPPED, AgendaItem.State.PARKED])),
        "direction": selectors.direction_for(meeting),
        "actions": [action for action in beside if action.meeting_id == meeting.pk],
        "since": [action for action in beside if action.meeting_id != meeting.pk],
        "notes_form": NotesForm(instance=meeting),
        "action_form": ActionForm(request.user, prefix="action", initial={"whose": "mine"}),
    }
    return render(request, "meetings/wrap_up/talk.html", context)


@require_POST
def meeting_notes(request: UserRequest, pk: int) -> HttpResponse:
    """Save the notes. For autosave, which asks for JSON, the response is what is stored now."""
    meeting = my_meeting(request, pk)
    form = NotesForm(request.POST, instance=my_meeting(request, pk))
    by_itself = request.accepts("application/json") and not request.accepts("text/html")
    error = "" if form.is_valid() else " ".join(str(words) for lines in form.errors.values() for words in lines)
    saved = None
    if not error:
        try:
            saved = save_notes(meeting=meeting, words=form.words, bases=form.bases)
        except TooLong as trouble:
            error = str(trouble)
            form.add_error("private_notes", error)
    if by_itself:
        return _told(request, meeting, error, both=bool(saved and saved.both))
    if saved is None:
        return meeting_page(request, meeting, notes_form=form)
    if saved.both:
        notify_warning(request, BOTH)
    else:
        notify(request, f"Notes saved at {request.user.local(saved.at):%H:%M}.")
    return redirect(way_back(request, f"{meeting.get_absolute_url()}#notes"))


def _told(request: UserRequest, meeting: Meeting, error: str, *, both: bool) -> JsonResponse:
    if error:
        return JsonResponse({"error": error}, status=422)
    kept = {
        name: {"words": getattr(meeting, name), "base": fingerprint(getattr(meeting, name))}
        for name in NotesForm.Meta.fields
    }
    return JsonResponse({"kept": kept, "both": BOTH if both else ""})


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_wrap_up(request: UserRequest, pk: int) -> HttpResponse:
    meeting = my_meeting(request, pk)
    if meeting.state == Meeting.State.CANCELLED:
        notify_warning(request, "This meeting was cancelled. If it took place after all, put it back on first.")
        return redirect(meeting)
    still_open = list(meeting.items.filter(state=AgendaItem.State.OPEN))
    form = WrapUpForm(request.user, meeting, still_open, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        was_held = meeting.state == Meeting.State.HELD
        wrap_up(meeting=meeting, wrap=form.wish)
        undo = "" if was_held else reverse("meeting_unhold", args=[pk])
        notify(request, f"Wrapped up: you spoke with {meeting.person.name}.", undo=undo)
        return redirect(meeting)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/wrap_up/wrap_up.html", {"form": form, "meeting": meeting}, status=status)


@require_safe
def meeting_summary(request: UserRequest, pk: int) -> HttpResponse:
    """The agenda before and the summary after, for printing or reading out. ``?private=1`` adds the user's notes."""
    meeting = my_meeting(request, pk)
    context = {
        "meeting": meeting,
        "items": list(meeting.items.exclude(state=AgendaItem.State.DROPPED).select_related("carried_from__meeting")),
        "actions": list(meeting.actions.order_by("pk")),
        "direction": selectors.direction_for(meeting),
        "private": request.GET.get("private") == "1",
    }
    return render(request, "meetings/wrap_up/summary.html", context)
