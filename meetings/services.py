"""The verbs of meetings: plan, move, hold, cancel, and what carries over from one to the next."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.zones import zone as zone_called
from meetings import scheduling
from meetings.agenda import suggestions
from meetings.agenda.carry_over import carry_on, carry_over, suggest, take_back
from meetings.calendar import invitations
from meetings.locking import lock_meeting
from meetings.models import Meeting, SavedAgenda
from outreach.approaches.services import (
    Conversation,
    conversation_called_off,
    conversation_on_again,
    conversation_planned,
    forget_conversation,
    record_conversation,
)
from outreach.models import Approach
from portfolio.mentorships.scheduling import contacts_changed
from portfolio.models import Contact, Mentorship, Person
from portfolio.people.contacts import forget_contacts, record_contact
from reminders.localtime import instant

State = Meeting.State


def conversation(kind: str) -> Conversation | None:
    """The kind as outreach knows it; None for a meeting that is no step of an approach."""
    if kind == Meeting.Kind.INITIAL:
        return "initial"
    return "follow_up" if kind == Meeting.Kind.FOLLOW_UP else None


def start(starts_local: dt.datetime, zone: str) -> dt.datetime:
    """The UTC instant of a naive wall time in ``zone``; a time the clocks skip moves forward."""
    return instant(starts_local.date(), starts_local.time(), zone_called(zone))


@transaction.atomic
def plan_meeting(
    *,
    owner: User,
    person: Person,
    kind: str,
    starts_local: dt.datetime,
    zone: str,
    minutes: int = 60,
    place: str = "",
    purpose: str = "",
    approach: Approach | None = None,
    mentorship: Mentorship | None = None,
    suggested: bool = True,
    saved: SavedAgenda | None = None,
) -> Meeting:
    """Plan a meeting at the naive wall time ``starts_local`` in ``zone`` (IANA name), ``minutes`` long.

    What was left open with this person comes along, then the suggested agenda, or the user's own ``saved`` one,
    in the time that is left.
    The same press twice gives the same meeting.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    starts_at = start(starts_local, zone)
    twin = Meeting.objects.planned().filter(owner=owner, person=person, starts_at=starts_at).first()
    if twin is not None:
        return twin
    meeting = Meeting.objects.create(
        owner=owner,
        person=person,
        kind=kind,
        starts_at=starts_at,
        zone=zone,
        minutes=minutes,
        place=place,
        purpose=purpose,
        approach=approach,
        mentorship=mentorship,
    )
    carry_over(meeting=meeting)
    if saved is not None:
        suggest(meeting, suggestions.parse(saved.points))
    elif suggested:
        suggest(meeting, suggestions.SUGGESTED[kind])
    scheduling.remind_of_meeting(meeting)
    step = _step(meeting)
    if step is not None:
        conversation_planned(approach=step[0], kind=step[1], when=_when(meeting))
    return meeting


def _step(meeting: Meeting) -> tuple[Approach, Conversation] | None:
    """The approach this meeting is a step of, and which; None for any other meeting."""
    kind = conversation(meeting.kind)
    return (meeting.approach, kind) if meeting.approach is not None and kind is not None else None


def _when(meeting: Meeting) -> str:
    return f"{meeting.owner.local(meeting.starts_at):%-d %B, %H:%M}"


@transaction.atomic
def hold_meeting(*, meeting: Meeting, at: dt.datetime | None = None) -> bool:
    """It took place; ``at`` is when that was recorded (UTC, now if left out). False if it wasn't planned any more.

    The person's contacts and the approach hear of it, the reminder goes, and what stayed open moves on to the
    next meeting planned with them.
    """
    meeting = lock_meeting(meeting)
    if meeting.state != State.PLANNED:
        return False
    meeting.state, meeting.held_at = State.HELD, at or timezone.now()
    meeting.save(update_fields=["state", "held_at"])
    step = conversation(meeting.kind)
    if step is not None:
        record_conversation(
            person=meeting.person,
            at=meeting.spoke_at,
            kind=step,
            approach=meeting.approach,
            minutes=meeting.minutes,
        )
    else:
        record_contact(
            person=meeting.person,
            at=meeting.spoke_at,
            kind=Contact.Kind.MEETING,
            note=meeting.get_kind_display(),
            minutes=meeting.minutes,
        )
    scheduling.was_held(meeting)
    carry_on(meeting)
    return True


def contact_of(meeting: Meeting) -> QuerySet[Contact]:
    """The contact that holding this meeting left."""
    return Contact.objects.filter(
        owner_id=meeting.owner_id, person_id=meeting.person_id, at=meeting.spoke_at, kind=Contact.Kind.MEETING
    )


@transaction.atomic
def correct_minutes(*, meeting: Meeting, minutes: int) -> bool:
    """It took ``minutes``, not what was planned; its contact hears of it. False if it isn't noted as held."""
    meeting = lock_meeting(meeting)
    if meeting.state != State.HELD:
        return False
    meeting.minutes = minutes
    meeting.save(update_fields=["minutes"])
    contact_of(meeting).update(minutes=minutes)
    return True


@transaction.atomic
def unhold_meeting(*, meeting: Meeting) -> bool:
    """It did not take place after all: everything :func:`hold_meeting` did is taken back. False if it wasn't held."""
    meeting = lock_meeting(meeting)
    if meeting.state != State.HELD:
        return False
    if meeting.approach is not None and conversation(meeting.kind) is not None:
        forget_conversation(approach=meeting.approach, at=meeting.spoke_at)
    else:
        forget_contacts(contact_of(meeting))
    _plan_again(meeting)
    return True


@transaction.atomic
def cancel_meeting(*, meeting: Meeting) -> bool:
    """It won't take place. Its open items go on to the next meeting with them. False if it wasn't planned."""
    meeting = lock_meeting(meeting)
    if meeting.state != State.PLANNED:
        return False
    meeting.state = State.CANCELLED
    meeting.save(update_fields=["state"])
    step = _step(meeting)
    if step is not None:
        conversation_called_off(approach=step[0], kind=step[1])
    invitations.called_off(meeting)
    scheduling.forget_meeting(meeting)
    # While it was planned, no word about keeping in touch was needed.
    contacts_changed(meeting.person_id, not_before=meeting.owner.today() + dt.timedelta(days=1))
    carry_on(meeting)
    return True


@transaction.atomic
def reinstate_meeting(*, meeting: Meeting) -> bool:
    """A cancelled meeting is on again, with the items it had. False if it wasn't cancelled."""
    meeting = lock_meeting(meeting)
    if meeting.state != State.CANCELLED:
        return False
    _plan_again(meeting)
    invitations.changed(meeting)
    step = _step(meeting)
    if step is not None:
        conversation_on_again(approach=step[0], kind=step[1], when=_when(meeting))
    return True


def _plan_again(meeting: Meeting) -> None:
    meeting.state, meeting.held_at = State.PLANNED, None
    meeting.save(update_fields=["state", "held_at"])
    take_back(meeting)
    scheduling.remind_of_meeting(meeting)


@transaction.atomic
def move_meeting(*, meeting: Meeting, starts_local: dt.datetime, zone: str) -> bool:
    """Another naive wall time in ``zone``; all else stays. False if it isn't planned any more."""
    return change_meeting(meeting=meeting, starts_local=starts_local, zone=zone)


@transaction.atomic
def change_meeting(
    *,
    meeting: Meeting,
    starts_local: dt.datetime,
    zone: str,
    minutes: int | None = None,
    place: str | None = None,
    purpose: str | None = None,
    kind: str | None = None,
) -> bool:
    """Another naive wall time in ``zone``, and whatever else is given. False if it isn't planned any more.

    The reminder moves along. Another time takes back what they said to the old one; another time, length or place
    goes to everyone who was invited.
    """
    meeting = lock_meeting(meeting)
    if meeting.state != State.PLANNED:
        return False
    before, entry = meeting.starts_at, _entry(meeting)
    meeting.starts_at, meeting.zone = start(starts_local, zone), zone
    given = {"minutes": minutes, "place": place, "purpose": purpose, "kind": kind}
    for name, value in given.items():
        if value is not None:
            setattr(meeting, name, value)
    if meeting.starts_at != before:
        meeting.answer = ""
        meeting.offers.all().delete()
    meeting.save(update_fields=["starts_at", "zone", "answer", *given])
    step = _step(meeting)
    if step is not None and meeting.starts_at != before:
        conversation_planned(approach=step[0], kind=step[1], when=_when(meeting), moved=True)
    if _entry(meeting) != entry:
        invitations.changed(meeting)
    scheduling.remind_of_meeting(meeting)
    return True


def _entry(meeting: Meeting) -> tuple[object, ...]:
    return meeting.starts_at, meeting.zone, meeting.minutes, meeting.place
