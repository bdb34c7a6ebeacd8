"""Views of the agenda's points: each button is one POST."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest, notify, notify_warning, way_back
from accounts.ownership import get_owned
from meetings.agenda import items
from meetings.forms.agenda import ItemEditForm, ItemForm, KeepAgendaForm, OutcomeForm, PlaceForm
from meetings.models import AgendaItem
from meetings.views.meeting_page import meeting_page, my_meeting

SAID = {
    AgendaItem.State.DONE: "Talked about.",
    AgendaItem.State.PARKED: "Parked. It stays here and doesn’t come along.",
    AgendaItem.State.DROPPED: "Dropped.",
    AgendaItem.State.OPEN: "Open again.",
}


def _my_item(request: UserRequest, pk: int) -> AgendaItem:
    return get_owned(AgendaItem.objects.select_related("meeting__person"), request.user, pk=pk)


@require_POST
def item_add(request: UserRequest, pk: int) -> HttpResponse:
    meeting = my_meeting(request, pk)
    form = ItemForm(request.user, request.POST, prefix="item")
    if not form.is_valid():
        return meeting_page(request, meeting, item_form=form)
    item = items.add_item(meeting=meeting, item=form.save(commit=False))
    notify(request, "On the agenda.")
    return redirect(item)


@require_http_methods(["GET", "HEAD", "POST"])
def item_edit(request: UserRequest, pk: int) -> HttpResponse:
    item = _my_item(request, pk)
    form = ItemEditForm(request.user, request.POST or None, instance=item)
    if request.method == "POST" and form.is_valid():
        item.save(update_fields=["words", "minutes", "raised_by", "need", "outcome", "private"])
        notify(request, "Saved.")
        return redirect(item)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/agenda/item_edit.html", {"form": form, "item": item}, status=status)


@require_POST
def item_move(request: UserRequest, pk: int, by: int) -> HttpResponse:
    item = _my_item(request, pk)
    items.move_item(item=item, by=by)
    return redirect(item)


@require_POST
def item_place(request: UserRequest, pk: int) -> HttpResponse:
    item = _my_item(request, pk)
    form = PlaceForm(request.POST)
    if form.is_valid():
        items.place_item(item=item, place=form.cleaned_data["position"])
    return redirect(item)


@require_POST
def agenda_suggest(request: UserRequest, pk: int) -> HttpResponse:
    """Fill an empty agenda with the suggestions for its kind."""
    meeting = my_meeting(request, pk)
    if items.begin_agenda(meeting=meeting):
        notify(request, "A few points to begin with. Change or drop any of them.")
    else:
        notify_warning(request, "There is something on the agenda already. Nothing was changed.")
    return redirect(f"{meeting.get_absolute_url()}#agenda")


@require_POST
def agenda_keep(request: UserRequest, pk: int) -> HttpResponse:
    """Save this agenda as the user's own suggestion."""
    meeting = my_meeting(request, pk)
    form = KeepAgendaForm(request.POST)
    if not form.is_valid():
        return meeting_page(request, meeting, keep_form=form)
    try:
        kept = items.keep_agenda(meeting=meeting, name=form.cleaned_data["name"])
    except ValueError as error:
        notify_warning(request, str(error))
        return redirect(f"{meeting.get_absolute_url()}#agenda")
    notify(request, f"Kept as “{kept.name}”. You can choose it when you plan a meeting.")
    return redirect("agendas")


@require_POST
def item_mark(request: UserRequest, pk: int, state: str) -> HttpResponse:
    item = _my_item(request, pk)
    wish = AgendaItem.State(state)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        notify_warning(request, f"The outcome could not be saved: {form.errors['outcome'][0]} Nothing was changed.")
        return redirect(item)
    outcome = form.cleaned_data["outcome"] if "outcome" in request.POST else None
    if not items.mark_item(item=item, state=wish, outcome=outcome):
        notify_warning(request, "This was carried over to a later meeting. Mark it there.")
        return redirect(item)
    undo = reverse("item_reopen", args=[pk]) if wish in {AgendaItem.State.PARKED, AgendaItem.State.DROPPED} else ""
    notify(request, SAID[wish], undo=undo)
    return redirect(way_back(request, item.get_absolute_url()))
