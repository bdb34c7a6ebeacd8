from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.private_notes import first_alike
from meetings.models import AgendaItem, Meeting, SavedAgenda
from portfolio.models import Person
from tests.factories import make_action, make_item, make_meeting, make_saved_agenda
from tests.meetings.views.test_meetings import wish


def words(meeting: Meeting) -> list[tuple[str, int | None]]:
    return list(meeting.items.values_list("words", "minutes"))


def test_an_agenda_is_kept_listed_changed_and_deleted(alice_client: Client, alice: User, bob: Person) -> None:
    meeting = make_meeting(bob, kind="review")
    make_item(meeting, "What I tried", minutes=10)
    make_item(meeting, "Left out", state="dropped", position=1)
    make_item(meeting, "Anything else", position=2)
    keep = reverse("agenda_keep", args=[meeting.pk])
    for _ in range(2):
        alice_client.post(keep, {"name": "Ours"})
    saved = SavedAgenda.objects.get()
    assert (saved.owner, saved.kind, saved.points) == (alice, "review", "10 min: What I tried\nAnything else")
    assert "Ours" in alice_client.get(reverse("agendas")).content.decode()
    alice_client.post(saved.get_absolute_url(), {"name": "Mine", "kind": "regular", "points": "5 minutes Money"})
    saved.refresh_from_db()
    assert (saved.name, saved.kind, saved.points) == ("Mine", "regular", "5 min: Money")
    alice_client.post(reverse("agenda_delete", args=[saved.pk]))
    assert not SavedAgenda.objects.exists()


def test_an_empty_agenda_is_not_kept_and_neither_is_one_without_a_name(alice_client: Client, bob: Person) -> None:
    meeting = make_meeting(bob)
    keep = reverse("agenda_keep", args=[meeting.pk])
    answer = alice_client.post(keep, {"name": "Ours"}, follow=True)
    assert "nothing on this agenda" in answer.content.decode()
    assert alice_client.post(keep, {"name": ""}).status_code == 422
    assert not SavedAgenda.objects.exists()


def test_a_meeting_begins_with_ones_own_agenda_in_the_time_there_is(
    alice_client: Client, alice: User, bob: Person, charlie: User
) -> None:
    saved = make_saved_agenda(alice, points="40 min: Money\n40 min: The host")
    theirs = make_saved_agenda(charlie, name="Not mine")
    page = alice_client.get(reverse("meeting_new"), {"person": bob.pk}).content.decode()
    assert "My own" in page
    assert "Not mine" not in page
    alice_client.post(reverse("meeting_new"), wish(bob, saved=saved.pk, minutes=60))
    assert words(Meeting.objects.get()) == [("Money", 30), ("The host", 30)]
    stolen = alice_client.post(reverse("meeting_new"), wish(bob, saved=theirs.pk, day="2027-03-11"))
    assert stolen.status_code == 422


@pytest.mark.parametrize("points", ["", " \n ", "x" * 301, "Point\n" * 41, "a\0b", "x" * 10_001])
def test_what_is_no_agenda_is_said_and_nothing_is_kept(alice_client: Client, points: str) -> None:
    fields = {"name": "Mine", "kind": "regular", "points": points}
    answer = alice_client.post(reverse("agenda_new"), fields)
    assert answer.status_code == 422
    assert not SavedAgenda.objects.exists()


def test_ours_can_be_the_beginning(alice_client: Client) -> None:
    page = alice_client.get(reverse("agenda_new"), {"kind": "first"}).content.decode()
    assert "10 min: What stays between us" in page
    assert alice_client.get(reverse("agenda_new"), {"kind": "party"}).status_code == 200


def test_my_actions_come_back_on_the_next_agenda_until_done(alice_client: Client, bob: Person) -> None:
    last = make_meeting(bob, state="held", held_at=timezone.now(), starts_at=timezone.now() - dt.timedelta(days=9))
    mine = make_action(last, "Read the report")
    make_action(last, "Send the paper", whose="theirs")
    meeting = make_meeting(bob)
    context = alice_client.get(meeting.get_absolute_url()).context
    assert [str(action) for action in context["since"]] == ["Read the report", "Send the paper"]
    assert context["actions"] == []
    assert context["offered"]
    alice_client.post(reverse("action_done", args=[mine.pk]))
    assert [str(a) for a in alice_client.get(meeting.get_absolute_url()).context["since"]] == ["Send the paper"]


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_costs_few_queries_however_many(
    alice_client: Client, alice: User, count: int, django_assert_max_num_queries
) -> None:
    for n in range(count):
        make_saved_agenda(alice, name=f"Agenda {n}")
    with django_assert_max_num_queries(6):
        alice_client.get(reverse("agendas"))


def test_a_thousand_points_are_still_a_page_and_in_order(
    alice_client: Client, bob: Person, django_assert_max_num_queries
) -> None:
    meeting = make_meeting(bob)
    AgendaItem.objects.bulk_create(
        AgendaItem(owner=bob.owner, meeting=meeting, words=f"Point {n}", position=n) for n in range(1000)
    )
    for name in ("meeting", "meeting_talk", "meeting_wrap_up", "meeting_summary"):
        with django_assert_max_num_queries(10):
            assert alice_client.get(reverse(name, args=[meeting.pk])).status_code == 200
    last = first_alike(meeting.items.all(), words="Point 999")
    alice_client.post(reverse("item_place", args=[last.pk]), {"position": "0"})
    assert list(meeting.items.values_list("words", flat=True)[:2]) == ["Point 999", "Point 0"]
