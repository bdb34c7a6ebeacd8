"""Changes from the private page while mentor and user work concurrently."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings.models import Meeting, MentorWord, ShareLink
from meetings.sharing import mentor_actions
from meetings.sharing.mentor_page import mentor_page_for
from meetings.signed_links import token_for
from portfolio.models import Person
from tests.factories import (
    make_action,
    make_item,
    make_meeting,
    make_mentorship,
    make_offer,
    make_person,
    make_share_link,
    make_word,
)

NOW = dt.datetime(2026, 3, 2, 10, 7, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
HOUR = dt.timedelta(hours=1)


def seen(meeting: Meeting) -> int:
    return int(meeting.starts_at.timestamp())


def test_times_on_offer_outlive_the_time_the_meeting_had(
    link: ShareLink, meeting: Meeting, alice_client: Client, clock
) -> None:
    """Only times that can still be chosen are shown, and nobody is asked whether they spoke."""
    make_offer(meeting, NOW + 24 * HOUR)
    later = make_offer(meeting, NOW + 96 * HOUR)
    clock.move_to(NOW + 48 * HOUR)
    ahead = mentor_page_for(link).ahead
    assert ahead is not None
    assert [pk for pk, _ in ahead.offers] == [later.pk]
    page = alice_client.get(meeting.get_absolute_url()).content.decode()
    assert "One time is on offer" in page
    assert "Did you speak?" not in page
    mentor_actions.pick_time(link=link, offer=later.pk)
    meeting.refresh_from_db()
    assert meeting.starts_at == NOW + 96 * HOUR


def test_when_every_time_on_offer_has_passed_the_page_forgets_them(link: ShareLink, meeting: Meeting, clock) -> None:
    make_offer(meeting, NOW + HOUR)
    make_offer(meeting, NOW + 2 * HOUR)
    clock.move_to(NOW + 3 * HOUR)
    ahead = mentor_page_for(link).ahead
    assert ahead is not None
    assert ahead.offers == []
    mentor_actions.answer_time(link=link, yes=True, seen=seen(meeting))
    meeting.refresh_from_db()
    assert meeting.answer == "yes"


def test_yes_from_a_page_that_is_older_than_the_offer_is_not_taken(link: ShareLink, meeting: Meeting) -> None:
    make_offer(meeting, NOW + 48 * HOUR)
    with pytest.raises(mentor_actions.NotNow, match="choose one"):
        mentor_actions.answer_time(link=link, yes=True, seen=seen(meeting))
    meeting.refresh_from_db()
    assert meeting.answer == ""
    assert not MentorWord.objects.exists()


def test_none_of_the_times_is_said_on_both_sides(link: ShareLink, meeting: Meeting, alice_client: Client) -> None:
    make_offer(meeting, NOW + 48 * HOUR)
    make_offer(meeting, NOW + 72 * HOUR)
    mentor_actions.answer_time(link=link, yes=False, seen=seen(meeting))
    theirs = Client().get(reverse("mentor_page", args=[token_for(link)])).content.decode()
    assert "none of these suits you" in theirs
    mine = alice_client.get(meeting.get_absolute_url()).content.decode()
    assert "None of them suits Bob" in mine


def test_no_file_while_the_time_is_open(link: ShareLink, meeting: Meeting) -> None:
    file = reverse("mentor_file", args=[token_for(link)])
    assert Client().get(file).status_code == 200
    make_offer(meeting, NOW + 48 * HOUR)
    assert Client().get(file).status_code == 404


def test_the_last_answer_is_the_one_read_first(link: ShareLink, meeting: Meeting, clock) -> None:
    for minutes, yes in enumerate((True, False, True)):
        clock.move_to(NOW + minutes * dt.timedelta(minutes=1))
        mentor_actions.answer_time(link=link, yes=yes, seen=seen(meeting))
    said = [word.words for word in MentorWord.objects.all()]
    assert said == ["Yes to Tuesday 3 March, 10:07.", "Not possible: Tuesday 3 March, 10:07."]


def test_the_time_says_whose_it_is_where_their_clock_is_unknown(link: ShareLink, meeting: Meeting, bob: Person) -> None:
    ahead = mentor_page_for(link).ahead
    assert ahead is not None
    assert ahead.when.there == "Tuesday 3 March 2026 at 10:07 (London)"
    bob.time_zone = "Europe/Lisbon"
    bob.save()
    ahead = mentor_page_for(ShareLink.objects.get(pk=link.pk)).ahead
    assert ahead is not None
    assert ahead.when.there == "Tuesday 3 March 2026 at 10:07"


def test_the_user_sees_the_times_on_offer_as_they_are_shown(
    link: ShareLink, meeting: Meeting, bob: Person, alice_client: Client
) -> None:
    make_offer(meeting, NOW + 48 * HOUR)
    page = alice_client.get(reverse("share", args=[bob.pk])).content.decode()
    assert "Wednesday 4 March 2026 at 10:07" in page


def test_one_mentors_page_has_no_hold_on_anothers_meeting(link: ShareLink, meeting: Meeting, alice: User) -> None:
    other = make_meeting(make_person(alice, "Gwen Abara"), starts_at=NOW + HOUR)
    gwens = make_share_link(other.person)
    offer = make_offer(other, NOW + 48 * HOUR)
    with pytest.raises(mentor_actions.NotNow, match="not on offer"):
        mentor_actions.pick_time(link=link, offer=offer.pk)
    with pytest.raises(mentor_actions.NotNow, match="time has changed"):
        mentor_actions.answer_time(link=link, yes=False, seen=seen(other))
    mentor_actions.add_point(link=link, words="Bob's point")
    ahead = mentor_page_for(gwens).ahead
    assert ahead is not None
    assert ahead.points == []
    assert [one.words for one in meeting.items.all()] == ["Bob's point"]
    page = Client().get(reverse("mentor_page", args=[token_for(gwens)])).content.decode()
    assert "Bob" not in page


def test_the_users_side_costs_few_queries_with_all_it_can_have(
    link: ShareLink, meeting: Meeting, bob: Person, alice_client: Client, django_assert_max_num_queries
) -> None:
    make_mentorship(bob, direction_shared="Lead a group")
    last = make_meeting(bob, starts_at=NOW - HOUR, state="held", held_at=NOW, shows_agreed=True)
    for n in range(20):
        make_item(meeting, f"Point {n}")
        make_item(last, f"Talked {n}", state="done", outcome="x")
        make_action(last, f"Action {n}")
        make_offer(meeting, NOW + (n + 1) * HOUR)
        make_word(link, f"Word {n}")
    with django_assert_max_num_queries(11):
        page = alice_client.get(reverse("share", args=[bob.pk])).content.decode()
    for words in ("Lead a group", "Point 19", "Talked 19", "Action 19", "Word 19"):
        assert words in page
