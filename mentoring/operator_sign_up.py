"""The operator's page for links with which people can sign up: those that are good, making one, and ending one."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import sign_up
from accounts.http import UserRequest, notify, notify_warning
from accounts.models import SignUpLink
from accounts.recent_sign_in import RECENT
from mentoring.operator import staff_only, staff_only_within

A_PAGE = 20
CLOSED = "Signing up is closed on this site, so a link would let nobody in."


class LinkForm(forms.Form):
    note = forms.CharField(
        label="Who is it for?",
        max_length=200,
        required=False,
        help_text="Only seen on this page.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    uses = forms.IntegerField(
        label="For how many accounts?",
        min_value=1,
        max_value=sign_up.MOST_USES,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    days = forms.IntegerField(
        label="For how many days?",
        min_value=1,
        max_value=sign_up.MOST_DAYS,
        initial=14,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


@require_safe
@staff_only
def operator_links(request: UserRequest) -> HttpResponse:
    return _page(request, LinkForm())


def _page(request: UserRequest, form: LinkForm) -> HttpResponse:
    page = Paginator(sign_up.usable().order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    past = SignUpLink.objects.exclude(pk__in=sign_up.usable().values("pk")).order_by("-pk")
    made = request.GET.get("made", "")
    context = {
        "form": form,
        "page": page,
        "links": [(link, sign_up.address_of(link), str(link.pk) == made) for link in page],
        "past": past[:A_PAGE],
        "past_count": past.count(),
    }
    return render(request, "pages/operator_links.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff_only_within(RECENT)
def operator_link_make(request: UserRequest) -> HttpResponse:
    if settings.SIGN_UP == "closed":
        notify_warning(request, CLOSED)
        return redirect("operator_links")
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    link = sign_up.make_link(**form.cleaned_data)
    notify(request, "The link is made. Copy its address and send it to them.")
    return redirect(f"{reverse('operator_links')}?made={link.pk}")


@require_POST
@staff_only_within(RECENT)
def operator_link_end(request: UserRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(SignUpLink, pk=pk)
    if sign_up.end_link(number=link.pk):
        notify(request, "That link lets nobody in any more. Accounts made with it stay.")
    else:
        notify_warning(request, "That link was no longer good already.")
    return redirect("operator_links")
