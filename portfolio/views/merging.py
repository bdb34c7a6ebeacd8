"""The view for merging two records of one person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.converters import id_in
from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from portfolio.forms.merging import MergeForm
from portfolio.models import Person
from portfolio.people.merging import CannotMerge, merge, obstacles, what_moves
from portfolio.people.services import likely_twins
from portfolio.views.people import address_of

FOUND = 20


@require_http_methods(["GET", "HEAD", "POST"])
def person_merge(request: UserRequest, pk: int) -> HttpResponse:
    """Choose the other record, compare both, then merge."""
    kept = get_owned(Person.objects.select_related("place"), request.user, pk=pk)
    wish = (request.POST if request.method == "POST" else request.GET).get("other", "")
    if not wish and request.method != "POST":
        return _choose(request, kept)
    other = Person.objects.for_user(request.user).select_related("place").filter(pk=id_in(wish) or 0).first()
    if other is None:
        notify_warning(request, "The other one is not among your people, or not any more. Nothing was changed.")
        return redirect(kept)
    if other == kept:
        notify_warning(request, "That is one and the same record. Choose two different ones.")
        return redirect("person_merge", kept.pk)
    form = MergeForm(kept, other, request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            merge(kept=kept, other=other, choices=form.cleaned_data, on=request.user.today())
        except CannotMerge as error:
            status = 409
            if not error.obstacles:
                notify_warning(request, str(error))
                return redirect("people")
        else:
            notify(request, "The two are one now. Everything that hung on them is here.")
            return redirect(kept)
    return _side_by_side(request, form, status)


def _choose(request: UserRequest, kept: Person) -> HttpResponse:
    q = request.GET.get("q", "").replace("\0", " ").strip()[:200]
    if q:
        found = Person.objects.for_user(request.user).matching(q).exclude(pk=kept.pk)[:FOUND]
    else:
        found = likely_twins(kept)[:FOUND]
    return render(request, "portfolio/people/merge_choose.html", {"person": kept, "q": q, "found": found})


def _side_by_side(request: UserRequest, form: MergeForm, status: int) -> HttpResponse:
    standing = [
        (obstacle.words, [(str(row), address_of(row)) for row in obstacle.rows])
        for obstacle in obstacles(form.kept, form.other)
    ]
    context = {
        "form": form,
        "kept": form.kept,
        "other": form.other,
        "moving": what_moves(form.other),
        "obstacles": standing,
        "swap": f"{reverse('person_merge', args=[form.other.pk])}?other={form.kept.pk}",
    }
    return render(request, "portfolio/people/merge.html", context, status=status)
