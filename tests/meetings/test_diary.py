"""No double booking: what two people are offered goes to one of them, and a time that is taken is said beforehand."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from meetings import diary, services
from meetings.models import Meeting, MentorWord
from meetings.sharing import mentor_actions
from meetings.sharing.mentor_page import mentor_page_for
from meetings.signed_links import token_for
from portfolio.models import Person
from tests.factories import make_meeting, make_offer, make_person, make_share_link
from tests.races import at_once

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
frozen = pytest.mark.clock(NOW)


@pytest.fixture
def gwen(alice: User) -> Person:
    return make_person(alice, "Gwen Abara")


def offered(person: Person, *hours: int, minutes: int = 60) -> Meeting:
    """A meeting with these times on offer, in hours from now; the first is its own."""
    meeting = make_meeting(person, starts_at=NOW + hours[0] * HOUR, minutes=minutes)
    for hour in hours:
        make_offer(meeting, NOW + hour * HOUR)
    return meeting


def pick(meeting: Meeting, hour: float) -> None:
    link = make_share_link(meeting.person)
    offer = meeting.offers.get(starts_at=NOW + hour * HOUR)
    mentor_actions.pick_time(link=link, offer=offer.pk)


def wish(person: Person, **fields: str) -> dict[str, str]:
    plain = {"person": str(person.pk), "kind": "regular", "day": "2026-03-04", "time": "10:00", "minutes": "60"}
    return {**plain, "zone": "Europe/London", **fields}


# --- What two were offered ------------------------------------------------------------------------


@frozen
def test_once_one_has_picked_the_time_is_gone_for_the_other_and_the_rest_stays(bob: Person, gwen: Person) -> None:
    mine, theirs = offered(bob, 48, 72), offered(gwen, 48, 72)
    pick(mine, 48)
    link = make_share_link(gwen)
    page = Client().get(reverse("mentor_page", args=[token_for(link)])).content.decode()
    assert "Wednesday 4 March" not in page
    assert "Thursday 5 March" in page
    assert "One of the times" in page
    assert "Bob" not in page  # whose it is now is nobody's business
    gone = theirs.offers.get(starts_at=NOW + 48 * HOUR)
    with pytest.raises(mentor_actions.NotNow, match="has just been taken"):
        mentor_actions.pick_time(link=link, offer=gone.pk)
    theirs.refresh_from_db()
    assert theirs.answer == ""
    assert theirs.offers.count() == 2
    assert MentorWord.objects.filter(link=link).count() == 0


@frozen
def test_a_page_that_was_open_says_kindly_that_the_time_has_gone(bob: Person, gwen: Person) -> None:
    mine, theirs = offered(bob, 48, 72), offered(gwen, 48, 72)
    address = reverse("mentor_page", args=[token_for(make_share_link(gwen))])
    pick(mine, 48)
    gone = theirs.offers.get(starts_at=NOW + 48 * HOUR)
    answer = Client().post(address, {"act": "pick", "offer": gone.pk})
    assert answer.status_code == 422
    assert "That time has just been taken. Please choose another" in answer.content.decode()


@frozen
@pytest.mark.parametrize(("begins", "free"), [(46, True), (46.5, False), (47.5, False), (48.5, False), (49, True)])
def test_a_time_is_taken_for_as_long_as_the_meetings_last(bob: Person, gwen: Person, begins: float, free: bool) -> None:
    """Bob's lasts from 47 to 49 hours from now; one that begins as it ends may follow."""
    make_meeting(bob, starts_at=NOW + 47 * HOUR, minutes=120)
    theirs = make_meeting(gwen, starts_at=NOW + 96 * HOUR, minutes=60)
    offer = make_offer(theirs, NOW + begins * HOUR)
    found = diary.choice(theirs)
    assert (found.free == [offer]) is free
    assert bool(found.gone) is not free


@frozen
@pytest.mark.parametrize(
    ("fields", "free"),
    [({}, False), ({"answer": "yes"}, False), ({"answer": "no"}, True), ({"state": "cancelled"}, True)],
)
def test_only_what_is_planned_and_not_declined_takes_its_time(
    bob: Person, gwen: Person, fields: dict[str, str], free: bool
) -> None:
    make_meeting(bob, starts_at=NOW + 48 * HOUR, **fields)
    assert bool(diary.choice(offered(gwen, 48)).free) is free


@frozen
def test_a_strangers_meeting_takes_nobody_elses_time(gwen: Person, charlie: User) -> None:
    make_meeting(make_person(charlie, "Dora"), starts_at=NOW + 48 * HOUR)
    assert diary.choice(offered(gwen, 48)).free


@frozen
def test_a_time_comes_back_once_the_meeting_that_took_it_is_cancelled(bob: Person, gwen: Person) -> None:
    mine, theirs = offered(bob, 48), offered(gwen, 48)
    pick(mine, 48)
    assert not diary.choice(theirs).free
    services.cancel_meeting(meeting=mine)
    assert diary.choice(theirs).free


@frozen
def test_when_all_times_have_gone_both_sides_are_told(bob: Person, gwen: Person, alice_client: Client) -> None:
    mine, theirs = offered(bob, 48), offered(gwen, 48)
    pick(mine, 48)
    link = make_share_link(gwen)
    page = Client().get(reverse("mentor_page", args=[token_for(link)])).content.decode()
    assert "have been taken since" in page
    assert "Yes, that suits me" not in page
    assert "This one, please" not in page
    with pytest.raises(mentor_actions.NotNow):
        mentor_actions.answer_time(link=link, yes=True, seen=int(theirs.starts_at.timestamp()))
    page = alice_client.get(theirs.get_absolute_url()).content.decode()
    assert "None of the times on offer is free any more" in page
    assert "now you meet" in page
    assert "Bob" in page


@frozen
def test_yes_after_no_is_refused_once_somebody_else_has_the_time(bob: Person, gwen: Person) -> None:
    declined, theirs = make_meeting(bob, starts_at=NOW + 48 * HOUR, answer="no"), offered(gwen, 48)
    pick(theirs, 48)
    link, seen = make_share_link(bob), int(declined.starts_at.timestamp())
    with pytest.raises(mentor_actions.NotNow, match="taken since"):
        mentor_actions.answer_time(link=link, yes=True, seen=seen)
    services.cancel_meeting(meeting=theirs)
    mentor_actions.answer_time(link=link, yes=True, seen=seen)
    declined.refresh_from_db()
    assert declined.answer == "yes"


# --- What the user plans --------------------------------------------------------------------------


@frozen
def test_planning_at_a_taken_time_warns_with_whom_and_goes_through_when_it_is_meant(
    alice_client: Client, bob: Person, gwen: Person
) -> None:
    make_meeting(gwen, starts_at=NOW + 48.5 * HOUR)
    answer = alice_client.post(reverse("meeting_new"), wish(bob))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "You meet Gwen Abara on Wednesday 4 March at 10:30." in page
    assert "Plan it anyway" in page
    assert Meeting.objects.count() == 1
    despite = answer.context["form"]["despite"].value()
    answer = alice_client.post(reverse("meeting_new"), wish(bob, despite=despite), follow=True)
    assert "At that time you also meet Gwen Abara. Both are kept." in answer.content.decode()
    assert Meeting.objects.count() == 2


@frozen
def test_a_new_clash_is_said_although_another_was_meant(alice_client: Client, bob: Person, gwen: Person) -> None:
    make_meeting(gwen, starts_at=NOW + 48 * HOUR)
    despite = alice_client.post(reverse("meeting_new"), wish(bob)).context["form"]["despite"].value()
    make_meeting(make_person(gwen.owner, "Idris Cole"), starts_at=NOW + 48 * HOUR)
    answer = alice_client.post(reverse("meeting_new"), wish(bob, despite=despite))
    assert answer.status_code == 422
    assert "Idris Cole" in answer.content.decode()


@frozen
def test_planning_at_a_time_on_offer_to_another_says_what_becomes_of_it(
    alice_client: Client, bob: Person, gwen: Person
) -> None:
    theirs = offered(gwen, 48, 72)
    answer = alice_client.post(reverse("meeting_new"), wish(bob))
    assert "You have offered Gwen Abara a time on Wednesday 4 March at 10:00, which would be gone." in (
        answer.content.decode()
    )
    alice_client.post(reverse("meeting_new"), wish(bob, despite=answer.context["form"]["despite"].value()))
    assert [one.starts_at for one in diary.choice(theirs).free] == [NOW + 72 * HOUR]


@frozen
def test_an_offer_that_has_gone_already_is_not_named(alice_client: Client, bob: Person, gwen: Person) -> None:
    offered(gwen, 48)
    make_meeting(make_person(bob.owner, "Idris Cole"), starts_at=NOW + 48 * HOUR)
    page = alice_client.post(reverse("meeting_new"), wish(bob)).content.decode()
    assert "You meet Idris Cole" in page
    assert "You have offered" not in page


@frozen
def test_the_same_wish_twice_is_no_clash(alice_client: Client, bob: Person) -> None:
    for _ in range(2):
        assert alice_client.post(reverse("meeting_new"), wish(bob)).status_code == 302
    assert Meeting.objects.count() == 1


@frozen
def test_each_meeting_of_a_series_is_looked_at(alice_client: Client, bob: Person, gwen: Person) -> None:
    # The clocks have gone forward by then: ten o’clock in London is nine in UTC.
    make_meeting(gwen, starts_at=NOW + 47 * HOUR + dt.timedelta(weeks=6))
    answer = alice_client.post(reverse("meeting_new"), wish(bob, weeks="3", count="4"))
    assert answer.status_code == 422
    assert "You meet Gwen Abara on Wednesday 15 April at 10:00." in answer.content.decode()
    assert Meeting.objects.count() == 1


@frozen
def test_moving_or_lengthening_into_another_meeting_warns_and_other_changes_do_not(
    alice_client: Client, bob: Person, gwen: Person
) -> None:
    mine = make_meeting(bob, starts_at=NOW + 48 * HOUR, minutes=60)
    make_meeting(gwen, starts_at=NOW + 49 * HOUR)
    edit = reverse("meeting_edit", args=[mine.pk])
    longer = alice_client.post(edit, wish(bob, minutes="90"))
    assert longer.status_code == 422
    assert "Save it anyway" in longer.content.decode()
    moved = alice_client.post(edit, wish(bob, time="11:30"))
    assert moved.status_code == 422
    despite = moved.context["form"]["despite"].value()
    assert alice_client.post(edit, wish(bob, time="11:30", despite=despite)).status_code == 302
    assert alice_client.post(edit, wish(bob, time="11:30", place="Room 4")).status_code == 302
    mine.refresh_from_db()
    assert (mine.starts_at, mine.place) == (NOW + 49.5 * HOUR, "Room 4")


@frozen
def test_a_taken_time_is_not_offered_and_a_time_offered_twice_is_said(
    alice_client: Client, bob: Person, gwen: Person
) -> None:
    make_meeting(make_person(bob.owner, "Idris Cole"), starts_at=NOW + 48 * HOUR)
    mine = make_meeting(bob, starts_at=NOW + 96 * HOUR)
    offered(gwen, 72)
    rows = {"day-0": "2026-03-04", "time-0": "10:30", "day-1": "2026-03-05", "time-1": "10:00"}
    times = reverse("meeting_times", args=[mine.pk])
    answer = alice_client.post(times, rows)
    assert answer.status_code == 422
    assert "You meet Idris Cole then, at 10:00. Choose another time." in answer.content.decode()
    answer = alice_client.post(times, {**rows, "time-0": "14:00"}, follow=True)
    assert "Gwen Abara can choose from the same times: whoever is first gets theirs." in answer.content.decode()


@frozen
@pytest.mark.parametrize("back", ["meeting_reinstate", "meeting_answer"])
def test_what_comes_back_to_a_time_that_was_given_away_says_so(
    alice_client: Client, bob: Person, gwen: Person, back: str
) -> None:
    mine = make_meeting(bob, starts_at=NOW + 48 * HOUR, answer="no")
    if back == "meeting_reinstate":
        mine.answer, mine.state = "", "cancelled"
        mine.save()
    make_meeting(gwen, starts_at=NOW + 48 * HOUR)
    page = alice_client.post(reverse(back, args=[mine.pk]), {"answer": "yes"}, follow=True).content.decode()
    assert "At that time you also meet Gwen Abara" in page


@frozen
def test_it_costs_one_query_more_on_the_mentors_page(bob: Person, django_assert_max_num_queries) -> None:
    offered(bob, 48, 72)
    for n in range(30):
        make_meeting(make_person(bob.owner, f"Person {n}"), starts_at=NOW + n * HOUR)
    link = make_share_link(bob)
    with django_assert_max_num_queries(9):
        assert mentor_page_for(link).ahead is not None


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_four_people_who_pick_the_same_time_at_once_one_gets_it(alice: User) -> None:
    at = timezone.now() + dt.timedelta(days=3)
    asked = []
    for n in range(4):
        meeting = make_meeting(make_person(alice, f"Person {n}"), starts_at=at)
        # A quarter of an hour apart, so that they overlap and no two are the same.
        offer = make_offer(meeting, at + n * dt.timedelta(minutes=15))
        asked.append((make_share_link(meeting.person), offer))

    def pick_one(link, offer) -> bool:
        try:
            mentor_actions.pick_time(link=link, offer=offer.pk)
        except mentor_actions.NotNow:
            return False
        return True

    won = at_once(*[lambda link=link, offer=offer: pick_one(link, offer) for link, offer in asked])
    assert sorted(won) == [False, False, False, True]
    assert Meeting.objects.filter(answer="yes").count() == 1
    assert diary.takes_its_time().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_plan_and_a_pick_at_once_never_both_go_unnoticed(alice: User, bob: Person) -> None:
    """Whichever is first: the pick is refused, or the plan finds the meeting that was picked."""
    at = (timezone.now() + dt.timedelta(days=3)).replace(second=0, microsecond=0)
    meeting = make_meeting(bob, starts_at=at + dt.timedelta(days=1))
    offer, link, gwen = make_offer(meeting, at), make_share_link(bob), make_person(alice, "Gwen Abara")

    def pick_it() -> bool:
        try:
            mentor_actions.pick_time(link=link, offer=offer.pk)
        except mentor_actions.NotNow:
            return False
        return True

    def plan_it() -> bool:
        local = alice.local(at).replace(tzinfo=None)
        made = services.plan_meeting(owner=alice, person=gwen, kind="regular", starts_local=local, zone=alice.time_zone)
        return bool(diary.taken(alice.pk, [diary.span(made)], besides=made.pk))

    picked, told = at_once(pick_it, plan_it)
    assert picked is told
