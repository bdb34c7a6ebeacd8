"""Views after no answer or a no: thank them, let it rest, or look at the next person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from outreach.approaches import next_candidates
from outreach.forms.approaches import RestForm
from outreach.forms.research import SuggestedForm
from outreach.models import Approach
from portfolio.errors import PortfolioError
from portfolio.people.mentions import Mention, keep_mentioned

Outcome = Approach.Outcome
NO = {Outcome.DECLINED, Outcome.NOT_NOW}


def _approach(request: UserRequest, pk: int) -> Approach:
    return get_owned(Approach.objects.select_related("person", "owner"), request.user, pk=pk)


@require_safe
def approach_silence(request: UserRequest, pk: int) -> HttpResponse:
    """They have not answered. Not available if the approach rests, or has ended otherwise."""
    found = _approach(request, pk)
    if not found.is_open and found.outcome != Outcome.NO_ANSWER:
        return redirect(found)
    return render(request, "outreach/approaches/approach_silence.html", _context(request, found))


@require_safe
def approach_no(request: UserRequest, pk: int) -> HttpResponse:
    """They said no, or not now."""
    found = _approach(request, pk)
    if found.outcome not in NO:
        return redirect(found)
    return render(
        request, "outreach/approaches/approach_no.html", {**_context(request, found), "suggested": SuggestedForm()}
    )


def _context(request: UserRequest, approach: Approach) -> dict[str, object]:
    return {
        "approach": approach,
        "names": next_candidates.next_candidates_for(request.user, approach),
        "months": RestForm.MONTHS,
        "not_now": approach.outcome == Outcome.NOT_NOW,
    }


@require_POST
def approach_suggested(request: UserRequest, pk: int) -> HttpResponse:
    """Add a person they suggested, and record that they know them."""
    found = _approach(request, pk)
    form = SuggestedForm(request.POST)
    if form.is_valid():
        need = found.needs.filter(closed_on__isnull=True).first()
        mention = Mention(form.cleaned_data["name"], form.cleaned_data["about"])
        try:
            kept = keep_mentioned(by=found.person, mentions=[mention], need=need)
        except PortfolioError as error:
            form.add_error("name", str(error))
        else:
            new = "is among your people now" if kept.new else "was among your people already"
            notify(request, f"{mention.name} {new}: {found.person.first_name} suggested them.")
            return redirect("approach_no" if found.outcome in NO else "approach", pk)
    if found.outcome not in NO:
        notify_warning(request, "Write the name of whom they suggested. Nothing was changed.")
        return redirect(found)
    return render(
        request, "outreach/approaches/approach_no.html", {**_context(request, found), "suggested": form}, status=422
    )
