"""Changes to introductions: one person is asked to introduce the user to another."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from outreach.errors import OutreachError
from outreach.follow_ups import introduction_reminder, send_later
from outreach.models import Introduction, Message, Purpose
from portfolio.models import Knows, Mentorship, Need, Person
from portfolio.people.introduction_paths import leads_back

State = Introduction.State
# The note of a ``Knows`` row added by a made introduction, so that undo removes only that row.
INTRODUCED = "Introduced you"
DATES = ["state", "asked_on", "agreed_on", "closed_on"]
# The allowed changes of state. A late answer still counts.
ONWARDS: dict[str, tuple[str, ...]] = {
    State.CONSIDERED: (State.ASKED, State.AGREED, State.MADE, State.DECLINED, State.NO_ANSWER),
    State.ASKED: (State.AGREED, State.MADE, State.DECLINED, State.NO_ANSWER),
    State.AGREED: (State.MADE, State.DECLINED, State.NO_ANSWER),
    State.DECLINED: (State.AGREED, State.MADE),
    State.NO_ANSWER: (State.AGREED, State.MADE, State.DECLINED),
    State.MADE: (),
}


def open_introduction(
    *, target: Person, introducer: Person, need: Need | None = None, why: str = ""
) -> tuple[Introduction, bool]:
    """Consider asking ``introducer`` for ``target``; returns the introduction, and whether it is new.

    Returns the existing one for the same pair, even after it was made. Raises :class:`OutreachError` if both are the
    same person, if the target is a mentor, and for a circle.
    """
    if target.owner_id != introducer.owner_id or (need and need.owner_id != target.owner_id):
        raise OutreachError("One of them is not among your people. Nothing was changed.")
    if target.pk == introducer.pk:
        raise OutreachError(
            f"{target.name} can’t introduce you to themselves. Choose somebody who knows them; nothing was changed."
        )
    if Mentorship.objects.filter(person=target).running().exists():
        raise OutreachError(f"{target.name} is your mentor already, so you need no introduction. Nothing was changed.")
    pairs = Introduction.objects.filter(owner_id=target.owner_id)
    found = pairs.filter(target=target, introducer=introducer, state__in=[*Introduction.OPEN, State.MADE]).first()
    if found is None:
        _refuse_a_circle(target, introducer)
        try:
            with transaction.atomic():
                return _consider(target, introducer, need, why), True
        except IntegrityError:  # two identical requests at once
            found = pairs.open().get(target=target, introducer=introducer)
    if need and found.need_id is None:
        found.need = need
        found.save(update_fields=["need"])
    return found, False


def _consider(target: Person, introducer: Person, need: Need | None, why: str) -> Introduction:
    return Introduction.objects.create(
        owner_id=target.owner_id,
        target=target,
        introducer=introducer,
        need=need,
        why=why[:300],
        considered_on=target.owner.today(),
    )


def _refuse_a_circle(target: Person, introducer: Person) -> None:
    """While B is asked to introduce A, refuse to ask A to introduce B: neither can be reached first."""
    waiting = Introduction.objects.filter(owner_id=target.owner_id).open()
    if leads_back(introducer.pk, target.pk, waiting.values_list("introducer", "target")):
        raise OutreachError(
            f"That would go in a circle: you mean to reach {introducer.name} through {target.name} already. "
            "Close that introduction first, or choose somebody else. Nothing was changed."
        )


def lock_introduction(introduction: Introduction) -> Introduction:
    """The introduction's current row, locked until the transaction ends."""
    rows = Introduction.objects.select_for_update(of=("self",)).select_related("target", "introducer", "owner")
    return rows.get(pk=introduction.pk)


def move(*, introduction: Introduction, to: str, on: dt.date) -> bool:
    """Change the state on a local date. False if it is in that state already.

    When made, adds that the introducer knows the target. Raises :class:`OutreachError` for a change that is not
    allowed, and for a date before the previous step.
    """
    try:
        with transaction.atomic():
            return _move(lock_introduction(introduction), State(to), on)
    except IntegrityError:
        raise OutreachError("There is a newer open introduction between these two. Nothing was changed.") from None


def _move(introduction: Introduction, to: State, on: dt.date) -> bool:
    if introduction.state == to:
        return False
    if to not in ONWARDS[introduction.state]:
        raise OutreachError(
            f"It stands at “{introduction.get_state_display().lower()}”, and from there it can’t go to "
            f"“{to.label.lower()}”. Nothing was changed."
        )
    earlier = [day for day in (introduction.asked_on, introduction.agreed_on) if day]
    if earlier and on < max(earlier):
        raise OutreachError(
            f"The step before was on {max(earlier):%-d %B %Y}: choose that day or a later one. Nothing was changed."
        )
    introduction.state = to
    if to == State.ASKED:
        introduction.asked_on = on
    elif to == State.AGREED:
        introduction.agreed_on = on
    introduction.closed_on = None if to in Introduction.OPEN else on
    introduction.save(update_fields=DATES)
    introduction_reminder.settle(introduction)
    if to == State.MADE:
        Knows.objects.get_or_create(
            owner_id=introduction.owner_id,
            knower=introduction.introducer,
            known=introduction.target,
            defaults={"note": INTRODUCED},
        )
    return True


def before(introduction: Introduction) -> str:
    """The state before the last step, derived from the dates; empty if it is only considered."""
    if introduction.state == State.CONSIDERED:
        return ""
    if introduction.agreed_on and introduction.state != State.AGREED:
        return State.AGREED
    if introduction.asked_on and introduction.state != State.ASKED:
        return State.ASKED
    return State.CONSIDERED


def undo_move(*, introduction: Introduction, state: str) -> str:
    """Undo the last step if it is the one that led to ``state``; returns the resulting state.

    If a sent message was the request, it becomes a draft again.
    """
    try:
        with transaction.atomic():
            return _undo(lock_introduction(introduction), state)
    except IntegrityError:
        raise OutreachError("There is a newer open introduction between these two. Nothing was changed.") from None


def _undo(introduction: Introduction, state: str) -> str:
    to = before(introduction)
    if introduction.state != state or not to:
        raise OutreachError("Something happened after that, so it can’t be undone any more. Nothing was changed.")
    if state == State.MADE:
        path = Knows.objects.filter(knower=introduction.introducer_id, known=introduction.target_id).first()
        if path is not None and path.note == INTRODUCED:
            path.delete()
    introduction.state, introduction.closed_on = to, None
    if to != State.AGREED:
        introduction.agreed_on = None
    if to == State.CONSIDERED:
        introduction.asked_on = None
    introduction.save(update_fields=DATES)
    if state == State.ASKED:
        for request in _requests(introduction):
            request.back_to_draft()
            send_later.take_back(request)
    introduction_reminder.settle(introduction)
    return Introduction.State(to).label


def _requests(introduction: Introduction) -> list[Message]:
    """The requests that are marked as sent."""
    sent = introduction.messages.filter(purpose=Purpose.INTRODUCTION, state=Message.State.SENT)
    return list(sent.select_related("owner", "person"))


def note_sent(*, introduction: Introduction, message: Message) -> None:
    """Record that one of its messages was sent: "considered" becomes "asked". Call it in a transaction."""
    introduction = lock_introduction(introduction)
    if message.purpose == Purpose.INTRODUCTION and introduction.state == State.CONSIDERED and message.at:
        _move(introduction, State.ASKED, introduction.owner.local(message.at).date())
    elif message.purpose == Purpose.FOLLOW_UP:
        introduction_reminder.settle(introduction)


def note_unsent(*, introduction: Introduction, message: Message) -> None:
    """Record that the message was not sent after all. Raises :class:`OutreachError` if there is an answer to it."""
    introduction = lock_introduction(introduction)
    if message.purpose == Purpose.FOLLOW_UP:
        introduction_reminder.settle(introduction, without=message)
    if message.purpose != Purpose.INTRODUCTION or _requests(introduction) != [message]:
        return
    if introduction.state not in {State.CONSIDERED, State.ASKED}:
        raise OutreachError(
            f"This introduction stands at “{introduction.get_state_display().lower()}” by now. Undo that first; "
            "nothing was changed."
        )
    introduction.state, introduction.asked_on = State.CONSIDERED, None
    introduction.save(update_fields=DATES)
    introduction_reminder.settle(introduction)


@transaction.atomic
def forget(*, introduction: Introduction) -> None:
    """Delete it with its messages and reminders."""
    introduction_reminder.forget(introduction)
    for draft in introduction.messages.filter(state=Message.State.DRAFT).select_related("owner"):
        send_later.stop(draft)
    introduction.delete()
