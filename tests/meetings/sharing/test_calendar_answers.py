"""A mentor accepts or declines an invitation in their own calendar, and the answer comes in by mail."""

from __future__ import annotations

import pytest

from accounts.models import User
from mail.models import IncomingMail, OutgoingMail
from meetings.calendar.invitations import uid_of
from meetings.models import Meeting
from outreach.incoming import undoing
from tests.factories import make_meeting, make_person
from tests.outreach.incoming.mails import JULIE, arrive
from tests.outreach.incoming.mails import calendar_answer as answer

pytestmark = [pytest.mark.django_db, pytest.mark.clock("2026-01-06 10:00Z")]
State = IncomingMail.State


@pytest.fixture
def meeting(alice: User) -> Meeting:
    return make_meeting(make_person(alice, "Julie Hart", email=JULIE))


@pytest.mark.parametrize(("says", "kept"), [("ACCEPTED", "yes"), ("DECLINED", "no")])
def test_it_is_noted_at_the_meeting_and_can_be_taken_back(alice: User, meeting: Meeting, says: str, kept: str) -> None:
    mail = arrive(alice, answer(uid_of(meeting), says), sender=JULIE)
    meeting.refresh_from_db()
    assert (mail.state, mail.kind, meeting.answer) == (State.APPLIED, "calendar_reply", kept)
    assert mail.why == f"Julie Hart {says.lower()} your invitation."
    undoing.take_back(mail)
    meeting.refresh_from_db()
    assert meeting.answer == ""
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "mail",
    [
        lambda uid: answer("another@mentorfolio", "ACCEPTED"),
        lambda uid: answer(uid, "TENTATIVE"),
        lambda uid: answer(uid, "NONSENSE"),
        lambda uid: answer(uid, "ACCEPTED", sender="eve@example.com"),
        lambda uid: answer(uid, "ACCEPTED", sender="eve@example.com", attendee="eve@example.com"),
    ],
)
def test_what_is_not_plain_asks(alice: User, meeting: Meeting, mail: object) -> None:
    kept = arrive(alice, mail(uid_of(meeting)), sender=JULIE)  # type: ignore[operator]
    meeting.refresh_from_db()
    assert (kept.state, meeting.answer) == (State.ASKS, "")


def test_a_meeting_that_was_called_off_stays_so(alice: User, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.CANCELLED)
    assert arrive(alice, answer(uid_of(meeting), "ACCEPTED"), sender=JULIE).state == State.ASKS
    assert Meeting.objects.get().answer == ""


def test_a_broken_calendar_is_no_error(alice: User, meeting: Meeting) -> None:
    broken = answer(uid_of(meeting), "ACCEPTED").as_bytes().replace(b"END:VEVENT", b"END:NOTHING")
    assert arrive(alice, broken, sender=JULIE).state in {State.ASKS, State.APPLIED}
