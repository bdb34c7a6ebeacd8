from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.private_notes import first_alike
from meetings.models import Impression, Meeting
from portfolio.models import Knows, Person, WhatCameOfIt
from tests.factories import make_action, make_approach, make_brief, make_item, make_meeting, make_mentorship

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)
HOUR = dt.timedelta(hours=1)


def address(name: str, meeting: Meeting) -> str:
    return reverse(name, args=[meeting.pk])


def test_the_talk_page_has_everything_at_hand(alice_client: Client, alice: User, bob: Person) -> None:
    make_brief(alice, finished_at=NOW, direction="Lead a group")
    last = make_meeting(bob, starts_at=NOW - 48 * HOUR, state="held", held_at=NOW - 48 * HOUR)
    make_action(last, "Read the report")
    meeting = make_meeting(bob, starts_at=NOW, purpose="Funding")
    make_item(meeting, "The host", minutes=10)
    make_item(meeting, "Let go", state="dropped")
    page = alice_client.get(address("meeting_talk", meeting)).content.decode()
    for words in ("Lead a group", "Funding", "The host", "Read the report", "10:00 to 11:00"):
        assert words in page
    assert "Let go" not in page


def test_actions_and_points_lead_back_to_the_talk(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob)
    item, talk = make_item(meeting), address("meeting_talk", meeting)
    added = alice_client.post(
        address("action_add", meeting), {"action-words": "Write", "action-whose": "mine", "next": talk}
    )
    ticked = alice_client.post(reverse("item_talked", args=[item.pk]), {"next": talk})
    assert (added.url, ticked.url) == (talk, talk)
    item.refresh_from_db()
    assert (item.state, str(meeting.actions.get())) == ("done", "Write")


@pytest.mark.parametrize("name", ["meeting_talk", "meeting_wrap_up", "meeting_summary"])
@pytest.mark.parametrize("count", [2, 30])
def test_pages_cost_few_queries_however_much_there_is(
    alice_client: Client, bob: Person, name: str, count: int, django_assert_max_num_queries
) -> None:
    meeting = make_meeting(bob, mentorship=make_mentorship(bob))
    for n in range(count):
        make_item(meeting, f"Point {n}")
        make_action(meeting, f"Action {n}")
    with django_assert_max_num_queries(10):
        assert alice_client.get(address(name, meeting)).status_code == 200


# --- wrapping up ----------------------------------------------------------------------------------


def test_wrapping_up_keeps_it_all_and_notes_the_meeting_as_held_once(alice_client: Client, bob: Person) -> None:
    mentorship = make_mentorship(bob)
    meeting = make_meeting(bob, starts_at=NOW - HOUR, mentorship=mentorship)
    following = make_meeting(bob, starts_at=NOW + 48 * HOUR, mentorship=mentorship)
    talked, later, parked = (make_item(meeting, words) for words in ("One", "Two", "Three"))
    fields = {
        f"state-{talked.pk}": "done",
        f"outcome-{talked.pk}": "Apply in May",
        f"state-{later.pk}": "open",
        f"state-{parked.pk}": "parked",
        "mine-0": "Write the draft",
        "due-0": "2026-03-09",
        "mine-2": "Call Ines",
        "offered": "Send a paper\n\n Introduce me ",
        "mentioned": "Priya Nand, trials",
        "came_of_it": "A place on the panel",
        "shows_agreed": "on",
    }
    for _ in range(2):
        assert alice_client.post(address("meeting_wrap_up", meeting), fields).url == meeting.get_absolute_url()
    meeting.refresh_from_db()
    assert (meeting.state, meeting.shows_agreed) == ("held", True)
    states = dict(meeting.items.values_list("words", "state"))
    assert states == {"One": "done", "Two": "carried", "Three": "parked"}
    assert first_alike(meeting.items.all(), words="One").outcome == "Apply in May"
    assert list(following.items.values_list("words", flat=True)) == ["Two"]
    assert sorted(meeting.actions.values_list("words", "whose", "due_on")) == [
        ("Call Ines", "mine", None),
        ("Introduce me", "theirs", None),
        ("Send a paper", "theirs", None),
        ("Write the draft", "mine", dt.date(2026, 3, 9)),
    ]
    assert list(Knows.objects.values_list("knower__name", "known__name", "note")) == [
        ("Dr Bob Brook", "Priya Nand", "trials")
    ]
    assert list(WhatCameOfIt.objects.values_list("words", "on")) == [("A place on the panel", dt.date(2026, 3, 2))]


def test_a_point_that_came_while_wrapping_up_stays_open(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - HOUR)
    shown = make_item(meeting, "On the page")
    following = make_meeting(bob, starts_at=NOW + 48 * HOUR)
    make_item(meeting, "Theirs, meanwhile", raised_by="mentor")
    alice_client.post(address("meeting_wrap_up", meeting), {f"state-{shown.pk}": "done", f"outcome-{shown.pk}": ""})
    assert dict(meeting.items.values_list("words", "state")) == {"On the page": "done", "Theirs, meanwhile": "carried"}
    assert list(following.items.values_list("words", flat=True)) == ["Theirs, meanwhile"]


def test_wrapping_up_again_begins_with_how_it_felt(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, kind="initial", starts_at=NOW - HOUR)
    alice_client.post(address("meeting_wrap_up", meeting), {"again": "yes", "interested": "unsure"})
    form = alice_client.get(address("meeting_wrap_up", meeting)).context["form"]
    assert [form[name].value() for name in ("again", "at_ease", "interested")] == ["yes", "", "unsure"]


@pytest.mark.parametrize(
    ("answers", "title"),
    [
        ({"again": "yes", "at_ease": "yes", "interested": "yes"}, "Plan a follow-up conversation"),
        ({"again": "yes", "interested": "no"}, "leave it for a while"),
        ({"again": "no"}, "leave it there"),
    ],
)
def test_three_answers_after_a_first_conversation_lead_on(
    alice_client: Client, bob: Person, answers: dict[str, str], title: str
) -> None:
    approach = make_approach(bob, stage="initial")
    meeting = make_meeting(bob, kind="initial", approach=approach, starts_at=NOW - HOUR)
    page = alice_client.get(address("meeting_wrap_up", meeting)).content.decode()
    assert "Would I like to talk again?" in page
    after = alice_client.post(address("meeting_wrap_up", meeting), answers, follow=True).content.decode()
    assert title in after
    assert after.count('class="button"') == 1
    assert Impression.objects.get().again == answers["again"]


def test_a_regular_meeting_asks_nothing_of_the_kind(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, starts_at=NOW - HOUR)
    assert "talk again" not in alice_client.get(address("meeting_wrap_up", meeting)).content.decode()
    alice_client.post(address("meeting_wrap_up", meeting), {"again": "yes"})
    assert not Impression.objects.exists()


WRONG: list[dict[str, str]] = [
    {"due-0": "2026-03-09"},
    {"mine-0": "x", "due-0": "9999-01-01"},
    {"offered": "x" * 301},
    {"mine-1": "\0"},
    {"mentioned": "Dr Bob Brook"},
    {"mentioned": "x" * 400},
    {"mentioned": f"Priya, {'x' * 400}"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_and_nothing_is_kept(alice_client: Client, bob: Person, wrong: dict[str, str]) -> None:
    meeting = make_meeting(bob, starts_at=NOW - HOUR)
    make_item(meeting, "Still here")
    answer = alice_client.post(address("meeting_wrap_up", meeting), {"mine-2": "Kept in the page", **wrong})
    assert answer.status_code == 422
    assert "Kept in the page" in answer.content.decode()
    meeting.refresh_from_db()
    assert (meeting.state, meeting.actions.count(), meeting.items.get().state) == ("planned", 0, "open")


def test_a_cancelled_meeting_is_not_wrapped_up(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob, state="cancelled")
    assert alice_client.post(address("meeting_wrap_up", meeting), {"mine-0": "x"}).url == meeting.get_absolute_url()
    assert meeting.actions.count() == 0


# --- printing -------------------------------------------------------------------------------------


def test_the_summary_leaves_out_what_is_private_unless_asked(alice_client: Client, alice: User, bob: Person) -> None:
    make_brief(alice, finished_at=NOW, direction="Private direction")
    meeting = make_meeting(bob, private_notes="Private *note*", shared_notes="Shared **note**")
    make_item(meeting, "For both")
    make_item(meeting, "Private point", private=True)
    page = alice_client.get(address("meeting_summary", meeting)).content.decode()
    assert "<strong>note</strong>" in page
    assert "For both" in page
    assert "Private " not in page
    whole = alice_client.get(address("meeting_summary", meeting), {"private": "1"}).content.decode()
    for words in ("Private direction", "Private <em>note</em>", "Private point"):
        assert words in whole


def test_hostile_markdown_stays_words(alice_client: Client, bob: Person) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/p.png)"
    meeting = make_meeting(bob, state="held", held_at=NOW, starts_at=NOW - HOUR, shared_notes=hostile)
    for name in ("meeting", "meeting_summary"):
        page = alice_client.get(address(name, meeting)).content.decode()
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert "<img" not in page
