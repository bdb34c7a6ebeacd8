"""Correcting the dates of a mentorship: nothing may be before its start or after its end."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from portfolio.errors import EndsBeforeStart
from portfolio.mentorships import services as mentorships
from portfolio.mentorships.history import Happened, Limit, move_beginning, move_ending, room_for
from portfolio.models import Mentorship, MentorshipEvent, Person
from tests.factories import make_evaluation, make_mentorship, make_need, make_outcome, make_support, make_terms

What = MentorshipEvent.What
NOW = time_machine.travel("2026-06-01 10:00Z", tick=False)
BEGAN, ENDED, TODAY = dt.date(2026, 1, 5), dt.date(2026, 5, 4), dt.date(2026, 6, 1)
DAYS = st.dates(BEGAN, ENDED)


def on(month_day: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{month_day}")


def refusal(what: str, day: dt.date, events: list[Happened], pk: int | None = None, ended: bool = True) -> str:
    room = room_for(what, events, started_on=BEGAN, ended_on=ENDED if ended else None, today=TODAY, pk=pk)
    return room.refusal(day)


OPENED, PAUSED, RESUMED, ENDING = (
    Happened(1, What.OPENED, BEGAN),
    Happened(2, What.PAUSED, on("02-02")),
    Happened(3, What.RESUMED, on("03-02")),
    Happened(4, What.ENDED, ENDED),
)
ALL = [OPENED, PAUSED, RESUMED, ENDING]


@pytest.mark.parametrize(
    ("event", "day", "why"),
    [
        (PAUSED, "01-04", "It began on 5 January 2026."),
        (PAUSED, "03-03", "You noted “Resumed” on 2 March 2026."),
        (RESUMED, "02-01", "You noted “Paused” on 2 February 2026."),
        (RESUMED, "05-05", "It ended on 4 May 2026."),
        (ENDING, "03-01", "You noted “Resumed” on 2 March 2026."),
        (ENDING, "06-02", "That day is still to come"),
        (OPENED, "02-03", "You noted “Paused” on 2 February 2026."),
    ],
)
def test_an_event_has_no_room_there(event: Happened, day: str, why: str) -> None:
    assert refusal(event.what, on(day), ALL, event.pk).startswith(why)


@pytest.mark.parametrize(
    ("event", "day"),
    [(PAUSED, "01-05"), (PAUSED, "03-02"), (RESUMED, "05-04"), (ENDING, "06-01"), (ENDING, "03-02"), (OPENED, "02-02")],
)
def test_an_event_has_room_there(event: Happened, day: str) -> None:
    assert refusal(event.what, on(day), ALL, event.pk) == ""


def test_friendship_may_come_after_the_ending_but_not_before_the_beginning() -> None:
    assert refusal(What.BECAME_FRIENDS, on("05-30"), ALL) == ""
    assert refusal(What.BECAME_FRIENDS, on("01-01"), ALL) != ""
    assert refusal(What.ENDED, on("03-02"), [*ALL, Happened(5, What.BECAME_FRIENDS, on("05-30"))], 4) == ""


def test_what_else_is_dated_keeps_the_beginning_before_it() -> None:
    room = room_for(
        What.OPENED, [], started_on=BEGAN, ended_on=None, today=TODAY, things=[Limit(on("02-02"), "Something came.")]
    )
    assert room.refusal(on("02-03")) == "Something came. Choose that day or an earlier one."
    assert room.refusal(on("02-02")) == ""


@given(days=st.lists(DAYS, min_size=4, max_size=4), moved=st.dates(dt.date(2025, 1, 1), dt.date(2027, 1, 1)))
def test_whatever_is_let_in_lies_in_order(days: list[dt.date], moved: dt.date) -> None:
    days = [BEGAN, *sorted(days), ENDED]
    kinds = [What.OPENED, What.PAUSED, What.RESUMED, What.PAUSED, What.RESUMED, What.ENDED]
    events = [Happened(pk, what, day) for pk, (what, day) in enumerate(zip(kinds, days, strict=True))]
    for event in events:
        if refusal(event.what, moved, events, event.pk) == "":
            after = [other.on if other != event else moved for other in events]
            assert after == sorted(after)
            assert moved <= TODAY


def edit(client: Client, event: MentorshipEvent, day: str, note: str = "") -> dict[str, list[str]]:
    """Submit the form; returns the errors, empty on success."""
    response = client.post(reverse("event_edit", args=[event.pk]), {"on": day, "note": note})
    return {} if response.status_code == 302 else dict(response.context["form"].errors)


@NOW
def test_history_is_read_and_put_right_on_the_page(bob: Person, alice_client: Client) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=BEGAN)
    mentorships.pause_mentorship(mentorship=mentorship, on=on("03-02"))
    event = mentorship.events.get(what="paused")
    assert alice_client.get(reverse("event_edit", args=[event.pk])).status_code == 200
    assert edit(alice_client, event, "2026-01-04") == {
        "on": ["It began on 5 January 2026. Choose that day or a later one."]
    }
    assert edit(alice_client, event, "2026-06-02").keys() == {"on"}
    assert edit(alice_client, event, "2026-02-02", "\0").keys() == {"note"}
    assert edit(alice_client, event, "2026-02-02", "A new job") == {}
    html = " ".join(alice_client.get(mentorship.get_absolute_url()).content.decode().split())
    assert "2 February 2026</time> <span>Paused</span> <span>A new job</span>" in html


@NOW
def test_the_beginning_moves_with_its_event_and_with_what_began_then(
    alice: User, bob: Person, alice_client: Client
) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=BEGAN, needs=[make_need(alice)])
    make_support(mentorship, competency="why", since=on("04-01"))
    assert edit(alice_client, mentorship.events.get(), "2025-05-05") == {}
    mentorship.refresh_from_db()
    assert mentorship.started_on == dt.date(2025, 5, 5)
    assert [s.since for s in mentorship.supports.order_by("pk")] == [dt.date(2025, 5, 5), on("04-01")]
    data = {"origin": "grew", "closeness": "1", "started_on": "2026-05-01"}
    alice_client.post(reverse("mentorship_edit", args=[mentorship.pk]), data)
    assert mentorship.events.get().on == on("05-01")
    assert [s.since for s in mentorship.supports.order_by("pk")] == [on("05-01"), on("05-01")]


@NOW
@pytest.mark.parametrize("thing", ["event", "outcome", "evaluation", "support", "review"])
def test_the_start_date_cannot_move_past_what_happened(bob: Person, alice_client: Client, thing: str) -> None:
    mentorship = make_mentorship(bob, started_on=BEGAN)
    if thing == "event":
        mentorships.pause_mentorship(mentorship=mentorship, on=on("03-02"))
    elif thing == "outcome":
        make_outcome(mentorship, on=on("03-02"))
    elif thing == "evaluation":
        make_evaluation(make_terms(mentorship), on("03-02"))
    elif thing == "support":
        make_support(mentorship, until=on("03-02"))
    else:
        Mentorship.objects.update(agreement_review_on=on("03-02"))
    url = reverse("mentorship_edit", args=[mentorship.pk])
    data = {"origin": "grew", "closeness": "1", "started_on": "2026-03-03"}
    (error,) = alice_client.post(url, data).context["form"].errors["started_on"]
    assert "on 2 March 2026. Choose that day or an earlier one." in error
    mentorship.refresh_from_db()
    with pytest.raises(EndsBeforeStart):
        move_beginning(mentorship=mentorship, on=on("03-03"))
    assert alice_client.post(url, data | {"started_on": "2026-03-02"}).status_code == 302


@NOW
def test_the_ending_moves_with_its_event_and_never_before_what_happened(bob: Person, alice_client: Client) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=BEGAN, competency="how")
    mentorships.pause_mentorship(mentorship=mentorship, on=on("03-02"))
    url = reverse("mentorship_end", args=[mentorship.pk])
    wrong = alice_client.post(url, {"ended_as": "complete", "on": "2026-03-01"})
    assert wrong.context["form"].errors["on"] == ["You noted “Paused” on 2 March 2026. Choose that day or a later one."]
    alice_client.post(url, {"ended_as": "complete", "on": "2026-05-04"})
    assert edit(alice_client, mentorship.events.get(what="ended"), "2026-04-01") == {}
    mentorship.refresh_from_db()
    assert (mentorship.ended_on, mentorship.supports.get().until) == (on("04-01"), on("04-01"))
    assert edit(alice_client, mentorship.events.get(what="paused"), "2026-04-02").keys() == {"on"}


@NOW
def test_friends_since_follows_its_event(bob: Person, alice_client: Client) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="asked", on=BEGAN)
    mentorships.became_friends(mentorship=mentorship, on=TODAY)
    assert edit(alice_client, mentorship.events.get(what="became_friends"), "2026-02-02") == {}
    mentorship.refresh_from_db()
    assert mentorship.friends_since == on("02-02")


@NOW
def test_reopened_after_turning_informal_at_rest_it_rests_still(bob: Person) -> None:
    mentorship = mentorships.open_mentorship(person=bob, origin="programme", on=BEGAN, form="formal")
    mentorships.pause_mentorship(mentorship=mentorship, on=on("03-02"))
    MentorshipEvent.objects.create(owner=bob.owner, mentorship=mentorship, what=What.TURNED_INFORMAL, on=on("04-01"))
    mentorships.end_mentorship(mentorship=mentorship, ended_as="complete", on=on("05-04"))
    mentorships.reopen_mentorship(mentorship=mentorship)
    assert mentorship.status == "paused"


def test_what_began_after_the_new_ending_does_not_end_before_it_began(bob: Person) -> None:
    mentorship = make_mentorship(bob, started_on=dt.date(2026, 1, 5))
    support = make_support(mentorship, since=dt.date(2026, 2, 2))
    mentorships.end_mentorship(mentorship=mentorship, ended_as="complete", on=dt.date(2026, 3, 2))
    move_ending(mentorship=mentorship, on=dt.date(2026, 1, 20))
    support.refresh_from_db()
    assert support.until == dt.date(2026, 2, 2)
