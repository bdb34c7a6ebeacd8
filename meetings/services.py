"""Changes to meetings: plan, move, hold and cancel them, and carry open items over."""

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
from meetings.locking import lock_diary, lock_meeting
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
    """The kind as outreach names it; None for a meeting that doesn't belong to an approach."""
    if kind == Meeting.Kind.INITIAL:
        return "initial"
    return "follow_up" if kind == Meeting.Kind.FOLLOW_UP else None


def start(starts_local: dt.datetime, zone: str) -> dt.datetime:
    """The UTC instant of a naive wall time in ``zone``; a time skipped by a clock change moves forward."""
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

    Open items with this person are carried over; then the suggested agenda, or the user's ``saved`` one, is fitted
    into the remaining time. A repeated request returns the same meeting.
    """
    lock_diary(owner.pk)
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
    """The approach this meeting belongs to, and the kind of conversation; None for any other meeting."""
    kind = conversation(meeting.kind)
    return (meeting.approach, kind) if meeting.approach is not None and kind is not None else None


def _when(meeting: Meeting) -> str:
    return f"{meeting.owner.local(meeting.starts_at):%-d %B, %H:%M}"


@transaction.atomic
def hold_meeting(*, meeting: Meeting, at: dt.datetime | None = None) -> bool:
    """Record that it took place; ``at`` is when (UTC, default now). False if it is no longer planned.

    Adds a contact, updates the approach, removes the reminder, and carries open items over to the next planned
    meeting with the person.
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
    """The contact that was added when this meeting was recorded as held."""
    return Contact.objects.filter(
        owner_id=meeting.owner_id, person_id=meeting.person_id, at=meeting.spoke_at, kind=Contact.Kind.MEETING
    )


@transaction.atomic
def correct_minutes(*, meeting: Meeting, minutes: int) -> bool:
    """Correct its length, and that of its contact. False if it isn't recorded as held."""
    meeting = lock_meeting(meeting)
    if meeting.state != State.HELD:
        return False
    meeting.minutes = minutes
    meeting.save(update_fields=["minutes"])
    contact_of(meeting).update(minutes=minutes)
    return True


@transaction.atomic
def unhold_meeting(*, meeting: Meeting) -> bool:
    """Undo everything :func:`hold_meeting` did. False if it isn't recorded as held."""
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
    """Cancel it and carry open items over to the next meeting with the person. False if it isn't planned."""
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
    # While it was planned, the reminder to keep in touch was off.
    contacts_changed(meeting.person_id, not_before=meeting.owner.today() + dt.timedelta(days=1))
    carry_on(meeting)
    return True


@transaction.atomic
def reinstate_meeting(*, meeting: Meeting) -> bool:
    """Plan a cancelled meeting again, with the items it had. False if it isn't cancelled."""
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
    """Move it to another naive wall time in ``zone``. False if it is no longer planned."""
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
    """Set another naive wall time in ``zone`` and any other given value. False if it is no longer planned.

    Reschedules the reminder. A new time clears the mentor's answer to the old one; everyone invited is told about
    a new time, length or place.
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
