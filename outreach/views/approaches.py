"""Pages of approaches: one of them, and each step that changes it."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, say, warn, way_back
from accounts.ownership import get_owned
from outreach import history, panels, reading, services
from outreach.errors import OutreachError
from outreach.forms import ApproachForm, BecomeMentoringForm, ReplyForm, RestForm, ShortlistForm
from outreach.models import Approach, ApproachEvent, Channel
from portfolio.errors import AlreadyMentor
from portfolio.models import Mentorship, Need, Person

Outcome = Approach.Outcome


def _approach(request: UserRequest, pk: int, rows: QuerySet[Approach] | None = None) -> Approach:
    return get_owned(
        rows if rows is not None else Approach.objects.select_related("person", "owner"), request.user, pk=pk
    )


def _said(request: HttpRequest, event: ApproachEvent, words: str) -> None:
    say(request, words, undo=reverse("approach_undo", args=[event.approach_id, event.pk]))


@require_safe
def approach_new(request: UserRequest) -> HttpResponse:
    form = ShortlistForm(request.user, initial={"person": request.GET.get("person"), "need": request.GET.get("need")})
    nobody = not Person.objects.for_user(request.user).exists()
    return render(request, "outreach/approach_new.html", {"form": form, "nobody": nobody})


@require_POST
def approach_open(request: UserRequest) -> HttpResponse:
    form = ShortlistForm(request.user, request.POST)
    if not form.is_valid():
        # From a one-press button there is no form to return to: what was asked for is not there (any more).
        if "next" in request.POST:
            raise Http404
        return render(request, "outreach/approach_new.html", {"form": form}, status=422)
    person, need = form.cleaned_data["person"], form.cleaned_data["need"]
    try:
        approach, new = services.open_approach(person=person, needs=[need] if need else [])
    except AlreadyMentor as error:
        warn(request, str(error))
        return redirect(person)
    say(request, f"{person.name} is on your shortlist." if new else f"You already have {person.name} on your way.")
    return redirect(way_back(request, approach.get_absolute_url()))


@require_safe
def approach(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk, reading.with_situation(request.user))
    context = {
        "row": reading.row(found),
        "approach": found,
        "thread": reading.thread(found),
        "stages": Approach.Stage.choices,
        "passed": Approach.Stage.values[: Approach.Stage.values.index(found.stage)],
        "last_event": history.latest(found),
        "panels": panels.panels_for_approach(request, found),
        "mentorship": Mentorship.objects.for_user(request.user).running().filter(person=found.person).first(),
    }
    return render(request, "outreach/approach.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def approach_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    form = ApproachForm(request.user, request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.say_why(approach=found, why_them=form.cleaned_data["why_them"], needs=form.cleaned_data["needs"])
        say(request, "Saved.")
        return redirect(found)
    return render(request, "outreach/approach_edit.html", {"form": form, "approach": found})


@require_http_methods(["GET", "HEAD", "POST"])
def approach_reply(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    form = ReplyForm(request.user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "outreach/approach_reply.html", {"form": form, "approach": found}, status=status)
    answer = form.cleaned_data
    try:
        event = services.record_reply(
            approach=found,
            at=_moment(request, answer["when"]),
            channel=Channel(answer["channel"]),
            words=answer["words"],
            outcome=Outcome(answer["answer"]) if answer["answer"] else None,
        )
    except OutreachError as error:
        warn(request, str(error))
    else:
        _said(request, event, "Noted. The follow-up is off.")
    return redirect(found)


def _moment(request: UserRequest, day: dt.date) -> dt.datetime:
    """The instant for a local day the user named: now for today, else noon."""
    now = timezone.now()
    if day == request.user.today():
        return now
    return dt.datetime.combine(day, dt.time(12), tzinfo=request.user.zone)


@require_POST
def approach_replied(request: UserRequest, pk: int) -> HttpResponse:
    """One press: they answered, details may follow. Pressed twice, it happened once."""
    found = _approach(request, pk)
    last = history.latest(found)
    if last is not None and last.kind == ApproachEvent.Kind.REPLIED:
        say(request, f"That was noted already: {found.person.first_name} replied.")
        return redirect(way_back(request, found.get_absolute_url()))
    try:
        event = services.record_reply(approach=found)
    except OutreachError as error:
        warn(request, str(error))
    else:
        _said(request, event, f"Good. {found.person.first_name} replied; the follow-up is off.")
    return redirect(way_back(request, found.get_absolute_url()))


@require_POST
def approach_end(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    wish = request.POST.get("outcome", "")
    if wish not in {Outcome.DECLINED, Outcome.NOT_NOW, Outcome.NO_ANSWER, Outcome.WITHDRAWN, Outcome.ENOUGH}:
        warn(request, "Choose how it ended. Nothing was changed.")
        return redirect(found)
    try:
        event = services.end_approach(approach=found, outcome=Outcome(wish))
    except OutreachError as error:
        warn(request, str(error))
    else:
        _said(request, event, f"Closed as “{Outcome(wish).label.lower()}”. It stays here to read.")
    return redirect(found)


@require_POST
def approach_rest(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    form = RestForm({"months": request.POST.get("months", "6")})
    if not form.is_valid():
        warn(request, "Choose for how long: three months, half a year or a year. Nothing was changed.")
        return redirect(found)
    until = request.user.today() + dt.timedelta(days=30 * form.cleaned_data["months"])
    try:
        event = services.rest(approach=found, until=until)
    except OutreachError as error:
        warn(request, str(error))
    else:
        _said(request, event, f"Resting until {until:%-d %B %Y}.")
    return redirect(found)


@require_POST
def approach_wake(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    if found.is_open:
        return redirect(found)
    try:
        event = services.take_up_again(approach=found)
    except OutreachError as error:
        warn(request, str(error))
    else:
        _said(request, event, "Taken up again.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def approach_become(request: UserRequest, pk: int) -> HttpResponse:
    """ "They said yes", or "this has become mentoring": opens the mentorship."""
    found = _approach(request, pk)
    origin = Mentorship.Origin.ASKED if found.stage == Approach.Stage.REQUESTED else Mentorship.Origin.GREW
    initial = {"origin": origin, "on": request.user.today(), "needs": [need.pk for need in found.needs.all()]}
    form = BecomeMentoringForm(request.user, request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "outreach/approach_become.html", {"form": form, "approach": found}, status=status)
    answer = form.cleaned_data
    needs: list[Need] = list(answer["needs"])
    try:
        mentorship = services.become_mentoring(
            approach=found,
            origin=Mentorship.Origin(answer["origin"]),
            on=answer["on"],
            needs=needs,
            competency=answer["competency"],
            rhythm_weeks=answer["rhythm_weeks"],
        )
    except AlreadyMentor as error:
        warn(request, str(error))
        return redirect(found)
    say(request, f"{found.person.name} is one of your mentors now. Well done, both of you.")
    return redirect(mentorship)
