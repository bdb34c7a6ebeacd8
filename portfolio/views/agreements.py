"""Views of the working agreement, which both could sign."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import UserRequest, notify
from accounts.ownership import get_owned
from portfolio.forms.agreements import AgreementForm
from portfolio.models import Mentorship


def _owned(request: UserRequest, pk: int) -> Mentorship:
    row = get_owned(Mentorship.objects.select_related("person"), request.user, pk=pk)
    row.owner = request.user
    return row


@require_safe
def agreement(request: UserRequest, pk: int) -> HttpResponse:
    """The agreement alone, for reading and printing."""
    row = _owned(request, pk)
    return render(request, "portfolio/mentorships/agreement.html", {"mentorship": row, "person": row.person})


@require_http_methods(["GET", "HEAD", "POST"])
def agreement_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = _owned(request, pk)
    form = AgreementForm(request.user, request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        form.save()
        notify(request, f"Saved. Show it to {row.person.first_name} before you call it agreed.")
        return redirect("agreement", row.pk)
    return render(
        request, "portfolio/mentorships/agreement_form.html", {"form": form, "mentorship": row, "person": row.person}
    )
