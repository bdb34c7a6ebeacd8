"""Views of places to look: the list, one place, and changes of state."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, ask_first, notify, notify_warning, way_back
from accounts.models import User
from accounts.ownership import get_owned
from portfolio.forms.places import AgainForm, NewPlaceForm, PlaceForm
from portfolio.models import Person, PlaceToLook, Reflection
from portfolio.people import places as verbs
from portfolio.people.places import Kind, Standing, State

A_PAGE = PEOPLE_SHOWN = 50
NO_DAY = "none"


@require_safe
def places(request: UserRequest) -> HttpResponse:
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    kind, state = kind if kind in Kind.values else "", state if state in State.values else ""
    rows, any_at_all = verbs.listed(request.user, kind=kind, state=state)
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({name: value for name, value in (("kind", kind), ("state", state)) if value}),
        "any_at_all": any_at_all,
        "kind": kind,
        "state": state,
        "kinds": Kind.choices,
        "states": State.choices,
        "explained": [(Kind(value).label, words) for value, words in verbs.WHAT_IT_IS.items()],
        "starters": verbs.STARTERS,
    }
    return render(request, "portfolio/people/places.html", context)


@require_POST
def places_start(request: UserRequest) -> HttpResponse:
    """Add the chosen suggestions as places to look at."""
    kept = verbs.keep_starters(user=request.user, keys=request.POST.getlist("starter"))
    if kept:
        notify(request, "One place to look at." if len(kept) == 1 else f"{len(kept)} places to look at.")
    else:
        notify_warning(request, "Nothing was added: tick at least one that you don’t keep yet.")
    return redirect("places")


@require_safe
def place(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(PlaceToLook, request.user, pk=pk)
    return _page(request, row, AgainForm(request.user))


def _page(request: UserRequest, row: PlaceToLook, again: AgainForm, status: int = 200) -> HttpResponse:
    found = Person.objects.for_user(request.user).filter(place=row).defer("notes", "search_text")
    shown = list(found[: PEOPLE_SHOWN + 1])
    context = {
        "place": row,
        "what_it_is": verbs.WHAT_IT_IS[Kind(row.kind)],
        "is_due": verbs.is_due(row, request.user.today()),
        "people": shown[:PEOPLE_SHOWN],
        "count": len(shown) if len(shown) <= PEOPLE_SHOWN else found.count(),
        "again": again,
        "reflections": list(Reflection.objects.for_user(request.user).filter(links__place=row)),
    }
    return render(request, "portfolio/people/place.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def place_new(request: UserRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    wished = {"kind": kind if kind in Kind.values else Kind.REGISTER}
    form = NewPlaceForm(request.user, request.POST if request.method == "POST" else None, initial=wished)
    twin: PlaceToLook | None = None
    if form.is_valid():
        with transaction.atomic():
            # Lock the user, so that a concurrent second request finds the first one's place.
            User.objects.select_for_update().get(pk=request.user.pk)
            twin = None if "anyway" in request.POST else form.twin()
            row = None if twin else form.save()
        if row is not None:
            notify(request, f"{row.name} is among your places to look.")
            return redirect(row)
    return render(request, "portfolio/people/place_form.html", {"form": form, "twin": twin})


@require_http_methods(["GET", "HEAD", "POST"])
def place_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(PlaceToLook, request.user, pk=pk)
    name = row.name
    form = PlaceForm(request.user, request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        # Don't write state and date, which another form may have changed meanwhile.
        form.instance.save(update_fields=PlaceForm.Meta.fields)
        notify(request, "Saved.")
        return redirect(row)
    return render(request, "portfolio/people/place_form.html", {"form": form, "place": row, "name": name})


@require_http_methods(["GET", "HEAD", "POST"])
def place_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete it, after confirmation."""
    row = get_owned(PlaceToLook, request.user, pk=pk)
    if request.method == "POST":
        count = verbs.forget(place=row)
        notify(request, f"{row.name} is gone. {_staying(count, 'stays', 'stay')}".strip())
        return redirect("places")
    count = Person.objects.for_user(request.user).filter(place=row).count()
    kept = _staying(count, "stays", "stay")
    return ask_first(
        request,
        title=f"Delete {row.name}?",
        words=f"The link and your notes go with it. {kept} This can’t be undone.".replace("  ", " "),
        button="Delete",
        back=row.get_absolute_url(),
        danger=True,
    )


def _staying(count: int, one: str, several: str) -> str:
    if not count:
        return ""
    who = "The person you found there" if count == 1 else f"The {count} people you found there"
    return f"{who} {one if count == 1 else several} among your people."


@require_POST
def place_state(request: UserRequest, pk: int) -> HttpResponse:
    """Set the state with one click: looked, joined, left, or to look at."""
    row = get_owned(PlaceToLook, request.user, pk=pk)
    state = request.POST.get("state", "")
    if state not in State.values:
        notify_warning(request, "Nothing was changed: say whether you looked, joined or left.")
    else:
        before = verbs.mark(place=row, state=state)
        if before != Standing(row.state, row.look_again_on):
            notify(request, f"{row.name}: {verbs.SAYING[State(state)]}", undo=_undo(row, before))
    return redirect(way_back(request, row.get_absolute_url()))


@require_POST
def place_look_again(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(PlaceToLook, request.user, pk=pk)
    form = AgainForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    on: dt.date | None = form.cleaned_data["look_again_on"]
    before = verbs.look_again(place=row, on=on)
    if before.look_again_on != on:
        words = f"Look at {row.name} again on {on:%-d %B %Y}." if on else f"No day is set to look at {row.name} again."
        notify(request, words, undo=_undo(row, before))
    return redirect(row)


def _undo(row: PlaceToLook, before: Standing) -> str:
    on = f"{before.look_again_on}" if before.look_again_on else NO_DAY
    return reverse("place_restore", args=[row.pk, before.state, on])


@require_POST
def place_restore(request: UserRequest, pk: int, state: str, on: str) -> HttpResponse:
    """Undo a change of state; the URL contains the previous state."""
    row = get_owned(PlaceToLook, request.user, pk=pk)
    try:
        day = None if on == NO_DAY else dt.date.fromisoformat(on)
    except ValueError:
        raise Http404 from None
    if state not in State.values:
        raise Http404
    verbs.stand(place=row, state=state, look_again_on=day)
    notify(request, f"{row.name} is as it was.")
    return redirect(row)
