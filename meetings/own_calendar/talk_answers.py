"""What the user says to meetings that were found in their own calendar: yes, no, plan it, that's wrong."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from meetings.locking import lock_diary
from meetings.models import CalendarTalk, Meeting
from meetings.own_calendar import talks
from meetings.own_calendar.talks import News, State
from meetings.services import cancel_meeting, change_meeting, plan_meeting, reinstate_meeting, unhold_meeting
from portfolio.models import Contact
from portfolio.people.contacts import forget_contacts


def _locked(talk: CalendarTalk) -> CalendarTalk:
    lock_diary(talk.owner_id)
    return talks.talks_of(talk.owner_id).select_for_update(of=("self",)).get(pk=talk.pk)


@transaction.atomic
def answer(talk: CalendarTalk, said: str) -> bool:
    """They spoke, they didn't, or the user wants no question about this person again: ``said`` is a state.

    After a yes, what else is over with them is noted, too. False if nothing is asked any more.
    """
    talk = _locked(talk)
    if talk.state != State.ASKS:
        return False
    if said == State.SPOKE:
        talks.note(talk, by_itself=False)
    else:
        talks.settled(talk, State(said))
    talks.settle(talk.owner)
    return True


@transaction.atomic
def unanswer(talk: CalendarTalk) -> bool:
    """Undo an answer: it asks as before. False if there is none."""
    talk = _locked(talk)
    if talk.state not in (State.SPOKE, State.NO, State.NEVER):
        return False
    if talk.state == State.SPOKE:
        _unnote(talk)
    talks.settled(talk, State.ASKS)
    return True


@transaction.atomic
def ask_again(talk: CalendarTalk) -> bool:
    """Take back "never": the next talk with them is asked about. False if it stands no longer."""
    talk = _locked(talk)
    if talks.last_answer(talk) != State.NEVER:
        return False
    nevers = talks.talks_of(talk.owner_id).filter(person=talk.person_id, state=State.NEVER)
    nevers.update(state=State.NO)
    return True


@transaction.atomic
def plan(talk: CalendarTalk, **wish: Any) -> Meeting | None:
    """Plan a meeting at its time, which then follows it; ``wish`` is the rest of what :func:`plan_meeting` takes.

    None if it isn't ahead any more, or a meeting was planned from it.
    """
    talk = _locked(talk)
    if talk.state != State.AHEAD or talk.meeting is not None:
        return None
    owner = talk.owner
    there = owner.local(talk.starts_at).replace(tzinfo=None)
    meeting = plan_meeting(
        owner=owner,
        person=talk.person,
        starts_local=there,
        zone=owner.time_zone,
        minutes=talk.minutes,
        **wish,
    )
    talk.meeting = meeting
    talk.save(update_fields=["meeting"])
    return meeting


@transaction.atomic
def take_back(talk: CalendarTalk) -> bool:
    """ "That's wrong": undo what was noted, moved, cancelled or planned. False if there is nothing of it.

    After that the next talk with them is asked about, and a meeting follows the calendar no more.
    """
    talk = _locked(talk)
    if talk.state == State.SPOKE:
        _unnote(talk)
        talks.settled(talk, State.NO)
    elif talk.news == News.MOVED and talk.meeting is not None:
        _move_back(talk, talk.meeting)
        _let_go(talk)
    elif talk.news == News.CALLED_OFF and talk.meeting is not None:
        reinstate_meeting(meeting=talk.meeting)
        _let_go(talk)
    elif talk.state == State.AHEAD and talk.meeting is not None:
        cancel_meeting(meeting=talk.meeting)
        talk.meeting = None
        talk.save(update_fields=["meeting"])
        talks.no_news(talk)
    else:
        return False
    return True


def _unnote(talk: CalendarTalk) -> None:
    if talk.contact is not None:
        forget_contacts(Contact.objects.filter(pk=talk.contact.pk))
        talk.contact = None
    elif talk.meeting is not None:
        unhold_meeting(meeting=talk.meeting)
        talk.meeting = None
    talk.save(update_fields=["contact", "meeting"])


def _move_back(talk: CalendarTalk, meeting: Meeting) -> None:
    before, minutes = talk.started_before, talk.minutes_before
    if before is not None and meeting.starts_at == talk.starts_at:
        there = before.astimezone(meeting.starts_there.tzinfo).replace(tzinfo=None)
        change_meeting(meeting=meeting, starts_local=there, zone=meeting.zone, minutes=minutes)


def _let_go(talk: CalendarTalk) -> None:
    talk.meeting = None
    talk.save(update_fields=["meeting"])
    talks.settled(talk, State.KNOWN)


@transaction.atomic
def keep_meeting(talk: CalendarTalk) -> bool:
    """It is gone from the calendar, or elsewhere there; the meeting stays as it is. False if nothing is asked."""
    talk = _locked(talk)
    if talk.news not in (News.GONE, News.ELSEWHERE):
        return False
    _let_go(talk)
    return True


@transaction.atomic
def cancel(talk: CalendarTalk) -> Meeting | None:
    """It is gone from the calendar, so cancel the meeting. None if nothing is asked."""
    talk = _locked(talk)
    meeting = talk.meeting
    if talk.news != News.GONE or meeting is None:
        return None
    cancel_meeting(meeting=meeting)
    _let_go(talk)
    return meeting
