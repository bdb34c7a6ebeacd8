"""Views of approaches: one approach, and each step that changes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning, way_back
from accounts.ownership import get_owned
from outreach import panels
from outreach.approaches import events, rationale, research
from outreach.approaches import services as approaches
from outreach.drafts.prefilled_follow_up import ReadyFollowUp, ready_follow_up
from outreach.errors import OutreachError
from outreach.follow_ups import services as follow_ups
from outreach.forms.approaches import ApproachForm, BecomeMentoringForm, ReplyForm, RestForm, ShortlistForm
from outreach.forms.follow_ups import PlanForm
from outreach.forms.research import ResearchForm
from outreach.models import Approach, ApproachEvent, Channel, FollowUp, Message, Purpose
from outreach.selectors import approaches as approach_selectors
from portfolio.errors import AlreadyMentor
from portfolio.mentorships.programme import add_months
from portfolio.models import Knows, Mentorship, Need, Person

Outcome = Approach.Outcome
GONE = (
    "They are not among your people any more, or the need isn’t: perhaps merged or deleted meanwhile. "
    "Nothing was changed."  # the request came from an old page
)


def _approach(request: UserRequest, pk: int, rows: QuerySet[Approach] | None = None) -> Approach:
    return get_owned(
        rows if rows is not None else Approach.objects.select_related("person", "owner"), request.user, pk=pk
    )


def _said(request: HttpRequest, event: ApproachEvent, words: str) -> None:
    notify(request, words, undo=reverse("approach_undo", args=[event.approach_id, event.pk]))


@require_safe
def approach_new(request: UserRequest) -> HttpResponse:
    form = ShortlistForm(request.user, initial={"person": request.GET.get("person"), "need": request.GET.get("need")})
    nobody = not Person.objects.for_user(request.user).exists()
    return render(request, "outreach/approaches/approach_new.html", {"form": form, "nobody": nobody})


@require_POST
def approach_open(request: UserRequest) -> HttpResponse:
    form = ShortlistForm(request.user, request.POST)
    if not form.is_valid():
        # A one-click button has no form to show again; its person or need no longer exists.
        if "next" in request.POST:
            notify_warning(request, GONE)
            return redirect(way_back(request, reverse("outreach")))
        return render(request, "outreach/approaches/approach_new.html", {"form": form}, status=422)
    person, need = form.cleaned_data["person"], form.cleaned_data["need"]
    try:
        approach, new = approaches.open_approach(person=person, needs=[need] if need else [])
    except AlreadyMentor as error:
        notify_warning(request, str(error))
        return redirect(person)
    notify(request, f"{person.name} is on your shortlist." if new else f"You already have {person.name} on your way.")
    return redirect(way_back(request, approach.get_absolute_url()))


@require_safe
def approach(request: UserRequest, pk: int) -> HttpResponse:
    mentorships = Mentorship.objects.running().filter(person=OuterRef("person")).values("pk")
    rows = approach_selectors.with_situation(request.user).annotate(mentorship_id=Subquery(mentorships[:1]))
    found = _approach(request, pk, rows.prefetch_related("events", "needs"))
    row, thread = approach_selectors.row(found), approach_selectors.thread(found)
    context = {
        "row": row,
        "approach": found,
        "thread": thread,
        "stages": Approach.Stage.choices,
        "passed": Approach.Stage.values[: Approach.Stage.values.index(found.stage)],
        "last_event": events.latest(found),
        "panels": panels.panels_for_approach(request, found),
        "drafted": _drafted(found, row, thread),
        "reasons": rationale.reasons(found),
        "looked_up": [(label, getattr(found, name)) for name, label in research.LABELS.items()],
        "answered": research.answered(found),
        "plan": follow_ups.in_words(found.waits),
        "plan_form": PlanForm(found) if found.is_open else None,
        "months": RestForm.MONTHS,
    }
    return render(request, "outreach/approaches/approach.html", context)


def _drafted(
    approach: Approach, row: approach_selectors.ApproachRow, thread: list[approach_selectors.ThreadItem]
) -> ReadyFollowUp | None:
    """The preview of the follow-up, if one is due."""
    if row.step.purpose != Purpose.FOLLOW_UP:
        return None
    messages = [item.message for item in thread if item.message]
    return ready_follow_up(approach, [one for one in messages if one.state == Message.State.SENT])


@require_http_methods(["GET", "HEAD", "POST"])
def approach_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    form = ApproachForm(request.user, request.POST or None, instance=found)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(
            request, "outreach/approaches/approach_edit.html", {"form": form, "approach": found}, status=status
        )
    if form.overwrites():
        form.data = request.POST.copy()
        form.data["version"] = form.current  # the user saw both: saving again may overwrite
        why, needs = form.stored
        context = {"form": form, "approach": found, "theirs": {"why": why, "needs": [*needs.values()]}}
        return render(request, "outreach/approaches/approach_edit.html", context, status=409)
    approaches.set_rationale(approach=found, why_them=form.cleaned_data["why_them"], needs=form.cleaned_data["needs"])
    notify(request, "Saved.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def approach_reply(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    form = ReplyForm(request.user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(
            request, "outreach/approaches/approach_reply.html", {"form": form, "approach": found}, status=status
        )
    answer = form.cleaned_data
    try:
        event = approaches.record_reply(
            approach=found,
            at=_moment(request, answer["when"]),
            channel=Channel(answer["channel"]),
            words=answer["words"],
            outcome=Outcome(answer["answer"]) if answer["answer"] else None,
        )
    except OutreachError as error:
        form.add_error(None, str(error))  # keep what the user typed on the page
        return render(request, "outreach/approaches/approach_reply.html", {"form": form, "approach": found}, status=422)
    _said(request, event, "Noted. The follow-up is off.")
    return redirect("approach_no", pk) if answer["answer"] in {Outcome.DECLINED, Outcome.NOT_NOW} else redirect(found)


def _moment(request: UserRequest, day: dt.date) -> dt.datetime:
    """The instant for a local date the user entered: now for today, else noon."""
    now = timezone.now()
    if day == request.user.today():
        return now
    return dt.datetime.combine(day, dt.time(12), tzinfo=request.user.zone)


@require_POST
def approach_replied(request: UserRequest, pk: int) -> HttpResponse:
    """Record an answer with one click; details may follow. Repeated requests count once."""
    found = _approach(request, pk)
    last = events.latest(found)
    if last is not None and last.kind == ApproachEvent.Kind.REPLIED:
        notify(request, f"That was noted already: {found.person.first_name} replied.")
        return redirect(way_back(request, found.get_absolute_url()))
    try:
        event = approaches.record_reply(approach=found)
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        _said(request, event, f"Good. {found.person.first_name} replied; the follow-up is off.")
    return redirect(way_back(request, found.get_absolute_url()))


# The message for each outcome, and the page to show next.
ENDINGS = {
    Outcome.DECLINED: ("Noted: a no, kindly.", "approach_no"),
    Outcome.NOT_NOW: ("Noted: not now.", "approach_no"),
    Outcome.NO_ANSWER: ("Closed without an answer. It stays here to read.", "approach_silence"),
    Outcome.WITHDRAWN: ("Closed: you changed your mind. It stays here to read.", "approach"),
    Outcome.ENOUGH: ("A good conversation was enough. That is a good ending.", "approach"),
}


@require_POST
def approach_end(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    wish = request.POST.get("outcome", "")
    if wish not in ENDINGS:
        notify_warning(request, "Choose how it ended. Nothing was changed.")
        return redirect(found)
    words, page = ENDINGS[Outcome(wish)]
    try:
        event = approaches.end_approach(approach=found, outcome=Outcome(wish))
    except OutreachError as error:
        notify_warning(request, str(error))
        return redirect(found)
    _said(request, event, words)
    return redirect(page, pk)


@require_POST
def approach_rest(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    form = RestForm({"months": request.POST.get("months", "6")})
    if not form.is_valid():
        notify_warning(request, "Choose for how long: three months, half a year or a year. Nothing was changed.")
        return redirect(found)
    until = add_months(request.user.today(), form.cleaned_data["months"])
    try:
        event = approaches.rest(approach=found, until=until)
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        _said(request, event, f"Resting until {until:%-d %B %Y}. We’ll remind you then.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def approach_plan(request: UserRequest, pk: int) -> HttpResponse:
    """Change the number and dates of follow-ups, or record that they answered elsewhere."""
    found = _approach(request, pk)
    form = PlanForm(found, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(
            request, "outreach/approaches/approach_plan.html", {"form": form, "approach": found}, status=status
        )
    answer = form.cleaned_data
    try:
        if answer["answered"]:
            event = approaches.record_reply(approach=found, channel=Channel.OTHER)
            _said(request, event, f"Good. {found.person.first_name} answered; the follow-up is off.")
            return redirect(found)
        waiting = approaches.change_plan(approach=found, nudges=answer["nudges"], waits=form.waits, seen=answer["seen"])
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        notify(request, _plan_said(request, waiting))
    return redirect(found)


def _plan_said(request: UserRequest, waiting: FollowUp | None) -> str:
    if waiting is None:
        return "The plan is kept. No follow-up waits just now."
    if waiting.due_on < request.user.today():
        return "The plan is kept. By it the follow-up is due already, so no mail comes about it: it stands here."
    return f"The plan is kept. The follow-up is due on {waiting.due_on:%A %-d %B}."


@require_http_methods(["GET", "HEAD", "POST"])
def approach_research(request: UserRequest, pk: int) -> HttpResponse:
    """The research before writing. If another tab changed it, the page shows both texts and the user decides."""
    found = _approach(request, pk)
    form = ResearchForm(request.POST or None, instance=found)
    stored = dict(form.stored)
    if request.method != "POST" or not form.is_valid():
        return _research_page(request, found, form, status=422 if form.is_bound else 200)
    if form.overwrites():
        form.data = {**request.POST.dict(), "version": form.current}  # the user saw both: saving again may overwrite
        theirs = [(form.fields[name].label, value) for name, value in stored.items() if value]
        return _research_page(request, found, form, status=409, theirs=theirs)
    research.keep(approach=found, answers={name: form.cleaned_data[name] for name in research.FILLS})
    notify(request, "Kept, for you alone. Your draft takes it over.")
    return redirect(found)


def _research_page(
    request: UserRequest, found: Approach, form: ResearchForm, *, status: int, theirs: Sequence[tuple[object, str]] = ()
) -> HttpResponse:
    paths = Knows.objects.for_user(request.user).filter(known=found.person_id).select_related("knower")
    context = {"form": form, "approach": found, "paths": paths[:5], "theirs": theirs}
    return render(request, "outreach/approaches/approach_research.html", context, status=status)


@require_POST
def approach_wake(request: UserRequest, pk: int) -> HttpResponse:
    found = _approach(request, pk)
    if found.is_open:
        return redirect(found)
    try:
        event = approaches.take_up_again(approach=found)
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        _said(request, event, "Taken up again.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def approach_become(request: UserRequest, pk: int) -> HttpResponse:
    """ "They said yes" or "this has become mentoring": open the mentorship."""
    found = _approach(request, pk)
    origin = Mentorship.Origin.ASKED if found.stage == Approach.Stage.REQUESTED else Mentorship.Origin.GREW
    initial = {"origin": origin, "on": request.user.today(), "needs": [need.pk for need in found.needs.all()]}
    form = BecomeMentoringForm(request.user, request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(
            request, "outreach/approaches/approach_become.html", {"form": form, "approach": found}, status=status
        )
    answer = form.cleaned_data
    needs: list[Need] = list(answer["needs"])
    try:
        mentorship = approaches.become_mentoring(
            approach=found,
            origin=Mentorship.Origin(answer["origin"]),
            on=answer["on"],
            needs=needs,
            competency=answer["competency"],
            rhythm_weeks=answer["rhythm_weeks"],
        )
    except AlreadyMentor as error:
        notify_warning(request, str(error))
        return redirect(found)
    notify(request, f"{found.person.name} is one of your mentors now. Well done, both of you.")
    return redirect(mentorship)
