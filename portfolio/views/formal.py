"""Views of formal programmes: terms, evaluation dates, and turning informal."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest, ask_first, notify, notify_warning, way_back
from accounts.ownership import get_owned
from portfolio.forms.formal import EvaluationForm, TermsForm, TurnInformalForm
from portfolio.mentorships import formal, scheduling
from portfolio.models import EvaluationDate, FormalTerms, Mentorship
from portfolio.people import undo


def _owned(request: UserRequest, pk: int) -> Mentorship:
    rows = Mentorship.objects.select_related("person", "formal_terms")
    row = get_owned(rows, request.user, pk=pk)
    row.owner = request.user
    return row


def _evaluation(request: UserRequest, pk: int) -> EvaluationDate:
    evaluation = get_owned(EvaluationDate.objects.select_related("terms__mentorship"), request.user, pk=pk)
    evaluation.owner = request.user
    return evaluation


def _terms_of(row: Mentorship) -> FormalTerms | None:
    return getattr(row, "formal_terms", None)


def _page(
    request: UserRequest, row: Mentorship, form: TermsForm | None = None, evaluation_form: EvaluationForm | None = None
) -> HttpResponse:
    """The whole page; a bound form with errors replaces the empty one."""
    terms = _terms_of(row)
    wrong = form is not None or evaluation_form is not None
    context = {
        "mentorship": row,
        "person": row.person,
        "terms": terms,
        "evaluations": list(terms.evaluations.all()) if terms else [],
        "form": form or TermsForm(row, instance=terms),
        "evaluation_form": evaluation_form or (EvaluationForm(terms) if terms else None),
        "today": request.user.today(),
    }
    return render(request, "portfolio/mentorships/formal_terms.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def formal_terms(request: UserRequest, pk: int) -> HttpResponse:
    """Show and change the terms of the programme; saving them for the first time makes the mentorship formal."""
    row = _owned(request, pk)
    if request.method != "POST":
        return _page(request, row)
    first = _terms_of(row) is None
    form = TermsForm(row, request.POST, instance=_terms_of(row) or FormalTerms(owner=request.user, mentorship=row))
    if not form.is_valid():
        return _page(request, row, form=form)
    formal.set_down(mentorship=row, terms=form.save(commit=False))
    if first:
        notify(request, "Kept. If the programme has dates on which it asks how it goes, add them here.")
        return redirect(f"{reverse('formal_terms', args=[row.pk])}#evaluations")
    notify(request, "Saved.")
    return redirect(row)


@require_http_methods(["GET", "HEAD", "POST"])
def formal_remove(request: UserRequest, pk: int) -> HttpResponse:
    """Delete the terms of a programme that was never formal, after confirmation."""
    row = _owned(request, pk)
    if request.method == "POST":
        formal.never_formal(mentorship=row)
        notify(request, f"Your mentoring with {row.person.name} is informal. The programme’s terms are gone.")
        return redirect(row)
    return ask_first(
        request,
        title="Was it never a formal programme?",
        words="The programme’s terms and evaluation dates go, and this can’t be undone. If the programme is over "
        "and you go on, say on the mentorship’s page that it has turned informal: then the terms stay.",
        button="Take the terms out",
        back=reverse("formal_terms", args=[row.pk]),
        danger=True,
    )


@require_POST
def mentorship_turn_informal(request: UserRequest, pk: int) -> HttpResponse:
    """Turn it informal on the given date, default today."""
    row = _owned(request, pk)
    if row.form != Mentorship.Form.FORMAL:
        notify_warning(request, "This mentorship is informal already. Nothing was changed.")
        return redirect(row)
    if row.status == Mentorship.Status.ENDED:
        notify_warning(request, "This mentorship has ended, so it stays formal as it was.")
        return redirect(row)
    form = TurnInformalForm(request.user, row, request.POST)
    if not form.is_valid():
        context = {"form": form, "mentorship": row, "person": row.person}
        return render(request, "portfolio/mentorships/turn_informal.html", context, status=422)
    formal.turn_informal(mentorship=row, on=form.cleaned_data["on"])
    undo = reverse("mentorship_formal_again", args=[row.pk])
    notify(request, "Informal from now on. What the programme set down stays here to read.", undo=undo)
    return redirect(row)


@require_POST
def mentorship_formal_again(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    if formal.formal_again(mentorship=row):
        notify(request, "Taken back: it is part of the programme still.")
    return redirect(row)


@require_POST
def evaluation_add(request: UserRequest, pk: int) -> HttpResponse:
    """``pk`` is the mentorship's."""
    row = _owned(request, pk)
    terms = _terms_of(row)
    back = f"{reverse('formal_terms', args=[row.pk])}#evaluations"
    if terms is None:
        notify_warning(request, "Write down first which programme it is. No date was kept.")
        return redirect(back)
    terms.mentorship = row
    form = EvaluationForm(terms, request.POST)
    if not form.is_valid():
        return _page(request, row, evaluation_form=form)
    evaluation = form.save()
    evaluation.owner, evaluation.terms = request.user, terms
    scheduling.remind_of_evaluation(evaluation)
    notify(request, "Kept.")
    return redirect(back)


def _back(request: UserRequest, evaluation: EvaluationDate) -> HttpResponse:
    page = reverse("formal_terms", args=[evaluation.terms.mentorship_id])
    return redirect(way_back(request, f"{page}#evaluations"))


@require_POST
def evaluation_done(request: UserRequest, pk: int) -> HttpResponse:
    evaluation = _evaluation(request, pk)
    if evaluation.done_on is None:
        formal.mark_done(evaluation=evaluation, on=request.user.today())
        notify(request, "Noted: the evaluation is done.", undo=reverse("evaluation_undone", args=[pk]))
    return _back(request, evaluation)


@require_POST
def evaluation_undone(request: UserRequest, pk: int) -> HttpResponse:
    evaluation = _evaluation(request, pk)
    formal.mark_done(evaluation=evaluation, on=None)
    notify(request, "Open again.")
    return _back(request, evaluation)


@require_POST
def evaluation_remove(request: UserRequest, pk: int) -> HttpResponse:
    evaluation = _evaluation(request, pk)
    scheduling.forget_evaluation(evaluation)
    back = _back(request, evaluation)
    notify(request, "Taken out.", undo=reverse("put_back", args=[undo.delete_row(evaluation).pk]))
    return back
