"""The page of one need: who supports it, who could help and why, and a button for each next step."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.compiled_queries import compiled
from accounts.converters import id_in
from accounts.http import UserRequest, notify, reverse_or_empty, way_back
from accounts.ownership import get_owned
from portfolio.models import CouldHelp, Need, Person, Reflection, Support
from portfolio.needs.candidates import MOST, Found, dismissed_for, who_could_help
from portfolio.needs.next_step import gap_step
from portfolio.panels import NextStep
from portfolio.people.services import dismiss, undismiss

FIRST = 10  # candidates shown until the user asks for more


@require_safe
def need(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Need, request.user, pk=pk)
    supports = _supports(row.pk)
    supporters = [support.mentorship.person.name for support in supports]
    # A closed need has no suggestions, but still shows the user's ideas.
    shown = MOST if request.GET.get("more") else FIRST
    found = Found() if row.closed_on else who_could_help(request.user, row)
    context = {
        "need": row,
        "supports": supports,
        "candidates": found.candidates[:shown],
        "more": len(found.candidates) - FIRST if shown == FIRST else 0,
        "many_more": found.may_be_more,
        "notes_encrypted": settings.ENCRYPT_NOTES,
        "dismissed": [] if row.closed_on else dismissed_for(row),
        "ideas": list(_thoughts(row)) if row.closed_on else [],
        "next_step": None if row.closed_on else _next_step(row, supporters, found),
        "introduce": reverse_or_empty("introduction_open"),
        "shortlist": reverse_or_empty("approach_open"),
        "reflections": _reflections(request.user.pk, row.pk),
    }
    return render(request, "portfolio/needs/need.html", context)


@compiled
def _supports(need: int) -> QuerySet[Support]:
    running = Support.objects.filter(need=need, until__isnull=True).exclude(mentorship__status="ended")
    shown = ("strength", "since", "mentorship__status", "mentorship__person__name")
    return running.select_related("mentorship__person").only(*shown).order_by("-strength", "pk")


@compiled
def _reflections(owner: int, need: int) -> QuerySet[Reflection]:
    return Reflection.objects.filter(owner=owner, links__need=need)


def _thoughts(row: Need) -> list[CouldHelp]:
    thoughts = CouldHelp.objects.filter(need=row, state=CouldHelp.State.THOUGHT_OF)
    return list(thoughts.select_related("person").order_by("created_at", "pk"))


def _next_step(row: Need, supporters: list[str], found: Found) -> NextStep | None:
    urls = {name: reverse_or_empty(name) for name in ("introduction_open", "approach_open")}
    return gap_step(row.pk, supporters, found, urls)


@require_POST
def suggestion_dismiss(request: UserRequest, pk: int) -> HttpResponse:
    """Dismiss this person for this need, whether an idea or a suggestion."""
    row = get_owned(Need, request.user, pk=pk)
    person = get_object_or_404(Person.objects.for_user(request.user), pk=id_in(request.POST.get("person", "")) or 0)
    idea = dismiss(person=person, need=row)
    notify(request, f"Not {person.name}, then.", undo=reverse("could_help_restore", args=[idea.pk]))
    return redirect(way_back(request, row.get_absolute_url()))


@require_POST
def could_help_dismiss(request: UserRequest, pk: int) -> HttpResponse:
    idea = get_owned(CouldHelp.objects.select_related("need", "person"), request.user, pk=pk)
    dismiss(person=idea.person, need=idea.need)
    notify(request, f"Not {idea.person.name}, then.", undo=reverse("could_help_restore", args=[idea.pk]))
    return redirect(way_back(request, idea.need.get_absolute_url()))


@require_POST
def could_help_restore(request: UserRequest, pk: int) -> HttpResponse:
    idea = get_owned(CouldHelp.objects.select_related("need", "person"), request.user, pk=pk)
    undismiss(idea)
    notify(request, f"{idea.person.name} is on the list again.")
    return redirect(idea.need)
