"""Concurrent identical requests, on a real database."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from meetings import notes, services
from meetings.models import AgendaItem, Meeting, MentorWord
from meetings.sharing import mentor_actions
from portfolio.models import Contact, Person
from tests.factories import make_item, make_meeting, make_offer, make_share_link
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_holds_at_once_note_one_contact(bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(hours=1))
    assert sorted(at_once(*[lambda: services.hold_meeting(meeting=meeting)] * 4)) == [False, False, False, True]
    assert Contact.objects.count() == 1


def test_four_plans_at_once_carry_each_point_over_once(bob: Person) -> None:
    over = make_meeting(bob, starts_at=timezone.now() - dt.timedelta(days=3), state="cancelled")
    make_item(over, "still open")
    wish = {
        "owner": bob.owner,
        "person": bob,
        "kind": "regular",
        "starts_local": dt.datetime.now().replace(microsecond=0) + dt.timedelta(days=3),
        "zone": "Europe/London",
    }
    assert len({meeting.pk for meeting in at_once(*[lambda: services.plan_meeting(**wish)] * 4)}) == 1
    assert Meeting.objects.planned().count() == 1
    assert [item.words for item in AgendaItem.objects.filter(state="open")].count("still open") == 1


def test_four_picks_at_once_settle_one_time_and_say_it_once(bob: Person) -> None:
    meeting = make_meeting(bob)
    offer = make_offer(meeting, timezone.now() + dt.timedelta(days=3))
    link = make_share_link(bob)

    def pick() -> bool:
        try:
            mentor_actions.pick_time(link=link, offer=offer.pk)
        except mentor_actions.NotNow:
            return False
        return True

    assert sorted(at_once(*[pick] * 4)) == [False, False, False, True]
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.answer) == (offer.starts_at, "yes")
    assert MentorWord.objects.count() == 1


def test_four_windows_at_once_lose_no_word(bob: Person) -> None:
    meeting = make_meeting(bob)
    words = iter(["one", "two", "three", "four"])

    def save() -> None:
        mine = next(words)
        notes.save_notes(meeting=meeting, words={"private_notes": mine}, bases={"private_notes": notes.fingerprint("")})

    at_once(*[save] * 4)
    kept = Meeting.objects.get(pk=meeting.pk).private_notes
    assert all(word in kept for word in ("one", "two", "three", "four"))
