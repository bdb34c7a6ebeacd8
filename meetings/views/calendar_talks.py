"""Meetings found in the user's own calendar: what is asked, offered and noted."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from meetings.models import CalendarTalk, OwnCalendar
from meetings.own_calendar import services, talk_answers, talks, telling
from meetings.own_calendar.talks import News, State
from meetings.selectors import situation

A_PAGE = 20
OFFERED = 12
ANSWERS = {"yes": State.SPOKE, "no": State.NO, "never": State.NEVER}


@require_safe
def calendar_talks(request: UserRequest) -> HttpResponse:
    """Six queries."""
    mine = talks.talks_of(request.user.pk)
    kept = mine.filter(state=State.SPOKE).filter(Q(contact__isnull=False) | Q(meeting__isnull=False))
    context = {
        "calendar": OwnCalendar.objects.for_user(request.user).first(),
        "asking": mine.filter(state=State.ASKS),
        "gone": mine.filter(news__in=telling.GONE, ends_at__gt=timezone.now()),
        "changed": mine.filter(news__in=(News.MOVED, News.CALLED_OFF)),
        "offered": talks.offered(request.user.pk)[:OFFERED],
        "noted": Paginator(kept.order_by("-starts_at", "-pk"), A_PAGE).get_page(request.GET.get("page")),
        "never": _never(request.user.pk),
    }
    return render(request, "meetings/own_calendar/calendar_talks.html", context)


def _never(owner_id: int) -> list[CalendarTalk]:
    """The latest answer about each person who is never asked about."""
    answers = talks.talks_of(owner_id).filter(state__in=(State.SPOKE, State.NO, State.NEVER))
    later = answers.filter(person=OuterRef("person"), settled_at__gt=OuterRef("settled_at"))
    found = {row.person_id: row for row in answers.filter(state=State.NEVER).filter(~Exists(later))}
    return sorted(found.values(), key=lambda row: row.person.name)


@require_POST
def calendar_talk_answer(request: UserRequest, pk: int) -> HttpResponse:
    talk = _mine(request, pk)
    said = request.POST.get("answer", "")
    undo = reverse("calendar_talk_unanswer", args=[pk])
    if said in ANSWERS and talk_answers.answer(talk, ANSWERS[said]):
        words = {"yes": telling.NOTED_NOW, "no": telling.NOT_NOTED, "never": telling.NEVER_AGAIN}[said]
        notify(request, words.format(name=talk.person.name), undo=undo)
    elif said == "again" and talk_answers.ask_again(talk):
        notify(request, f"You’ll be asked about {talk.person.name} after the next time.")
    elif said == "keep" and talk_answers.keep_meeting(talk):
        notify(request, "It stays as it is here, and doesn’t follow your calendar any more.")
    elif said == "cancel" and (meeting := talk_answers.cancel(talk)):
        notify(request, "Cancelled here, too.", undo=reverse("meeting_reinstate", args=[meeting.pk]))
    else:
        notify_warning(request, telling.SETTLED)
    return redirect("calendar_talks")


@require_POST
def calendar_talk_unanswer(request: UserRequest, pk: int) -> HttpResponse:
    if talk_answers.unanswer(_mine(request, pk)):
        notify(request, "Taken back: it asks again.")
    else:
        notify_warning(request, telling.SETTLED)
    return redirect("calendar_talks")


@require_POST
def calendar_talk_plan(request: UserRequest, pk: int) -> HttpResponse:
    talk = _mine(request, pk)
    found = situation(request.user, talk.person)
    approach, mentorship = found.belongs_to(found.kind)
    meeting = talk_answers.plan(talk, kind=found.kind, approach=approach, mentorship=mentorship)
    if meeting is None:
        notify_warning(request, telling.SETTLED)
        return redirect("calendar_talks")
    undo = reverse("calendar_talk_wrong", args=[pk])
    notify(request, "It’s planned, with an agenda. If it moves in your calendar, it moves here.", undo=undo)
    return redirect(meeting)


@require_POST
def calendar_talk_wrong(request: UserRequest, pk: int) -> HttpResponse:
    if talk_answers.take_back(_mine(request, pk)):
        notify(request, "Taken back.")
    else:
        notify_warning(request, telling.SETTLED)
    return redirect("calendar_talks")


def _mine(request: UserRequest, pk: int) -> CalendarTalk:
    return get_owned(CalendarTalk.objects.select_related("person"), request.user, pk=pk)


@require_POST
def own_calendar_talks(request: UserRequest) -> HttpResponse:
    """Switch it on or off."""
    wanted = "with_talks" in request.POST
    if not services.notice_talks(owner=request.user, wanted=wanted):
        notify_warning(request, "No calendar is connected.")
    elif wanted:
        notify(request, "Meetings with people you know are noticed from now on.")
    else:
        notify(request, "Only busy times are read from now on. What was noted stays.")
    return redirect("own_calendar")
