"""Views of one person: page, adding, changing, deleting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.converters import id_in
from accounts.http import UserRequest, notify
from accounts.models import User
from accounts.ownership import get_owned
from accounts.words import in_figures
from portfolio import panels
from portfolio.forms.people import NewPersonForm, PersonForm, blank_contact_form
from portfolio.models import Need, Person, PlaceToLook
from portfolio.people import erasing
from portfolio.people.deletion import delete_people, what_holds
from portfolio.people.detail import default_step, person_for_page
from portfolio.people.places import SOURCE_OF


@require_safe
def person(request: UserRequest, pk: int) -> HttpResponse:
    page = person_for_page(request.user, pk)
    shown = panels.panels_for_person(request, page.person)
    step = panels.next_step_for_person(request.user, page.person, shown) or default_step(page)
    context = {
        "page": page,
        "person": page.person,
        "next_step": step,
        "panels": shown,
        "contact_form": blank_contact_form(),
    }
    return render(request, "portfolio/people/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: UserRequest) -> HttpResponse:
    form = NewPersonForm(request.user, request.POST if request.method == "POST" else None, initial=_wished(request))
    twins: list[Person] = []
    if form.is_valid():
        with transaction.atomic():
            # Lock the user, so that a concurrent second request finds the first one's person.
            User.objects.select_for_update().get(pk=request.user.pk)
            twins = [] if "anyway" in request.POST else form.twins()
            row = None if twins else form.save()
        if row is not None:
            return _added(request, form, row)
    return render(request, "portfolio/people/person_form.html", {"form": form, "twins": twins})


def _wished(request: UserRequest) -> dict[str, Any]:
    """Initial values from the query string: a need, a source, a place, a name."""
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
    """The place where the person was found, if the form was opened from its page."""
    pk = id_in(request.GET.get("place", ""))
    return PlaceToLook.objects.for_user(request.user).filter(pk=pk).first() if pk else None


def _added(request: UserRequest, form: NewPersonForm, row: Person) -> HttpResponse:
    need: Need | None = form.cleaned_data.get("need")
    if "another" in request.POST:
        notify(request, f"{row.name} is in your people. Who else?")
        wish = {"source": row.source} | ({"need": str(need.pk)} if need else {})
        if row.place_id and "place" in request.GET:
            wish["place"] = str(row.place_id)
        return redirect(f"{reverse('person_new')}?{urlencode(wish)}")
    notify(request, f"{row.name} is in your people.")
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
            notify(request, "Saved.")
            return redirect(row)
    return render(
        request, "portfolio/people/person_form.html", {"form": form, "twins": twins, "person": row, "name": name}
    )


@require_POST
def person_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete without confirmation, because it can be undone. Refused, with reasons, if there is shared history."""
    row = get_owned(Person, request.user, pk=pk)
    done = delete_people(owner=request.user, ids=[row.pk])
    if done.undoable is None:
        holding = [(_words(thing), address_of(thing)) for thing in what_holds(row)]
        return render(request, "portfolio/people/person_kept.html", {"person": row, "holding": holding}, status=409)
    notify(request, f"{row.name} is gone from your people.", undo=reverse("people_undo", args=[done.undoable.pk]))
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
def person_erase(request: UserRequest, pk: int) -> HttpResponse:
    """Erase somebody who asks for it, with all shared history and for good; the page says first what goes."""
    row = get_owned(Person, request.user, pk=pk)
    if request.method == "POST":
        replaced = erasing.erase(person=row, replace=request.POST.getlist("mention"))
        where = f" Their name is replaced in {in_figures(replaced, 'place', 'places')}." if replaced else ""
        notify(request, f"Everything about them is erased.{where}")
        return redirect("people")
    gone = erasing.what_goes(row)
    context = {
        "person": row,
        "numbers": erasing.numbers(row, gone),
        "mentions": erasing.mentions(row, gone),
        "namesakes": Person.objects.for_user(request.user).called(row.name).exclude(pk=pk),
        "replacement": erasing.SOMEONE,
    }
    return render(request, "portfolio/people/person_erase.html", context)


def _words(thing: models.Model) -> str:
    try:
        thing._meta.get_field("words")
    except FieldDoesNotExist:
        return str(thing)
    return f"{thing._meta.verbose_name}: {thing}".capitalize()


def address_of(thing: models.Model) -> str:
    """The URL of a row of any app; empty if it has no page."""
    return str(thing.get_absolute_url()) if hasattr(thing, "get_absolute_url") else ""
