"""Answers to invitations that came in by mail (RFC 5546 §3.2.3): the mentor accepts or declines in a calendar."""

from __future__ import annotations

import datetime as dt

import icalendar
from django.utils import timezone

from mail.arrivals import CalendarAnswers
from mail.incoming.reading import Understood
from mail.models import IncomingMail
from meetings.calendar.invitations import uid_of
from meetings.models import Meeting
from meetings.sharing.share_links import note_answer
from portfolio.models import PersonEmail

SAID = {"ACCEPTED": Meeting.Answer.YES, "DECLINED": Meeting.Answer.NO}
LONGEST_AGO = dt.timedelta(days=30)  # meetings that nobody answers any more


def note(mail: IncomingMail, understood: Understood) -> bool:
    """Whether the mail answers a planned meeting's invitation, from an address of that person; then it is noted."""
    uid, said = _answer(understood.calendar or "", understood.sender or "")
    meeting = _meeting(mail, uid) if uid and said in SAID else None
    if meeting is None:
        return False
    addresses = PersonEmail.objects.filter(person=meeting.person_id).values_list("address", flat=True)
    if (understood.sender or "") not in {address.lower() for address in addresses}:
        return False
    before = meeting.answer
    if not note_answer(meeting=meeting, answer=SAID[said]):
        return False
    mail.noted = {"meeting": meeting.pk, "answer": SAID[said], "before": before}
    mail.why = f"{meeting.person.name} {'accepted' if said == 'ACCEPTED' else 'declined'} your invitation."
    return True


def take_back(mail: IncomingMail) -> None:
    """The answer before, unless there is a later one."""
    meeting = Meeting.objects.filter(pk=mail.noted.get("meeting") or 0, owner=mail.owner_id).first()
    if meeting is not None and meeting.answer == mail.noted["answer"]:
        note_answer(meeting=meeting, answer=mail.noted["before"])


def _answer(text: str, sender: str) -> tuple[str, str]:
    """(UID, what the sender says); empty where that can't be read."""
    try:
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return "", ""
    for event in events[:1]:
        attendees = event.get("ATTENDEE", [])
        for attendee in attendees if isinstance(attendees, list) else [attendees]:
            address = str(attendee).lower().removeprefix("mailto:")
            if address == sender or not isinstance(attendees, list):
                return str(event.get("UID", "")), str(attendee.params.get("PARTSTAT", "")).upper()
    return "", ""


def _meeting(mail: IncomingMail, uid: str) -> Meeting | None:
    """By its UID, which is made of what the meeting is and stands in no column."""
    since = timezone.now() - LONGEST_AGO
    planned = Meeting.objects.filter(owner=mail.owner_id, state=Meeting.State.PLANNED, starts_at__gte=since)
    return next((meeting for meeting in planned.select_related("person") if uid_of(meeting) == uid), None)


ANSWERS = CalendarAnswers(note, take_back)
