"""Views of introductions: the list, one introduction, and each step that changes it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, ask_first, notify, notify_warning, way_back
from accounts.ownership import get_owned
from outreach.errors import OutreachError
from outreach.forms.introductions import IntroductionForm, MoveForm
from outreach.introductions import services
from outreach.models import Introduction, Message
from outreach.selectors import introductions as reading
from portfolio.models import Person

State = Introduction.State
SAID = {
    State.ASKED: "Noted: you asked {by}.",
    State.AGREED: "Good. {by} will introduce you to {to}.",
    State.MADE: "{by} has introduced you to {to}. Write to {to} within a day or two.",
    State.DECLINED: "Noted. {by} had reasons, and a no is an answer too.",
    State.NO_ANSWER: "Noted. Silence is mostly about full diaries.",
}


def _introduction(request: UserRequest, pk: int, rows: QuerySet[Introduction] | None = None) -> Introduction:
    if rows is None:
        rows = Introduction.objects.select_related("target", "introducer", "owner")
    return get_owned(rows, request.user, pk=pk)


@require_safe
def introductions(request: UserRequest) -> HttpResponse:
    rows = reading.rows(reading.with_situation(request.user)[:500], request.user)
    groups = [(state, [row for row in rows if row.introduction.state == state.value]) for state in State]
    context = {
        "open": [(state, members) for state, members in groups if members and state in Introduction.OPEN],
        "closed": [(state, members) for state, members in groups if members and state not in Introduction.OPEN],
        "any": bool(rows),
    }
    return render(request, "outreach/introductions/introductions.html", context)


@require_safe
def introduction(request: UserRequest, pk: int) -> HttpResponse:
    found = _introduction(request, pk, reading.with_situation(request.user))
    row = reading.row(found)
    course = [State.CONSIDERED, State.ASKED, State.AGREED, State.MADE]
    reached = services.before(found) if found.state in {State.DECLINED, State.NO_ANSWER} else found.state
    context = {
        "introduction": found,
        "row": row,
        "course": [(state.label, course.index(state) - course.index(State(reached))) for state in course],
        "onwards": [(state, State(state).label) for state in services.ONWARDS[found.state]],
        "messages_sent": list(found.messages.exclude(state=Message.State.DRAFT).order_by("at")),
        "can_undo": bool(services.before(found)),
    }
    return render(request, "outreach/introductions/introduction.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def introduction_open(request: UserRequest) -> HttpResponse:
    """Open an introduction: a one-click POST from a page that names both people, or a form that asks for them."""
    if request.method != "POST":
        get = request.GET.get
        wish = {"target": get("target"), "introducer": get("introducer"), "need": get("need")}
        return _ask_for_both(request, IntroductionForm(request.user, initial=wish))
    form = IntroductionForm(request.user, request.POST)
    if not form.is_valid():
        if "next" in request.POST:
            raise Http404
        return _ask_for_both(request, form)
    answer = form.cleaned_data
    try:
        found, new = services.open_introduction(**answer)
    except OutreachError as error:
        if "next" in request.POST:
            notify_warning(request, str(error))
            return redirect(way_back(request, answer["target"].get_absolute_url()))
        form.add_error(None, str(error))
        return _ask_for_both(request, form)
    if new:
        notify(request, f"Kept. Nothing is sent: ask {found.introducer.name} when you are ready.")
    else:
        notify(request, "You have this introduction already: here it is.")
    return redirect(found)


def _ask_for_both(request: UserRequest, form: IntroductionForm) -> HttpResponse:
    context = {"form": form, "too_few": Person.objects.for_user(request.user)[:2].count() < 2}
    return render(
        request, "outreach/introductions/introduction_new.html", context, status=422 if form.is_bound else 200
    )


@require_POST
def introduction_move(request: UserRequest, pk: int) -> HttpResponse:
    found = _introduction(request, pk)
    form = MoveForm(request.user, request.POST)
    if not form.is_valid():
        errors = [str(error) for field in form.errors.values() for error in field]
        notify_warning(request, f"{' '.join(errors)} Nothing was changed.")
        return redirect(found)
    to = State(form.cleaned_data["to"])
    try:
        moved = services.move(introduction=found, to=to, on=form.cleaned_data["on"])
    except OutreachError as error:
        notify_warning(request, str(error))
        return redirect(found)
    if moved:
        words = SAID[to].format(by=found.introducer.first_name, to=found.target.first_name)
        notify(request, words, undo=reverse("introduction_undo", args=[found.pk, to.value]))
    return redirect(way_back(request, found.get_absolute_url()))


@require_POST
def introduction_undo(request: UserRequest, pk: int, state: str) -> HttpResponse:
    """Undo the step that led to ``state``, unless there was another step since."""
    found = _introduction(request, pk)
    try:
        now = services.undo_move(introduction=found, state=state)
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        notify(request, f"Undone. It stands at “{now.lower()}” again.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def introduction_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete it, after confirmation."""
    found = _introduction(request, pk)
    if request.method == "POST":
        services.forget(introduction=found)
        notify(request, "The introduction is gone. Both stay among your people.")
        return redirect("introductions")
    return ask_first(
        request,
        title="Delete this introduction?",
        words=f"What you wrote to {found.introducer.name} about {found.target.name} goes with it, also what is "
        "marked as sent. Both stay among your people.",
        button="Delete it",
        back=found.get_absolute_url(),
        danger=True,
    )
