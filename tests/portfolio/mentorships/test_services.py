from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import User
from portfolio.errors import AlreadyMentor, EndsBeforeStart, NotYours
from portfolio.mentorships import services as mentorships
from portfolio.models import Mentorship, MentorshipEvent, Person, Support
from portfolio.people import contacts
from tests.factories import make_contact, make_mentorship, make_need, make_person, make_support

DAY = dt.date(2026, 3, 2)
LATER = dt.date(2026, 5, 4)


def history(mentorship: Mentorship) -> list[tuple[str, dt.date]]:
    return list(MentorshipEvent.objects.filter(mentorship=mentorship).values_list("what", "on"))


def test_open_mentorship_writes_history_and_a_support_per_need(alice: User, bob: Person) -> None:
    need = make_need(alice)
    mentorship = mentorships.open_mentorship(
        person=bob, origin="asked", on=DAY, needs=[need, need], competency="why", note="Over coffee"
    )
    assert (mentorship.owner, mentorship.person, mentorship.started_on) == (alice, bob, DAY)
    assert history(mentorship) == [("opened", DAY)]
    supports = Support.objects.filter(mentorship=mentorship)
    assert list(supports.values_list("competency", "need", "since")) == [("whom", need.pk, DAY), ("why", None, DAY)]


def test_open_mentorship_refuses_a_second_running_one_and_keeps_the_first(alice: User, bob: Person) -> None:
    first = mentorships.open_mentorship(person=bob, origin="asked", on=DAY)
    with pytest.raises(AlreadyMentor):
        mentorships.open_mentorship(person=bob, origin="grew", on=LATER, needs=[make_need(alice)])
    assert list(Mentorship.objects.all()) == [first]
    assert Support.objects.count() == 0


def test_open_mentorship_works_again_after_an_ended_one(bob: Person) -> None:
    first = mentorships.open_mentorship(person=bob, origin="asked", on=DAY)
    mentorships.end_mentorship(mentorship=first, ended_as="complete", on=LATER)
    mentorships.open_mentorship(person=bob, origin="grew", on=LATER)
    assert Mentorship.objects.running().count() == 1


def test_open_mentorship_refuses_a_strangers_need(bob: Person, charlie: User) -> None:
    with pytest.raises(NotYours):
        mentorships.open_mentorship(person=bob, origin="asked", on=DAY, needs=[make_need(charlie)])
    assert Mentorship.objects.count() == 0


def test_pause_and_resume_are_dated_once(bob: Person) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=DAY)
    assert mentorships.pause_mentorship(mentorship=mentorship, on=DAY) is True
    assert mentorships.pause_mentorship(mentorship=mentorship, on=DAY) is False
    assert mentorships.resume_mentorship(mentorship=mentorship, on=LATER) is True
    assert mentorships.resume_mentorship(mentorship=mentorship, on=LATER) is False
    assert history(mentorship) == [("opened", DAY), ("paused", DAY), ("resumed", LATER)]


def test_pause_taken_back_on_its_day_leaves_no_trace(bob: Person) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=DAY)
    mentorships.pause_mentorship(mentorship=mentorship, on=LATER)
    mentorships.resume_mentorship(mentorship=mentorship, on=LATER)
    mentorship.refresh_from_db()
    assert mentorship.status == "active"
    assert history(mentorship) == [("opened", DAY)]


def test_end_closes_supports_and_reopen_brings_all_back(alice: User, bob: Person) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=DAY, needs=[make_need(alice)])
    mentorships.pause_mentorship(mentorship=mentorship, on=DAY)
    assert mentorships.end_mentorship(mentorship=mentorship, ended_as="drifted", on=LATER) is True
    assert mentorships.end_mentorship(mentorship=mentorship, ended_as="complete", on=LATER) is False
    mentorship.refresh_from_db()
    assert (mentorship.status, mentorship.ended_as, mentorship.ended_on) == ("ended", "drifted", LATER)
    assert Support.objects.get().until == LATER
    assert mentorships.reopen_mentorship(mentorship=mentorship) is True
    mentorship.refresh_from_db()
    assert (mentorship.status, mentorship.ended_as, mentorship.ended_on) == ("paused", "", None)
    assert Support.objects.get().until is None
    assert history(mentorship) == [("opened", DAY), ("paused", DAY)]


def test_end_before_the_beginning_is_refused(bob: Person) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=LATER)
    with pytest.raises(EndsBeforeStart, match="4 May 2026"):
        mentorships.end_mentorship(mentorship=mentorship, ended_as="complete", on=DAY)
    mentorship.refresh_from_db()
    assert mentorship.status == "active"


def test_end_survives_a_support_that_starts_later(bob: Person) -> None:
    mentorship = make_mentorship(bob, started_on=DAY)
    make_support(mentorship, since=LATER)
    mentorships.end_mentorship(mentorship=mentorship, ended_as="complete", on=DAY)
    assert Support.objects.get().until == LATER


def test_reopen_is_refused_while_a_newer_one_runs(bob: Person) -> None:
    old = mentorships.open_mentorship(person=bob, origin="asked", on=DAY)
    mentorships.end_mentorship(mentorship=old, ended_as="complete", on=LATER)
    mentorships.open_mentorship(person=bob, origin="grew", on=LATER)
    with pytest.raises(AlreadyMentor):
        mentorships.reopen_mentorship(mentorship=old)
    old.refresh_from_db()
    assert old.status == "ended"


def test_became_friends_is_noted_once_and_taken_back(bob: Person) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=DAY)
    assert mentorships.became_friends(mentorship=mentorship, on=LATER) is True
    assert mentorships.became_friends(mentorship=mentorship, on=LATER) is False
    assert history(mentorship) == [("opened", DAY), ("became_friends", LATER)]
    mentorships.not_friends_yet(mentorship=mentorship)
    mentorship.refresh_from_db()
    assert mentorship.friends_since is None
    assert history(mentorship) == [("opened", DAY)]


@time_machine.travel("2026-03-02 10:00Z", tick=False)
def test_last_contact_is_the_latest_of_this_person(alice: User, bob: Person) -> None:
    other = make_person(alice, "Cara")
    assert contacts.last_contact(bob) is None
    old = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    new = contacts.record_contact(person=bob, at=old + dt.timedelta(days=9), kind="call", note="x" * 900 + "\0")
    make_contact(bob, at=old)
    make_contact(other, at=old + dt.timedelta(days=40))
    assert contacts.last_contact(bob) == new
    assert (new.owner, len(new.note)) == (alice, 500)
