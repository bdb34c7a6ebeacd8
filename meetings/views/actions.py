"""Views of actions: each button is one POST."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest, ask_first, notify, way_back
from accounts.ownership import get_owned
from meetings import actions
from meetings.forms.meetings import ActionForm
from meetings.models import Action
from meetings.views.meeting_page import meeting_page, my_meeting


def _my_action(request: UserRequest, pk: int) -> Action:
    return get_owned(Action.objects.select_related("owner", "person", "meeting__person"), request.user, pk=pk)


@require_POST
def action_add(request: UserRequest, pk: int) -> HttpResponse:
    meeting = my_meeting(request, pk)
    form = ActionForm(request.user, request.POST, prefix="action")
    if not form.is_valid():
        return meeting_page(request, meeting, action_form=form)
    action = actions.add_action(meeting=meeting, action=form.save(commit=False))
    notify(request, "Kept.")
    return redirect(way_back(request, action.get_absolute_url()))


@require_http_methods(["GET", "HEAD", "POST"])
def action_edit(request: UserRequest, pk: int) -> HttpResponse:
    action = _my_action(request, pk)
    form = ActionForm(request.user, request.POST or None, instance=action)
    if request.method == "POST" and form.is_valid():
        actions.change_action(action=action)
        notify(request, "Saved.")
        return redirect(action)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/action_edit.html", {"form": form, "action": action}, status=status)


@require_POST
def action_done(request: UserRequest, pk: int) -> HttpResponse:
    action = _my_action(request, pk)
    actions.finish_action(action=action)
    notify(request, f"Done: {action.words}", undo=reverse("action_undone", args=[pk]))
    return redirect(way_back(request, action.get_absolute_url()))


@require_POST
def action_undone(request: UserRequest, pk: int) -> HttpResponse:
    action = _my_action(request, pk)
    actions.reopen_action(action=action)
    notify(request, "Back on your list." if action.whose == Action.Whose.MINE else "Open again.")
    return redirect(way_back(request, action.get_absolute_url()))


@require_http_methods(["GET", "HEAD", "POST"])
def action_delete(request: UserRequest, pk: int) -> HttpResponse:
    action = _my_action(request, pk)
    if request.method == "POST":
        actions.delete_action(action=action)
        notify(request, "Deleted.")
        return redirect(f"{action.meeting.get_absolute_url()}#actions")
    return ask_first(
        request,
        title="Delete this?",
        words=f"“{action.words}” will be gone, and its reminder with it. Everything else stays.",
        button="Delete it",
        back=action.get_absolute_url(),
        danger=True,
    )
