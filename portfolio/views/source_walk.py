"""Views of the walk through sources: a page for each, with rows for names, and pasting a list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning, reverse_or_empty
from accounts.ownership import get_owned
from portfolio.forms.source_walk import Rows, ThoughtForm
from portfolio.models import CouldHelp, Mentorship, Need, Person, Support, WalkStop
from portfolio.panels import NextStep
from portfolio.people import source_walk as stops
from portfolio.people.bulk_add import BulkAddResult, NewPerson, add_people, who_is_new
from portfolio.people.paste_parser import again, read_list
from portfolio.people.services import note_candidate
from portfolio.people.source_walk import Stop, harvest, start_again, visit

SHOWN = 5  # of the people already added
PREVIEWED = 100
REASONS = 20
ENOUGH = 3  # with this many ideas for every need, the next step is to write to somebody


@require_safe
def walk(request: UserRequest) -> HttpResponse:
    visited = _visited(request)
    counted = Person.objects.for_user(request.user).order_by().values_list("source").annotate(Count("pk"))
    counts = dict(counted)
    upcoming = stops.after(None, visited)
    rows = [(stop, Person.Source(stop.source).label, counts.get(stop.source, 0)) for stop in stops.STOPS]
    context = {"rows": rows, "visited": visited, "next": upcoming, "label": upcoming and _label(upcoming)}
    return render(request, "portfolio/people/source_walk.html", context)


@require_POST
def walk_again(request: UserRequest) -> HttpResponse:
    start_again(user=request.user)
    notify(request, "A new walk. Everybody you found before is still there.")
    return redirect("walk_source", stops.STOPS[0].source)


@require_safe
def walk_done(request: UserRequest) -> HttpResponse:
    upcoming = stops.after(None, _visited(request))
    context = {
        "harvest": harvest(request.user),
        "step": _step_after(request),
        "left": upcoming,
        "label": upcoming and _label(upcoming),
    }
    return render(request, "portfolio/people/source_walk_done.html", context)


def _step_after(request: UserRequest) -> NextStep:
    """The open need with the fewest ideas, uncovered ones first; if each has enough, suggest writing to somebody."""
    thought_of = Count("could_help", filter=Q(could_help__state=CouldHelp.State.THOUGHT_OF))
    helped = Support.objects.filter(need=OuterRef("pk"), until=None).exclude(mentorship__status=Mentorship.Status.ENDED)
    needs = Need.objects.for_user(request.user).open().annotate(ideas=thought_of, helped=Exists(helped))
    need = needs.order_by("helped", "ideas", "-weight", "opened_on", "pk").first()
    if need is None:
        words = "Names are easier to choose from when you know what you want somebody for."
        return NextStep(words, reverse("need_new"), button="Name what you need")
    ideas = need.could_help.filter(state=CouldHelp.State.THOUGHT_OF).count()
    outreach = reverse_or_empty("outreach")
    if ideas < ENOUGH or not outreach:
        many = {0: "No idea yet", 1: "One idea so far", 2: "Two ideas so far"}.get(ideas, f"{ideas} ideas")
        return NextStep(f"{many} for “{need.words}”.", need.get_absolute_url(), button="Who could help with it?")
    words = "Every need has some ideas by now. Choose one of them, and ask for a quarter of an hour."
    return NextStep(words, outreach, button="Go to outreach")


def _visited(request: UserRequest) -> set[str]:
    return set(WalkStop.objects.for_user(request.user).values_list("source", flat=True))


def _label(stop: Stop) -> str:
    return str(Person.Source(stop.source).label)


def _stop(source: str) -> Stop:
    if source not in stops.BY_SOURCE:
        raise Http404
    return stops.BY_SOURCE[source]


def _open_needs(request: UserRequest) -> list[Need]:
    return list(Need.objects.for_user(request.user).open().order_by("-weight", "opened_on", "pk"))


@require_http_methods(["GET", "HEAD", "POST"])
def walk_source(request: UserRequest, source: str) -> HttpResponse:
    stop = _stop(source)
    needs = _open_needs(request)
    rows = Rows(needs, request.POST if request.method == "POST" else None)
    if request.method == "POST" and rows.is_valid():
        wish = request.POST.get("prompt", "")
        prompt = stops.prompt_of(stop, wish)
        taken = add_people(user=request.user, source=stop.source, names=rows.names(prompt.detail if prompt else ""))
        _tell(request, taken)
        return _onward(request, stop, wish if prompt else "")
    return _page(request, stop, needs, rows)


def _page(request: UserRequest, stop: Stop, needs: list[Need], rows: Rows, **more: Any) -> HttpResponse:
    here = Person.objects.for_user(request.user).filter(source=stop.source)
    thoughts = CouldHelp.objects.filter(state=CouldHelp.State.THOUGHT_OF).select_related("need").order_by("pk")
    latest = here.defer("notes", "search_text").order_by("-created_at", "-pk")[:SHOWN]
    taken = list(latest.prefetch_related(Prefetch("could_help", thoughts, "thoughts")))
    visited = _visited(request) | {stop.source}
    upcoming = stops.after(stop, visited)
    context = {
        "stop": stop,
        "label": _label(stop),
        "number": stops.number_of(stop),
        "of": len(stops.STOPS),
        "before": stops.before(stop),
        "next": upcoming and _label(upcoming),
        "taken": [(person, ThoughtForm(needs, auto_id=f"help{person.pk}_%s")) for person in taken],
        "count": here.count(),
        "rows": rows,
        "needs": needs,
        "prompt": request.POST.get("prompt", request.GET.get("prompt", ""))[:2],
        **more,
    }
    return render(request, "portfolio/people/source_walk_source.html", context)


def _tell(request: UserRequest, taken: BulkAddResult) -> None:
    if taken.added:
        names = [person.name for person in taken.added]
        who = names[0] if len(names) == 1 else f"{len(names)} people" if len(names) > 3 else _listed(names)
        notify(request, f"{who} {'is' if len(names) == 1 else 'are'} in your people.")
    if taken.there:
        names = list(dict.fromkeys(taken.there))
        who = _listed(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        notify_warning(request, f"Among your people already, so not added twice: {who}.")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _onward(request: UserRequest, stop: Stop, prompt: str) -> HttpResponse:
    """Redirect for "Keep these names", "Go on", "Back" and "Stop here"."""
    wish = request.POST.get("go", "")
    if wish == "stop":
        return redirect("walk")
    if wish == "back":
        return redirect("walk_source", (stops.before(stop) or stop).source)
    if wish == "on":
        upcoming = stops.after(stop, _visited(request))
        return redirect("walk_source", upcoming.source) if upcoming else redirect("walk_done")
    address = reverse("walk_source", args=[stop.source])
    return redirect(f"{address}?{urlencode({'prompt': prompt})}#names" if prompt else f"{address}#names")


@require_POST
def walk_paste(request: UserRequest, source: str) -> HttpResponse:
    """Preview a pasted list, then add it. Unreadable parts stay in the text area."""
    stop = _stop(source)
    reading = read_list(f"{request.POST.get('kept', '')}\n{request.POST.get('paste', '')}")
    if not reading.people and not reading.unread:
        notify_warning(request, "Nothing was pasted, so nothing was added.")
        return redirect("walk_source", stop.source)
    new, there = who_is_new(request.user, reading.people)
    if "add" in request.POST:
        names = [NewPerson(one.name, one.address, "From a pasted list") for one in new]
        _tell(request, add_people(user=request.user, source=stop.source, names=names))
        if not reading.unread:
            return redirect(f"{reverse('walk_source', args=[stop.source])}#names")
        new, there = [], []
    context = {
        "stop": stop,
        "label": _label(stop),
        "new": new[:PREVIEWED],
        "new_count": len(new),
        "there": there[:PREVIEWED],
        "there_count": len(there),
        "twins": len(reading.twins),
        "unread": reading.unread[:REASONS],
        "unread_count": len(reading.unread),
        "kept": again(tuple(new)),
        "box": "\n".join(piece.text for piece in reading.unread),
    }
    return render(request, "portfolio/people/source_walk_paste.html", context)


@require_POST
def walk_could_help(request: UserRequest, pk: int) -> HttpResponse:
    """Record inline what a person already added could help with."""
    person = get_owned(Person, request.user, pk=pk)
    form = ThoughtForm(_open_needs(request), request.POST)
    if not form.is_valid() or not form.cleaned_data["need"]:
        notify_warning(
            request, f"Nothing was noted for {person.name}: choose an open need, and say why in 300 letters at most."
        )
    else:
        need: Need = form.cleaned_data["need"]
        note_candidate(person=person, need=need, why=form.cleaned_data["why"])
        if not request.htmx:  # with htmx, the row itself shows it
            notify(request, f"Noted: {person.name} could help with “{need.words}”.")
    visit(user=request.user, source=person.source)
    return redirect(f"{reverse('walk_source', args=[person.source])}#taken-{person.pk}")
