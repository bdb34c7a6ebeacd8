"""Views of a mentorship's outcomes, and of undoing a deletion."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from accounts.private_notes import first_alike
from portfolio.forms.outcomes import OutcomeForm
from portfolio.mentorships import scheduling
from portfolio.models import EvaluationDate, Mentorship, Undoable, WhatCameOfIt
from portfolio.people import undo
from portfolio.views.mentorships import mentorship_page


def _owned(request: UserRequest, pk: int) -> WhatCameOfIt:
    return get_owned(WhatCameOfIt.objects.select_related("mentorship__person"), request.user, pk=pk)


def _at_outcomes(row: Mentorship) -> str:
    return f"{row.get_absolute_url()}#outcomes"


@require_POST
def outcome_add(request: UserRequest, pk: int) -> HttpResponse:
    """``pk`` is the mentorship's. Ignores a duplicate with the same date and text."""
    row = get_owned(Mentorship, request.user, pk=pk)
    form = OutcomeForm(request.user, row, request.POST, prefix="outcome")
    if not form.is_valid():
        return mentorship_page(request, pk, outcome_form=form)
    data = form.cleaned_data
    with transaction.atomic():
        # Lock the mentorship, so that a concurrent second request finds the first one's row.
        Mentorship.objects.select_for_update().get(pk=row.pk)
        if first_alike(row.outcomes.all(), words=data["words"], on=data["on"]) is None:
            form.save()
    notify(request, "Kept. It is good to see what comes of it.")
    return redirect(_at_outcomes(row))


@require_http_methods(["GET", "HEAD", "POST"])
def outcome_edit(request: UserRequest, pk: int) -> HttpResponse:
    outcome = _owned(request, pk)
    row = outcome.mentorship
    form = OutcomeForm(request.user, row, request.POST if request.method == "POST" else None, instance=outcome)
    if form.is_valid():
        form.save()
        notify(request, "Saved.")
        return redirect(_at_outcomes(row))
    context = {"form": form, "outcome": outcome, "mentorship": row, "person": row.person}
    return render(request, "portfolio/mentorships/outcome_form.html", context)


@require_POST
def outcome_delete(request: UserRequest, pk: int) -> HttpResponse:
    outcome = _owned(request, pk)
    notify(request, "Deleted.", undo=reverse("put_back", args=[undo.delete_row(outcome).pk]))
    return redirect(_at_outcomes(outcome.mentorship))


@require_POST
def put_back(request: UserRequest, pk: int) -> HttpResponse:
    """Undo a deletion; a repeated request changes nothing."""
    row = undo.put_back_row(get_owned(Undoable, request.user, pk=pk))
    if row is None:
        notify_warning(request, "There was nothing to put back: it is there already, or what it belonged to is gone.")
        return redirect("portfolio")
    notify(request, "Back where it was.")
    if isinstance(row, EvaluationDate):
        scheduling.remind_of_evaluation(row)
        return redirect(f"{reverse('formal_terms', args=[row.terms.mentorship_id])}#evaluations")
    if isinstance(row, WhatCameOfIt):
        return redirect(_at_outcomes(row.mentorship))
    return redirect("portfolio")
