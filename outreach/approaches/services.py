"""Changes to approaches; each is recorded as an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from mail.models import IncomingMail
from outreach.approaches import research
from outreach.approaches.events import REPLY_NOTE, change, latest, lock_approach, undo
from outreach.errors import OutreachError
from outreach.follow_ups import services as follow_ups
from outreach.models import Approach, ApproachEvent, ApproachNeed, Channel, FollowUp, Message, Purpose
from portfolio.errors import AlreadyMentor
from portfolio.mentorships.services import open_mentorship
from portfolio.models import Contact, Mentorship, Need, Person
from portfolio.people.contacts import forget_contacts, record_contact

EventKind = ApproachEvent.Kind
Stage = Approach.Stage
Outcome = Approach.Outcome

Conversation = Literal["initial", "follow_up"]
CONVERSATION_STAGE = {"initial": Stage.INITIAL, "follow_up": Stage.FOLLOW_UP}
CONVERSATION_WORDS = {"initial": "First conversation", "follow_up": "Follow-up conversation"}
ORDER = list(Stage)
# The stage that sending a message of this purpose moves the approach to.
STAGE_AFTER = {
    Purpose.FIRST_APPROACH: Stage.APPROACHED,
    Purpose.FOLLOW_UP: Stage.APPROACHED,
    Purpose.MENTORING_REQUEST: Stage.REQUESTED,
}


def open_approach(*, person: Person, needs: Iterable[Need] = (), why_them: str = "") -> tuple[Approach, bool]:
    """Shortlist ``person`` for ``needs``; returns the approach, and whether it is new.

    There is at most one open approach per person: the needs are added to an existing one. Raises
    ``portfolio.errors.AlreadyMentor`` for somebody who is a mentor.
    """
    if Mentorship.objects.filter(person=person).running().exists():
        raise AlreadyMentor(f"{person.name} is your mentor already, so there is nothing to ask. Nothing was changed.")
    try:
        with transaction.atomic():
            approach, new = _open_or_find(person, why_them)
    except IntegrityError:  # two identical requests at once
        approach, new = Approach.objects.open().get(person=person), False
    for need in needs:
        ApproachNeed.objects.get_or_create(owner_id=person.owner_id, approach=approach, need=need)
    return approach, new


def _open_or_find(person: Person, why_them: str) -> tuple[Approach, bool]:
    existing = Approach.objects.open().filter(person=person).first()
    if existing is not None:
        return existing, False
    approach = Approach.objects.create(owner_id=person.owner_id, person=person, why_them=why_them)
    ApproachEvent.objects.create(
        owner_id=person.owner_id, approach=approach, kind=EventKind.OPENED, what="Shortlisted", stage=approach.stage
    )
    return approach, True


def _onwards(approach: Approach, stage: Stage) -> Stage:
    """The later of the current stage and ``stage``, so that a step never moves an approach backwards."""
    return max(Stage(approach.stage), stage, key=ORDER.index)


@transaction.atomic
def set_rationale(*, approach: Approach, why_them: str, needs: Iterable[Need]) -> None:
    """Save why this person, and for which needs; updates the reason in drafts unless they have their own."""
    approach = lock_approach(approach)
    before = research.feeds(approach)
    approach.why_them = why_them
    approach.save(update_fields=["why_them"])
    research.feed_drafts(approach, before)
    wanted = {need.pk for need in needs}
    ApproachNeed.objects.filter(approach=approach).exclude(need_id__in=wanted).delete()
    for need_id in wanted:
        ApproachNeed.objects.get_or_create(owner_id=approach.owner_id, approach=approach, need_id=need_id)


@transaction.atomic
def move_stage(*, approach: Approach, stage: Stage, seen: str = "") -> ApproachEvent | None:
    """Move it to a stage, forwards or backwards. None if it is at that stage already.

    Moving on to a conversation stops the follow-up, because they must have answered. ``seen`` is the stage that the
    user's page showed. Raises :class:`OutreachError` if that page is out of date: the approach was moved in another
    tab, rests, or has ended.
    """
    approach = lock_approach(approach)
    if seen and not approach.is_open:
        what = "has ended" if approach.outcome else "rests"
        raise OutreachError(
            f"The approach to {approach.person.name} {what} by now, so it was not moved. Take it up again first."
        )
    if approach.stage == stage:
        return None
    if seen and approach.stage != seen:
        raise OutreachError(
            f"{approach.person.name} was moved to “{Stage(approach.stage).label}” elsewhere meanwhile. That stands; "
            "move it again if you still want to."
        )
    onwards = stage in CONVERSATION_STAGE.values() and _onwards(approach, stage) == stage
    event = change(approach, EventKind.MOVED, f"Moved to “{stage.label}”", stage=stage)
    if onwards:
        follow_ups.stop(approach=approach, because="You moved on to a conversation", event=event)
    return event


def record_reply(
    *,
    approach: Approach,
    at: dt.datetime | None = None,
    channel: Channel = Channel.EMAIL,
    words: str = "",
    outcome: Outcome | None = None,
    recorded_by: IncomingMail | None = None,
) -> ApproachEvent:
    """Record their answer and stop the follow-up. ``outcome`` is set for "no" and "not now", ``recorded_by`` if a mail
    that came in tells of it.

    A late answer reopens an approach that rests or was closed as "no answer". Repeated requests count once. Raises
    :class:`OutreachError` if it can't be reopened because another approach to the same person is open, and for a "no"
    from somebody who is now a mentor.
    """
    try:
        with transaction.atomic():
            return _record_reply(lock_approach(approach), at or timezone.now(), channel, words, outcome, recorded_by)
    except IntegrityError:
        raise OutreachError(
            f"There is already an open approach to {approach.person.name}; please note the reply there. "
            "Nothing was changed."
        ) from None


REPLY_WORDS = {None: "They replied", Outcome.DECLINED: "They said no, kindly", Outcome.NOT_NOW: "They said not now"}


def _record_reply(
    approach: Approach,
    at: dt.datetime,
    channel: Channel,
    words: str,
    outcome: Outcome | None,
    recorded_by: IncomingMail | None,
) -> ApproachEvent:
    if outcome and approach.outcome == Outcome.ACCEPTED:
        raise OutreachError(f"{approach.person.name} is one of your mentors by now. Nothing was changed.")
    if twice := _noted_just_now(approach, words, outcome):
        return twice
    message = None
    if words or recorded_by is not None:
        message = Message.objects.create(
            owner_id=approach.owner_id,
            person=approach.person,
            approach=approach,
            channel=channel,
            state=Message.State.RECEIVED,
            body=words,
            in_reply_to=approach.messages.filter(state=Message.State.SENT).last(),
            at=at,
            recorded_by=recorded_by,
        )
    event = change(
        approach,
        EventKind.REPLIED,
        REPLY_WORDS[outcome],
        at=at,
        stage=_onwards(approach, Stage.APPROACHED),
        reopen=approach.rest_until is not None or approach.outcome == Outcome.NO_ANSWER,
        outcome=outcome,
        replied_at=at,
        message=message,
    )
    follow_ups.stop(approach=approach, because="They replied", event=event)
    record_contact(person=approach.person, at=at, kind=Contact.Kind.MESSAGE, note=REPLY_NOTE)
    return event


ONE_PRESS = dt.timedelta(minutes=10)


def _noted_just_now(approach: Approach, words: str, outcome: Outcome | None) -> ApproachEvent | None:
    """The latest event if it is the same answer, recorded a moment ago by a repeated request."""
    event = latest(approach)
    if event is None or (event.kind, event.what) != (EventKind.REPLIED, REPLY_WORDS[outcome]):
        return None
    same = words == (event.message.body if event.message else "")
    return event if same and event.created_at >= timezone.now() - ONE_PRESS else None


def _wakes(approach: Approach) -> bool:
    """Whether an answer reopens the approach: it rests or ended unanswered, and no other one to the person is open."""
    quiet = approach.rest_until is not None or approach.outcome == Outcome.NO_ANSWER
    return quiet and not Approach.objects.open().filter(person_id=approach.person_id).exists()


@transaction.atomic
def conversation_planned(*, approach: Approach, kind: Conversation, when: str, moved: bool = False) -> ApproachEvent:
    """Record that a conversation has a date (``when``, as text): this counts as an answer, and moves to that stage.

    ``moved``: it had another date before. Reopens an approach that rests or was closed as "no answer".
    """
    approach = lock_approach(approach)
    event = change(
        approach,
        EventKind.PLANNED,
        f"{CONVERSATION_WORDS[kind]} {'moved to' if moved else 'planned for'} {when}",
        stage=_onwards(approach, CONVERSATION_STAGE[kind]),
        replied_at=timezone.now(),
        reopen=_wakes(approach),
    )
    follow_ups.stop(approach=approach, because="A conversation is planned", event=event)
    return event


@transaction.atomic
def conversation_called_off(*, approach: Approach, kind: Conversation) -> ApproachEvent:
    """Record that the conversation was cancelled; the approach stays at its stage."""
    return change(lock_approach(approach), EventKind.CALLED_OFF, f"{CONVERSATION_WORDS[kind]} called off")


@transaction.atomic
def conversation_on_again(*, approach: Approach, kind: Conversation, when: str) -> None:
    """Undo the cancellation, or plan the conversation again at ``when`` (text) if there were other changes since."""
    event = latest(approach)
    if event is not None and event.kind == EventKind.CALLED_OFF:
        undo(event)
    else:
        conversation_planned(approach=approach, kind=kind, when=when)


@transaction.atomic
def record_conversation(
    *, person: Person, at: dt.datetime, kind: Conversation, approach: Approach | None, minutes: int | None = None
) -> ApproachEvent | None:
    """Record a conversation at ``at`` (UTC): adds a contact, stops follow-ups, and moves the approach to that stage.

    ``minutes`` is its length, if known.
    """
    event = _conversation_held(lock_approach(approach), at, kind) if approach is not None else None
    # Last, so that the event has stopped the follow-up and an undo can bring it back.
    record_contact(person=person, at=at, kind=Contact.Kind.MEETING, note=CONVERSATION_WORDS[kind], minutes=minutes)
    return event


def _conversation_held(approach: Approach, at: dt.datetime, kind: str) -> ApproachEvent:
    event = change(
        approach,
        EventKind.HELD,
        f"{CONVERSATION_WORDS[kind]} held",
        at=at,
        stage=_onwards(approach, CONVERSATION_STAGE[kind]),
        replied_at=at,
        reopen=_wakes(approach),
    )
    follow_ups.stop(approach=approach, because="You spoke", event=event)
    return event


@transaction.atomic
def forget_conversation(*, approach: Approach, at: dt.datetime) -> None:
    """Remove a conversation's contact, and undo its event if that is the latest one."""
    forget_contacts(Contact.objects.filter(person_id=approach.person_id, at=at, kind=Contact.Kind.MEETING))
    event = latest(approach)
    if event is not None and event.kind == EventKind.HELD and event.at == at:
        undo(event)


@transaction.atomic
def end_approach(*, approach: Approach, outcome: Outcome) -> ApproachEvent:
    """Close the approach with this outcome."""
    approach = lock_approach(approach)
    if approach.outcome:
        raise OutreachError("This approach has already ended. Nothing was changed.")
    event = change(approach, EventKind.ENDED, f"Ended: {outcome.label.lower()}", outcome=outcome)
    follow_ups.stop(approach=approach, because="The approach ended", event=event)
    return event


# An ended approach may still be left to rest if there was no answer or a "not now".
MAY_REST = {"", Outcome.NOT_NOW, Outcome.NO_ANSWER}


@transaction.atomic
def rest(*, approach: Approach, until: dt.date) -> ApproachEvent:
    """Let it rest until the local date ``until``, and remind the user then.

    Raises :class:`OutreachError` unless it is open, or ended without an answer or with a "not now".
    """
    approach = lock_approach(approach)
    if approach.outcome not in MAY_REST or (approach.rest_until is not None and not approach.outcome):
        raise OutreachError("This approach rests already, or has ended. Nothing was changed.")
    event = change(approach, EventKind.RESTED, f"Left to rest until {until:%-d %B %Y}", rest_until=until, reopen=True)
    follow_ups.stop(approach=approach, because="Left to rest", event=event)
    return event


def take_up_again(*, approach: Approach) -> ApproachEvent:
    """Reopen a resting or ended approach; raises :class:`OutreachError` if another one to the person is open."""
    busy = OutreachError(f"There is already an open approach to {approach.person.name}. Nothing was changed.")
    try:
        with transaction.atomic():
            approach = lock_approach(approach)
            if approach.outcome == Outcome.ACCEPTED:
                raise OutreachError("This one became a mentorship. You find it in your portfolio.")
            return change(approach, EventKind.WOKEN, "Taken up again", reopen=True)
    except IntegrityError:
        raise busy from None


@transaction.atomic
def become_mentoring(
    *,
    approach: Approach,
    origin: Mentorship.Origin,
    on: dt.date,
    needs: Iterable[Need] = (),
    competency: str = "",
    rhythm_weeks: int | None = None,
) -> Mentorship:
    """Close the approach as accepted and open a mentorship on the local date ``on``.

    Raises ``portfolio.errors.AlreadyMentor`` if a mentorship with this person is running.
    """
    approach = lock_approach(approach)
    mentorship = open_mentorship(person=approach.person, origin=origin, on=on, needs=needs, competency=competency)
    mentorship.rhythm_weeks = rhythm_weeks
    mentorship.save(update_fields=["rhythm_weeks"])
    what = "They said yes: this is mentoring now" if origin == Mentorship.Origin.ASKED else "This has become mentoring"
    event = change(approach, EventKind.ENDED, what, outcome=Outcome.ACCEPTED, replied_at=timezone.now(), reopen=True)
    follow_ups.stop(approach=approach, because="This is mentoring now", event=event)
    return mentorship


@transaction.atomic
def note_sent(*, approach: Approach, message: Message) -> ApproachEvent:
    """Record a sent message: moves the stage by its purpose, and plans a follow-up if an answer is expected.

    An approach that rests or has ended keeps its state and gets no follow-up.
    """
    approach = lock_approach(approach)
    stage = STAGE_AFTER.get(Purpose(message.purpose)) if approach.is_open else None
    event = change(
        approach,
        EventKind.SENT,
        _went(message),
        at=message.at,
        stage=_onwards(approach, stage) if stage else None,
        message=message,
    )
    written = follow_ups.close(approach=approach, state=FollowUp.State.DONE, because="You wrote again", event=event)
    if approach.is_open and message.at:
        _plan_after(approach, message, event, written)
    return event


def _went(message: Message) -> str:
    """How the history describes the sending, by channel."""
    what = message.get_purpose_display()
    if message.channel == Channel.PHONE:
        return f"You rang: {what.lower()}"
    if message.channel == Channel.IN_PERSON:
        return f"You spoke: {what.lower()}"
    return f"{what} sent"


def _plan_after(approach: Approach, message: Message, event: ApproachEvent, written: FollowUp | None) -> None:
    """Start the plan of follow-ups after a question; after a due follow-up, plan the next one if there is one."""
    turn = 1 if message.purpose in follow_ups.AWAITS_ANSWER else 0
    if written is not None and message.purpose == Purpose.FOLLOW_UP:
        turn = written.turn + 1
    if turn and message.at and not _in_touch_since(approach, message.at):
        sent_on = approach.owner.local(message.at).date()
        late = sent_on < approach.owner.today()
        follow_ups.plan(approach=approach, sent_on=sent_on, planned_by=event, turn=turn, late=late)


def _in_touch_since(approach: Approach, at: dt.datetime) -> bool:
    """Whether a reply or contact since the message is recorded: messages are often marked as sent days later."""
    return Contact.objects.filter(person_id=approach.person_id, at__gt=at).exists()


@transaction.atomic
def change_plan(*, approach: Approach, nudges: int, waits: Sequence[int], seen: str = "") -> FollowUp | None:
    """Set the number of follow-ups (0 to 3), and the working days (1 to 60) before each; always three values.

    Returns the follow-up that is now waiting. ``seen`` is the plan that the user's page showed; raises
    :class:`OutreachError` if it was changed in another tab meanwhile.
    """
    approach = lock_approach(approach)
    if seen and seen != approach.plan_key:
        raise OutreachError(
            f"The plan was changed elsewhere meanwhile: “{follow_ups.in_words(approach.waits)}” That stands; change it "
            "again if you still want to."
        )
    approach.nudges = nudges
    approach.first_after, approach.second_after, approach.third_after = waits
    approach.save(update_fields=["nudges", "first_after", "second_after", "third_after"])
    return follow_ups.replan(approach)
