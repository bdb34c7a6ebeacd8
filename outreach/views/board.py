"""The board of all approaches, its plain lists, and moving from stage to stage."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning, way_back
from accounts.ownership import get_owned
from accounts.recent_sign_in import recent_sign_in_required
from accounts.spreadsheets import download
from outreach import spreadsheets
from outreach.approaches import events, stage_advice
from outreach.approaches import services as approaches
from outreach.approaches.track_record import how_it_went
from outreach.errors import OutreachError
from outreach.forms.approaches import StageForm
from outreach.models import Approach, ApproachEvent
from outreach.selectors import approaches as approach_selectors
from outreach.selectors import board as boards

PER_PAGE = 50


@require_safe
def outreach(request: UserRequest) -> HttpResponse:
    context = {
        "board": boards.board(request.user),
        "stages": Approach.Stage.choices,
        "oneself": how_it_went(approach_selectors.tried(request.user)),
    }
    return render(request, "outreach/approaches/outreach.html", context)


@recent_sign_in_required(methods=("GET", "HEAD"))
@require_safe
def approaches_csv(request: UserRequest) -> StreamingHttpResponse:
    """All approaches as a spreadsheet, those that are over as well."""
    return download(spreadsheets.APPROACHES, spreadsheets.approaches(request.user), request.user)


@require_safe
def outreach_list(request: UserRequest, place: str) -> HttpResponse:
    """All approaches at one place of the board, fifty per page."""
    if place not in boards.PLACES:
        raise Http404
    page = Paginator(boards.listed(request.user, place), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "label": boards.PLACES[place],
        "place": place,
        "page": page,
        "rows": approach_selectors.rows(page.object_list),
    }
    return render(request, "outreach/approaches/outreach_list.html", context)


@require_POST
def approach_move(request: UserRequest, pk: int) -> HttpResponse:
    found = get_owned(Approach.objects.select_related("person", "owner"), request.user, pk=pk)
    back = way_back(request, found.get_absolute_url())
    form = StageForm(request.POST)
    if not form.is_valid():
        notify_warning(request, "That is no stage we know. Nothing was moved.")
        return redirect(back)
    stage = Approach.Stage(form.cleaned_data["stage"])
    try:
        event = approaches.move_stage(approach=found, stage=stage, seen=form.cleaned_data["seen"] or found.stage)
    except OutreachError as error:
        notify_warning(request, str(error))
        return redirect(back)
    if event is None:
        notify(request, f"{found.person.name} stands at “{stage.label}” already.")
        return redirect(back)
    undo = reverse("approach_undo", args=[found.pk, event.pk])
    board = "?from=board" if back.startswith(reverse("outreach")) else ""
    notify(request, f"{found.person.name} moved to “{stage.label}”.", undo=f"{undo}{board}")
    if word := _word_on(found, stage):
        notify_warning(request, word)
    return redirect(back)


def _word_on(approach: Approach, stage: str) -> str:
    """The advice on this move."""
    now = approach_selectors.situation_of(approach)
    return stage_advice.word_on(stage, written=now.written, held=now.held, planned=now.planned)


@require_POST
def approach_undo(request: UserRequest, pk: int, event: int) -> HttpResponse:
    """Undo the latest change; repeated requests undo it once."""
    approach = get_owned(Approach.objects.select_related("person"), request.user, pk=pk)
    back = f"{reverse('outreach')}#approach-{pk}" if request.GET.get("from") == "board" else approach.get_absolute_url()
    rows = ApproachEvent.objects.for_user(request.user).select_related("approach", "message")
    found = rows.filter(pk=event, approach=approach).first()
    if found is None:
        notify(request, "That is undone already. Nothing else was changed.")
        return redirect(back)
    if found.kind == ApproachEvent.Kind.HELD:
        notify_warning(request, "That was noted with the conversation itself, so take it back on its own page.")
        return redirect(back)
    try:
        what = events.undo(found)
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        notify(request, f"Undone: {what}.")
    return redirect(back)
