"""The user's saved agendas, to choose from when planning a meeting, and our suggestions."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest, ask_first, notify
from accounts.ownership import get_owned
from meetings.agenda.suggestions import SUGGESTED, as_text
from meetings.forms.agenda import SavedAgendaForm
from meetings.models import Meeting, SavedAgenda

NEW = "An agenda of your own"


@require_safe
def agendas(request: UserRequest) -> HttpResponse:
    context = {
        "own": list(SavedAgenda.objects.for_user(request.user)),
        "ours": [(kind, SUGGESTED[kind]) for kind in Meeting.Kind],
    }
    return render(request, "meetings/agenda/agendas.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def agenda_new(request: UserRequest) -> HttpResponse:
    """An empty agenda, or one with the suggestions for a kind (``?kind=``)."""
    kind = request.GET.get("kind", "")
    begun = {"kind": kind, "points": as_text(SUGGESTED[kind])} if kind in SUGGESTED else {}
    form = SavedAgendaForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        form.instance.owner = request.user
        form.save()
        notify(request, "Kept. You can choose it when you plan a meeting.")
        return redirect("agendas")
    status = 422 if form.is_bound else 200
    return render(request, "meetings/agenda/agenda_form.html", {"form": form, "title": NEW}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def agenda_edit(request: UserRequest, pk: int) -> HttpResponse:
    saved = get_owned(SavedAgenda, request.user, pk=pk)
    title = saved.name
    form = SavedAgendaForm(request.POST or None, instance=saved)
    if request.method == "POST" and form.is_valid():
        saved.save(update_fields=["name", "kind", "points"])
        notify(request, "Saved. Meetings planned already keep the agenda they have.")
        return redirect("agendas")
    status = 422 if form.is_bound else 200
    context = {"form": form, "title": title, "saved": saved}
    return render(request, "meetings/agenda/agenda_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def agenda_delete(request: UserRequest, pk: int) -> HttpResponse:
    saved = get_owned(SavedAgenda, request.user, pk=pk)
    if request.method == "POST":
        saved.delete()
        notify(request, f"“{saved.name}” is deleted.")
        return redirect("agendas")
    return ask_first(
        request,
        title=f"Delete “{saved.name}”?",
        words="It is gone from your suggestions. Meetings that began with it keep what is on their agenda.",
        button="Delete it",
        back=saved.get_absolute_url(),
        danger=True,
    )
