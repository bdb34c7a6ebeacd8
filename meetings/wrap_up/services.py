"""Wraps up a conversation: saves outcomes, actions, results and the impression together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from accounts.private_notes import first_alike
from meetings.actions import add_action
from meetings.agenda.carry_over import carry_on
from meetings.agenda.items import mark_item
from meetings.locking import lock_meeting
from meetings.models import Action, AgendaItem, Impression, Meeting
from meetings.services import hold_meeting
from portfolio.models import Mentorship, WhatCameOfIt
from portfolio.people.mentions import Mention, keep_mentioned


@dataclass(frozen=True)
class Point:
    """The result of one point of the agenda; ``open`` means that it is carried over to the next meeting."""

    item: AgendaItem
    state: AgendaItem.State
    outcome: str = ""


@dataclass(frozen=True)
class WrapUp:
    """The form's data. ``mine``: the user's actions with a local date or None; ``offered``: the other person's."""

    points: Iterable[Point] = ()
    mine: Iterable[tuple[str, dt.date | None]] = ()
    offered: Iterable[str] = ()
    mentioned: Sequence[Mention] = ()
    came_of_it: str = ""
    shows_agreed: bool = False
    felt: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def wrap_up(*, meeting: Meeting, wrap: WrapUp) -> bool:
    """Save everything and record the meeting as held; idempotent. False if the meeting was cancelled."""
    meeting = lock_meeting(meeting)
    if meeting.state == Meeting.State.CANCELLED:
        return False
    for point in wrap.points:
        mark_item(item=point.item, state=point.state, outcome=point.outcome)
    for words, due_on in wrap.mine:
        add_action(meeting=meeting, action=Action(words=words, whose=Action.Whose.MINE, due_on=due_on))
    for words in wrap.offered:
        add_action(meeting=meeting, action=Action(words=words, whose=Action.Whose.THEIRS))
    if wrap.mentioned:
        keep_mentioned(by=meeting.person, mentions=wrap.mentioned)
    if wrap.came_of_it and meeting.mentorship is not None:
        _came_of_it(meeting.mentorship, wrap.came_of_it)
    if any(wrap.felt.values()):
        Impression.objects.update_or_create(meeting=meeting, defaults={"owner_id": meeting.owner_id, **wrap.felt})
    meeting.shows_agreed = wrap.shows_agreed
    meeting.save(update_fields=["shows_agreed"])
    if not hold_meeting(meeting=meeting):
        carry_on(meeting)
    return True


def _came_of_it(mentorship: Mentorship, words: str) -> None:
    on = mentorship.owner.today()
    if first_alike(mentorship.outcomes.all(), on=on, words=words) is None:
        WhatCameOfIt.objects.create(owner_id=mentorship.owner_id, mentorship=mentorship, on=on, words=words)
