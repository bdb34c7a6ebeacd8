"""The brief, one question a page, and the readable whole."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, say
from accounts.ownership import get_owned
from portfolio import briefs as steps
from portfolio.forms.briefs import AnswerForm, TakeNeedsForm
from portfolio.forms.needs import NeedForm
from portfolio.models import Brief


@require_safe
def briefs(request: UserRequest) -> HttpResponse:
    rows = list(Brief.objects.for_user(request.user))
    unfinished = next((row for row in rows if not row.finished_at), None)
    return render(request, "portfolio/briefs.html", {"briefs": rows, "unfinished": unfinished})


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
    return render(request, "portfolio/brief.html", context)


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
    return render(request, "portfolio/brief_step.html", {**_place(row, here), "form": form})


def _after(request: UserRequest, row: Brief, here: steps.Step) -> HttpResponse:
    """Where "Save and go on", "Back" and "Save and stop here" lead."""
    if row.finished_at:
        say(request, "Saved.")
        return redirect(row)
    wish = request.POST.get("go", "")
    if wish == "stop":
        say(request, "Saved. Go on whenever you like.")
        return redirect(row)
    to = steps.step_before(here) if wish == "back" else steps.next_step(here)
    return redirect("brief_step", row.pk, (to or here).slug)


def _place(row: Brief, here: steps.Step) -> dict[str, Any]:
    return {
        "brief": row,
        "step": here,
        "number": steps.STEPS.index(here) + 1,
        "of": len(steps.STEPS),
        "before": steps.step_before(here),
    }


def _needs_step(request: UserRequest, row: Brief, status: int = 200, **forms: Any) -> HttpResponse:
    """The last page: needs gathered, older ones to take along, and room for a new one."""
    gathered = list(row.needs.order_by("pk"))
    ideas = steps.suggestions(row.contexts, gathered)
    take = forms.get("take") or TakeNeedsForm(request.user, row)
    context = {
        **_place(row, steps.STEPS[-1]),
        "needs": gathered,
        "suggestions": ideas,
        "take": take if take.anything() else None,
        "form": forms.get("form") or NeedForm(request.user, initial=_starting_words(request, ideas)),
    }
    return render(request, "portfolio/brief_needs.html", context, status=status)


def _starting_words(request: UserRequest, ideas: list[tuple[Any, str]]) -> dict[str, str]:
    """The suggestion somebody pressed, in the form; anything else in the address is ignored."""
    wish = request.GET.get("start", "")
    return next(({"competency": c, "words": words} for c, words in ideas if words == wish), {})


@require_POST
def brief_need_add(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    form = NeedForm(request.user, request.POST)
    if not form.is_valid():
        return _needs_step(request, row, status=422, form=form)
    steps.gather(row, [form.save()])
    say(request, "Need kept. Add another, or finish.")
    return redirect("brief_step", row.pk, steps.STEPS[-1].slug)


@require_POST
def brief_needs_take(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    form = TakeNeedsForm(request.user, row, request.POST)
    if not form.is_valid():
        return _needs_step(request, row, status=422, take=form)
    steps.gather(row, form.cleaned_data["needs"])
    say(request, "Taken along.")
    return redirect("brief_step", row.pk, steps.STEPS[-1].slug)


@require_POST
def brief_finish(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Brief, request.user, pk=pk)
    steps.finish_brief(row)
    say(request, "Your brief is written. You can change every answer.")
    return redirect(row)
