"""The meeting's page, used by every view that has to show it again with an invalid form."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import UserRequest
from accounts.ownership import get_owned
from meetings import selectors
from meetings.agenda import suggestions
from meetings.calendar import ics
from meetings.calendar.invitations import entry_of, how_it_stands
from meetings.diary import Choice, choice
from meetings.forms.agenda import ItemForm, KeepAgendaForm
from meetings.forms.calendar import InviteForm
from meetings.forms.meetings import ActionForm, NotesForm
from meetings.models import Action, AgendaItem, Impression, Meeting
from meetings.series import still_to_come
from meetings.wrap_up.next_step import leads_to
from outreach.models import Purpose


def my_meeting(request: UserRequest, pk: int) -> Meeting:
    """The user's meeting with the related rows its page shows, else 404."""
    meeting = get_owned(
        Meeting.objects.select_related("person", "approach", "mentorship", "impression", "series"), request.user, pk=pk
    )
    meeting.owner = request.user
    return meeting


def meeting_page(request: UserRequest, meeting: Meeting, **forms: Any) -> HttpResponse:
    """The page; bound forms in ``forms`` (``item_form``, ``invite_form`` …) replace the empty ones."""
    rows = meeting.items.select_related("need", "carried_from__meeting", "carried_to__meeting")
    items = list(rows)
    away = {AgendaItem.State.DROPPED, AgendaItem.State.PARKED}
    planned = sum(item.minutes or 0 for item in items if item.state not in away)
    over = meeting.state != Meeting.State.PLANNED
    beside = selectors.actions_beside(meeting)
    since = [] if over else [action for action in beside if action.meeting_id != meeting.pk]
    context = {
        "meeting": meeting,
        "items": items,
        "time": suggestions.time_in_words(planned, meeting.minutes) if planned else "",
        "crowded": planned > meeting.minutes,
        "elsewhere": selectors.elsewhere(meeting),
        "direction": selectors.direction_for(meeting),
        "actions": [action for action in beside if action not in since],
        "since": since,
        "offered": any(action.whose == Action.Whose.THEIRS for action in since),
        "next_meeting": selectors.next_planned(meeting) if over else None,
        "after": _after(meeting),
        "series": still_to_come(meeting),
        "offers": Choice([], []) if over else choice(meeting),
        **_calendar(meeting),
        "keep_form": KeepAgendaForm(),
        "item_form": ItemForm(request.user, prefix="item"),
        "notes_form": NotesForm(instance=meeting),
        "action_form": ActionForm(request.user, prefix="action", initial={"whose": "mine"}),
        **forms,
    }
    return render(request, "meetings/meeting.html", context, status=422 if forms else 200)


def _calendar(meeting: Meeting) -> dict[str, object]:
    """How to add a coming meeting to a calendar. Two queries: the person's addresses, and their latest invitation."""
    if meeting.state != Meeting.State.PLANNED or meeting.has_begun:
        return {}
    entry, theirs = entry_of(meeting), entry_of(meeting, for_mentor=True, url="")
    return {
        "invite_form": InviteForm(meeting),
        "invitation": how_it_stands(meeting),
        "unlinked": (entry.place, entry.words) != (theirs.place, theirs.words),
        "google": ics.google(entry),
        "outlook": ics.outlook(entry),
    }


def _leads(meeting: Meeting) -> str:
    """The next step from the three private answers, if they were given."""
    felt: Impression | None = getattr(meeting, "impression", None)
    if felt is None:
        return ""
    return leads_to(again=felt.again, at_ease=felt.at_ease, interested=felt.interested) or ""


def _after(meeting: Meeting) -> dict[str, str]:
    """What may follow a held meeting: the purposes of the next message, and the kind of the next meeting."""
    if meeting.approach is None or not meeting.approach.is_open:
        return {"kind": ""}
    leads = _leads(meeting)
    if leads in {"rest", "close"}:
        return {"purpose": Purpose.THANK_YOU, "leads": leads, "kind": ""}
    if meeting.kind == Meeting.Kind.INITIAL:
        return {"purpose": Purpose.THANK_YOU, "kind": Meeting.Kind.FOLLOW_UP}
    return {"purpose": Purpose.THANK_YOU, "ask": Purpose.MENTORING_REQUEST, "kind": Meeting.Kind.FOLLOW_UP}
