from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from meetings import services
from meetings.models import Invitation, Meeting, Series
from meetings.series import call_off_rest, plan_series, still_to_come
from portfolio.models import Person
from tests.factories import make_meeting, make_person
from tests.meetings.views.test_meetings import wish

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.clock(NOW)


def plan(bob: Person, **fields) -> list[Meeting]:
    fields = {
        "kind": "regular",
        "starts_local": dt.datetime(2026, 3, 3, 14, 0),
        "zone": "Europe/London",
        "weeks": 6,
        "count": 4,
        **fields,
    }
    return plan_series(owner=bob.owner, person=bob, **fields)


def test_every_six_weeks_is_the_same_time_on_the_wall_also_in_summer(bob: Person) -> None:
    meetings = plan(bob)
    assert [f"{meeting.starts_there:%m-%d %H:%M}" for meeting in meetings] == [
        "03-03 14:00",
        "04-14 14:00",
        "05-26 14:00",
        "07-07 14:00",
    ]
    assert [meeting.starts_at.hour for meeting in meetings] == [14, 13, 13, 13]
    assert {meeting.series for meeting in Meeting.objects.all()} == {Series.objects.get()}


def test_only_the_first_begins_with_an_agenda(bob: Person) -> None:
    assert [meeting.items.count() for meeting in plan(bob)] == [4, 0, 0, 0]


def test_the_same_press_twice_gives_the_same_meetings(bob: Person) -> None:
    assert plan(bob) == plan(bob)
    assert (Meeting.objects.count(), Series.objects.count()) == (4, 1)


def test_one_moves_and_the_others_stay(bob: Person) -> None:
    first, second, *_ = plan(bob)
    services.move_meeting(meeting=second, starts_local=dt.datetime(2026, 4, 20, 9), zone="Europe/London")
    assert [f"{one.starts_at:%m-%d}" for one in still_to_come(first)] == ["04-20", "05-26", "07-07"]


def test_the_rest_is_called_off_and_this_one_stays(bob: Person) -> None:
    first, second, *_ = plan(bob)
    services.hold_meeting(meeting=first)
    assert call_off_rest(meeting=second) == 2
    assert call_off_rest(meeting=second) == 0
    states = list(Meeting.objects.order_by("starts_at").values_list("state", flat=True))
    assert states == ["held", "planned", "cancelled", "cancelled"]


def test_a_series_is_planned_from_the_page_and_invited_to_as_one(alice_client: Client, bob: Person) -> None:
    answer = alice_client.post(reverse("meeting_new"), wish(bob, weeks="6", count="3"), follow=True)
    page = answer.content.decode()
    assert "this one and two more" in page
    assert "Tuesday 21 April at 14:00" in page
    first = Meeting.objects.earliest("starts_at")
    alice_client.post(reverse("meeting_invite", args=[first.pk]), {"me": "on", "series": "on"})
    assert Invitation.objects.count() == 3
    called_off = alice_client.post(reverse("series_end", args=[first.pk]), follow=True).content.decode()
    assert "Two meetings are cancelled" in called_off


@pytest.mark.parametrize(
    "wrong", [{"weeks": "5"}, {"weeks": "x"}, {"weeks": "6", "count": "13"}, {"weeks": "6", "count": "0"}]
)
def test_what_is_no_series_is_said(alice_client: Client, bob: Person, wrong: dict[str, str]) -> None:
    assert alice_client.post(reverse("meeting_new"), wish(bob, **wrong)).status_code == 422
    assert not Meeting.objects.exists()


def test_an_empty_agenda_begins_with_a_press(alice_client: Client, bob: Person) -> None:
    meeting = plan(bob)[1]
    assert "only the first meeting begins with points" in alice_client.get(meeting.get_absolute_url()).content.decode()
    suggest = reverse("agenda_suggest", args=[meeting.pk])
    for _ in range(2):
        alice_client.post(suggest)
    assert meeting.items.count() == 4


# --- bad times ------------------------------------------------------------------------------------


def test_overlapping_meetings_are_both_kept_and_it_is_said(alice_client: Client, alice: User, bob: Person) -> None:
    other = make_person(alice, "Bea Bell")
    make_meeting(other, starts_at=dt.datetime(2026, 3, 10, 13, 30, tzinfo=dt.UTC), minutes=60)
    make_meeting(other, starts_at=dt.datetime(2026, 3, 10, 15, 0, tzinfo=dt.UTC), minutes=60)
    asked = alice_client.post(reverse("meeting_new"), wish(bob))
    meant = wish(bob, despite=asked.context["form"]["despite"].value())
    page = alice_client.post(reverse("meeting_new"), meant, follow=True).content.decode()
    assert page.count("you also meet Bea Bell") == 1
    assert Meeting.objects.count() == 3


@pytest.mark.parametrize(
    ("minutes", "status"), [("0", 422), ("4", 422), ("5", 302), ("1440", 302), ("1441", 422), ("-60", 422)]
)
def test_a_meeting_lasts_from_five_minutes_to_a_day(
    alice_client: Client, bob: Person, minutes: str, status: int
) -> None:
    assert alice_client.post(reverse("meeting_new"), wish(bob, minutes=minutes)).status_code == status


def test_a_meeting_in_the_past_is_planned_and_asks_whether_it_happened(alice_client: Client, bob: Person) -> None:
    page = alice_client.post(reverse("meeting_new"), wish(bob, day="2026-02-20"), follow=True).content.decode()
    assert "Did you speak?" in page


def test_a_meeting_across_the_change_of_clocks_ends_when_it_ends(alice_client: Client, bob: Person) -> None:
    alice_client.post(reverse("meeting_new"), wish(bob, day="2026-03-29", time="00:30", minutes="120"))
    meeting = Meeting.objects.get()
    assert meeting.ends_at == dt.datetime(2026, 3, 29, 2, 30, tzinfo=dt.UTC)
    page = alice_client.get(reverse("meeting_talk", args=[meeting.pk])).content.decode()
    assert "00:30 to 03:30" in page
