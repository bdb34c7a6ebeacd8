"""People: the list, one person's page, adding, changing, letting go."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, RestrictedError
from django.db.models.deletion import Collector
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.converters import MOST
from accounts.http import UserRequest, say
from accounts.models import User
from accounts.ownership import get_owned
from portfolio import panels
from portfolio.forms.people import ContactForm, NewPersonForm, PersonForm
from portfolio.models import Mentorship, Need, Person, PlaceToLook, Tag
from portfolio.person_page import default_step, person_for_page
from portfolio.places import SOURCE_OF

A_PAGE = 50


def id_in(text: str) -> int | None:
    """An id given in an address, or None for anything no row can have."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 0 < number <= MOST else None


@require_safe
def people(request: UserRequest) -> HttpResponse:
    q, source = request.GET.get("q", "").strip()[:200], request.GET.get("source", "")
    tag = id_in(request.GET.get("tag", ""))
    rows = Person.objects.for_user(request.user).matching(q)
    if source in Person.Source.values:
        rows = rows.filter(source=source)
    if tag:
        rows = rows.filter(tags=tag, tags__owner=request.user)
    mentor = Mentorship.objects.filter(person=OuterRef("pk")).running()
    rows = rows.defer("notes", "search_text").annotate(is_mentor=Exists(mentor)).prefetch_related("tags")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    kept = {"q": q, "source": source, "tag": tag}
    context = {
        "page": page,
        "q": q,
        "source": source,
        "tag": tag,
        "filtered": any(kept.values()),
        "sources": Person.Source.choices,
        "tags": list(Tag.objects.filter(owner=request.user)),
        "query": urlencode({key: value for key, value in kept.items() if value}),
    }
    return render(request, "portfolio/people.html", context)


@require_safe
def person(request: UserRequest, pk: int) -> HttpResponse:
    page = person_for_page(request.user, pk)
    step = panels.next_step_for_person(request.user, page.person) or default_step(page)
    context = {
        "page": page,
        "person": page.person,
        "next_step": step,
        "panels": panels.panels_for_person(request, page.person),
        "contact_form": ContactForm(request.user, prefix=""),
    }
    return render(request, "portfolio/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: UserRequest) -> HttpResponse:
    form = NewPersonForm(request.user, request.POST if request.method == "POST" else None, initial=_wished(request))
    twins: list[Person] = []
    if form.is_valid():
        with transaction.atomic():
            # Locked, so that of a double press the second one finds the first one's person.
            User.objects.select_for_update().get(pk=request.user.pk)
            twins = [] if "anyway" in request.POST else form.twins()
            row = None if twins else form.save()
        if row is not None:
            return _added(request, form, row)
    return render(request, "portfolio/person_form.html", {"form": form, "twins": twins})


def _wished(request: UserRequest) -> dict[str, Any]:
    """What the page before already knew: a need, a source, a place, a name."""
    source = request.GET.get("source", "")
    place = _place(request)
    usual = SOURCE_OF[PlaceToLook.Kind(place.kind)] if place else Person.Source.CIRCLE
    return {
        "need": id_in(request.GET.get("need", "")),
        "source": source if source in Person.Source.values else usual,
        "place": place,
        "name": request.GET.get("name", "").replace("\0", "")[:200],
    }


def _place(request: UserRequest) -> PlaceToLook | None:
    """The place somebody was found at, if the page was opened from there."""
    pk = id_in(request.GET.get("place", ""))
    return PlaceToLook.objects.for_user(request.user).filter(pk=pk).first() if pk else None


def _added(request: UserRequest, form: NewPersonForm, row: Person) -> HttpResponse:
    need: Need | None = form.cleaned_data.get("need")
    if "another" in request.POST:
        say(request, f"{row.name} is in your people. Who else?")
        wish = {"source": row.source} | ({"need": str(need.pk)} if need else {})
        if row.place_id and "place" in request.GET:
            wish["place"] = str(row.place_id)
        return redirect(f"{reverse('person_new')}?{urlencode(wish)}")
    say(request, f"{row.name} is in your people.")
    return redirect(need or (row.place if "place" in request.GET and row.place else row))


@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Person, request.user, pk=pk)
    name = row.name
    form = PersonForm(request.user, request.POST if request.method == "POST" else None, instance=row)
    twins: list[Person] = []
    if form.is_valid():
        twins = [] if "anyway" in request.POST else form.twins()
        if not twins:
            form.save()
            say(request, "Saved.")
            return redirect(row)
    return render(request, "portfolio/person_form.html", {"form": form, "twins": twins, "person": row, "name": name})


@require_http_methods(["GET", "HEAD", "POST"])
def person_delete(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Person, request.user, pk=pk)
    holding = what_holds(row)
    if holding:
        return render(request, "portfolio/person_kept.html", {"person": row, "holding": holding}, status=409)
    if request.method == "POST":
        row.delete()
        say(request, f"{row.name} is gone from your people.")
        return redirect("people")
    context = {
        "title": f"Delete {row.name}?",
        "words": "Their addresses, your notes and every contact you noted go with them. This can't be undone.",
        "button": "Delete",
        "back": row.get_absolute_url(),
        "danger": True,
    }
    return render(request, "confirm.html", context)


def what_holds(row: Person) -> list[tuple[str, str]]:
    """What would be lost if this person went, as (words, address or ""): approaches, meetings, mentorships, letters."""
    try:
        Collector(using="default").collect([row])
    except RestrictedError as error:
        return sorted({(_words(thing), _address(thing)) for thing in error.restricted_objects})
    return []


def _words(thing: models.Model) -> str:
    try:
        thing._meta.get_field("words")
    except FieldDoesNotExist:
        return str(thing)
    return f"{thing._meta.verbose_name}: {thing}".capitalize()


def _address(thing: models.Model) -> str:
    try:
        return str(thing.get_absolute_url()) if hasattr(thing, "get_absolute_url") else ""
    except NoReverseMatch:
        return ""
