"""Calendars: invitations, the file of one meeting, and the user's feed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import security_log
from accounts.http import UserRequest, notify, notify_warning, private_response
from accounts.recent_sign_in import recent_sign_in_required, recently_authenticated
from accounts.words import counted
from mail.sending_limits import three_a_day
from mail.to_others import NotSent
from meetings.calendar import feed, ics, invitations
from meetings.diary import on_offer
from meetings.forms.calendar import FeedForm, InviteForm
from meetings.models import CalendarFeed, Meeting
from meetings.series import still_to_come
from meetings.sharing.mentor_actions import next_meeting
from meetings.views.meeting_page import meeting_page, my_meeting
from meetings.views.mentor_page import gone, link_of

CALENDAR = "text/calendar; charset=utf-8"


@require_POST
def meeting_invite(request: UserRequest, pk: int) -> HttpResponse:
    meeting = my_meeting(request, pk)
    form = InviteForm(meeting, request.POST)
    if meeting.state != Meeting.State.PLANNED or meeting.has_begun:
        notify_warning(request, "Only a meeting that is still to come can be put into calendars. Nothing was sent.")
    elif on_offer(meeting).exists():
        notify_warning(
            request, "Times are still on offer. Once one is chosen, it can be put into calendars. Nothing was sent."
        )
    elif form.is_valid():
        try:
            notify(request, _invite(meeting, form.cleaned_data))
        except NotSent as trouble:
            form.add_error("mentor", f"{trouble} Nothing was sent, and the meeting stays as it is.")
            return meeting_page(request, my_meeting(request, pk), invite_form=form)
    else:
        notify_warning(request, "Choose one of their addresses. Nothing was sent.")
    return redirect(f"{meeting.get_absolute_url()}#calendar")


@transaction.atomic
def _invite(meeting: Meeting, wish: dict[str, Any]) -> str:
    """Send all or nothing; returns what to tell the user. Raises :class:`NotSent`."""
    others = [one for one in still_to_come(meeting) if not on_offer(one).exists()] if wish["series"] else []
    sent = [
        invitation
        for one in (meeting, *others)
        for invitation in invitations.invite(meeting=one, me=wish["me"], mentor=wish["mentor"])
    ]
    if later := invitations.waiting(sent):
        go = counted(later, "follows", "follow")
        return f"On its way. {wish['mentor']} gets {three_a_day()} at most, so {go} over the next days."
    return "On its way. Changes of time or place follow by themselves." if sent else "Saved."


def _file(entry: ics.CalendarEntry) -> HttpResponse:
    response = HttpResponse(ics.calendar([entry], method="PUBLISH"), content_type=CALENDAR)
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response


@require_safe
def meeting_file(request: UserRequest, pk: int) -> HttpResponse:
    meeting = my_meeting(request, pk)
    return _file(invitations.entry_of(meeting, cancelled=meeting.state == Meeting.State.CANCELLED))


@login_not_required
@private_response
@require_safe
def mentor_file(request: HttpRequest, token: str) -> HttpResponse:
    """The next meeting of a private page as a file."""
    link = link_of(token)
    meeting = next_meeting(link) if link else None
    if link is None or meeting is None or on_offer(meeting).exists():
        return gone(request)
    return _file(invitations.entry_of(meeting, for_mentor=True))


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: UserRequest) -> HttpResponse:
    """The feed's URL and options."""
    found = CalendarFeed.objects.for_user(request.user).select_related("owner").first()
    form = FeedForm(request.POST if request.method == "POST" and found else None, instance=found)
    if form.is_valid() and found is not None:
        found.save(update_fields=["with_follow_ups", "with_actions"])
        notify(request, "Saved. Calendars fetch it within hours.")
        return redirect("calendar")
    # Whoever has the address can read it for ever, so a browser left open is not enough to see it.
    shown = found and recently_authenticated(request)
    context = {"feed": found, "form": form, "address": feed.address(found) if found and shown else ""}
    return render(request, "meetings/calendar/calendar.html", context)


@recent_sign_in_required()
@require_POST
def calendar_open(request: UserRequest) -> HttpResponse:
    made = feed.open_feed(owner=request.user)
    security_log.note(request.user, security_log.Kind.CALENDAR, "made", request=request)
    notify(request, "The feed is ready." if made.version == 1 else "A new address is ready. The old one shows nothing.")
    return redirect("calendar")


@recent_sign_in_required()
@require_POST
def calendar_show(request: UserRequest) -> HttpResponse:
    """Back to the page, which shows the address after a recent sign-in."""
    return redirect("calendar")


@require_POST
def calendar_close(request: UserRequest) -> HttpResponse:
    CalendarFeed.objects.for_user(request.user).delete()
    security_log.note(request.user, security_log.Kind.CALENDAR, "switched off", request=request)
    notify(request, "The feed is off. Calendars that fetched it will find nothing.")
    return redirect("calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed itself, for calendar programs without a session. They request it often, mostly without changes."""
    found = feed.find(token)
    if found is None:
        return gone(request)
    entries = feed.entries(found)
    tag = feed.etag(entries)
    response = get_conditional_response(request, etag=tag)
    if response is None:
        response = HttpResponse(ics.calendar(entries, name="Mentorfolio"), content_type=CALENDAR)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
