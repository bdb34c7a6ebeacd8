"""Views of the brief: one page per question, and the whole brief."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from portfolio.forms.briefs import AnswerForm, TakeNeedsForm
from portfolio.forms.needs import NeedForm
from portfolio.models import Brief
from portfolio.needs import briefs as steps


@require_safe
def briefs(request: UserRequest) -> HttpResponse:
    rows = list(Brief.objects.for_user(request.user))
    unfinished = next((row for row in rows if not row.finished_at), None)
    return render(request, "portfolio/needs/briefs.html", {"briefs": rows, "unfinished": unfinished})


@require_POST
def brief_start(request: UserRequest) -> HttpResponse:
    brief, is_new = steps.start_brief(request.user)
    step = steps.STEPS[0] if is_new else steps.first_unanswered(brief)
    return redirect("brief_step", brief.pk, step.slug)


@require_safe
def brief(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    answers = [(step, getattr(row, step.field)) for step in steps.STEPS if step.field]
    context = {
        "brief": row,
        "answers": answers,
        "needs": list(row.needs.order_by("-weight", "opened_on", "pk")),
        "next": None if row.finished_at else steps.first_unanswered(row),
    }
    return render(request, "portfolio/needs/brief.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def brief_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    here = steps.BY_SLUG.get(step)
    if here is None:
        raise Http404
    if not here.field:
        return _needs_step(request, row)
    form = AnswerForm(row, here, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        return _after(request, row, here)
    return render(request, "portfolio/needs/brief_step.html", {**_place(row, here), "form": form})


def _after(request: UserRequest, row: Brief, here: steps.BriefStep) -> HttpResponse:
    """Redirect for "Save and go on", "Back" and "Save and stop here"."""
    if row.finished_at:
        notify(request, "Saved.")
        return redirect(row)
    wish = request.POST.get("go", "")
    if wish == "stop":
        notify(request, "Saved. Go on whenever you like.")
        return redirect(row)
    to = steps.step_before(here) if wish == "back" else steps.next_step(here)
    return redirect("brief_step", row.pk, (to or here).slug)


def _place(row: Brief, here: steps.BriefStep) -> dict[str, Any]:
    return {
        "brief": row,
        "step": here,
        "number": steps.STEPS.index(here) + 1,
        "of": len(steps.STEPS),
        "before": steps.step_before(here),
    }


def _needs_step(request: UserRequest, row: Brief, status: int = 200, **forms: Any) -> HttpResponse:
    """The last page: the brief's needs, older needs to include, suggestions, and a form for a new one."""
    take = forms.get("take") or TakeNeedsForm(request.user, row)
    context = {
        **_place(row, steps.STEPS[-1]),
        "needs": list(row.needs.order_by("pk")),
        "suggestions": steps.suggestions_for(row),
        "take": take if take.anything() else None,
        "form": forms.get("form") or NeedForm(request.user),
    }
    return render(request, "portfolio/needs/brief_needs.html", context, status=status)


@require_POST
def brief_need_add(request: UserRequest, pk: int) -> HttpResponse:
    """Save the typed need. "Back" and "Stop here" also save it before they redirect."""
    row = get_owned(Brief, request.user, pk=pk)
    wish = request.POST.get("go", "")
    leaving = wish in ("back", "stop")
    form = NeedForm(request.user, request.POST)
    if not _kept(row, form, may_be_empty=leaving):
        return _needs_step(request, row, status=422, form=form)
    if leaving:
        notify(request, "Saved. Go on whenever you like." if wish == "stop" else "Saved.")
        return redirect(row) if wish == "stop" else redirect("brief_step", row.pk, steps.STEPS[-2].slug)
    notify(request, "Need kept. Add another, or finish.")
    return redirect("brief_step", row.pk, steps.STEPS[-1].slug)


def _kept(row: Brief, form: NeedForm, *, may_be_empty: bool) -> bool:
    """Save the typed need; True if it was saved or nothing was typed."""
    if may_be_empty and not form.data.get("words", "").strip():
        return True
    if form.is_valid():
        steps.gather(row, [form.save()])
        return True
    return False


@require_POST
def brief_need_take(request: UserRequest, pk: int) -> HttpResponse:
    """Add a suggestion unchanged, with one click."""
    row = get_owned(Brief, request.user, pk=pk)
    need = steps.take_suggestion(brief=row, words=request.POST.get("suggestion", ""))
    if need:
        undo = reverse("brief_need_let_go", args=[row.pk, need.pk])
        notify(request, f"“{need.words}” is one of your needs now. Open it to change the words.", undo=undo)
    else:
        notify_warning(request, "Nothing was added: these words are among your needs already, or no longer suggested.")
    return redirect("brief_step", row.pk, steps.STEPS[-1].slug)


@require_POST
def brief_need_let_go(request: UserRequest, pk: int, need: int) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    theirs = get_owned(row.needs.select_related("owner"), request.user, pk=need)
    if steps.let_go(brief=row, need=theirs):
        notify(request, "Taken back.")
    else:
        notify(request, f"“{theirs.words}” is out of this brief. It stays among your needs.")
    return redirect("brief_step", row.pk, steps.STEPS[-1].slug)


@require_POST
def brief_needs_take(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    form = TakeNeedsForm(request.user, row, request.POST)
    if not form.is_valid():
        return _needs_step(request, row, status=422, take=form)
    steps.gather(row, form.cleaned_data["needs"])
    notify(request, "Taken along.")
    return redirect("brief_step", row.pk, steps.STEPS[-1].slug)


@require_POST
def brief_finish(request: UserRequest, pk: int) -> HttpResponse:
    """Finish the brief, after saving a typed need."""
    row = get_owned(Brief, request.user, pk=pk)
    form = NeedForm(request.user, request.POST)
    if not _kept(row, form, may_be_empty=True):
        return _needs_step(request, row, status=422, form=form)
    steps.finish_brief(row)
    notify(request, "Your brief is written. You can change every answer.")
    return redirect(row)
