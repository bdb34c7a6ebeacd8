"""Views of needs. The page of one need is in ``need_detail``."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.converters import id_in
from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from portfolio.forms.needs import CouldHelpForm, NeedForm
from portfolio.models import CouldHelp, Need, Person


@require_safe
def needs(request: UserRequest) -> HttpResponse:
    running = Q(supports__until__isnull=True, supports__mentorship__status__in=["active", "paused"])
    thought_of = Q(could_help__state=CouldHelp.State.THOUGHT_OF)
    counted = Need.objects.for_user(request.user).annotate(
        mentors=Count("supports__mentorship", filter=running, distinct=True),
        ideas=Count("could_help", filter=thought_of, distinct=True),
    )
    rows = list(counted.order_by("-weight", "opened_on", "pk"))
    context = {"open": [n for n in rows if not n.closed_on], "closed": [n for n in rows if n.closed_on]}
    return render(request, "portfolio/needs/needs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def need_new(request: UserRequest) -> HttpResponse:
    form = NeedForm(request.user, request.POST or None, initial={"competency": request.GET.get("competency", "")})
    if request.method == "POST" and form.is_valid():
        row = form.save()
        notify(request, "Need kept.")
        return redirect(row)
    return render(request, "portfolio/needs/need_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def need_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Need, request.user, pk=pk)
    form = NeedForm(request.user, request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        notify(request, "Saved.")
        return redirect(row)
    return render(request, "portfolio/needs/need_form.html", {"form": form, "need": Need.objects.get(pk=row.pk)})


@require_POST
def need_close(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Need, request.user, pk=pk)
    wish = request.POST.get("as", "")
    if wish not in Need.ClosedAs.values:
        notify_warning(request, "Nothing was changed: say whether the need is met or dropped.")
    elif row.closed_on is None:
        row.closed_on, row.closed_as = max(request.user.today(), row.opened_on), wish
        row.save(update_fields=["closed_on", "closed_as"])
        words = "Met. Good." if wish == Need.ClosedAs.MET else "Dropped. Needs change."
        notify(request, words, undo=reverse("need_reopen", args=[row.pk]))
    return redirect(row)


@require_POST
def need_reopen(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Need, request.user, pk=pk)
    row.closed_on, row.closed_as = None, ""
    row.save(update_fields=["closed_on", "closed_as"])
    notify(request, "The need is open again.")
    return redirect(row)


@require_http_methods(["GET", "HEAD", "POST"])
def need_could_help(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Need, request.user, pk=pk)
    person = id_in(request.GET.get("person", ""))
    form = CouldHelpForm(request.user, request.POST or None, need=row, initial={"person": person})
    if request.method == "POST" and form.is_valid():
        idea = form.save()
        notify(request, f"{idea.person.name} could help with this. Noted.")
        return redirect(row)
    context = {
        "form": form,
        "need": row,
        "title": "Who could help?",
        "words": row.words,
        "back": row.get_absolute_url(),
        "nothing": form.nothing_to_choose(),
    }
    return render(request, "portfolio/needs/could_help_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person_could_help(request: UserRequest, pk: int) -> HttpResponse:
    person = get_owned(Person, request.user, pk=pk)
    form = CouldHelpForm(request.user, request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        idea = form.save()
        notify(request, f"Noted: {person.name} could help with “{idea.need.words}”.")
        return redirect(person)
    context = {
        "form": form,
        "person": person,
        "title": f"What could {person.first_name} help with?",
        "words": person.name,
        "back": person.get_absolute_url(),
        "nothing": form.nothing_to_choose(),
    }
    return render(request, "portfolio/needs/could_help_form.html", context)
